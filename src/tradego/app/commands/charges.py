"""`tradego charges`: what a trade costs, line by line, on a date, at a broker."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tradego.accounting.charges import (
    ChargeLine,
    ContractNote,
    ExecutedOrder,
    contract_note,
    note_lines,
)
from tradego.accounting.tariffs import Tariff, TariffSegment, shipped_tables
from tradego.domain.errors import InputError
from tradego.domain.formats import plain
from tradego.domain.instruments import Exchange
from tradego.domain.money import PAISA, Price, Quantity, parse_decimal
from tradego.domain.signals import Side
from tradego.market.dated import TableFile


class ChargesDocument(msgspec.Struct, frozen=True):
    """What `--json` prints; every amount is rupees as a string with two decimals."""

    brokerage: Decimal
    stt: Decimal
    exchange: Decimal
    ipft: Decimal
    sebi: Decimal
    stamp: Decimal
    gst: Decimal
    dp: Decimal
    total: Decimal
    breakeven_points: Decimal
    lines: list[ChargeLine]
    sources: list[str]


def charges(  # noqa: PLR0913, PLR0917 - one argument an option
    broker: Annotated[str, typer.Option(help="brokerage plan")],
    segment: Annotated[TariffSegment, typer.Option(help="what is traded")],
    on: Annotated[str, typer.Option("--date", help="trade date, YYYY-MM-DD")],
    exchange: Annotated[Exchange, typer.Option(help="where")] = Exchange.NSE,
    buy: Annotated[
        list[str] | None, typer.Option(help="QTY@PRICE, one executed order; may be repeated")
    ] = None,
    sell: Annotated[
        list[str] | None, typer.Option(help="QTY@PRICE, one executed order; may be repeated")
    ] = None,
    lot: Annotated[
        str | None, typer.Option(help="lot size, where a plan charges by the lot")
    ] = None,
    tariff: Annotated[
        Path | None, typer.Option(help="your own rates, laid over the shipped ones")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="one JSON document")] = False,
) -> None:
    """What a day's orders in one scrip cost, line by line, with the source of every rate."""
    orders = [
        *(_executed(Side.BUY, text) for text in buy or ()),
        *(_executed(Side.SELL, text) for text in sell or ()),
    ]
    if not orders:
        raise InputError("nothing to charge: give --buy QTY@PRICE, --sell QTY@PRICE, or both")
    rates = Tariff((*shipped_tables(), *_own(tariff))).rates(
        plan=broker, segment=segment, exchange=exchange, on=_day(on)
    )
    note = contract_note(orders, rates, lot=_lot(lot))
    lines = note_lines(note)
    if json:
        typer.echo(msgspec.json.encode(_document(note, lines)).decode())
    else:
        typer.echo(_table(note, lines))


def _executed(side: Side, text: str) -> ExecutedOrder:
    quantity, at, price = text.partition("@")
    if not at:
        raise InputError(f"--{side.lower()} {text!r} is not QTY@PRICE, such as 500@1000.50")
    units = parse_decimal(quantity, f"the quantity of --{side.lower()}")
    each = parse_decimal(price, f"the price of --{side.lower()}")
    if units <= 0 or each <= 0:
        raise InputError(f"--{side.lower()} {text!r}: quantity and price must be above zero")
    return ExecutedOrder.at(side, Quantity(units), Price(each))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--date {text!r} is not a day written YYYY-MM-DD") from None


def _lot(text: str | None) -> Decimal | None:
    if text is None:
        return None
    lot = parse_decimal(text, "--lot")
    if lot <= 0:
        raise InputError(f"--lot {text} is not above zero")
    return lot


def _own(path: Path | None) -> tuple[TableFile, ...]:
    if path is None:
        return ()
    try:
        return (TableFile(str(path), path.read_text("utf-8")),)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--tariff {path} cannot be read: {error}") from None


def _document(note: ContractNote, lines: list[ChargeLine]) -> ChargesDocument:
    amounts = {
        name: getattr(note.charges, name).quantize(PAISA) for name in note.charges.__struct_fields__
    }
    return ChargesDocument(
        **amounts,
        total=note.total.quantize(PAISA),
        breakeven_points=note.breakeven_points,
        lines=lines,
        sources=list(dict.fromkeys(line.source for line in lines)),
    )


def _table(note: ContractNote, lines: list[ChargeLine]) -> str:
    rows = [(line.name, plain(line.basis), line.rate, plain(line.amount)) for line in lines]
    rows.append(("Total", "", "", plain(note.total)))
    names, bases, rates, amounts = (
        max(len(cell) for cell in column) for column in zip(*rows, strict=True)
    )
    text = "\n".join(
        f"{name:<{names}}  {basis:>{bases}}  {rate:<{rates}}  {amount:>{amounts}}"
        for name, basis, rate, amount in rows
    )
    return f"{text}\nThe price must move {note.breakeven_points} a unit to pay for this."
