"""Rows to take away: CSV, Excel, JSON. A number stays a number, and text stays text.

A spreadsheet runs a text that begins with = + - @ TAB or CR as a formula. In CSV such text gets a
leading apostrophe; in Excel every text is a string cell, and such text is marked as one for good.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from operator import attrgetter
from typing import NamedTuple

import msgspec
import xlsxwriter

from tradego.domain.errors import DomainError
from tradego.domain.times import IST
from tradego.research.results import ConditionRow, FillRow, RepriceRow, StateRow

Cell = str | int | float | Decimal | datetime | None

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MADE = datetime(2000, 1, 1, tzinfo=IST)  # fixed, so that the same rows make the same file


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class _Column(NamedTuple):
    name: str
    is_time: bool
    read: Callable[[msgspec.Struct], object]


def exported(rows: Sequence[msgspec.Struct], kind: type[msgspec.Struct], to: ExportFormat) -> bytes:
    """A file with exactly these rows, all of type `kind`; with none it still has its head."""
    match to:
        case ExportFormat.CSV:
            return _csv(rows, list(_columns(kind)))
        case ExportFormat.XLSX:
            return _xlsx(rows, list(_columns(kind)))
        case ExportFormat.JSON:
            return _json(rows)


def _json(rows: Sequence[msgspec.Struct]) -> bytes:
    """A list of objects. Money is written as a number, with exactly the digits it has."""
    encoder = msgspec.json.Encoder(decimal_format="number")
    return msgspec.json.format(encoder.encode(list(rows)), indent=1) + b"\n"


def _csv(rows: Sequence[msgspec.Struct], columns: list[_Column]) -> bytes:
    """UTF-8 with the mark by which Excel knows it; times in ISO 8601 with offset."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    writer.writerows([_plain(_cell(column.read(row))) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _plain(value: Cell) -> str:
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value
        case datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return repr(value)


def _xlsx(rows: Sequence[msgspec.Struct], columns: list[_Column]) -> bytes:
    """One sheet; times are date cells in Indian wall time, which the head says."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet("TradeGo")
    head = book.add_format({"bold": True})
    inert = book.add_format({"quote_prefix": True})
    money = book.add_format({"num_format": "0.00"})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for at, column in enumerate(columns):
        sheet.write_string(0, at, f"{column.name} (IST)" if column.is_time else column.name, head)
    for line, row in enumerate(rows, 1):
        for at, column in enumerate(columns):
            match _cell(column.read(row)):
                case None:
                    pass
                case str(text):
                    safe = not text.startswith(_STARTS_A_FORMULA)
                    sheet.write_string(line, at, text, None if safe else inert)
                case datetime() as moment:
                    sheet.write_datetime(line, at, moment.replace(tzinfo=None), time)
                case Decimal() as amount:
                    sheet.write_number(line, at, float(amount), money)
                case number:
                    sheet.write_number(line, at, number)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    sheet.autofit()
    book.close()
    return file.getvalue()


# ---- columns and cells ---------------------------------------------------------------------------


def _columns(kind: type[msgspec.Struct], within: str = "") -> Iterator[_Column]:
    """The fields of a row; a struct inside it gives a column per field of its own."""
    for field in msgspec.structs.fields(kind):
        path = f"{within}.{field.name}" if within else field.name
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _columns(field.type, path)
        else:
            is_time = field.type in (datetime, datetime | None)
            yield _Column(path.replace(".", "_"), is_time, attrgetter(path))


def _cell(value: object) -> Cell:
    """A list inside a row becomes one text; a statistic without a value an empty cell."""
    match value:
        case float():
            return value if isfinite(value) else None
        case None | str() | int() | Decimal() | datetime():
            return value
        case tuple():
            return "; ".join(map(_told, value))
        case _:
            raise DomainError(f"{value!r} cannot be put in a cell")


def _told(item: object) -> str:
    match item:
        case ConditionRow(name=name, left=left, right=right, passed=passed):
            return f"{name} {left:g} vs {right:g} {'passed' if passed else 'failed'}"
        case StateRow(time=time, state=state):
            return f"{state} {time.isoformat()}"
        case FillRow(time=time, price=price, quantity=quantity):
            return f"{quantity} at {price} {time.isoformat()}"
        case RepriceRow(time=time, price=price, trigger=trigger):
            return f"limit {price} trigger {trigger} {time.isoformat()}"
        case _:
            raise DomainError(f"{item!r} has no short form")
