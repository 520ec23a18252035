"""The exchange's calendar: which days trade, by which hours, and what comes next.

A pure value, built once (calendar_tables.py). Days outside its tables are refused, never guessed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date

import numpy as np

from tradego.domain.bars import IntArray
from tradego.domain.errors import InputError, require
from tradego.domain.times import DAY, IST_OFFSET, MINUTE, iso, midnight, session_date
from tradego.market.sessions import DayPlan, Market, Phase, Session, continuous, phase_in

_EPOCH = date(1970, 1, 1).toordinal()
_GRID_NS = (9 * 60 + 15) * MINUTE  # bars are counted from 09:15 IST
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Plans = Mapping[Market, DayPlan]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


class Calendar:
    """Sessions from `first` to `last`. Every method raises InputError for a day outside them."""

    __slots__ = ("_days", "_holidays", "_plans", "first", "last")

    def __init__(
        self, *, first: date, last: date, plans: Mapping[date, Plans], holidays: Mapping[date, str]
    ) -> None:
        """`plans` are the days that trade; `holidays` say why other weekdays do not."""
        self.first = first
        self.last = last
        self._holidays = dict(holidays)
        self._days = tuple(sorted(day for day in plans if first <= day <= last))
        # Found by market and day number, since this is asked for every event of a live day.
        self._plans: dict[Market, dict[int, DayPlan]] = {
            market: {day_number(day): plans[day][market] for day in self._days} for market in Market
        }

    def is_session(self, day: date) -> bool:
        self._require_covered(day)
        return day_number(day) in self._plans[Market.EQUITY]

    def session(self, day: date, market: Market = Market.EQUITY) -> Session | None:
        """The day's timetable, or None when the exchange is closed."""
        self._require_covered(day)
        plan = self._plans[market].get(day_number(day))
        return plan.on(day, market) if plan else None

    def closed_reason(self, day: date) -> str:
        """The holiday's name or the weekday; empty when the day trades."""
        if self.is_session(day):
            return ""
        return self._holidays.get(day) or _WEEKDAYS[day.weekday()]

    def phase_at(self, ts_ns: int, market: Market = Market.EQUITY) -> Phase:
        number, at_ns = divmod(ts_ns + IST_OFFSET, DAY)
        plan = self._plans[market].get(number)
        if plan is None:
            self._require_covered(session_date(ts_ns))
            return Phase.CLOSED
        return phase_in(plan.spans, at_ns)

    def next_open(self, ts_ns: int, market: Market = Market.EQUITY) -> int:
        """The first instant at or after `ts_ns` at which continuous trading begins."""
        day = session_date(ts_ns)
        self._require_covered(day)
        index = bisect_left(self._days, day)
        for candidate in self._days[index : index + 2]:  # this day or the one after it
            base = midnight(candidate)
            for part in continuous(self._plans[market][day_number(candidate)].spans):
                if base + part.start_ns >= ts_ns:
                    return base + part.start_ns
        raise InputError(f"no session opens after {iso(ts_ns)} {self._remedy()}")

    def next_session(self, day: date) -> date:
        """The first session after the day."""
        self._require_covered(day)
        index = bisect_right(self._days, day)
        if index == len(self._days):
            raise InputError(f"no session follows {day} {self._remedy()}")
        return self._days[index]

    def previous_session(self, day: date) -> date:
        """The last session before the day."""
        self._require_covered(day)
        index = bisect_left(self._days, day)
        if index == 0:
            raise InputError(f"no session precedes {day} {self._remedy()}")
        return self._days[index - 1]

    def sessions_between(self, first: date, last: date) -> tuple[date, ...]:
        """The sessions from `first` to `last`, both included."""
        self._require_covered(first)
        self._require_covered(last)
        return self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]

    def bar_starts(self, day: date, interval_ns: int, market: Market = Market.EQUITY) -> IntArray:
        """Starts of the bars a complete day has, ascending; none on a day without a session.

        Bars lie on the grid counted from 09:15 IST, and one is expected for every interval in
        which continuous trading takes place, so a session that opens off the grid begins with a
        bar that starts before it. The interval is shorter than a day.
        """
        require(0 < interval_ns < DAY, f"bar interval {interval_ns} ns is not within a day")
        session = self.session(day, market)
        starts: list[int] = []
        grid_ns = midnight(day) + _GRID_NS
        for part in session.parts if session else ():
            start = grid_ns + (part.start_ns - grid_ns) // interval_ns * interval_ns
            if starts and start == starts[-1]:  # two parts within one bar
                start += interval_ns
            starts.extend(range(start, part.end_ns, interval_ns))
        return np.array(starts, dtype=np.int64)

    def bar_closes(self, day: date, interval_ns: int, market: Market = Market.EQUITY) -> IntArray:
        """When each of those bars is complete: its end, or that of trading where that comes first.

        These are the moments at which strategies run.
        """
        session = self.session(day, market)
        parts = session.parts if session else ()
        closes = [
            min(end, max(part.end_ns for part in parts if part.start_ns < end))
            for end in (self.bar_starts(day, interval_ns, market) + interval_ns).tolist()
        ]
        return np.array(closes, dtype=np.int64)

    def _require_covered(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise InputError(f"no sessions known for {day} {self._remedy()}")

    def _remedy(self) -> str:
        return (
            f"(the calendar covers {self.first} to {self.last}): lengthen it with a [[coverage]] "
            "row and the exchange's holidays in your calendar file"
        )
