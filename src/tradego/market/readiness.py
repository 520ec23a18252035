"""May a strategy enter on this bar? The data rules at the moment of decision.

The same function judges a whole history at once and the newest bar live: what it says about a bar
depends on the bars up to it and on nothing later.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from tradego.domain.bars import Bars, IntArray
from tradego.domain.errors import require
from tradego.domain.times import DAY, IST_OFFSET, MINUTE
from tradego.market.quality import places, session_starts

STALE_AFTER_NS = 10 * MINUTE


class Unready(IntEnum):
    """Why no entry is made on a bar; READY is zero so that an array of these reads as a mask."""

    READY = 0
    STALE = 1  # the newest closed bar ended too long before the decision
    GAP = 2  # a bar of this session is missing: no entry until it was fetched again
    NO_TRADE = 3  # nothing traded in this session so far
    OFF_GRID = 4  # the bar does not start where the calendar expects a bar to start


def is_stale(newest_close_ns: int, now_ns: int, limit_ns: int = STALE_AFTER_NS) -> bool:
    """Whether the newest closed bar ended more than `limit_ns` before the decision."""
    require(newest_close_ns <= now_ns, "a bar that has not closed cannot be decided on")
    return now_ns - newest_close_ns > limit_ns


def unready(bars: Bars, expected_ns: IntArray) -> npt.NDArray[np.int8]:
    """An `Unready` for each bar's close; staleness is a matter of the clock and not judged here.

    `expected_ns` ascends and holds every bar start of the sessions the bars lie in.
    """
    ts = bars.ts_ns
    if bars.count == 0:
        return np.zeros(0, dtype=np.int8)
    starts = session_starts(ts)
    session = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(ts))))
    place, known = places(ts, expected_ns)

    midnight = (ts[starts] + IST_OFFSET) // DAY * DAY - IST_OFFSET
    due = place + known  # how many bars should have started
    due -= np.searchsorted(expected_ns, midnight)[session]
    seen: IntArray = np.cumsum(known)
    present = seen - (seen[starts] - known[starts])[session]
    newest_trade = np.maximum.accumulate(np.where(bars.volume > 0, np.arange(len(ts)), -1))

    verdict = np.zeros(len(ts), dtype=np.int8)
    verdict[newest_trade < starts[session]] = Unready.NO_TRADE
    verdict[present < due] = Unready.GAP
    verdict[~known] = Unready.OFF_GRID
    return verdict
