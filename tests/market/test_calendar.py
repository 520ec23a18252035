"""The shipped calendar against facts written down independently."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from tradego.domain.errors import DomainError, InputError
from tradego.domain.instruments import Instrument, Segment
from tradego.domain.times import DAY, HOUR, MINUTE, at, iso
from tradego.market.calendar import Calendar
from tradego.market.calendar_tables import nse_calendar
from tradego.market.sessions import Market, Phase, Session

EVENING = ("18:15", "19:15")
SPECIAL_HOURS = {  # continuous trading on days with hours of their own
    date(2016, 10, 30): [("18:30", "19:30")],
    date(2017, 10, 19): [("18:30", "19:30")],
    date(2018, 11, 7): [("17:30", "18:30")],
    date(2019, 10, 27): [EVENING],
    date(2020, 11, 14): [EVENING],
    date(2021, 2, 24): [("09:15", "11:40"), ("15:45", "17:00")],  # an outage
    date(2021, 11, 4): [EVENING],
    date(2022, 10, 24): [EVENING],
    date(2023, 11, 12): [EVENING],
    date(2024, 3, 2): [("09:15", "10:00"), ("11:30", "12:30")],
    date(2024, 5, 18): [("09:15", "10:00"), ("11:30", "12:30")],
    date(2024, 11, 1): [("18:00", "19:00")],
    date(2025, 10, 21): [("13:45", "14:45")],
}
WEEKEND_FULL_DAYS = {date(2020, 2, 1), date(2024, 1, 20), date(2025, 2, 1), date(2026, 2, 1)}
CLOSING_AUCTION_FROM = date(2026, 8, 3)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return nse_calendar()


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(offset) for offset in range((last - first).days + 1))


def timetable(session: Session | None) -> str:
    assert session is not None
    return ", ".join(
        f"{span.phase} {iso(span.start_ns)[11:16]}-{iso(span.end_ns)[11:16]}"
        for span in session.spans
    )


# --- which days trade: A-cal-1, F46 ----------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2024, 1, 22), "Consecration at Ayodhya"),
        (date(2024, 11, 20), "Assembly elections in Maharashtra"),
        (date(2026, 1, 15), "Municipal elections in Maharashtra"),
        (date(2019, 4, 29), "Parliamentary elections in Mumbai"),
        (date(2023, 6, 29), "Bakri Id"),
        (date(2025, 3, 14), "Holi"),
        (date(2025, 3, 15), "Saturday"),
        (date(2025, 3, 16), "Sunday"),
    ],
)
def test_a_closed_day_has_no_session_and_says_why(
    calendar: Calendar, day: date, reason: str
) -> None:
    assert not calendar.is_session(day)
    assert calendar.session(day) is None
    assert calendar.closed_reason(day) == reason
    assert calendar.phase_at(at(day, "11:00")) is Phase.CLOSED


@pytest.mark.parametrize("day", [date(2023, 6, 28), date(2022, 8, 8), date(2019, 10, 25)])
def test_days_that_other_calendars_miss_are_sessions(calendar: Calendar, day: date) -> None:
    assert calendar.is_session(day)
    assert calendar.closed_reason(day) == ""


@pytest.mark.parametrize("day", sorted(WEEKEND_FULL_DAYS))
def test_a_budget_weekend_trades_ordinary_hours(calendar: Calendar, day: date) -> None:
    assert day.weekday() >= 5
    assert timetable(calendar.session(day)) == (
        "pre-open 09:00-09:15, continuous 09:15-15:30, post-close 15:40-16:00"
    )


def test_a_muhurat_session_is_announced_for_2026_but_its_hours_are_not_guessed(
    calendar: Calendar,
) -> None:
    assert not calendar.is_session(date(2026, 11, 8))
    assert "hours unknown" in calendar.closed_reason(date(2026, 11, 8))


@pytest.mark.parametrize(
    ("year", "closed_weekdays", "held_on_closed_days"),
    [  # as the exchange listed them, election days and other late additions included
        (2016, 15, 1),
        (2017, 13, 1),
        (2018, 16, 1),
        (2019, 17, 1),
        (2020, 12, 2),
        (2021, 14, 1),
        (2022, 13, 1),
        (2023, 15, 1),
        (2024, 17, 4),
        (2025, 14, 2),
        (2026, 16, 1),  # without the Muhurat session, whose hours are not known
    ],
)
def test_each_year_has_as_many_sessions_as_the_exchange_listed(
    calendar: Calendar, year: int, closed_weekdays: int, held_on_closed_days: int
) -> None:
    weekdays = int(np.busday_count(date(year, 1, 1), date(year + 1, 1, 1)))
    sessions = calendar.sessions_between(date(year, 1, 1), date(year, 12, 31))
    assert len(sessions) == weekdays - closed_weekdays + held_on_closed_days


@pytest.mark.shared_data
def test_the_calendar_agrees_with_the_sessions_observed(
    calendar: Calendar, shared_data: Path
) -> None:
    with (shared_data / "reference/nse_observed_sessions_2019-08_2026-08.csv").open() as file:
        observed = {date.fromisoformat(row["session_date"]) for row in csv.DictReader(file)}
    ours = set(calendar.sessions_between(date(2019, 10, 1), date(2026, 8, 21)))
    assert observed - ours == {date(2019, 8, 23)}  # before the files become complete
    assert ours - observed == {date(2021, 11, 4), date(2022, 8, 8)}  # known holes of the files


@pytest.mark.shared_data
def test_the_calendar_agrees_with_the_weekday_holidays(
    calendar: Calendar, shared_data: Path
) -> None:
    with (shared_data / "reference/nse_weekday_holidays_2019-09_2026-12.csv").open() as file:
        listed = {date.fromisoformat(row["weekday_holiday"]) for row in csv.DictReader(file)}
    closed = {
        day
        for day in days(date(2019, 9, 1), calendar.last)
        if day.weekday() < 5 and not calendar.is_session(day)
    }
    assert closed == listed


@pytest.mark.shared_data
def test_the_calendar_agrees_with_the_index_bars_of_2018_and_2019(
    calendar: Calendar, shared_data: Path
) -> None:
    bars = pl.read_parquet(
        shared_data / "nse_banknifty_index_15min_2018_2023.parquet", columns=["ts_utc_ns"]
    )
    in_file = {
        date.fromisoformat(iso(ts_ns)[:10]) for ts_ns in bars["ts_utc_ns"] if ts_ns % DAY < 5 * HOUR
    }
    ours = set(calendar.sessions_between(date(2018, 1, 1), date(2019, 12, 31)))
    assert {day for day in in_file if day.year < 2020} <= ours
    assert ours - in_file == {
        *SPECIAL_HOURS.keys() & ours,
        date(2018, 2, 8),  # the file's own holes
        *days(date(2018, 4, 18), date(2018, 4, 20)),
        date(2019, 10, 25),
    }


# --- the hours: A-cal-2, F45 -----------------------------------------------------------------


def test_ordinary_hours_until_the_closing_auction(calendar: Calendar) -> None:
    friday = date(2026, 7, 31)
    cash = "pre-open 09:00-09:15, continuous 09:15-15:30, post-close 15:40-16:00"
    assert timetable(calendar.session(friday)) == cash
    assert timetable(calendar.session(friday, Market.EQUITY_WITH_DERIVATIVES)) == cash
    assert timetable(calendar.session(friday, Market.DERIVATIVES)) == (
        "pre-open 09:00-09:15, continuous 09:15-15:30"
    )
    assert timetable(calendar.session(date(2025, 12, 5), Market.DERIVATIVES)) == (
        "continuous 09:15-15:30"
    )


def test_hours_since_the_closing_auction(calendar: Calendar) -> None:
    monday = CLOSING_AUCTION_FROM
    assert timetable(calendar.session(monday)) == (
        "pre-open 09:00-09:15, continuous 09:15-15:30, post-close 15:50-16:00"
    )
    assert timetable(calendar.session(monday, Market.EQUITY_WITH_DERIVATIVES)) == (
        "pre-open 09:00-09:15, continuous 09:15-15:15, auction 15:15-15:35, post-close 15:50-16:00"
    )
    assert timetable(calendar.session(monday, Market.DERIVATIVES)) == (
        "pre-open 09:00-09:15, continuous 09:15-15:40"
    )


@pytest.mark.parametrize(("day", "hours"), SPECIAL_HOURS.items())
def test_special_sessions_have_their_own_hours(
    calendar: Calendar, day: date, hours: list[tuple[str, str]]
) -> None:
    for market in (Market.EQUITY, Market.EQUITY_WITH_DERIVATIVES):
        session = calendar.session(day, market)
        assert session is not None
        assert [(part.start_ns, part.end_ns) for part in session.parts] == [
            (at(day, start), at(day, end)) for start, end in hours
        ]
        assert session.name


def test_between_the_parts_of_a_cut_day_the_market_is_closed(calendar: Calendar) -> None:
    day = date(2024, 3, 2)
    phases = {clock: calendar.phase_at(at(day, clock)) for clock in ("09:59", "10:00", "11:20")}
    assert phases == {
        "09:59": Phase.CONTINUOUS,
        "10:00": Phase.CLOSED,
        "11:20": Phase.PRE_OPEN,
    }


BEFORE_AUCTION = [
    ("09:00", "09:15", Phase.PRE_OPEN),
    ("09:15", "15:30", Phase.CONTINUOUS),
    ("15:40", "16:00", Phase.POST_CLOSE),
]
SINCE_AUCTION = [
    ("09:00", "09:15", Phase.PRE_OPEN),
    ("09:15", "15:15", Phase.CONTINUOUS),
    ("15:15", "15:35", Phase.AUCTION),
    ("15:50", "16:00", Phase.POST_CLOSE),
]


def by_minute(hours: Iterable[tuple[str, str, Phase]]) -> list[Phase]:
    minutes = [Phase.CLOSED] * 24 * 60
    for start, end, phase in hours:
        for minute in range(minute_of(start), minute_of(end)):
            minutes[minute] = phase
    return minutes


def minute_of(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


@pytest.mark.slow
def test_every_minute_of_eleven_years_has_the_phase_it_should_have(calendar: Calendar) -> None:
    """F45: instants are made with the zone database, not with our own arithmetic."""
    closed, before, since = by_minute([]), by_minute(BEFORE_AUCTION), by_minute(SINCE_AUCTION)
    zone = ZoneInfo("Asia/Kolkata")
    for day in days(date(2016, 1, 1), date(2026, 12, 31)):
        midnight_ns = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 10**9
        found = [
            calendar.phase_at(midnight_ns + minute * MINUTE, Market.EQUITY_WITH_DERIVATIVES)
            for minute in range(24 * 60)
        ]
        if day in SPECIAL_HOURS:  # only their continuous trading is written down above
            hours = [(start, end, Phase.CONTINUOUS) for start, end in SPECIAL_HOURS[day]]
            trading = [phase is Phase.CONTINUOUS for phase in found]
            assert trading == [phase is Phase.CONTINUOUS for phase in by_minute(hours)], day
        elif day.weekday() >= 5 and day not in WEEKEND_FULL_DAYS:
            assert found == closed, day
        elif calendar.is_session(day):
            assert found == (since if day >= CLOSING_AUCTION_FROM else before), day
        else:
            assert found == closed, day


@pytest.mark.parametrize("market", Market)
def test_phases_of_a_day_lie_in_that_day_in_order_and_apart(
    calendar: Calendar, market: Market
) -> None:
    for day in calendar.sessions_between(calendar.first, calendar.last):
        session = calendar.session(day, market)
        assert session is not None
        edges = [edge for span in session.spans for edge in (span.start_ns, span.end_ns)]
        assert edges == sorted(edges)
        assert at(day, "00:00") < edges[0]
        assert edges[-1] < at(day, "23:59")
        assert all(span.start_ns < span.end_ns for span in session.spans)
        assert session.open_ns == session.parts[0].start_ns
        assert session.close_ns == session.parts[-1].end_ns <= session.end_ns


def test_a_phase_takes_in_its_first_instant_and_not_its_last(calendar: Calendar) -> None:
    day = date(2026, 8, 4)
    with_derivatives = Market.EQUITY_WITH_DERIVATIVES
    assert calendar.phase_at(at(day, "09:15"), with_derivatives) is Phase.CONTINUOUS
    assert calendar.phase_at(at(day, "15:15") - 1, with_derivatives) is Phase.CONTINUOUS
    assert calendar.phase_at(at(day, "15:15"), with_derivatives) is Phase.AUCTION
    assert calendar.phase_at(at(day, "15:15"), Market.EQUITY) is Phase.CONTINUOUS
    assert calendar.phase_at(at(day, "15:35"), with_derivatives) is Phase.CLOSED


def test_an_instrument_knows_its_market() -> None:
    share = Instrument(symbol="IRCTC")
    assert Market.of(share) is Market.EQUITY
    listed = Instrument(symbol="INFY", has_derivatives=True)
    assert Market.of(listed) is Market.EQUITY_WITH_DERIVATIVES
    future = Instrument(symbol="INFY26AUGFUT", segment=Segment.FUTURES, has_derivatives=True)
    assert Market.of(future) is Market.DERIVATIVES


# --- what comes next: S1-exec-1 --------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ((date(2025, 3, 13), "08:00"), (date(2025, 3, 13), "09:15")),
        ((date(2025, 3, 13), "09:15"), (date(2025, 3, 13), "09:15")),
        ((date(2025, 3, 13), "09:16"), (date(2025, 3, 17), "09:15")),  # Holi, then a weekend
        ((date(2024, 3, 2), "10:30"), (date(2024, 3, 2), "11:30")),
        ((date(2025, 10, 20), "16:00"), (date(2025, 10, 21), "13:45")),  # Muhurat
        ((date(2025, 10, 21), "14:45"), (date(2025, 10, 23), "09:15")),
    ],
)
def test_the_next_open_is_found_over_nights_holidays_and_parts(
    calendar: Calendar, now: tuple[date, str], opens: tuple[date, str]
) -> None:
    assert iso(calendar.next_open(at(*now))) == iso(at(*opens))


def test_sessions_before_after_and_between(calendar: Calendar) -> None:
    assert calendar.previous_session(date(2025, 3, 17)) == date(2025, 3, 13)
    assert calendar.previous_session(date(2025, 3, 15)) == date(2025, 3, 13)
    assert calendar.next_session(date(2025, 3, 13)) == date(2025, 3, 17)
    assert calendar.sessions_between(date(2024, 1, 19), date(2024, 1, 23)) == (
        date(2024, 1, 19),
        date(2024, 1, 20),
        date(2024, 1, 23),
    )
    assert calendar.sessions_between(date(2025, 3, 14), date(2025, 3, 16)) == ()


def test_outside_its_tables_the_calendar_refuses_with_the_remedy(calendar: Calendar) -> None:
    beyond = date(2027, 1, 4)
    refusal = pytest.raises(InputError, match=r"covers 2016-01-01 to 2026-12-31\): .*\[\[coverage")
    with refusal:
        calendar.is_session(beyond)
    with refusal:
        calendar.session(date(2015, 12, 31))
    with refusal:
        calendar.phase_at(at(beyond, "11:00"))
    with refusal:
        calendar.phase_at(at(date(2026, 12, 31), "23:59") + MINUTE)
    with refusal:
        calendar.next_open(at(date(2026, 12, 31), "09:16"))
    with refusal:
        calendar.next_session(date(2026, 12, 31))
    with refusal:
        calendar.previous_session(date(2016, 1, 1))
    with refusal:
        calendar.sessions_between(date(2026, 12, 1), beyond)


# --- bars: S1-arch-4, S1-data-14 -------------------------------------------------------------


def clocks_of(instants: np.ndarray) -> list[str]:
    return [iso(int(ts_ns))[11:16] for ts_ns in instants]


def test_an_ordinary_day_has_25_quarter_hours_from_0915(calendar: Calendar) -> None:
    starts = calendar.bar_starts(date(2025, 3, 3), 15 * MINUTE)
    assert clocks_of(starts)[:2] == ["09:15", "09:30"]
    assert clocks_of(starts)[-1] == "15:15"
    assert len(starts) == 25
    assert len(calendar.bar_starts(date(2025, 3, 3), MINUTE)) == 375
    assert len(calendar.bar_starts(date(2025, 3, 14), MINUTE)) == 0  # Holi


def test_the_closing_auction_takes_the_last_quarter_hour(calendar: Calendar) -> None:
    day, with_derivatives = CLOSING_AUCTION_FROM, Market.EQUITY_WITH_DERIVATIVES
    assert clocks_of(calendar.bar_starts(day, 15 * MINUTE, with_derivatives))[-1] == "15:00"
    assert clocks_of(calendar.bar_starts(day, 15 * MINUTE))[-1] == "15:15"
    assert clocks_of(calendar.bar_starts(day, 15 * MINUTE, Market.DERIVATIVES))[-1] == "15:30"


def test_bars_of_a_cut_day_come_part_by_part(calendar: Calendar) -> None:
    starts = calendar.bar_starts(date(2024, 3, 2), 15 * MINUTE)
    assert clocks_of(starts) == ["09:15", "09:30", "09:45", "11:30", "11:45", "12:00", "12:15"]


def test_a_bar_is_complete_when_trading_ends_within_it(calendar: Calendar) -> None:
    assert clocks_of(calendar.bar_closes(date(2025, 3, 3), 15 * MINUTE))[-2:] == ["15:15", "15:30"]
    cut = date(2024, 3, 2)
    assert clocks_of(calendar.bar_starts(cut, HOUR)) == ["09:15", "11:15", "12:15"]
    assert clocks_of(calendar.bar_closes(cut, HOUR)) == ["10:00", "12:15", "12:30"]
    assert clocks_of(calendar.bar_starts(cut, 4 * HOUR)) == ["09:15"]
    assert clocks_of(calendar.bar_closes(cut, 4 * HOUR)) == ["12:30"]
    reaching_the_next_part = 135 * MINUTE
    assert clocks_of(calendar.bar_closes(cut, reaching_the_next_part)) == ["10:00", "12:30"]
    assert len(calendar.bar_closes(date(2025, 3, 14), HOUR)) == 0


def test_a_bar_as_long_as_a_day_has_no_place_on_the_grid(calendar: Calendar) -> None:
    with pytest.raises(DomainError, match="not within a day"):
        calendar.bar_starts(date(2025, 3, 3), DAY)


@pytest.mark.shared_data
@pytest.mark.parametrize("year", [2024, 2025])
def test_bar_starts_are_those_of_real_bars(
    calendar: Calendar, shared_data: Path, year: int
) -> None:
    path = shared_data / f"nse_equity_15min_{year}_adjusted.parquet"
    real = np.unique(pl.read_parquet(path, columns=["ts_utc_ns"])["ts_utc_ns"].to_numpy())
    sessions = [
        day
        for day in calendar.sessions_between(date(year, 1, 1), date(year, 12, 31))
        if day not in {date(2024, 12, 27), date(2025, 6, 26), date(2025, 12, 24)}  # not in the file
        and not date(2024, 4, 1) <= day <= date(2024, 8, 31)
    ]
    ours = np.concatenate([calendar.bar_starts(day, 15 * MINUTE) for day in sessions])
    assert np.array_equal(ours, real)
