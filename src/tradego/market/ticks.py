"""The smallest price step of an instrument on a date, and the price band around a close.

Where the broker's instrument file of the morning gives a tick or a band, that one is right; these
are for days of which no such file is kept.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import NamedTuple

from tradego.domain.errors import InputError, require
from tradego.domain.money import PAISA, ZERO, Price
from tradego.market.dated import DatedRow, Placed, TableFile, Timeline, parse, rows, shipped

SHIPPED = "ticks.toml"
_TABLES = ("tick",)
_NO_LIMIT = Decimal("Infinity")
_STEP = re.compile(r"(?:(below|up to) (\d+(?:\.\d+)?)|(above)): (\d+(?:\.\d+)?)")


class TickKind(StrEnum):
    """What the exchange sets ticks for."""

    SHARE = "share"
    FUND = "fund"
    STOCK_FUTURE = "stock_future"
    INDEX_FUTURE = "index_future"
    OPTION = "option"


class TickRow(DatedRow, frozen=True, kw_only=True):
    """Steps by reference price, cheapest first; the last one is "above: TICK"."""

    kinds: tuple[TickKind, ...]
    steps: tuple[str, ...]


class _Step(NamedTuple):
    limit: Decimal
    inclusive: bool
    tick: Decimal

    def takes(self, reference: Decimal) -> bool:
        return reference < self.limit or (self.inclusive and reference == self.limit)


class TickTable:
    """Ticks by date, kind and reference price."""

    __slots__ = ("_ladders", "_timelines")

    def __init__(self, layers: Sequence[Sequence[Placed[TickRow]]]) -> None:
        self._ladders = {placed.row.steps: _ladder(placed) for layer in layers for placed in layer}
        self._timelines = {
            kind: Timeline([row for row in layer if kind in row.row.kinds] for layer in layers)
            for kind in TickKind
        }

    def tick_size(self, on: date, reference: Decimal, kind: TickKind = TickKind.SHARE) -> Decimal:
        """The tick in force on a date.

        The exchange reviews ticks once a month: `reference` is the close of the last session of
        the month before (of the underlying, for futures), not the price of the day.
        """
        require(reference > ZERO, f"reference price {reference} is not above zero")
        placed = self._timelines[kind].on(on)
        if placed is None:
            raise InputError(
                f"no tick known for {kind} on {on}: add a [[tick]] row to your tick file"
            )
        ladder = self._ladders[placed.row.steps]
        return next(step.tick for step in ladder if step.takes(reference))


def nse_ticks(own: Iterable[TableFile] = ()) -> TickTable:
    """The shipped ticks of the NSE with the user's own files laid over them, the last on top."""
    return TickTable(
        [rows(file, parse(file, _TABLES), "tick", TickRow) for file in (shipped(SHIPPED), *own)]
    )


def price_band(close: Price, pct: Decimal, tick: Decimal) -> tuple[Price, Price]:
    """Lowest and highest price allowed at `pct` percent around the previous close.

    Both are cut to the paisa and then rounded inwards to the tick, as the exchange does: of 333
    shares' bands of April 2023, in a broker's instrument file, 329 come out to the paisa.
    """
    require(ZERO < pct < 100, f"a price band of {pct} % is not between 0 and 100")
    reach = close.value * pct / 100
    lowest = (close.value - reach).quantize(PAISA, rounding=ROUND_FLOOR)
    low = Price.tick_above(max(lowest, tick), tick)
    high = Price.tick_below(close.value + reach, tick)
    require(low <= high, f"no price on the tick {tick} lies within {pct} % of {close.value}")
    return low, high


def _ladder(placed: Placed[TickRow]) -> tuple[_Step, ...]:
    where, row = placed
    ladder: list[_Step] = []
    for text in row.steps:
        match = _STEP.fullmatch(text)
        if not match or not (tick := Decimal(match[4])):
            raise InputError(
                f"{where}: {text!r} is not a step such as 'up to 1000: 0.05' or 'above: 0.10'"
            )
        limit = _NO_LIMIT if match[3] else Decimal(match[2])
        if ladder and limit <= ladder[-1].limit:
            raise InputError(f"{where}: {text!r} does not lie above the step before it")
        ladder.append(_Step(limit, match[1] == "up to", tick))
    if not ladder or ladder[-1].limit != _NO_LIMIT:
        raise InputError(f"{where}: the last step must be 'above: TICK'")
    return tuple(ladder)
