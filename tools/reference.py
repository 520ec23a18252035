"""Prints docs/reference.md, made from the code alone: `make docs` writes it, a test compares it."""

import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from types import UnionType
from typing import get_args

import msgspec
import typer
from msgspec import inspect as shapes
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from tradego.app.cli import application
from tradego.app.config import Config
from tradego.domain import effects, events, orders, settings

HEAD = """# Reference

Made from the code by `make docs`; a test fails when the two differ.
"""


def page() -> str:
    lines = [HEAD, *command_chapter(), *settings_chapter(), *order_chapter(), *refusal_chapter()]
    lines += messages_chapter("Events: what the engine hears", events.Event)
    lines += messages_chapter("Effects: what the engine says", effects.Effect)
    return "\n".join(lines) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield "| " + " | ".join(columns) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


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


# ---- settings ------------------------------------------------------------------------------------


def settings_chapter() -> Iterator[str]:
    yield "## Settings\n"
    yield " ".join((settings.__doc__ or "").split("\n\n")[1].split()) + "\n"
    for name, section in sections("", shapes.type_info(Config)):
        plain = [f for f in section.fields if not list(sections("", f.type))]
        if not plain:
            continue
        yield f"### {name}\n"
        if section.cls.__doc__:
            yield " ".join(section.cls.__doc__.split()) + "\n"
        yield from table(
            ("setting", "default", "allowed", ""),
            ((f"`{f.name}`", default(f), allowed(f.type), meaning(f.type)) for f in plain),
        )


def sections(name: str, kind: shapes.Type) -> Iterator[tuple[str, shapes.StructType]]:
    """Every table of the configuration file at or below `kind`, with its name."""
    match kind:
        case shapes.StructType():
            yield name, kind
            for field in kind.fields:
                yield from sections(field.name, field.type)
        case shapes.DictType(value_type=value):
            yield from sections(f"{name}.NAME", value)
        case _:
            return


def meaning(kind: shapes.Type) -> str:
    match kind:
        case shapes.Metadata(extra_json_schema={"description": str(said)}):
            return said
        case _:
            return ""


def default(field: shapes.Field) -> str:
    match field.default:
        case None | msgspec.NODEFAULT:
            return ""
        case Enum(value=value):
            return f"`{value}`"
        case bool(value):
            return f"`{str(value).lower()}`"
        case tuple(value):
            return f"`{list(value)}`"
        case value:
            return f"`{value}`"


def allowed(kind: shapes.Type) -> str:
    match kind:
        case shapes.Metadata(extra={"low": low, "high": high}):
            return f"{low:f} to {high:f}"
        case shapes.Metadata(type=inner):
            return allowed(inner)
        case shapes.IntType(ge=low, le=high) | shapes.FloatType(ge=low, le=high):
            return f"{low} to {high}"
        case shapes.EnumType(cls=cls):
            return ", ".join(f"`{member.value}`" for member in cls)
        case shapes.BoolType():
            return "`true`, `false`"
        case shapes.UnionType(types=types):
            return " or ".join(allowed(part) for part in types)
        case shapes.NoneType():
            return "left out"
        case shapes.VarTupleType(item_type=item):
            return f"list of {allowed(item)}"
        case shapes.DictType(value_type=value):
            return f"NAME = {allowed(value)}"
        case _:
            return "text"


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
    yield from table(
        ("kind", "fields", ""),
        (
            (
                f"`{member.__struct_config__.tag}`",
                ", ".join(f"`{field}`" for field in member.__struct_fields__),
                " ".join((member.__doc__ or "").split()),
            )
            for member in get_args(union)
        ),
    )


if __name__ == "__main__":
    sys.stdout.write(page())
