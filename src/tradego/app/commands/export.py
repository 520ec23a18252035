"""`tradego export`: trades, orders or fills to take away, exactly the rows asked for."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import typer

from tradego.app.commands.options import ConfigFile, DatabaseName, First, Last, database_of
from tradego.app.journal_reading import record_of
from tradego.app.recorded import day_of
from tradego.domain.errors import InputError
from tradego.domain.lives import OrderLife
from tradego.domain.money import parse_decimal
from tradego.domain.orders import TERMINAL
from tradego.domain.positions import ExitReason
from tradego.domain.signals import Product
from tradego.domain.times import session_date
from tradego.research.backtest import Record
from tradego.research.results import (
    ExecutionRow,
    OrderRow,
    TradeRow,
    execution_row,
    order_row,
    trade_row,
)
from tradego.ui.exports import ExportFormat, exported
from tradego.ui.trade_filter import TradeFilter, TradeOutcome, selected


class What(StrEnum):
    TRADES = "trades"
    ORDERS = "orders"
    FILLS = "fills"


class Rows(NamedTuple):
    rows: Sequence[msgspec.Struct]
    kind: type[msgspec.Struct]


def export(  # noqa: PLR0913, PLR0917 - one argument an option
    what: Annotated[What, typer.Argument(help="Which rows")],
    journal_file: Annotated[
        str | None, typer.Argument(help="journal.db, or the folder of a backtest; else the desk's")
    ] = None,
    form: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="Else by the ending of --out, else csv"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File; without it standard output")] = None,
    first: First = None,
    last: Last = None,
    strategy: Annotated[str | None, typer.Option(help="Trades of one strategy")] = None,
    product: Annotated[Product | None, typer.Option(help="Trades, intraday or delivery")] = None,
    symbol: Annotated[str | None, typer.Option(help="Of one symbol")] = None,
    outcome: Annotated[TradeOutcome | None, typer.Option(help="Trades that won or lost")] = None,
    exit_reason: Annotated[ExitReason | None, typer.Option(help="Trades left for this")] = None,
    band: Annotated[str, typer.Option(help="Rupees around zero that count as breakeven")] = "0",
    sort: Annotated[str, typer.Option(help="Column that orders trades")] = "exit_time",
    descending: Annotated[bool, typer.Option("--descending", help="Largest first")] = False,
    pending: Annotated[bool, typer.Option("--pending", help="Orders that still live")] = False,
    limit: Annotated[int | None, typer.Option(help="At most so many rows")] = None,
    settings: ConfigFile = None,
    database: DatabaseName = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json")] = False,
) -> None:
    """Rows as CSV, Excel or JSON: numbers stay numbers, text stays text."""
    wanted = TradeFilter(
        since=day_of("--from", first),
        until=day_of("--to", last),
        strategy=strategy,
        product=product,
        symbol=symbol,
        outcome=outcome,
        exit_reason=exit_reason,
        band=parse_decimal(band, "--band"),
        sort=sort,
        descending=descending,
        limit=limit,
    )
    _refuse_trade_filters(what, wanted)
    form = ExportFormat.JSON if as_json else form or _form_of(out)
    if form is ExportFormat.XLSX and out is None:
        raise InputError("an Excel file cannot go to standard output: name it with --out")
    record = record_of(journal_file or database_of(database, settings))
    found = _ROWS[what](record, wanted, pending)
    content = exported(found.rows, found.kind, form)
    if out is None:
        typer.echo(content.decode("utf-8-sig"), nl=False)
    else:
        out.write_bytes(content)


def _refuse_trade_filters(what: What, wanted: TradeFilter) -> None:
    """A filter that would be passed over in silence is refused."""
    if what is What.TRADES:
        return
    for name in ("strategy", "product", "outcome", "exit_reason"):
        if getattr(wanted, name) is not None:
            option = name.replace("_", "-")
            raise InputError(f"--{option} chooses among trades; {what} go by --symbol and days")
    plain = TradeFilter()
    if (wanted.sort, wanted.descending, wanted.band) != (plain.sort, False, Decimal(0)):
        raise InputError(f"--sort, --descending and --band are for trades; {what} come by time")


def _form_of(out: Path | None) -> ExportFormat:
    if out is None:
        return ExportFormat.CSV
    try:
        return ExportFormat(out.suffix.removeprefix("."))
    except ValueError:
        raise InputError(
            f"--out {out}: say --format csv, xlsx or json, or end it with one"
        ) from None


def _trades(record: Record, wanted: TradeFilter, pending: bool) -> Rows:
    if pending:
        raise InputError("--pending chooses among orders")
    return Rows([trade_row(trade) for trade in selected(record.trades.values(), wanted)], TradeRow)


def _orders(record: Record, wanted: TradeFilter, pending: bool) -> Rows:
    lives: Iterable[OrderLife] = (
        life
        for life in record.lives()
        if _within(wanted, life.order.symbol, life.planned_ns)
        and not (pending and life.order.state in TERMINAL)
    )
    return Rows([order_row(life) for life in lives][: wanted.limit], OrderRow)


def _fills(record: Record, wanted: TradeFilter, pending: bool) -> Rows:
    if pending:
        raise InputError("--pending chooses among orders")
    fills = sorted(
        (fill for life in record.lives() for fill in life.fills),
        key=lambda fill: (fill.ts_ns, fill.fill_id),
    )
    rows = [execution_row(f) for f in fills if _within(wanted, f.symbol, f.ts_ns)]
    return Rows(rows[: wanted.limit], ExecutionRow)


def _within(wanted: TradeFilter, symbol: str, ts_ns: int) -> bool:
    day = session_date(ts_ns)
    return (
        wanted.symbol in (None, symbol)
        and (wanted.since is None or day >= wanted.since)
        and (wanted.until is None or day <= wanted.until)
    )


_ROWS: dict[What, Callable[[Record, TradeFilter, bool], Rows]] = {
    What.TRADES: _trades,
    What.ORDERS: _orders,
    What.FILLS: _fills,
}
