"""`tradego init`: a commented configuration and the databases of a new desk."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tradego.app.clock import WallClock
from tradego.app.commands.options import AsJson, print_json
from tradego.app.config import FILE_NAME, Settings, parse
from tradego.app.config_text import commented
from tradego.domain.errors import InputError
from tradego.storage.journal import open_journal
from tradego.storage.stamp import Stamp
from tradego.storage.tables import Tables


class Made(msgspec.Struct, frozen=True):
    """What `--json` prints: where everything is."""

    configuration: str
    database: str
    data: str


def init(
    folder: Annotated[Path, typer.Argument(help="Where the desk will live")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a commented configuration and make the databases; nothing is ever overwritten."""
    file = folder / FILE_NAME
    text = commented()
    settings = Settings(config=parse(text, str(file)), folder=folder, source=str(file))
    for path in (file, Path(settings.database)):
        if path.exists():
            raise InputError(f"{path} exists: this is a desk already; name another folder")
    settings.data.mkdir(parents=True, exist_ok=True)
    make_database(settings)
    file.write_text(text, "utf-8")
    made = Made(str(file), str(settings.database), str(settings.data))
    if as_json:
        print_json(made)
        return
    typer.echo(f"{made.configuration} explains every setting; {made.database} is empty and yours.")
    typer.echo("Next: tradego doctor, then tradego data import FILE, or tradego demo.")


def make_database(settings: Settings) -> None:
    """The journal and the tables, stamped with mode and account."""
    desk = settings.config.desk
    now_ns = WallClock().now_ns()
    stamp = Stamp(mode=desk.mode, account=desk.account, lineage=f"init-{now_ns}", created_ns=now_ns)
    open_journal(settings.database, stamp).close()
    Tables(settings.database).close()
