"""Play a session in front of a person, or of a program, and say how it ended."""

from pathlib import Path

import msgspec
import typer

from tradego.app.clock import WallClock
from tradego.app.desk import Desk, Shown
from tradego.app.session import Blank, Outcome, Screen, Tally, parse_speed, play
from tradego.research.backtest import Setup


def perform(
    setup: Setup, database: str | Path, *, speed: str, headless: bool, as_json: bool
) -> Outcome:
    """Play to the end of the bars; with `as_json` standard output gets one document and no more."""
    pace, tally = parse_speed(speed), Tally()
    screen: Screen = Blank()

    def watch(shown: Shown) -> None:
        tally.show(shown)
        screen.show(shown)

    with Desk(setup, database, watch) as desk:
        play(desk, pace, screen, WallClock())
        outcome = tally.outcome(desk, 1)
    if as_json:
        typer.echo(msgspec.json.encode(outcome).decode())
    return outcome
