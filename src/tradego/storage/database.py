"""One connection to SQLite or PostgreSQL, as far as both speak DB-API 2.0 alike.

The journal stands on this and not on SQLAlchemy, whose import takes longer than the rest of the
desk's start (docs/decisions/0006). SQL is written once, with `?` for a value.
"""

import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar, cast
from urllib.parse import quote, urlsplit

from tradego.domain.errors import InputError, TradeGoError
from tradego.storage.files import sync

BUSY_SECONDS = 5
_POSTGRES = ("postgresql://", "postgresql+psycopg://")
_SQLITE = "sqlite:///"

Value = int | float | str | bytes | None
RowType = TypeVar("RowType", bound=tuple[object, ...])


class JournalError(TradeGoError):
    """The database cannot be written or read now: disk full, locked, connection gone.

    Nothing is half written. What was recorded waits for the next commit; until one succeeds nothing
    may leave the desk.
    """


class Access(StrEnum):
    """What one may do. BULK makes a new file and promises nothing until it is closed."""

    READ = "ro"
    WRITE = "rw"
    CREATE = "rwc"
    BULK = "bulk"


class Cursor(Protocol):
    """What we use of a DB-API 2.0 cursor."""

    def execute(self, sql: str, values: Sequence[Value] = ...) -> object: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[Value]]) -> object: ...
    def fetchall(self) -> list[tuple[object, ...]]: ...
    def close(self) -> None: ...


