"""The timers of a day: intraday positions are gone before the exchange or the broker acts.

S1-exec-10, S1-mgn-5
"""

from datetime import date
from itertools import pairwise

import pytest

from tradego.domain.errors import DomainError
from tradego.domain.events import TimerKind
from tradego.domain.times import at, iso
from tradego.market.calendar import Calendar
from tradego.market.calendar_tables import nse_calendar
from tradego.market.dated import TableFile
from tradego.market.sessions import Market, Session
from tradego.market.timers import session_opened, timers

MUHURAT = date(2023, 11, 12)  # 18:15-19:15
DRILL = date(2024, 5, 18)  # 09:15-10:00 and 11:30-12:30


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return nse_calendar()


def trading(calendar: Calendar, day: date, market: Market = Market.EQUITY) -> Session:
    session = calendar.session(day, market)
    assert session is not None
    return session


def schedule(*sessions: Session) -> str:
    return "\n".join(
        f"{iso(event.ts_ns)[11:16]} {event.timer} {event.key}".strip()
        for event in timers(*sessions)
    )


CASH = """\
14:55 entry_cutoff
15:00 square_off 1
15:03 square_off 2
15:06 square_off 3
15:08 flat_check
15:10 verify"""


@pytest.mark.parametrize("day", [date(2020, 6, 1), date(2026, 7, 31), date(2026, 8, 3)])
@pytest.mark.parametrize("market", [Market.EQUITY, Market.EQUITY_WITH_DERIVATIVES])
def test_cash_positions_are_flat_at_1508(calendar: Calendar, day: date, market: Market) -> None:
    assert schedule(trading(calendar, day, market)) == CASH


@pytest.mark.parametrize("day", [date(2026, 7, 31), date(2026, 8, 3)])
def test_derivatives_are_flat_five_minutes_before_the_earliest_broker(
    calendar: Calendar, day: date
) -> None:
    assert schedule(trading(calendar, day, Market.DERIVATIVES)) == (
        "15:00 entry_cutoff\n15:05 square_off 1\n15:08 square_off 2\n15:11 square_off 3\n"
        "15:13 flat_check\n15:15 verify"
    )


def test_a_muhurat_session_squares_off_before_the_brokers_do(calendar: Calendar) -> None:
    # Brokers squared off at 19:00 or 19:01 that evening.
    session = trading(calendar, MUHURAT)
    assert schedule(session) == (
        "18:15 entry_cutoff\n18:48 square_off 1\n18:50 square_off 2\n18:52 square_off 3\n"
        "18:54 flat_check\n18:55 verify"
    )


def test_nothing_intraday_is_opened_in_a_session_too_short_for_it(calendar: Calendar) -> None:
    muhurat, drill = trading(calendar, MUHURAT), trading(calendar, DRILL)
    assert muhurat.cutoffs.no_intraday == (
        "the last part of the session has 60 minutes of trading, intraday needs 120"
    )
    assert muhurat.cutoffs.entry_ns == muhurat.open_ns
    assert drill.cutoffs.entry_ns == drill.open_ns == at(DRILL, "09:15")
    assert trading(calendar, date(2025, 2, 1)).cutoffs.no_intraday == ""  # a full Saturday


def test_square_off_belongs_to_the_last_part_of_a_cut_day(calendar: Calendar) -> None:
    assert schedule(trading(calendar, DRILL)).splitlines()[1:] == [
        "12:03 square_off 1",
        "12:05 square_off 2",
        "12:07 square_off 3",
        "12:09 flat_check",
        "12:10 verify",
    ]


@pytest.mark.parametrize("market", Market)
def test_timers_ascend_inside_trading_and_end_before_it_does(
    calendar: Calendar, market: Market
) -> None:
    for day in calendar.sessions_between(calendar.first, calendar.last):
        session = trading(calendar, day, market)
        fired = timers(session)
        assert all(one.ts_ns <= two.ts_ns for one, two in pairwise(fired)), day
        last_part = session.parts[-1]
        assert all(last_part.start_ns < timer.ts_ns < last_part.end_ns for timer in fired[1:]), day
        assert session.open_ns <= fired[0].ts_ns < last_part.end_ns, day


