"""A journal run again from the empty state, row by row: what was, is again."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tradego.accounting.tariffs import Tariff, shipped_tables
from tradego.app.journal_reading import existing
from tradego.domain.effects import Effect
from tradego.domain.events import DeskOpened
from tradego.engine.state import DeskState
from tradego.engine.step import step
from tradego.market.dated import TableFile
from tradego.storage.journal import decode_event, read_journal


class Folded(NamedTuple):
    """The engine after a row: what it says now, and what it said when the row was written."""

    seq: int
    state: DeskState
    effects: list[Effect]
    written: bytes


def folded(journal: str | Path) -> Iterator[Folded]:
    """Every row. InputError when there is no journal."""
    state = DeskState(tariff=Tariff(shipped_tables()))
    with read_journal(existing(journal)) as rows:
        for seq, event_bytes, written in rows.read():
            event = decode_event(event_bytes)
            if isinstance(event, DeskOpened):
                state.tariff = tariff_of(event)
            yield Folded(seq, state, step(state, event), written)


def tariff_of(opening: DeskOpened) -> Tariff:
    """The rates the journal was written by."""
    own = (TableFile(name, text) for name, text in opening.own_tariff)
    return Tariff((*shipped_tables(), *own))
