"""Play a session in front of a person, or of a program, and say how it ended."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from tradego.app.clock import WallClock
from tradego.app.desk import Desk, Shown
from tradego.app.session import Outcome, Screen, Tally, parse_speed, play, told
from tradego.research.backtest import Setup
from tradego.ui.day_summary import DaySummary
from tradego.ui.onlooker import Onlooker
from tradego.ui.terminal import LiveTerminal, plain_line

_FRAMES = 10  # a second
_PLEASANT = "400"  # a session in about a minute


class Terminal:
    """The live view, drawn no oftener than a person can see."""

    def __init__(self, live: LiveTerminal, clock: WallClock) -> None:
        self._live, self._clock, self._drawn = live, clock, 0.0

    def show(self, shown: Shown) -> None:
        self._live.apply(shown.event, shown.effects)
        self.refresh(shown.event.ts_ns)

    def refresh(self, now_ns: int) -> None:
        now = self._clock.seconds()
        if now - self._drawn >= 1 / _FRAMES:
            self._drawn = now
            self._live.refresh(now_ns)


class Quiet:
    """Hears everything, for what is said at the end."""

    def __init__(self, onlooker: Onlooker) -> None:
        self._onlooker = onlooker

    def show(self, shown: Shown) -> None:
        self._onlooker.apply(shown.event, shown.effects)

    def refresh(self, now_ns: int) -> None:
        """Nobody looks on."""


class Lines:
    """One line for everything that happens, where there is no terminal to draw on."""

    def __init__(self, onlooker: Onlooker) -> None:
        self._onlooker = onlooker

    def show(self, shown: Shown) -> None:
        for line in self._onlooker.apply(shown.event, shown.effects):
            if not shown.again:
                typer.echo(plain_line(line))

    def refresh(self, now_ns: int) -> None:
        """Nothing moves between two lines."""


def perform(
    setup: Setup, database: str | Path, *, speed: str | None, headless: bool, as_json: bool
) -> Outcome:
    """Play to the end of the bars; with `as_json` standard output gets one document and no more."""
    blank = headless or as_json
    watched = sys.stdout.isatty() and not blank
    pace = parse_speed(speed or (_PLEASANT if watched else "max"))
    tally, clock, onlooker = Tally(), WallClock(), Onlooker()
    with _screen(onlooker, clock, blank=blank) as screen:

        def watch(shown: Shown) -> None:
            tally.show(shown)
            screen.show(shown)

        with Desk(setup, database, watch) as desk:
            play(desk, pace, screen, clock)
            outcome = tally.outcome(desk)
    if as_json:
        typer.echo(msgspec.json.encode(outcome).decode())
    elif outcome.sessions == 1:
        Console(highlight=False).print(DaySummary(onlooker.view()))
    else:
        for line in told(outcome):
            typer.echo(line)
    return outcome


@contextmanager
def _screen(onlooker: Onlooker, clock: WallClock, *, blank: bool) -> Iterator[Screen]:
    if blank:
        yield Quiet(onlooker)
    elif sys.stdout.isatty():
        with LiveTerminal(Console(), onlooker) as live:
            yield Terminal(live, clock)
    else:
        yield Lines(onlooker)
