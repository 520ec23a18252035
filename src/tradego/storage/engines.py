"""SQLAlchemy's way to a database of ours: for the tables, never for the journal."""

from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from tradego.domain.errors import InputError
from tradego.storage.database import BUSY_SECONDS, is_postgres, sqlite_path


def make_engine(target: str | Path) -> Engine:
    """PostgreSQL by URL, else a SQLite file; InputError when there is no such file."""
    if is_postgres(target):
        url = make_url(str(target)).set(drivername="postgresql+psycopg")
        return create_engine(url, paramstyle="format")
    path = sqlite_path(target)
    if not path.is_file():
        raise InputError(f"database {path} not found")
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Tables can be made anew from the journal, so their commits need not wait for the disk."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")  # a bulk journal's file has none yet
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
