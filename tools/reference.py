"""Prints docs/reference.md, made from the code alone: `make docs` writes it, a test compares it."""

import sys
from collections.abc import Iterator
from types import UnionType
from typing import get_args

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from tradego.app.cli import application
from tradego.domain import effects, events, orders

HEAD = """# Reference

Made from the code by `make docs`; a test fails when the two differ.
"""


def page() -> str:
    lines = [HEAD, *command_chapter(), *order_chapter(), *refusal_chapter()]
    lines += messages_chapter("Events: what the engine hears", events.Event)
    lines += messages_chapter("Effects: what the engine says", effects.Effect)
    return "\n".join(lines)


# ---- commands ------------------------------------------------------------------------------------


def command_chapter() -> Iterator[str]:
    yield "## Commands\n"
    yield from command_help("tradego", get_group(application()))


def command_help(name: str, command: TyperCommand | TyperGroup) -> Iterator[str]:
    """What `NAME --help` prints, for a command and for each below it."""
    context = typer.Context(command, info_name=name, terminal_width=100)
    yield f"### {name}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"
    if isinstance(command, TyperGroup):
        for word, below in command.commands.items():
            if isinstance(below, TyperCommand | TyperGroup):
                yield from command_help(f"{name} {word}", below)


# ---- orders, refusals, messages ------------------------------------------------------------------


def order_chapter() -> Iterator[str]:
    yield "## The life of an order\n"
    yield "What moves an order from state to state. Evidence that changes nothing is not drawn;"
    yield "evidence that is neither drawn nor harmless is an error of ours.\n"
    yield "```mermaid\nstateDiagram-v2\n    [*] --> PLANNED"
    for state, hears in orders.NEXT.items():
        for target in dict.fromkeys(hears.values()):
            if target is not state:
                why = ", ".join(e.value for e, after in hears.items() if after is target)
                yield f"    {state.value} --> {target.value}: {why}"
    yield from (f"    {s.value} --> [*]" for s in orders.OrderState if s in orders.TERMINAL)
    yield "```\n"


def refusal_chapter() -> Iterator[str]:
    yield "## Refusals\n"
    yield " ".join((effects.Refusal.__doc__ or "").split()) + "\n"
    yield ", ".join(f"`{reason.value}`" for reason in effects.Refusal) + ".\n"


def messages_chapter(title: str, union: UnionType) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| kind | fields | |\n| --- | --- | --- |"
    for member in get_args(union):
        fields = ", ".join(f"`{field}`" for field in member.__struct_fields__)
        said = " ".join((member.__doc__ or "").split()).replace("|", "\\|")
        yield f"| `{member.__struct_config__.tag}` | {fields} | {said} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
