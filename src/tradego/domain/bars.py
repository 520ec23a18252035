"""Bars as columns. Bars are measurements: floats, not held to a tick; money never comes from them
except through `Price.nearest_tick`.
"""

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tradego.domain.errors import require

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Bars(msgspec.Struct, frozen=True, eq=False):
    """OHLCV of one symbol, ascending in time, one row a bar.

    `ts_ns` is the START of the bar (UTC ns); it closes at `ts_ns + interval_ns`, and nothing in it
    may be known before.
    """

    symbol: str
    interval_ns: int
    ts_ns: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    @property
    def count(self) -> int:
        return len(self.ts_ns)

    @property
    def close_ns(self) -> IntArray:
        """When each bar becomes known."""
        return self.ts_ns + self.interval_ns

    def rows(self, start: int, stop: int) -> "Bars":
        """A view of rows [start, stop); no copy."""
        part = slice(start, stop)
        return Bars(
            symbol=self.symbol,
            interval_ns=self.interval_ns,
            ts_ns=self.ts_ns[part],
            open=self.open[part],
            high=self.high[part],
            low=self.low[part],
            close=self.close[part],
            volume=self.volume[part],
        )

    def check(self) -> "Bars":
        """Itself, or DomainError when the columns differ in length or time does not ascend."""
        columns = (self.ts_ns, self.open, self.high, self.low, self.close, self.volume)
        lengths = {len(column) for column in columns}
        require(len(lengths) == 1, f"{self.symbol}: columns of different length {lengths}")
        require(bool(np.all(np.diff(self.ts_ns) > 0)), f"{self.symbol}: bars not ascending in time")
        return self


class Bar(NamedTuple):
    """One closed bar of one symbol, as it reaches streaming indicators and strategies."""

    symbol: str
    interval_ns: int
    ts_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def close_ns(self) -> int:
        return self.ts_ns + self.interval_ns
