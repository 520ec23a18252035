"""Options that several commands have, each defined once."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tradego.app import config

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings; else tradego.toml, if there is one")
]
DatabaseName = Annotated[
    str | None,
    typer.Option("--database", help="File or postgresql:// address; else the configuration's"),
]
First = Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD")]
Last = Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document and nothing else")]


def database_of(database: str | None, settings: Path | None) -> str | Path:
    """The database named, or the one of the configuration."""
    return database or config.required(settings).database


def print_json(document: object) -> None:
    """One document on standard output."""
    typer.echo(msgspec.json.encode(document).decode())
