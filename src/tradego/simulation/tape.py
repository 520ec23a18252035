"""One instrument's bars as the simulated exchange sees them: a path through each, and search.

Within a bar nobody knows the path, so it is stated: from the open to the extreme that hurts, to the
other extreme, to the close. Whoever holds a long position meets the low first, a short the high.
The legs are walked at the very end of the bar, so nothing inside it is known early.
"""

from bisect import bisect_right
from decimal import Decimal

import msgspec
import numpy as np

from tradego.domain.bars import Bars, FloatArray
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price
from tradego.domain.times import DAY, IST_OFFSET

Points = tuple[float, float, float, float]
OPEN, FIRST, SECOND, THIRD, CLOSE = range(5)
_BEFORE_ALL, _AFTER_ALL = -(1 << 63), 1 << 63


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A place on the path: in `bar`, on `leg`, at `price`. `points` are the bar's four corners."""

    bar: int
    leg: int
    price: float
    points: Points

    @property
    def passed(self) -> tuple[float, ...]:
        """Corners passed in this bar, and where we are."""
        return (*self.points[: self.leg], self.price)

    @property
    def ahead(self) -> tuple[float, ...]:
        """Where we are, and the corners still to come in this bar."""
        return (self.price, *self.points[max(self.leg, 1) :])


class Tape:
    """Bars with the search that lets the exchange skip those in which nothing can happen."""

    def __init__(self, bars: Bars, instrument: Instrument) -> None:
        self.bars = bars.check()
        self.instrument = instrument
        self.ts = bars.ts_ns
        self.has_volume = bool(np.any(bars.volume > 0))
        self._worst = _daily_extremes(bars)
        interval = bars.interval_ns
        self._offsets = (0, 29 * interval // 32, 30 * interval // 32, 31 * interval // 32, interval)
        # What was asked last is mostly asked again: the bar of an instant, the corners of a bar.
        self._row, self._from, self._until = -1, _AFTER_ALL, _AFTER_ALL
        self._path_row = -1
        self._paths: tuple[Points, Points] = ((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))

    def offset(self, leg: int) -> int:
        """When a leg is walked, in nanoseconds after the start of the bar."""
        return self._offsets[leg]

    def points(self, index: int, low_first: bool) -> Points:
        if index != self._path_row:
            bars = self.bars
            opened, closed = float(bars.open[index]), float(bars.close[index])
            high, low = float(bars.high[index]), float(bars.low[index])
            self._path_row = index
            self._paths = (opened, high, low, closed), (opened, low, high, closed)
        return self._paths[low_first]

    def moment(self, ts_ns: int) -> tuple[int, int]:
        """The last bar that has started at an instant, and how long before; -1 for none."""
        if not self._from <= ts_ns < self._until:
            self._row = row = int(self.ts.searchsorted(ts_ns, side="right")) - 1
            self._from = int(self.ts[row]) if row >= 0 else _BEFORE_ALL
            self._until = int(self.ts[row + 1]) if row + 1 < len(self.ts) else _AFTER_ALL
        return self._row, ts_ns - self._from

    def is_inside_bar(self, ts_ns: int, later_ns: int) -> bool:
        """Whether the bar in which an instant lies goes on beyond a later one."""
        row, elapsed = self.moment(ts_ns)
        return row >= 0 and elapsed + (later_ns - ts_ns) < self.bars.interval_ns - 1

    def leg_after(self, elapsed_ns: int) -> int:
        """The last leg that has been walked so long after the start of a bar."""
        return bisect_right(self._offsets, elapsed_ns) - 1

    def first_touch(self, start: int, below: float, above: float) -> int:
        """The first bar from `start` that trades at or beyond a level; their number if none."""
        return _first(self.bars.low, self.bars.high, start, below, above)

    def first_close(self, start: int, below: float, above: float) -> int:
        """As `first_touch`, for closes."""
        return _first(self.bars.close, self.bars.close, start, below, above)

    def close_bounds(self, day: int) -> tuple[float, float]:
        """The lowest and highest close of an Indian day (days since 1970); for ruling out only."""
        return self._worst.get(day, (0.0, float("inf")))

    def price_in(self, index: int, value: float) -> Price:
        """A value on the instrument's tick, inside the bar wherever a tick is inside it."""
        tick = self.instrument.tick
        price = Price.nearest_tick(value, tick)
        nearest, (_, high, low, _) = float(price.value), self.points(index, low_first=False)
        if nearest > high:
            return Price.tick_below(high, tick)
        if nearest < low:
            return Price.tick_above(low, tick)
        return price

    def extremes(self, since: Spot, now: Spot) -> tuple[Decimal, Decimal]:
        """Highest and lowest price on the path between two spots."""
        if since.bar == now.bar:
            corners = now.points[max(since.leg, 1) : max(now.leg, 1)]
            prices = [since.price, now.price, *corners]
            high, low = max(prices), min(prices)
        else:
            prices = [*since.ahead, *now.passed]
            between = slice(since.bar + 1, now.bar)
            high = max(prices + self.bars.high[between].max(keepdims=True, initial=0.0).tolist())
            lowest = self.bars.low[between].min(keepdims=True, initial=np.inf).tolist()
            low = min(prices + lowest)
        tick = self.instrument.tick
        return Price.nearest_tick(high, tick).value, Price.nearest_tick(low, tick).value


def _daily_extremes(bars: Bars) -> dict[int, tuple[float, float]]:
    if not bars.count:
        return {}
    days = (bars.ts_ns + IST_OFFSET) // DAY
    first = np.flatnonzero(np.append(True, days[1:] != days[:-1]))
    low, high = np.minimum.reduceat(bars.close, first), np.maximum.reduceat(bars.close, first)
    extremes = zip(low.tolist(), high.tolist(), strict=True)
    return dict(zip(days[first].tolist(), extremes, strict=True))


def _first(low: FloatArray, high: FloatArray, start: int, below: float, above: float) -> int:
    """The first row from `start` with a low at or below or a high at or above; else their number.

    Short looks first: most hits are near.
    """
    total, size = len(low), 64
    while start < total:
        stop = start + size
        hit = (low[start:stop] <= below) | (high[start:stop] >= above)
        at = hit.tobytes().find(1)
        if at >= 0:
            return start + at
        start, size = stop, min(8 * size, 8192)
    return total
