"""The journal: every event with its effects, durable before anything it causes leaves.

`open_journal` is for the one process that writes; `read_journal` for everybody else.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar, get_args

import msgspec

from tradego.domain.effects import Effect
from tradego.domain.errors import InputError, require
from tradego.domain.events import AdviceGiven, DayClosed, Event, HistoryLoaded, SignalsRaised
from tradego.storage.chain import Link, Row, Verified, row_hash, verify
from tradego.storage.database import (
    Access,
    Database,
    JournalError,
    PostgresDatabase,
    SqliteDatabase,
    connect,
    is_postgres,
    sqlite_path,
)
from tradego.storage.locks import FileLock, Promise
from tradego.storage.stamp import Stamp, claim, read_stamp

_INSERT = "INSERT INTO journal (seq, ts_ns, kind, event, effects, hash) VALUES (?, ?, ?, ?, ?, ?)"
_KINDS: dict[type, str] = {kind: str(kind.__struct_config__.tag) for kind in get_args(Event)}
# Events that carry measurements. JSON has no NaN but null in its place, so where these hold a null
# they are read back before they are kept.
_MEASURED = frozenset({SignalsRaised, AdviceGiven, HistoryLoaded, DayClosed})
_PAGE = 5_000
_BULK_ROWS = 2_000

_encode = msgspec.json.Encoder().encode
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_effects_decoder: msgspec.json.Decoder[list[Effect]] = msgspec.json.Decoder(list[Effect])


Paged = TypeVar("Paged", tuple[int, bytes, bytes], Row)


class Durability(StrEnum):
    FULL = "full"  # every commit is on disk before it returns
    BULK = "bulk"  # on disk when closed: for a run that can be run again


class Torn(NamedTuple):
    """The end of a journal that did not survive: rows that did not verify, and rows that had once
    been durable and are gone. Zero and zero for a sound one.
    """

    dropped: int
    lost: int


def decode_event(event: bytes) -> Event:
    """InputError when another version of TradeGo wrote what we cannot read."""
    try:
        return _event_decoder.decode(event)
    except msgspec.DecodeError as error:
        raise InputError(f"damaged, or an event of another version of TradeGo: {error}") from None


def decode_effects(effects: bytes) -> list[Effect]:
    """InputError when another version of TradeGo wrote what we cannot read."""
    try:
        return _effects_decoder.decode(effects)
    except msgspec.DecodeError as error:
        raise InputError(f"damaged, or effects of another version of TradeGo: {error}") from None


class JournalReader:
    """The journal as anybody may read it, while the desk writes or later."""

    def __init__(self, database: Database, stamp: Stamp) -> None:
        self._database, self.stamp = database, stamp

    def read(self, from_seq: int = 1) -> Iterator[tuple[int, bytes, bytes]]:
        """(seq, event, effects) in order, as they were written; see `decode_event`.

        Read in pages, so a slow reader holds up nobody.
        """
        return self._pages("seq, event, effects", from_seq)

    def verify_chain(self) -> Verified:
        """InputError for damage before the tail; see `chain.verify`."""
        rows: Iterator[Row] = self._pages("seq, ts_ns, kind, event, effects, hash", 0)
        return verify(rows, self.stamp.genesis, self._database.name)

    def _pages(self, columns: str, from_seq: int) -> Iterator[Paged]:
        sql = f"SELECT {columns} FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?"
        page: list[Paged]
        while page := self._database.rows(sql, from_seq, _PAGE):
            yield from page
            newest = page[-1][0]
            if newest < from_seq:  # a damaged index would lead in circles
                raise InputError(f"{self._database.name} is damaged: restore the last backup")
            from_seq = newest + 1

    def quarantined(self) -> list[tuple[int, bytes, str]]:
        """(last good row before it, event, reason) of everything set aside, oldest first."""
        sql = "SELECT after_seq, event, reason FROM quarantine ORDER BY number"
        return self._database.rows(sql)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class SqlJournal(JournalReader):
    """The journal as its one writer has it: domain.ports.Journal on SQLite or PostgreSQL.

    `torn` tells what opening found and put right; `clean` is False when the last writer died.
    """

    def __init__(
        self, database: Database, stamp: Stamp, lock: FileLock | None, durability: Durability
    ) -> None:
        """Use `open_journal`."""
        super().__init__(database, stamp)
        self._lock, self._durability = lock, durability
        self._waiting: list[Row] = []
        self._in_doubt = False
        self.clean = lock is None or lock.clean
        found = self.verify_chain()
        self.torn = _torn(found, lock.promise if lock else Promise(0, 0), database.name)
        if found.torn:
            self._drop_after(found.last)
        self._seq, self._hash = found.last

    @property
    def last_seq(self) -> int:
        """Of the newest row recorded, durable or not; 0 before the first."""
        return self._seq

    def record(self, event: Event, effects: Sequence[Effect]) -> int:
        """Keep a row for the next commit; its number. DomainError if it could not be read back."""
        event_bytes, effects_bytes = _encode(event), _encode(effects)
        if type(event) in _MEASURED and b"null" in event_bytes + effects_bytes:
            _require_readable(event_bytes, effects_bytes)
        seq, ts_ns, kind = self._seq + 1, event.ts_ns, _KINDS[type(event)]
        digest = row_hash(self._hash, seq, ts_ns, kind, event_bytes, effects_bytes)
        self._waiting.append((seq, ts_ns, kind, event_bytes, effects_bytes, digest))
        self._seq, self._hash = seq, digest
        return seq

    def commit(self) -> None:
        """All rows recorded are durable when this returns (in bulk: when `close` does).

        JournalError when the database cannot take them: they are kept, and the next commit tries
        again; nothing may leave before one succeeds.
        """
        if self._durability is Durability.FULL or len(self._waiting) >= _BULK_ROWS:
            self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        promise = Promise(self._waiting[-1][0], self._waiting[0][0] - 1)
        if self._in_doubt:
            self._forget_written()
        try:
            with self._database.transaction():
                self._database.insert(_INSERT, self._waiting)
        except JournalError:
            self._in_doubt = True
            raise
        self._waiting.clear()
        if self._lock is not None and self._durability is Durability.FULL:
            # Only a hint for the next opening: the rows are safe, whatever comes of it.
            with suppress(OSError):
                self._lock.remember(promise)

    def _forget_written(self) -> None:
        """After a failed commit: rows that reached the database all the same wait no longer."""
        sql = "SELECT seq, hash FROM journal WHERE seq >= ? ORDER BY seq"
        rows: list[tuple[int, bytes]] = self._database.rows(sql, self._waiting[0][0])
        there = dict(rows)
        for seq, *_, digest in self._waiting:
            require(there.get(seq, digest) == digest, f"another process wrote journal row {seq}")
        self._waiting = [row for row in self._waiting if row[0] not in there]
        self._in_doubt = False

    def quarantine(self, event: Event, reason: str) -> None:
        """Set aside an event on which the engine failed; durable when this returns."""
        sql = "INSERT INTO quarantine (after_seq, event, reason) VALUES (?, ?, ?)"
        self._database.run(sql, self.last_seq, _encode(event), reason)

    def _drop_after(self, good: Link) -> None:
        """Move a torn tail where it can be looked at and does no harm."""
        sql = (
            "INSERT INTO quarantine (after_seq, event, reason) "
            "SELECT seq - 1, COALESCE(event, ''), 'torn tail: the row does not verify' "
            "FROM journal WHERE seq > ? ORDER BY seq"
        )
        with self._database.transaction():
            self._database.run(sql, good.seq)
            self._database.run("DELETE FROM journal WHERE seq > ?", good.seq)
        if self.verify_chain() != (good, 0):
            raise InputError(f"{self._database.name} is damaged: restore the last backup")

    def close(self) -> None:
        """Commit what waits and let the next writer in."""
        try:
            self._write()
        finally:
            self._release()

    def _release(self) -> None:
        try:
            self._database.close()
        finally:
            if self._lock is not None:
                self._lock.release(forget=self._durability is Durability.BULK)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """After an error what waits is not committed: nobody knows whether it should be."""
        if error is None:
            self.close()
        else:
            self._release()


def open_journal(
    target: str | Path, stamp: Stamp, durability: Durability = Durability.FULL
) -> SqlJournal:
    """The journal for its one writer, made when absent; verified and mended before it is given out.

    `target` is a file, `sqlite:///FILE` or `postgresql://...`. InputError when another process has
    it, when it belongs to another mode or account, or is damaged before its tail. BULK makes a new
    file only.
    """
    with ExitStack() as undo:
        lock = None
        database: SqliteDatabase | PostgresDatabase
        if is_postgres(target):
            database = PostgresDatabase(str(target), Access.CREATE)
            undo.callback(database.close)
            database.hold()
        else:
            path = sqlite_path(target)
            lock = FileLock(path)
            undo.callback(lock.give_back)
            bulk = durability is Durability.BULK
            database = SqliteDatabase(path, Access.BULK if bulk else Access.CREATE)
            undo.callback(database.close)
        journal = SqlJournal(database, claim(database, stamp), lock, durability)
        undo.pop_all()
        return journal


def read_journal(target: str | Path) -> JournalReader:
    """The journal for reading. InputError when there is none."""
    database = connect(target, Access.READ)
    try:
        return JournalReader(database, read_stamp(database))
    except BaseException:
        database.close()
        raise


def _torn(found: Verified, promise: Promise, name: str) -> Torn:
    """What is lost of what was promised; InputError when more than the last commit is."""
    there = found.last.seq + found.torn
    if there < promise.before:
        anew = "" if there else f" (to begin anew remove {name}.lock too)"
        raise InputError(
            f"{name}: rows {there + 1} to {promise.seq} were on disk and are gone: "
            f"restore the last backup{anew}"
        )
    return Torn(found.torn, max(0, promise.seq - there))


def _require_readable(event: bytes, effects: bytes) -> None:
    try:
        _event_decoder.decode(event)
        _effects_decoder.decode(effects)
    except msgspec.ValidationError as error:
        require(False, f"an event that cannot be read back is not journaled: {error}")
