"""The tables of one database: kept up with the journal, made anew from it, proved equal to it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError

from tradego.domain.effects import Effect
from tradego.domain.events import Event
from tradego.domain.orders import Fill, Order
from tradego.domain.positions import DailyPortfolio, Trade, Tranche
from tradego.domain.signals import Signal
from tradego.storage import schema
from tradego.storage.database import JournalError
from tradego.storage.engines import make_engine
from tradego.storage.journal import JournalReader, decode_effects, decode_event, read_journal
from tradego.storage.migrate import upgrade
from tradego.storage.projections import Projector
from tradego.storage.stamp import Stamp

_PAGE = 5_000
_BODIES: dict[type, Table] = {
    Trade: schema.trades,
    Order: schema.orders,
    Fill: schema.fills,
    Tranche: schema.position_tranches,
    DailyPortfolio: schema.daily_portfolio,
    Signal: schema.signals,
}
Kept = TypeVar("Kept", Trade, Order, Fill, Tranche, DailyPortfolio, Signal)
Row = tuple[int, Event, Sequence[Effect]]


class Tables:
    """Written by one process; read by any."""

    def __init__(self, target: str | Path) -> None:
        """Makes the tables, or brings them to this version. InputError when there is no journal."""
        upgrade(target)
        self._journal: JournalReader = read_journal(target)
        self.stamp: Stamp = self._journal.stamp
        self._engine: Engine = make_engine(target)

    def project(self, journaled: Iterable[Row]) -> None:
        """Rows of the journal into the tables, all or none."""
        with self._writing() as connection:
            _fold(connection, self.stamp, journaled)

    def catch_up(self) -> int:
        """Project what the journal has and the tables have not; how many rows that was."""
        with self._engine.connect() as connection:
            done = connection.scalar(select(schema.projected.c.seq)) or 0
        with self._writing() as connection:
            return _fold(connection, self.stamp, self._since(done + 1))

    def rebuild(self) -> int:
        """Forget the tables and make them anew; how many rows the journal has."""
        with self._writing() as connection:
            for table in reversed(schema.PROJECTIONS):
                connection.execute(delete(table))
            return _fold(connection, self.stamp, self._since(1))

    def verify(self) -> list[str]:
        """What in the tables is not as the journal tells it, one line a table; empty when all is.

        Judged up to the row the tables have reached.
        """
        fresh = create_engine("sqlite://")
        with fresh.connect() as told, self._engine.connect() as kept:
            schema.METADATA.create_all(told)
            told.execute(
                insert(schema.meta), [dict(kept.execute(select(schema.meta)).one()._mapping)]
            )
            reached = kept.scalar(select(schema.projected.c.seq)) or 0
            _fold(told, self.stamp, takewhile(lambda row: row[0] <= reached, self._since(1)))
            found = [_difference(table, kept, told) for table in schema.PROJECTIONS]
        fresh.dispose()
        return [line for line in found if line]

    def read(self, kind: type[Kept], *where: ColumnElement[bool]) -> list[Kept]:
        """The exact values behind the rows of a table, by their key; `where` is on its columns."""
        table = _BODIES[kind]
        found = select(table.c.body).where(*where).order_by(*table.primary_key)
        with self._engine.connect() as connection:
            return [msgspec.json.decode(body, type=kind) for body in connection.scalars(found)]

    def close(self) -> None:
        self._journal.close()
        self._engine.dispose()

    def _since(self, seq: int) -> Iterator[Row]:
        for number, event, effects in self._journal.read(seq):
            yield number, decode_event(event), decode_effects(effects)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
        except DBAPIError as error:
            raise JournalError(f"tables of {self._engine.url.database}: {error.orig}") from error


def _fold(connection: Connection, stamp: Stamp, journaled: Iterable[Row]) -> int:
    count = 0
    projector = Projector(connection, stamp)
    for seq, event, effects in journaled:
        projector.project(seq, event, effects)
        count += 1
        if count % _PAGE == 0:
            projector.flush()
    projector.flush()
    return count


def _difference(table: Table, kept: Connection, told: Connection) -> str:
    """The first row, by its key, in which a table differs from what the journal tells."""
    have, want = _by_key(table, kept), _by_key(table, told)
    for key in sorted(have.keys() | want.keys(), key=str):
        if have.get(key) != want.get(key):
            fault = "differs" if key in have and key in want else "is missing"
            fault = fault if key in want else "is one too many"
            return f"{table.name}: row {' '.join(map(str, key))} {fault}"
    return ""


def _by_key(table: Table, connection: Connection) -> dict[tuple[object, ...], list[object]]:
    keys = [column.name for column in table.primary_key]
    return {
        tuple(row._mapping[key] for key in keys): [_as_double(cell) for cell in row]
        for row in connection.execute(select(table))
    }


def _as_double(cell: object) -> object:
    """PostgreSQL gives decimals where SQLite gives doubles; `body` compares what is exact."""
    return float(cell) if isinstance(cell, Decimal) else cell
