"""Something to look at while long work is done: on standard error, and only for a person."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tradego.app.recorded import Progress
from tradego.domain.effects import Effect
from tradego.domain.events import DayClosed, Event
from tradego.domain.ports import Journal


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """A line that says what is being done, and goes away when it is; nothing without a terminal."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("") as status:
        yield lambda doing: status.update(escape(doing))


def silent(doing: str) -> None:
    """Nobody is looking."""


class DaysTold:
    """A journal that says which day it has reached."""

    def __init__(self, journal: Journal, say: Progress) -> None:
        self._journal, self._say = journal, say

    def record(self, event: Event, effects: Sequence[Effect]) -> int:
        if isinstance(event, DayClosed):
            self._say(f"trading {event.date}")
        return self._journal.record(event, effects)

    def commit(self) -> None:
        self._journal.commit()
