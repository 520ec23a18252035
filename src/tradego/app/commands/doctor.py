"""`tradego doctor`: is this desk fit to start?"""

from typing import Annotated

import typer

from tradego.app import config
from tradego.app.clock import WallClock
from tradego.app.commands.options import AsJson, ConfigFile, print_json
from tradego.app.health import Standing, examine
from tradego.storage.tables import Tables


def doctor(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First make the tables anew from the journal")
    ] = False,
    settings: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Look at every part of the desk; exit code 1 when one of them is not well."""
    if rebuild:
        tables = Tables(config.required(settings).database)
        try:
            tables.rebuild()
        finally:
            tables.close()
    checks = examine(settings, WallClock())
    if as_json:
        print_json(checks)
    else:
        width = max(len(check.part) for check in checks)
        for check in checks:
            remedy = f"; {check.remedy}" if check.remedy else ""
            typer.echo(f"{check.standing:<7}  {check.part:<{width}}  {check.found}{remedy}")
    if any(check.standing is Standing.FAILED for check in checks):
        raise typer.Exit(1)
