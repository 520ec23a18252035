"""`tradego`: the words a person types, each loaded only when it is asked for.

Exit codes: 0 done, 1 done and the answer is bad (or the disk or a database failed), 2 refused: one
line on standard error names the thing and the remedy, and nothing was changed.
"""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import NamedTuple

import typer
from typer.main import get_command

from tradego import __version__
from tradego.domain.errors import DomainError, InputError, TradeGoError


class Word(NamedTuple):
    """A command: where it lives in `tradego.app.commands`, and what it does, in a line."""

    module: str
    says: str


WORDS = {
    "init": Word("init", "Write a commented configuration and make the databases."),
    "demo": Word("demo", "A paper session on a built-in market: no account, no network."),
    "run": Word("run", "The desk, in the mode the configuration says."),
    "backtest": Word("backtest", "Strategies over recorded bars: trades, orders, equity, report."),
    "replay": Word("replay", "Run a journal again and prove the same effects."),
    "data": Word("data", "Bars, news and tradebooks: import, check, make samples."),
    "charges": Word("charges", "What a trade costs, line by line, on a date, at a broker."),
    "journal": Word("journal", "What happened, from the journal of a desk or a backtest."),
    "state": Word("state", "What the engine knows now, or knew after any row of its journal."),
    "explain": Word("explain", "Everything about one order, trade or signal."),
    "export": Word("export", "Trades, orders or fills as CSV, Excel or JSON."),
    "doctor": Word("doctor", "Is this desk fit to start? Each check with its remedy."),
    "halt": Word("control", "No new entries; exits go on."),
    "kill": Word("control", "Halt, call back entries, close everything."),
    "resume": Word("control", "Allow entries again."),
}


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    given = list(sys.argv[1:] if args is None else args)
    try:
        code = get_command(application(given[:1])).main(
            given or ["--help"], prog_name="tradego", standalone_mode=False
        )
        sys.stdout.flush()
    except InputError as error:
        return _refuse(str(error), 2)
    except typer.TyperException as error:
        return _refuse(f"{error.format_message()} (see tradego --help)", error.exit_code)
    except DomainError:
        raise  # a bug of ours: whoever mends it needs to see where
    except TradeGoError as error:
        return _refuse(str(error), 1)
    except BrokenPipeError:
        _abandon_output()  # the reader went away, as `| head` does
        return 1
    except OSError as error:
        _abandon_output()
        return _refuse(f"{error.filename or 'output'}: {error.strerror or error}", 1)
    return code if isinstance(code, int) else 0


def application(loaded: Iterable[str] = tuple(WORDS)) -> typer.Typer:
    """The command line, with the real commands behind the words named and their help behind all."""
    app = typer.Typer(
        help="One person's trading desk: backtest, paper and live through one engine.",
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    wanted = set(loaded)
    for name, word in WORDS.items():
        target = _target(name, word) if name in wanted else _not_loaded
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name, help=word.says)
        else:
            app.command(name, help=None if name in wanted else word.says)(target)
    return app


def _target(name: str, word: Word) -> typer.Typer | Callable[..., None]:
    """What a command's module offers under the command's name."""
    module = import_module(f"tradego.app.commands.{word.module}")
    target: typer.Typer | Callable[..., None] = getattr(module, name)
    return target


def _not_loaded() -> None:
    """Stands in the help for a command that was not asked for."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    pass


def _abandon_output() -> None:
    """What a full or closed standard output still holds must not be tried again at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"tradego: {' '.join(message.split())}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
