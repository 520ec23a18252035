"""The command line as a whole: quick to answer, one line when it refuses, nothing changed then."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.main import get_command

from tradego import __version__
from tradego.app.cli import WORDS, application


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command, those inside a group by both their words."""
    top = get_command(application())
    for name, command in top.commands.items():
        inside = getattr(command, "commands", None)
        if inside is None:
            yield name, command
        else:
            yield from ((f"{name} {inner}", it) for inner, it in inside.items())


COMMANDS = dict(commands())


def test_help_names_every_command_and_loads_none_of_them(process):
    done = process("--help")
    assert done.code == 0
    assert all(f"  {name} " in done.out for name in WORDS)
    probe = "import sys; from tradego.app.cli import main; main(['--help']); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "polars", "sqlalchemy", "rich", "msgspec"} & set(loaded.stdout.split())


def test_without_a_word_the_help_is_shown(typed):
    assert typed().out == typed("--help").out


def test_the_version_is_told(typed):
    assert typed("--version").out == f"{__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_each_of_its_options_and_speaks_json(typed, name):
    done = typed(*name.split(), "--help")
    assert done.code == 0
    command = COMMANDS[name]
    assert command.help
    assert all(param.help for param in command.params if hasattr(param, "help"))
    assert "--json" in done.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("bactest", "No such command 'bactest'. Did you mean 'backtest'"),
        ("backtest --out x", "Missing option '--bars'"),
        ("backtest --bars x --out x --slippage 3", "No such option: --slippage"),
        ("backtest --bars x --out x --repair glue", "'glue'"),
        ("data", "Missing command"),
        ("export stars", "'stars'"),
    ],
)
def test_what_is_typed_wrongly_is_refused_in_one_line(typed, words, complaint):
    done = typed(*words.split())
    assert done.code == 2
    assert complaint in done.line


def test_a_broken_pipe_is_not_an_error_to_talk_about(finished):
    tradego = f"{sys.executable} -m tradego.app.cli"
    command = f"{tradego} journal {finished} --events --last 0 | head -n 1"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_progress_is_for_a_terminal_and_never_on_standard_output(sample, tmp_path):
    """Standard error is a terminal here, standard output a file."""
    leader, follower = os.openpty()
    words = ["backtest", "--bars", sample.bars, "--strategy", "mean_reversion"]
    done = subprocess.run(
        [sys.executable, "-m", "tradego.app.cli", *words, "--out", tmp_path / "out"],
        stdout=subprocess.PIPE,
        stderr=follower,
        check=True,
    )
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "writing" in shown  # the last thing said is shown however fast it went
    assert "writing" not in done.stdout.decode()
