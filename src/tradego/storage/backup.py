"""A copy that is proved to be one, and the way back from it.

A copy is one SQLite file, whatever was copied, and can be restored into either kind of database:
what counts is the journal, the tables are made again from it.
"""

from contextlib import closing
from pathlib import Path

from tradego.domain.errors import InputError
from tradego.storage.database import (
    Access,
    Database,
    SqliteDatabase,
    Value,
    connect,
    is_postgres,
    sqlite_path,
)
from tradego.storage.files import written_whole
from tradego.storage.journal import read_journal
from tradego.storage.locks import FileLock
from tradego.storage.stamp import make, read_stamp

_PAGE = 5_000
# Table, the column that orders it, and what is copied: numbers that the database gives are not.
_COPIED = (
    ("journal", "seq", "seq, ts_ns, kind, event, effects, hash"),
    ("quarantine", "number", "after_seq, event, reason"),
    ("commands", "number", "command_id, command, taken"),
)


def backup(target: str | Path, copy: Path) -> int:
    """Copy a database while the desk writes; the number of rows in the copy's journal.

    The copy gets its name once all its rows verify; an older copy of that name stays until then.
    """
    with (
        written_whole(copy) as unfinished,
        closing(connect(target, Access.READ)) as source,
    ):
        if isinstance(source, SqliteDatabase):
            source.copy_to(unfinished)
        else:
            with closing(connect(unfinished, Access.BULK)) as database:
                _transfer(source, database)
        return _proved(unfinished)


def restore(copy: Path, target: str | Path) -> int:
    """Make a database from a copy; the number of rows in its journal.

    InputError when there is something at `target` already, or the copy is damaged.
    """
    rows = _proved(copy)
    with closing(connect(copy, Access.READ)) as source:
        if is_postgres(target):
            with closing(connect(target, Access.CREATE)) as database:
                _transfer(source, database)
        elif isinstance(source, SqliteDatabase):
            _copy_file(source, sqlite_path(target))
    return rows


def _copy_file(source: SqliteDatabase, path: Path) -> None:
    if path.exists():
        raise InputError(f"{path} exists: move it away before restoring")
    lock = FileLock(path)
    try:
        with written_whole(path) as unfinished:
            source.copy_to(unfinished)
    finally:
        lock.release(forget=True)  # what the lost file had promised, the copy need not keep


def _proved(copy: Path) -> int:
    """The number of rows in a copy's journal; InputError when not all of them verify."""
    with read_journal(copy) as journal:
        found = journal.verify_chain()
    if found.torn:
        raise InputError(f"{copy}: row {found.last.seq + 1} does not verify: take another copy")
    return found.last.seq


def _transfer(source: Database, database: Database) -> None:
    """Row by row into an empty database, all or nothing."""
    if database.tables():
        raise InputError(f"{database.name} is not empty: restore into a new database")
    make(database, read_stamp(source))
    with database.transaction():
        for table, key, columns in _COPIED:
            marks = ", ".join("?" for _ in columns.split(","))
            insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
            select = f"SELECT {key}, {columns} FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT ?"
            newest: Value = -1
            page: list[tuple[Value, ...]]
            while page := source.rows(select, newest, _PAGE):
                database.insert(insert, [row[1:] for row in page])
                newest = page[-1][0]
