"""`tradego run`: the desk. Today its market is a recording, played live."""

from pathlib import Path
from typing import Annotated

import typer

from tradego.app import config
from tradego.app.playing import perform
from tradego.app.progress import progress
from tradego.app.recorded import Wanted, day_of, interval_of
from tradego.app.wiring import Asked, wire
from tradego.domain.errors import InputError
from tradego.domain.events import Mode
from tradego.domain.times import session_date
from tradego.market.findings import Fault
from tradego.market.repairs import Repair


def run(  # noqa: PLR0913, PLR0917 - one argument an option
    replay: Annotated[
        list[Path] | None,
        typer.Option(help="Recorded bars in place of a live feed; may be repeated"),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="First day traded; bars before it warm up")
    ] = None,
    news: Annotated[list[Path] | None, typer.Option(help="Headlines; may be repeated")] = None,
    interval: Annotated[
        str | None, typer.Option(help="Bars that strategies judge on, such as 15m")
    ] = None,
    repair: Annotated[list[Repair] | None, typer.Option(help="Mend bars so")] = None,
    accept: Annotated[list[Fault] | None, typer.Option(help="Use bars in spite of this")] = None,
    speed: Annotated[
        str | None,
        typer.Option(help="Session seconds a second, or max; 400 where there is a terminal"),
    ] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Show nothing until the end")
    ] = False,
    configuration: Annotated[
        Path | None, typer.Option("--config", help="The desk's settings; else tradego.toml here")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document")] = False,
) -> None:
    """The desk of a configuration, trading a recording bar by bar as it would trade the market.

    Killed, it goes on from where it was when it is started the same way again.
    """
    if not replay:
        raise InputError("there is no live feed yet: give recorded bars with --replay FILE")
    settings = config.required(configuration)
    desk = settings.config.desk
    if desk.mode is not Mode.PAPER:
        raise InputError(f"desk.mode = {desk.mode}: a recording is traded in paper mode only")
    asked = Asked(
        settings=settings,
        data=Wanted(
            files=tuple(replay),
            interval_ns=interval_of(interval or f"{settings.config.market.interval_minutes}m"),
            first=day_of("--from", first),
            repairs=frozenset(repair or ()),
            accepted=frozenset(accept or ()),
        ),
        mode=desk.mode,
        account=desk.account,
        news=tuple(news or ()),
    )
    with progress(quiet=as_json) as say:
        setup = wire(asked, say).setup
    if not as_json:
        began = session_date(setup.from_ns).isoformat()
        typer.echo(f"{desk.mode} account {desk.account}, from {began}, in {settings.database}")
    perform(setup, settings.database, speed=speed, headless=headless, as_json=as_json)
