"""`tradego halt`, `kill` and `resume`: a word left in the database, for the desk to take in.

Nothing else is needed for it: a desk that runs hears it within a second, one that is down at its
next start.
"""

from getpass import getuser
from os import getpid
from typing import Annotated

import msgspec
import typer

from tradego.app.clock import WallClock
from tradego.app.commands.options import AsJson, ConfigFile, DatabaseName, database_of, print_json
from tradego.domain.events import CommandKind, CommandReceived
from tradego.storage.commands import CommandBox

Reason = Annotated[str, typer.Option(help="Why, for the record")]
Key = Annotated[
    str | None, typer.Option("--id", help="Idempotency key: the same one twice is done once")
]


class Left(msgspec.Struct, frozen=True):
    """What `--json` prints. `is_new` is False when a command of that id was there already."""

    command_id: str
    command: str
    mode: str
    account: str
    is_new: bool


def halt(
    reason: Reason = "",
    command_id: Key = None,
    settings: ConfigFile = None,
    database: DatabaseName = None,
    as_json: AsJson = False,
) -> None:
    """No new entries from now on. Exits and stops go on as ever."""
    command = _command(CommandKind.HALT, command_id, reason)
    _leave(command, database_of(database, settings), as_json=as_json)


def kill(
    flatten: Annotated[
        bool | None, typer.Option(help="Close everything; else as the configuration says")
    ] = None,
    reason: Reason = "",
    command_id: Key = None,
    settings: ConfigFile = None,
    database: DatabaseName = None,
    as_json: AsJson = False,
) -> None:
    """Halt, call back entries, and close everything. Stops stay until flat."""
    command = _command(CommandKind.KILL, command_id, reason, flatten=flatten)
    _leave(command, database_of(database, settings), as_json=as_json)


def resume(
    reason: Reason = "",
    command_id: Key = None,
    settings: ConfigFile = None,
    database: DatabaseName = None,
    as_json: AsJson = False,
) -> None:
    """Allow entries again after a halt, a kill or a drawdown limit."""
    command = _command(CommandKind.RESUME, command_id, reason)
    _leave(command, database_of(database, settings), as_json=as_json)


def _command(
    kind: CommandKind, command_id: str | None, reason: str, *, flatten: bool | None = None
) -> CommandReceived:
    now_ns = WallClock().now_ns()
    return CommandReceived(
        ts_ns=now_ns,
        command_id=command_id or f"cli-{now_ns}-{getpid()}",
        actor=getuser(),
        address="command line",
        command=kind,
        flatten=flatten,
        reason=reason,
    )


def _leave(command: CommandReceived, database: object, *, as_json: bool) -> None:
    box = CommandBox(str(database))
    try:
        is_new = box.leave(command)
    finally:
        box.close()
    stamp = box.stamp
    left = Left(command.command_id, command.command.value, stamp.mode.value, stamp.account, is_new)
    if as_json:
        print_json(left)
        return
    done = "left" if is_new else "was left before"
    typer.echo(
        f"{left.command} {done} for {stamp.owner}: the desk takes it in within a second while it "
        "runs, else at its next start."
    )