def test_a_session_shorter_than_the_rungs_is_squared_off_from_its_opening() -> None:
    calendar = nse_calendar(
        [
            TableFile(
                "mine.toml",
                """
                [[special]]
                date = 2026-12-06
                name = "Ten minutes"
                equity = ["continuous 10:00-10:10"]
                derivatives = ["continuous 10:00-10:25"]
                source = "a test"
                """,
            )
        ]
    )
    day = date(2026, 12, 6)
    assert {timer.ts_ns for timer in timers(trading(calendar, day))} == {at(day, "10:00")}
    assert schedule(trading(calendar, day, Market.DERIVATIVES)) == (
        "10:00 entry_cutoff\n10:00 square_off 1\n10:00 square_off 2\n10:02 square_off 3\n"
        "10:04 flat_check\n10:05 verify"
    )


def test_a_desk_in_several_markets_keeps_the_tightest_hours(calendar: Calendar) -> None:
    day = date(2026, 8, 3)
    assert schedule(*(trading(calendar, day, market) for market in Market)) == CASH


def test_timers_of_different_days_are_never_mixed(calendar: Calendar) -> None:
    with pytest.raises(DomainError, match="one day"):
        timers(trading(calendar, date(2026, 8, 3)), trading(calendar, date(2026, 8, 4)))
    with pytest.raises(DomainError, match="no session"):
        timers()


def test_a_user_sets_own_cutoffs_from_a_date() -> None:
    calendar = nse_calendar(
        [
            TableFile(
                "mine.toml",
                """
                [[cutoffs]]
                valid_from = 2026-11-02
                markets = ["equity", "equity_with_derivatives"]
                hours = "regular"
                entry = "end-60"
                square_off = ["14:30", "14:31", "14:32"]
                flat = "14:33"
                verify = "14:34"
                intraday_minutes = 120
                source = "my broker squares off early"
                """,
            )
        ]
    )
    monday = date(2026, 11, 2)
    assert schedule(trading(calendar, monday, Market.EQUITY_WITH_DERIVATIVES)).startswith(
        "14:15 entry_cutoff\n14:30 square_off 1"
    )
    assert schedule(trading(calendar, monday, Market.EQUITY)).startswith("14:30 entry_cutoff")
    assert schedule(trading(calendar, date(2026, 10, 30))) == CASH


def test_the_engine_hears_a_day_begin_with_the_windows_of_both_kinds_of_share(
    calendar: Calendar,
) -> None:
    day = date(2026, 8, 3)
    event = session_opened(calendar, day)
    assert event is not None
    assert event.ts_ns == at(day, "09:15")
    assert event.date == "2026-08-03"
    assert [(w.start_ns, w.end_ns) for w in event.plain] == [(at(day, "09:15"), at(day, "15:30"))]
    assert [(w.start_ns, w.end_ns) for w in event.with_derivatives] == [
        (at(day, "09:15"), at(day, "15:15"))
    ]
    assert event.entry_cutoff_ns == at(day, "14:55")


def test_the_engine_hears_of_both_parts_and_of_no_intraday(calendar: Calendar) -> None:
    event = session_opened(calendar, DRILL)
    assert event is not None
    assert len(event.plain) == len(event.with_derivatives) == 2
    assert event.entry_cutoff_ns == event.ts_ns
    assert session_opened(calendar, date(2024, 5, 19)) is None


def test_the_timers_are_those_the_engine_knows(calendar: Calendar) -> None:
    fired = timers(trading(calendar, date(2026, 8, 3)))
    assert [timer.timer for timer in fired] == [
        TimerKind.ENTRY_CUTOFF,
        *[TimerKind.SQUARE_OFF] * 3,
        TimerKind.FLAT_CHECK,
        TimerKind.VERIFY,
    ]
    assert [timer.key for timer in fired] == ["", "1", "2", "3", "", ""]
