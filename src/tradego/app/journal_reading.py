"""A journal read from its first row, by anybody, while the desk writes or later."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tradego.domain.effects import Effect
from tradego.domain.errors import InputError
from tradego.domain.events import Event
from tradego.research.backtest import Record
from tradego.storage.database import is_postgres, sqlite_path
from tradego.storage.journal import decode_effects, decode_event, read_journal


class Entry(NamedTuple):
    """One row."""

    seq: int
    event: Event
    effects: list[Effect]


def entries(database: str | Path) -> Iterator[Entry]:
    """Every row in order; InputError when there is no journal."""
    with read_journal(existing(database)) as journal:
        for seq, event, effects in journal.read():
            yield Entry(seq, decode_event(event), decode_effects(effects))


def record_of(database: str | Path) -> Record:
    """What the whole journal comes to: trades, order lives, days, refusals, alarms."""
    record = Record()
    for _, event, effects in entries(database):
        record.observe(event, effects)
    return record


def existing(database: str | Path) -> str | Path:
    """The journal meant; a folder stands for that of the backtest in it. InputError for none."""
    if is_postgres(database):
        return database
    path = sqlite_path(database)
    path = path / "journal.db" if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"no journal at {path}: `tradego init` makes a desk's, backtest its own")
    return path
