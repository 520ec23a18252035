"""One instrument's bars as the simulated exchange sees them: a path through each, and search.

Within a bar nobody knows the path, so it is stated: from the open to the extreme that hurts, to the
other extreme, to the close. Whoever holds a long position meets the low first, a short the high.
The legs are walked at the very end of the bar, so nothing inside it is known early.
"""

from decimal import Decimal
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import Bars
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price
from tradego.domain.times import DAY, IST_OFFSET

OPEN, FIRST, SECOND, THIRD, CLOSE = range(5)
_CHUNKS = (64, 512, 8192)


class Spot(NamedTuple):
    """A place on the path: in `bar`, on `leg`, at `price`. `points` are the bar's four corners."""

    bar: int
    leg: int
    price: float
    points: tuple[float, float, float, float]

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

    def offset(self, leg: int) -> int:
        """When a leg is walked, in nanoseconds after the start of the bar."""
        return self._offsets[leg]

    def points(self, index: int, low_first: bool) -> tuple[float, float, float, float]:
        bars = self.bars
        opened, closed = float(bars.open[index]), float(bars.close[index])
        high, low = float(bars.high[index]), float(bars.low[index])
        return (opened, low, high, closed) if low_first else (opened, high, low, closed)

    def index_at(self, ts_ns: int) -> int:
        """The bar in which an instant lies, or -1 where there is none."""
        index = int(self.ts.searchsorted(ts_ns, side="right")) - 1
        if index < 0 or ts_ns >= int(self.ts[index]) + self.bars.interval_ns:
            return -1
        return index

    def next_after(self, ts_ns: int) -> int:
        """The first bar that starts at or after an instant; the number of bars when none does."""
        return int(self.ts.searchsorted(ts_ns, side="left"))

    def leg_at(self, index: int, ts_ns: int) -> int:
        """The last leg that has been walked at an instant within a bar."""
        elapsed = ts_ns - int(self.ts[index])
        if elapsed < self._offsets[FIRST]:
            return OPEN
        return max(leg for leg in (FIRST, SECOND, THIRD) if elapsed >= self._offsets[leg])

    def first_touch(self, start: int, below: float, above: float) -> int:
        """The first bar from `start` that trades at or beyond a level; their number if none."""
        low, high, total = self.bars.low, self.bars.high, len(self.ts)
        for size in _chunks(total - start):
            stop = min(start + size, total)
            hit = (low[start:stop] <= below) | (high[start:stop] >= above)
            at = int(hit.argmax())
            if hit[at]:
                return start + at
            start = stop
        return total

    def first_close(self, start: int, below: float, above: float) -> int:
        """As `first_touch`, for closes."""
        close, total = self.bars.close, len(self.ts)
        for size in _chunks(total - start):
            stop = min(start + size, total)
            hit = (close[start:stop] <= below) | (close[start:stop] >= above)
            at = int(hit.argmax())
            if hit[at]:
                return start + at
            start = stop
        return total

    def close_bounds(self, day: int) -> tuple[float, float]:
        """The lowest and highest close of an Indian day (days since 1970); for ruling out only."""
        return self._worst.get(day, (0.0, float("inf")))

    def price_in(self, index: int, value: float) -> Price:
        """A value on the instrument's tick, inside the bar wherever a tick is inside it."""
        tick = self.instrument.tick
        price = Price.nearest_tick(value, tick)
        if float(price.value) > float(self.bars.high[index]):
            return Price.tick_below(float(self.bars.high[index]), tick)
        if float(price.value) < float(self.bars.low[index]):
            return Price.tick_above(float(self.bars.low[index]), tick)
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


def _chunks(total: int) -> list[int]:
    """Short looks first: most hits are near."""
    sizes = []
    for size in _CHUNKS:
        if total <= 0:
            break
        sizes.append(size)
        total -= size
    while total > 0:
        sizes.append(_CHUNKS[-1])
        total -= _CHUNKS[-1]
    return sizes
