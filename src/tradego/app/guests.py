"""Symbols off the watchlists that join for a session: strong fresh news, and enough trading."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from tradego.app.recorded import illiquid_rows
from tradego.domain.bars import Bars, BoolArray, FloatArray
from tradego.domain.times import session_date
from tradego.market.quality import session_starts
from tradego.market.watchlist import Liquidity, Screen

_OFF_LIST = "not on a watchlist, and no strong news in this session"
_STRONG = Screen._field_defaults["sentiment_above"]


class Joined(NamedTuple):
    """A symbol that joined, the session, and the sentiment that brought it."""

    day: date
    symbol: str
    sentiment: float


class Guests(NamedTuple):
    """Bars on which a symbol off the lists may not be entered, by symbol; and who joined when."""

    unfit: dict[str, dict[int, str]]
    joined: tuple[Joined, ...]


def guests(
    all_bars: Sequence[Bars], off_list: frozenset[str], sentiment: Mapping[str, FloatArray]
) -> Guests:
    """From the close of the bar whose sentiment is strong, to the end of its session."""
    unfit: dict[str, dict[int, str]] = {}
    joined: list[Joined] = []
    for bars in all_bars:
        if bars.symbol not in off_list:
            continue
        scores = sentiment.get(bars.symbol, np.zeros(bars.count))
        starts = session_starts(bars.ts_ns)
        present = _since_strong(np.abs(scores) > _STRONG, starts.tolist(), bars.count)
        rows = dict.fromkeys(np.flatnonzero(~present).tolist(), _OFF_LIST)
        lacking = illiquid_rows(bars, int(Liquidity().average_above))
        unfit[bars.symbol] = lacking | rows
        for row in np.flatnonzero(present & ~np.append(False, present[:-1])).tolist():
            if row not in lacking:
                day = session_date(int(bars.ts_ns[row]))
                joined.append(Joined(day, bars.symbol, float(scores[row])))
    return Guests(unfit, tuple(sorted(joined)))


def _since_strong(strong: BoolArray, starts: list[int], count: int) -> BoolArray:
    present = np.zeros(count, dtype=np.bool_)
    for start, stop in zip(starts, [*starts[1:], count], strict=True):
        present[start:stop] = np.logical_or.accumulate(strong[start:stop])
    return present