class Database(ABC):
    """`name` is what messages call it; it never holds a password."""

    BEGIN: ClassVar[str]
    TYPES: ClassVar[dict[str, str]]  # words for create statements
    name: str

    @abstractmethod
    def _cursor(self) -> Cursor: ...

    @abstractmethod
    def _failed(self, error: Exception) -> TradeGoError:
        """The driver's error in our words."""

    @abstractmethod
    def tables(self) -> set[str]:
        """The names of what is in it (on PostgreSQL: in the schema of the search path)."""

    @abstractmethod
    def close(self) -> None: ...

    _errors: type[Exception]

    def rows(self, sql: str, *values: Value) -> list[RowType]:
        """All rows of a query; the caller says of what types a row is, and is taken at its word."""
        with self._trouble_told(), closing(self._cursor()) as cursor:
            cursor.execute(self._spelled(sql), values)
            return cast("list[RowType]", cursor.fetchall())

    def run(self, sql: str, *values: Value) -> None:
        with self._trouble_told(), closing(self._cursor()) as cursor:
            cursor.execute(self._spelled(sql), values)

    def insert(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        with self._trouble_told(), closing(self._cursor()) as cursor:
            cursor.executemany(self._spelled(sql), rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing: durable when the block is left, gone when it raises."""
        self.run(self.BEGIN)
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @abstractmethod
    def _roll_back(self) -> None:
        """Undo what is open, if anything still is. Never raises: an error is on its way already."""

    @staticmethod
    def _spelled(sql: str) -> str:
        return sql

    @contextmanager
    def _trouble_told(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise self._failed(error) from error


class SqliteDatabase(Database):
    """A file. Safe against loss of power: a commit is on disk before it returns.

    Opened with BULK it is safe only when closed, and has then no log beside it.
    """

    BEGIN = "BEGIN IMMEDIATE"
    TYPES: ClassVar[dict[str, str]] = {
        "integer": "INTEGER",
        "binary": "BLOB",
        "serial": "INTEGER NOT NULL",
    }
    _errors = sqlite3.Error

    def __init__(self, path: Path, access: Access = Access.CREATE) -> None:
        self.path, self.name, self._access = path, str(path), access
        if access in (Access.READ, Access.WRITE) and not path.is_file():
            raise InputError(f"database {path} not found")
        if access is Access.BULK and path.exists():
            raise InputError(f"{path} exists: move it away, or name another file")
        mode = Access.CREATE if access is Access.BULK else access
        uri = f"file:{quote(str(path))}?mode={mode}"
        with self._trouble_told():
            self._connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS
            )
        try:
            self._prepare()
        except TradeGoError:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        match self._access:
            case Access.READ:
                self.tables()  # fails here if it is no database at all
            case Access.BULK:
                self.run("PRAGMA page_size = 16384")
                self.run("PRAGMA journal_mode = MEMORY")
                self.run("PRAGMA synchronous = OFF")
            case Access.WRITE | Access.CREATE:
                self.run("PRAGMA foreign_keys = ON")
                self.run("PRAGMA journal_mode = WAL")
                self.run("PRAGMA synchronous = FULL")
                self._require_safe()

    def _require_safe(self) -> None:
        log: list[tuple[str]] = self.rows("PRAGMA journal_mode")
        synchronous: list[tuple[int]] = self.rows("PRAGMA synchronous")
        if (log, synchronous) != ([("wal",)], [(2,)]):
            raise InputError(
                f"{self.path}: no safe write-ahead log here ({log}, {synchronous}): "
                "keep the database on a local disk"
            )

    def _cursor(self) -> Cursor:
        return self._connection.cursor()

    def _failed(self, error: Exception) -> TradeGoError:
        if isinstance(error, sqlite3.ProgrammingError):
            raise error  # a closed connection, a wrong count of values: our own bug
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            return InputError(f"{self.path} is not a database")
        if code == sqlite3.SQLITE_CORRUPT:
            return InputError(f"{self.path} is damaged: restore the last backup")
        return JournalError(f"{self.path}: {error}")

    def tables(self) -> set[str]:
        names: list[tuple[str]] = self.rows("SELECT name FROM sqlite_master")
        return {name for (name,) in names}

    def copy_to(self, target: Path) -> None:
        """An exact copy of this moment in one file, while others go on writing."""
        with self._trouble_told(), closing(sqlite3.connect(target)) as copy:
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.rollback()

    def close(self) -> None:
        self._connection.close()
        if self._access is Access.BULK:
            sync(self.path)


class PostgresDatabase(Database):
    """A database on a server; the schema is that of the URL's search path."""

    BEGIN = "BEGIN"
    TYPES: ClassVar[dict[str, str]] = {
        "integer": "BIGINT",
        "binary": "BYTEA",
        "serial": "BIGINT GENERATED BY DEFAULT AS IDENTITY",
    }

    def __init__(self, url: str, access: Access = Access.CREATE) -> None:
        try:
            import psycopg
        except ImportError:
            raise InputError(
                "PostgreSQL needs the extra: pip install 'tradego[postgres]'"
            ) from None
        self._errors = psycopg.Error
        self.name = _shown(url)
        with self._trouble_told():
            self._connection = psycopg.connect(
                url.replace("+psycopg", "", 1),
                autocommit=True,
                connect_timeout=BUSY_SECONDS,
                application_name=f"tradego process {os.getpid()}",
            )
        self.run("SET lock_timeout = '5s'")
        if access is Access.READ:
            self.run("SET default_transaction_read_only = on")
            return
        self.run("SET synchronous_commit = on")
        fsync: list[tuple[str]] = self.rows("SHOW fsync")
        if fsync != [("on",)]:
            raise InputError(f"{self.name} runs without fsync: a journal needs fsync = on")

    def _cursor(self) -> Cursor:
        return self._connection.cursor()

    def _failed(self, error: Exception) -> TradeGoError:
        return JournalError(f"{self.name}: {' '.join(str(error).split())}")

    def tables(self) -> set[str]:
        names: list[tuple[str]] = self.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
        return {name for (name,) in names}

    def hold(self) -> None:
        """One process per schema: InputError when another holds it. Lost with the connection."""
        key = "hashtext('tradego ' || current_schema())"
        held: list[tuple[bool]] = self.rows(f"SELECT pg_try_advisory_lock({key})")
        if held == [(True,)]:
            return
        holders: list[tuple[str]] = self.rows(
            "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "WHERE l.locktype = 'advisory' AND l.granted AND l.database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        who = ", ".join(sorted({name for (name,) in holders})) or "another process"
        raise InputError(f"{self.name} is in use by {who}: stop it, or name another database")

    def _roll_back(self) -> None:
        with suppress(self._errors):
            self._connection.rollback()

    @staticmethod
    def _spelled(sql: str) -> str:
        return sql.replace("?", "%s")

    def close(self) -> None:
        with suppress(self._errors):  # else the server frees it a moment after we are gone
            self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._connection.close()


def connect(target: str | Path, access: Access) -> Database:
    """By path or URL (`sqlite:///FILE`, `postgresql://...`); InputError for anything else."""
    if is_postgres(target):
        return PostgresDatabase(str(target), access)
    return SqliteDatabase(sqlite_path(target), access)


def is_postgres(target: str | Path) -> bool:
    """Whether a target is the URL of a PostgreSQL database."""
    return isinstance(target, str) and target.startswith(_POSTGRES)


def sqlite_path(target: str | Path) -> Path:
    """The file of a SQLite target; InputError for the URL of something else."""
    if isinstance(target, str) and target.startswith(_SQLITE):
        return Path(target.removeprefix(_SQLITE))
    if isinstance(target, str) and "://" in target:
        raise InputError(
            f"database {_shown(target)}: name a file, sqlite:///FILE or postgresql://..."
        )
    return Path(target)


def _shown(url: str) -> str:
    """A URL without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
