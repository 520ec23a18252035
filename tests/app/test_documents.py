"""The pages about the command line and the configuration say what is so, and all of it."""

import re
import subprocess
import sys
from pathlib import Path

from typer.main import get_command

from tradego.app.cli import application
from tradego.app.config import parse

ROOT = Path(__file__).resolve().parents[2]


def test_every_word_has_its_line_on_the_page_of_the_command_line():
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    top = get_command(application())
    for name, command in top.commands.items():
        inner = getattr(command, "commands", None)
        for word in [name] if inner is None else [f"{name} {it}" for it in inner]:
            assert f"`tradego {word}`" in page, word


def test_every_option_in_the_documents_exists():
    top = get_command(application())
    known = {"--help", "--version"}
    for command in top.commands.values():
        for it in getattr(command, "commands", {"": command}).values():
            known |= {opt for param in it.params for opt in (*param.opts, *param.secondary_opts)}
    for name in ("cli.md", "configuration.md", "tutorial.md", "../README.md"):
        told = re.findall(r"(?<![\w-])--[a-z][a-z-]+", (ROOT / "docs" / name).read_text("utf-8"))
        assert set(told) <= known, name


def test_the_page_of_the_configuration_holds_the_file_that_init_writes(tmp_path):
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    probe = (
        "import sys; sys.path.insert(0, 'tools'); import configuration as c; "
        "sys.stdout.write(c.page(c.PAGE.read_text('utf-8')))"
    )
    made = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert page == made, "docs/configuration.md is behind the code: make docs"
    block = page[page.rindex("```toml\n") :].removeprefix("```toml\n").removesuffix("```\n")
    assert parse(block, "page").strategies
