"""Recorded bars laid out by session: what the calendar schedules, and each day's last prices."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import Bars, BoolArray, IntArray
from tradego.domain.events import DayClosed
from tradego.domain.times import DAY, IST_OFFSET
from tradego.market.calendar import Calendar
from tradego.market.sessions import Market
from tradego.market.timers import session_opened, timers
from tradego.research.world import AT_SESSION, AT_TIMER, Scheduled

_UNIX_EPOCH = date(1970, 1, 1).toordinal()


class Almanac(NamedTuple):
    """The sessions of a run, the calendar's part of its schedule, and days with bars but none."""

    sessions: tuple[date, ...]
    schedule: list[Scheduled]
    foreign_days: tuple[date, ...]


def almanac(all_bars: Sequence[Bars], calendar: Calendar) -> Almanac:
    """One session for every day on which the calendar and the bars agree."""
    closes = closes_by_day(all_bars)
    schedule: list[Scheduled] = []
    sessions: list[date] = []
    foreign: list[date] = []
    for day in sorted(closes):
        planned = _session(day, calendar, tuple(closes[day]), len(schedule))
        schedule += planned
        (sessions if planned else foreign).append(day)
    return Almanac(tuple(sessions), schedule, tuple(foreign))


def trading_windows(all_bars: Iterable[Bars], calendar: Calendar) -> dict[Market, IntArray]:
    """Starts and ends of continuous trading, one row a window, over the days of the bars."""
    days = np.unique(np.concatenate([_days_of(bars) for bars in all_bars]))
    windows = {}
    for market in (Market.EQUITY, Market.EQUITY_WITH_DERIVATIVES):
        plans = [calendar.session(date.fromordinal(_UNIX_EPOCH + n), market) for n in days.tolist()]
        rows = [(part.start_ns, part.end_ns) for plan in plans if plan for part in plan.parts]
        windows[market] = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return windows


def tradeable(bars: Bars, windows: IntArray) -> Bars:
    """Only the bars of continuous trading: auctions and strangers are not traded in."""
    # Windows looked for among the bars, since there are few of them: most often none is outside.
    first, end = bars.ts_ns.searchsorted(windows[:, 0]), bars.ts_ns.searchsorted(windows[:, 1])
    if int((end - first).sum()) == bars.count:
        return bars
    keep = _inside(bars.ts_ns, windows)
    return Bars(
        symbol=bars.symbol,
        interval_ns=bars.interval_ns,
        ts_ns=bars.ts_ns[keep],
        open=bars.open[keep],
        high=bars.high[keep],
        low=bars.low[keep],
        close=bars.close[keep],
        volume=bars.volume[keep],
    )


def _session(
    day: date, calendar: Calendar, closes: tuple[tuple[str, float], ...], order: int
) -> list[Scheduled]:
    opened = session_opened(calendar, day)
    markets = (Market.EQUITY, Market.EQUITY_WITH_DERIVATIVES)
    plans = [plan for market in markets if (plan := calendar.session(day, market)) is not None]
    if opened is None or not plans:
        return []
    close_ns = max(plan.close_ns for plan in plans)
    end_ns = max(close_ns, *(plan.end_ns for plan in plans))
    day_closed = DayClosed(ts_ns=end_ns, date=day.isoformat(), closes=closes)
    return [
        Scheduled(opened.ts_ns, AT_SESSION, order, opened),
        *(
            Scheduled(timer.ts_ns, AT_TIMER, order + 1 + i, timer)
            for i, timer in enumerate(timers(*plans))
        ),
        Scheduled(close_ns, AT_SESSION, order + 8, None, ends_trading=True),
        Scheduled(end_ns, AT_SESSION, order + 9, day_closed),
    ]


def closes_by_day(all_bars: Iterable[Bars]) -> dict[date, list[tuple[str, float]]]:
    """The last close of every symbol on every Indian day, symbols in the order given."""
    closes: dict[date, list[tuple[str, float]]] = {}
    for bars in all_bars:
        if not bars.count:
            continue
        days = _day_numbers(bars.ts_ns)
        last = _last_of_days(days)
        for number, close in zip(days[last].tolist(), bars.close[last].tolist(), strict=True):
            day = date.fromordinal(_UNIX_EPOCH + number)
            closes.setdefault(day, []).append((bars.symbol, close))
    return closes


def _days_of(bars: Bars) -> IntArray:
    """The days on which there are bars, as numbers since 1970."""
    days = _day_numbers(bars.ts_ns)
    return days[_last_of_days(days)]


def _last_of_days(days: IntArray) -> IntArray:
    """The last row of each day."""
    return np.flatnonzero(np.append(days[1:] != days[:-1], True)) if len(days) else days


def _day_numbers(ts_ns: IntArray) -> IntArray:
    return (ts_ns + IST_OFFSET) // DAY


def _inside(ts_ns: IntArray, windows: IntArray) -> BoolArray:
    if not len(windows):
        return np.zeros(len(ts_ns), dtype=np.bool_)
    row = windows[:, 0].searchsorted(ts_ns, side="right") - 1
    inside: BoolArray = (row >= 0) & (ts_ns < windows[np.maximum(row, 0), 1])
    return inside
