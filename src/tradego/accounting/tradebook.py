"""A broker's own record beside ours: its tradebook, and the profit it reports from it.

The forms read are those of Zerodha Console: the equity tradebook, and the realized P&L per symbol
and term of the tax report, both as CSV. Nothing is guessed: a profit that the tradebook alone
cannot explain is named as such.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from typing import TypeVar

import msgspec

from tradego.accounting.lots import Dealing, Lot, LotBook, Term, fifo
from tradego.domain.errors import InputError
from tradego.domain.instruments import Exchange
from tradego.domain.money import ZERO, Price, Quantity, parse_decimal
from tradego.domain.signals import Side
from tradego.domain.times import IST, from_datetime

TOLERANCE = Decimal("0.02")

_TRADEBOOK_COLUMNS = (
    "symbol",
    "isin",
    "trade_date",
    "exchange",
    "segment",
    "series",
    "trade_type",
    "quantity",
    "price",
    "trade_id",
    "order_id",
    "order_execution_time",
)
_TAX_COLUMNS = ("Symbol", "Quantity", "Buy Value", "Sell Value", "Realized P&L", "term")


class TradebookFill(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a tradebook; `executed_ns` is UTC, `day` the broker's own trade date."""

    symbol: str
    isin: str
    day: date
    exchange: Exchange
    segment: str
    series: str
    side: Side
    quantity: Quantity
    price: Price
    trade_id: str
    order_id: str
    executed_ns: int


class Tradebook(msgspec.Struct, frozen=True, kw_only=True):
    """In the order executed. `repeated` counts lines that were there twice and are taken once."""

    fills: tuple[TradebookFill, ...]
    repeated: int


class ReportedPnl(msgspec.Struct, frozen=True, kw_only=True):
    """The broker's realized P&L of one symbol and term, before charges."""

    symbol: str
    term: Term
    quantity: Decimal
    buy_value: Decimal
    sell_value: Decimal
    realized: Decimal


class Verdict(StrEnum):
    EQUAL = "EQUAL"
    MISSING_OPENING_LOTS = "MISSING_OPENING_LOTS"
    DISAGREES = "DISAGREES"
    ABSENT = "ABSENT"


class SymbolCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Ours against theirs. `ours` is None where the tradebook cannot say."""

    symbol: str
    verdict: Verdict
    ours: Decimal | None
    theirs: Decimal
    reason: str

    @property
    def difference(self) -> Decimal | None:
        return None if self.ours is None else self.ours - self.theirs


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """One check per symbol the broker reports; `unreported` were sold but are not in its report."""

    checks: tuple[SymbolCheck, ...]
    unreported: tuple[str, ...]

    def with_verdict(self, verdict: Verdict) -> list[str]:
        return [check.symbol for check in self.checks if check.verdict is verdict]


# ---- reading -------------------------------------------------------------------------------------


def parse_tradebook(text: str, file: str) -> Tradebook:
    """InputError naming file and line for what is not a tradebook, or contradicts itself."""
    seen: dict[tuple[str, date, str], TradebookFill] = {}
    repeated = 0
    for where, row in _rows(text, file, _TRADEBOOK_COLUMNS):
        fill = TradebookFill(
            symbol=row["symbol"],
            isin=row["isin"],
            day=_day(row["trade_date"], where),
            exchange=_one_of(Exchange, row["exchange"], where, "exchange"),
            segment=row["segment"],
            series=row["series"],
            side=_one_of(Side, row["trade_type"].upper(), where, "trade_type"),
            quantity=Quantity(_positive(row["quantity"], where, "quantity")),
            price=Price(_positive(row["price"], where, "price")),
            trade_id=row["trade_id"],
            order_id=row["order_id"],
            executed_ns=_indian_time(row["order_execution_time"], where),
        )
        earlier = seen.setdefault((fill.exchange, fill.day, fill.trade_id), fill)
        if earlier is not fill:
            repeated += 1
            if earlier != fill:
                raise InputError(
                    f"{where}: trade_id {fill.trade_id} of {fill.day} stands for two "
                    "different trades"
                )
    return Tradebook(
        fills=tuple(sorted(seen.values(), key=lambda fill: (fill.day, fill.executed_ns))),
        repeated=repeated,
    )


def parse_reported_pnl(text: str, file: str) -> list[ReportedPnl]:
    """InputError naming file and line for what does not fit."""
    return [
        ReportedPnl(
            symbol=row["Symbol"],
            term=_one_of(Term, row["term"], where, "term"),
            quantity=_positive(row["Quantity"], where, "Quantity"),
            buy_value=parse_decimal(row["Buy Value"], f"{where}: Buy Value"),
            sell_value=parse_decimal(row["Sell Value"], f"{where}: Sell Value"),
            realized=parse_decimal(row["Realized P&L"], f"{where}: Realized P&L"),
        )
        for where, row in _rows(text, file, _TAX_COLUMNS)
    ]


def _rows(text: str, file: str, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")), strict=True)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{file}: column {missing[0]!r} is missing")
    for row in reader:
        where = f"{file}, line {reader.line_num}"
        cells = {column: row[column] for column in columns}
        if None in row or None in cells.values():
            raise InputError(f"{where}: not as many cells as columns")
        yield where, {column: cell.strip() for column, cell in cells.items()}


Choice = TypeVar("Choice", bound=StrEnum)


def _one_of(kind: type[Choice], text: str, where: str, column: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(choice.value for choice in kind)
        raise InputError(f"{where}: {column} {text!r} is none of {known}") from None


def _positive(text: str, where: str, column: str) -> Decimal:
    value = parse_decimal(text, f"{where}: {column}")
    if value <= ZERO:
        raise InputError(f"{where}: {column} {text} is not above zero")
    return value


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{where}: trade_date {text!r} is not YYYY-MM-DD") from None


def _indian_time(text: str, where: str) -> int:
    try:
        return from_datetime(datetime.fromisoformat(text).replace(tzinfo=IST))
    except ValueError:
        raise InputError(
            f"{where}: order_execution_time {text!r} is not YYYY-MM-DDTHH:MM:SS"
        ) from None


# ---- reconciling ---------------------------------------------------------------------------------


def reconcile(
    tradebook: Tradebook,
    reported: Iterable[ReportedPnl],
    *,
    aliases: Mapping[str, str] | None = None,
    opening: Mapping[str, Sequence[Lot]] | None = None,
) -> Reconciliation:
    """FIFO profit from the tradebook against what the broker reports, symbol by symbol.

    A symbol is taken as written: `aliases` (as traded -> as reported) join what a person knows to
    be one share, and `opening` gives lots bought before the tradebook begins.
    """
    names, carried_in = aliases or {}, opening or {}
    dealt: dict[str, list[TradebookFill]] = {}
    for fill in tradebook.fills:
        dealt.setdefault(names.get(fill.symbol, fill.symbol), []).append(fill)
    theirs: dict[str, list[ReportedPnl]] = {}
    for row in reported:
        theirs.setdefault(row.symbol, []).append(row)
    checks = tuple(
        _check(symbol, rows, dealt, carried_in.get(symbol, ())) for symbol, rows in theirs.items()
    )
    unreported = sorted(symbol for symbol in dealt.keys() - theirs.keys() if _sold(dealt[symbol]))
    return Reconciliation(checks=checks, unreported=tuple(unreported))


def _check(
    symbol: str,
    rows: Sequence[ReportedPnl],
    dealt: Mapping[str, Sequence[TradebookFill]],
    opening: Sequence[Lot],
) -> SymbolCheck:
    fills = dealt.get(symbol, ())
    book = fifo((_dealing(fill) for fill in fills), opening)
    theirs = sum((row.realized for row in rows), ZERO)
    ours: Decimal | None = None
    if not _sold(fills):
        verdict, reason = Verdict.ABSENT, _why_absent(symbol, dealt)
    elif book.uncovered:
        verdict, reason = Verdict.MISSING_OPENING_LOTS, _why_uncovered(fills, book)
    else:
        ours, reason = book.realized, _why_different(rows, fills, book)
        verdict = Verdict.DISAGREES if reason else Verdict.EQUAL
    return SymbolCheck(symbol=symbol, verdict=verdict, ours=ours, theirs=theirs, reason=reason)


def _dealing(fill: TradebookFill) -> Dealing:
    return Dealing(fill.side, Lot(fill.day, fill.quantity.value, fill.price.value))


def _sold(fills: Iterable[TradebookFill]) -> Decimal:
    return sum((fill.quantity.value for fill in fills if fill.side is Side.SELL), ZERO)


def _why_absent(symbol: str, dealt: Mapping[str, Sequence[TradebookFill]]) -> str:
    reason = f"the broker reports a sale, the tradebook has none of {symbol}"
    kin = sorted(other for other in dealt if other.startswith(f"{symbol}-"))
    if kin:
        reason += f"; it has {', '.join(kin)}: if that is the same share, say so by an alias"
    return reason


def _why_uncovered(fills: Sequence[TradebookFill], book: LotBook) -> str:
    reason = (
        f"{book.uncovered_quantity.normalize():f} of {_sold(fills).normalize():f} sold were not "
        "bought in this tradebook"
    )
    isins = list(dict.fromkeys(fill.isin for fill in fills))
    if len(isins) > 1:
        reason += f"; the ISIN changed ({' to '.join(isins)}): a split, bonus or merger"
    return reason


def _why_different(
    rows: Sequence[ReportedPnl], fills: Sequence[TradebookFill], book: LotBook
) -> str:
    """Empty when nothing differs by more than the tolerance."""
    sold, reported = _sold(fills), sum((row.quantity for row in rows), ZERO)
    if sold != reported:
        return f"sold {sold.normalize():f} by the tradebook, {reported.normalize():f} by the broker"
    proceeds = sum((match.quantity * match.sell_price for match in book.matches), ZERO)
    cost = proceeds - book.realized
    if abs(book.realized - sum((row.realized for row in rows), ZERO)) <= TOLERANCE:
        return ""
    if abs(proceeds - sum((row.sell_value for row in rows), ZERO)) > TOLERANCE:
        return "the values sold differ: a corporate action, or a sale elsewhere"
    reason = f"the sales agree, the cost does not ({cost:.2f} here)"
    if {row.term for row in rows} - {match.term for match in book.matches}:
        return f"{reason}: the broker sold older lots, bought before this tradebook begins"
    return f"{reason}: lots from before this tradebook, or a split, bonus or demerger"
