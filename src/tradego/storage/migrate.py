"""Bring the tables of a database to the version of this program, a copy of the file first."""

from pathlib import Path

from sqlalchemy import Connection, inspect

from tradego.domain.errors import InputError
from tradego.storage.backup import backup
from tradego.storage.database import is_postgres, sqlite_path
from tradego.storage.engines import make_engine
from tradego.storage.schema import REVISION

_VERSION = "alembic_version"


def upgrade(target: str | Path) -> None:
    """Does nothing where nothing is to be done; see `upgrade_to`."""
    upgrade_to(target, REVISION, Path(__file__).parent / "migrations")


def upgrade_to(target: str | Path, wanted: str, migrations: Path) -> None:
    """Make the tables of a version, or bring those of an earlier one to it.

    A SQLite file with tables of an earlier version is copied to FILE.before-VERSION first.
    InputError when the tables are of a later version.
    """
    engine = make_engine(target)
    try:
        with engine.connect() as connection:
            found = revision(connection)
        if found == wanted:
            return
        if found > wanted:
            raise InputError(
                f"{engine.url.database} has tables of version {found}, this TradeGo knows "
                f"{wanted}: use the newer one"
            )
        if found and not is_postgres(target):
            path = sqlite_path(target)
            backup(path, path.with_name(f"{path.name}.before-{wanted}"))
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            _migrate(connection, wanted, migrations)
    finally:
        engine.dispose()


def revision(connection: Connection) -> str:
    """The version of the tables; empty when there are none yet."""
    if not inspect(connection).has_table(_VERSION):
        return ""
    found: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalar()
    return found or ""


def _migrate(connection: Connection, wanted: str, migrations: Path) -> None:
    # Alembic takes half a second to import, and is needed once in the life of a version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)
