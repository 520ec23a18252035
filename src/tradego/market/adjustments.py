"""Splits, bonuses and demergers: making prices before them comparable with those after."""

from collections.abc import Iterable
from datetime import date

import msgspec
import numpy as np

from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.times import midnight


class Adjustment(msgspec.Struct, frozen=True):
    """Prices before `ex_date` are `divisor` times too high for those after: 2 for a 1:1 bonus."""

    symbol: str
    ex_date: date
    divisor: float
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.divisor < float("inf"):
            raise InputError(
                f"{self.symbol} {self.ex_date}: divisor {self.divisor} must be above zero; "
                "2 means that one share became two"
            )


def adjusted(bars: Bars, adjustments: Iterable[Adjustment]) -> Bars:
    """The bars with all prices before each ex-date divided, and volumes multiplied, by its divisor.

    Only adjustments of the bars' symbol count. The value traded (price times volume) is unchanged.
    """
    mine = sorted(
        (midnight(item.ex_date), item.divisor) for item in adjustments if item.symbol == bars.symbol
    )
    if not mine:
        return bars
    ex_ns = np.array([ex for ex, _ in mine], dtype=np.int64)
    # The factor of a bar is the product of every divisor still ahead of it.
    ahead = np.append(np.cumprod([divisor for _, divisor in reversed(mine)])[::-1], 1.0)
    factor = ahead[np.searchsorted(ex_ns, bars.ts_ns, side="right")]
    return Bars(
        symbol=bars.symbol,
        interval_ns=bars.interval_ns,
        ts_ns=bars.ts_ns,
        open=bars.open / factor,
        high=bars.high / factor,
        low=bars.low / factor,
        close=bars.close / factor,
        volume=bars.volume * factor,
    )
