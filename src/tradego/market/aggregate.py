"""Short bars into longer ones, on the grid that starts with the session at 09:15 IST."""

import numpy as np

from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.times import DAY, HOUR, IST_OFFSET, MINUTE

_GRID_START = 9 * HOUR + 15 * MINUTE


def aggregate(bars: Bars, interval_ns: int) -> Bars:
    """Bars of `interval_ns`, each from the bars that start inside it: first open, extremes, last
    close, summed volume. InputError when the interval is not a multiple of the bars' own.
    """
    if interval_ns % bars.interval_ns:
        raise InputError(
            f"{bars.symbol}: bars of {bars.interval_ns / MINUTE:g} minutes do not add up to "
            f"bars of {interval_ns / MINUTE:g}"
        )
    if interval_ns == bars.interval_ns or not bars.count:
        return bars
    midnight = (bars.ts_ns + IST_OFFSET) // DAY * DAY - IST_OFFSET + _GRID_START
    start = midnight + (bars.ts_ns - midnight) // interval_ns * interval_ns
    first = np.flatnonzero(np.append(True, start[1:] != start[:-1]))
    last = np.append(first[1:], len(start)) - 1
    return Bars(
        symbol=bars.symbol,
        interval_ns=interval_ns,
        ts_ns=start[first],
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high, first),
        low=np.minimum.reduceat(bars.low, first),
        close=bars.close[last],
        volume=np.add.reduceat(bars.volume, first),
    )
