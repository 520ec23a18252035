"""Bring the tables of a database to the version of this program, a copy of the file first."""

import os
from pathlib import Path

from sqlalchemy import Connection, inspect

from tradego.domain.errors import InputError
from tradego.storage.database import Access, SqliteDatabase, is_postgres, sqlite_path, sync
from tradego.storage.engines import make_engine
from tradego.storage.schema import REVISION

_VERSION = "alembic_version"


def upgrade(target: str | Path) -> None:
    """Does nothing where nothing is to be done.

    A SQLite file that has tables of an earlier version is copied to FILE.before-VERSION first.
    InputError when a newer TradeGo made the tables.
    """
    engine = make_engine(target)
    try:
        with engine.connect() as connection:
            found = revision(connection)
        if found == REVISION:
            return
        if found > REVISION:
            raise InputError(
                f"{engine.url.database} has tables of version {found}, this TradeGo knows "
                f"{REVISION}: use the newer one"
            )
        if found and not is_postgres(target):
            _copy_aside(sqlite_path(target))
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            _migrate(connection)
    finally:
        engine.dispose()


def revision(connection: Connection) -> str:
    """The version of the tables; empty when there are none yet."""
    if not inspect(connection).has_table(_VERSION):
        return ""
    found: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalar()
    return found or ""


def _migrate(connection: Connection) -> None:
    # Alembic takes half a second to import, and is needed once in the life of a version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy_aside(path: Path) -> None:
    copy = path.with_name(f"{path.name}.before-{REVISION}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    database = SqliteDatabase(path, Access.READ)
    try:
        database.copy_to(unfinished)
    finally:
        database.close()
    os.replace(unfinished, copy)
    sync(copy)
