"""Realized P&L as the broker and the taxman count it: by lots, first in, first out.

Within a day, sales are first squared against the purchases of the same day (speculative business);
what is left of them consumes the oldest lots carried in; what is left of the purchases becomes a
lot. A sale that no lot covers is reported and given no profit, because none is known.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

import msgspec

from tradego.domain.errors import require
from tradego.domain.money import ZERO
from tradego.domain.orders import Fill
from tradego.domain.signals import Side
from tradego.domain.times import session_date


class Term(StrEnum):
    """How a gain is taxed: listed shares held for more than twelve months are long term."""

    INTRADAY = "intraday"
    SHORT = "short_term"
    LONG = "long_term"


class Lot(NamedTuple):
    """Units dealt at one price on one day."""

    day: date
    quantity: Decimal
    price: Decimal


class Dealing(NamedTuple):
    side: Side
    lot: Lot

    @staticmethod
    def of(fill: Fill) -> "Dealing":
        lot = Lot(session_date(fill.ts_ns), fill.quantity.value, fill.price.value)
        return Dealing(fill.side, lot)


class Match(NamedTuple):
    """Units bought and sold again."""

    bought_on: date
    sold_on: date
    quantity: Decimal
    buy_price: Decimal
    sell_price: Decimal

    @property
    def profit(self) -> Decimal:
        return (self.sell_price - self.buy_price) * self.quantity

    @property
    def term(self) -> Term:
        if self.bought_on == self.sold_on:
            return Term.INTRADAY
        return Term.LONG if self.sold_on > _a_year_after(self.bought_on) else Term.SHORT


class LotBook(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument's dealings, matched. `uncovered` are sales of units never seen bought."""

    matches: tuple[Match, ...]
    uncovered: tuple[Lot, ...]
    open: tuple[Lot, ...]

    @property
    def realized(self) -> Decimal:
        """Before charges, of what was matched."""
        return sum((match.profit for match in self.matches), ZERO)

    @property
    def uncovered_quantity(self) -> Decimal:
        return sum((sale.quantity for sale in self.uncovered), ZERO)

    def realized_by_term(self) -> dict[Term, Decimal]:
        return {
            term: sum((match.profit for match in self.matches if match.term is term), ZERO)
            for term in Term
        }


def fifo(dealings: Iterable[Dealing], opening: Sequence[Lot] = ()) -> LotBook:
    """Dealings of one instrument in the order they happened, after the `opening` lots."""
    carried = deque(opening)
    matches: list[Match] = []
    uncovered: list[Lot] = []
    last = date.min
    for day, today in groupby(dealings, key=lambda dealing: dealing.lot.day):
        require(day > last, f"a dealing of {day} after one of {last}")
        last = day
        bought, sold = deque[Lot](), deque[Lot]()
        for dealing in today:
            (bought if dealing.side is Side.BUY else sold).append(dealing.lot)
        matches += _matched(bought, sold)
        matches += _matched(carried, sold)
        uncovered += sold
        carried += bought
    return LotBook(matches=tuple(matches), uncovered=tuple(uncovered), open=tuple(carried))


def _matched(bought: deque[Lot], sold: deque[Lot]) -> list[Match]:
    """First against first until one side is used up; both are consumed."""
    matches = []
    while bought and sold:
        purchase, sale = bought[0], sold[0]
        quantity = min(purchase.quantity, sale.quantity)
        matches.append(Match(purchase.day, sale.day, quantity, purchase.price, sale.price))
        _consume(bought, quantity)
        _consume(sold, quantity)
    return matches


def _consume(lots: deque[Lot], quantity: Decimal) -> None:
    first = lots.popleft()
    if first.quantity > quantity:
        lots.appendleft(first._replace(quantity=first.quantity - quantity))


def _a_year_after(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year + 1, 2, 28)
    return day.replace(year=day.year + 1)
