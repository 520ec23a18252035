"""`tradego demo`: a paper session on a built-in market: no account, no network."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tradego.app.demo import demo as built_in
from tradego.app.playing import perform
from tradego.domain.errors import InputError


def demo(
    headless: Annotated[bool, typer.Option(help="Show nothing until the end")] = False,
    speed: Annotated[
        str | None,
        typer.Option(help="Session seconds a second, or max; 400 where there is a terminal"),
    ] = None,
    sessions: Annotated[int, typer.Option(help="Trading days to play, 1 to 20")] = 1,
    seed: Annotated[int, typer.Option(help="Another seed, another market")] = 85,
    database: Annotated[
        Path | None, typer.Option(help="Keep the session here; killed, it goes on from here")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document")] = False,
) -> None:
    """Play a paper session on a built-in market, then tell how the day went."""
    if not 1 <= sessions <= 20:
        raise InputError(f"--sessions {sessions} is not between 1 and 20")
    setup = built_in(seed, sessions).setup
    with TemporaryDirectory(prefix="tradego-demo-") as folder:
        perform(
            setup,
            database or Path(folder) / "demo.db",
            speed=speed,
            headless=headless,
            as_json=as_json,
        )
