"""`tradego explain`: one order, trade or signal from its first cause to its last charge."""

from typing import Annotated

import typer

from tradego.app.commands.options import AsJson, ConfigFile, DatabaseName, database_of, print_json
from tradego.app.journal_reading import entries
from tradego.ui import explain as story


def explain(
    name: Annotated[
        str, typer.Argument(help="An order (our id, its tag, the broker's id), a trade or a signal")
    ],
    journal_file: Annotated[
        str | None, typer.Argument(help="journal.db, or the folder of a backtest; else the desk's")
    ] = None,
    settings: ConfigFile = None,
    database: DatabaseName = None,
    as_json: AsJson = False,
) -> None:
    """Everything about one order, trade or signal, on one page."""
    source = journal_file or database_of(database, settings)
    told = story.explain(name, ((event, effects) for _, event, effects in entries(source)))
    if as_json:
        print_json(told)
    else:
        typer.echo(told.page(), nl=False)
