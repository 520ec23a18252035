"""Facts that hold for a while: rows of hand-edited TOML, each with its validity and its source.

Files are laid one over another. Within a file, rows of one kind may not overlap, and a row without
`valid_to` holds until the next one begins; between files, the later one wins on every day its rows
cover.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Generic, NamedTuple, TypeVar

import msgspec

from tradego.domain.errors import InputError

SourceText = Annotated[str, msgspec.Meta(min_length=1)]
"""Where a fact comes from; shipped rows begin with their confidence (see data/calendar.toml)."""


class TableFile(NamedTuple):
    """A TOML file as text; `name` is what an error message calls it."""

    name: str
    text: str


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact."""

    source: SourceText


class DatedRow(Row, frozen=True, kw_only=True):
    """One fact and the days it holds, both ends included."""

    valid_from: date
    valid_to: date | None = None


RowT = TypeVar("RowT", bound=Row)
DatedT = TypeVar("DatedT", bound=DatedRow)


class Placed(NamedTuple, Generic[RowT]):
    """A row and where it stands, for error messages."""

    where: str
    row: RowT


def shipped(name: str) -> TableFile:
    """A data file that comes with the package."""
    return TableFile(name, files("tradego.market").joinpath("data", name).read_text("utf-8"))


def parse(file: TableFile, tables: Collection[str]) -> dict[str, object]:
    """The file's tables by name; InputError when it is not TOML or has a table of another name."""
    try:
        document: dict[str, object] = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file.name}: not valid TOML: {error}") from None
    for name in document:
        if name not in tables:
            raise InputError(
                f"{file.name}: unknown table [[{name}]]; known are {', '.join(sorted(tables))}"
            )
    return document


def rows(
    file: TableFile, document: dict[str, object], table: str, kind: type[RowT]
) -> list[Placed[RowT]]:
    """The rows of one table, typed; InputError naming file, row and key for what does not fit."""
    entries = document.get(table, [])
    if not isinstance(entries, list):
        raise InputError(f"{file.name}: {table} must be a list of rows, each begun by [[{table}]]")
    placed = []
    for number, entry in enumerate(entries, 1):
        where = f"{file.name}: {table} row {number}"
        try:
            row = msgspec.convert(entry, kind)
        except msgspec.ValidationError as error:
            reason = str(error).replace("Object contains unknown field", "unknown key")
            reason = reason.replace("Object missing required field", "missing key")
            raise InputError(f"{where}: {reason}") from None
        if isinstance(row, DatedRow) and row.valid_to and row.valid_to < row.valid_from:
            raise InputError(f"{where}: valid_to {row.valid_to} is before {row.valid_from}")
        placed.append(Placed(where, row))
    return placed


class Timeline(Generic[DatedT]):
    """Which row is in force on a day. `layers` are the files' rows, the winning file last."""

    __slots__ = ("_layers",)

    def __init__(self, layers: Iterable[Iterable[Placed[DatedT]]]) -> None:
        self._layers = [_in_order(layer) for layer in layers]

    def on(self, day: date) -> Placed[DatedT] | None:
        for layer in reversed(self._layers):
            index = bisect_right(layer, day, key=lambda placed: placed.row.valid_from) - 1
            if index >= 0:
                last = layer[index].row.valid_to
                if last is None or day <= last:
                    return layer[index]
        return None

    def changes(self) -> Iterator[date]:
        """Every day on which another row may come into force."""
        for layer in self._layers:
            for placed in layer:
                yield placed.row.valid_from
                if placed.row.valid_to:
                    yield placed.row.valid_to + timedelta(days=1)


def _in_order(layer: Iterable[Placed[DatedT]]) -> list[Placed[DatedT]]:
    ordered = sorted(layer, key=lambda placed: placed.row.valid_from)
    for earlier, later in pairwise(ordered):
        last = earlier.row.valid_to or earlier.row.valid_from
        if later.row.valid_from <= last:
            raise InputError(
                f"{later.where}: valid from {later.row.valid_from}, but {earlier.where} "
                f"holds until {last}; let one end before the other begins"
            )
    return ordered
