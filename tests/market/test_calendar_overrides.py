"""What a user may change in the calendar with a file of their own, and what is refused."""

import re
from datetime import date

import pytest

from tradego.domain.errors import InputError
from tradego.domain.times import at, iso
from tradego.market.calendar import Calendar
from tradego.market.calendar_tables import SHIPPED, nse_calendar, read_calendar
from tradego.market.dated import TableFile, parse, shipped
from tradego.market.sessions import Market


def own(text: str) -> Calendar:
    return nse_calendar([TableFile("mine.toml", text)])


def clock(ts_ns: int) -> str:
    return iso(ts_ns)[11:16]


MUHURAT_2026 = """
[[special]]
date = 2026-11-08
name = "Muhurat"
equity = ["pre-open 17:45-18:00", "continuous 18:00-19:00"]
derivatives = ["continuous 18:00-19:00"]
source = "the exchange's circular"
"""


def test_a_user_adds_the_hours_of_a_session() -> None:
    calendar = own(MUHURAT_2026)
    session = calendar.session(date(2026, 11, 8), Market.DERIVATIVES)
    assert session is not None
    assert (clock(session.open_ns), clock(session.close_ns)) == ("18:00", "19:00")
    assert calendar.next_open(at(date(2026, 11, 6), "16:00")) == at(date(2026, 11, 8), "18:00")


def test_a_user_closes_a_day_that_was_to_trade() -> None:
    calendar = own("""
        holiday = [
            { date = 2026-02-01, name = "Budget session called off", source = "circular" },
            { date = 2026-12-07, name = "Cyclone", source = "circular" },
        ]
    """)
    assert calendar.closed_reason(date(2026, 2, 1)) == "Budget session called off"
    assert calendar.closed_reason(date(2026, 12, 7)) == "Cyclone"


def test_a_user_opens_a_holiday_for_an_ordinary_session() -> None:
    calendar = own("""
        [[special]]
        date = 2026-12-25
        name = "Christmas session"
        regular = true
        source = "circular"
    """)
    session = calendar.session(date(2026, 12, 25), Market.EQUITY_WITH_DERIVATIVES)
    assert session is not None
    assert session.name == "Christmas session"
    assert (clock(session.close_ns), clock(session.end_ns)) == ("15:15", "16:00")


def test_a_user_lengthens_the_calendar_by_a_year() -> None:
    calendar = own("""
        [[coverage]]
        valid_from = 2027-01-01
        valid_to = 2027-12-31
        source = "NSE circular of December 2026"

        [[holiday]]
        date = 2027-01-26
        name = "Republic Day"
        source = "NSE circular of December 2026"
    """)
    assert calendar.last == date(2027, 12, 31)
    assert calendar.next_session(date(2027, 1, 25)) == date(2027, 1, 27)
    assert calendar.is_session(date(2026, 12, 31))


def test_a_users_hours_win_on_the_days_they_cover_and_only_there() -> None:
    calendar = own("""
        [[hours]]
        valid_from = 2026-11-02
        valid_to = 2026-11-06
        equity = ["continuous 10:00-15:30"]
        derivatives = ["continuous 10:00-15:30"]
        source = "circular"
    """)
    opens = {
        day: clock(calendar.next_open(at(date.fromisoformat(day), "00:00")))
        for day in ("2026-10-30", "2026-11-02", "2026-11-06", "2026-11-09")
    }
    assert list(opens.values()) == ["09:15", "10:00", "10:00", "09:15"]


def test_of_two_users_files_the_later_wins() -> None:
    first = TableFile(
        "first.toml", 'holiday = [{ date = 2026-12-07, name = "Storm", source = "x" }]'
    )
    second = TableFile(
        "second.toml",
        '[[special]]\ndate = 2026-12-07\nname = "Held after all"\nregular = true\nsource = "y"',
    )
    assert nse_calendar([first, second]).is_session(date(2026, 12, 7))
    assert not nse_calendar([second, first]).is_session(date(2026, 12, 7))


HOLIDAY = '[[holiday]]\ndate = 2026-12-07\nname = "Storm"\nsource = "x"\n'
HOURS = '[[hours]]\nvalid_from = 2026-11-02\nsource = "x"\n'
SPECIAL = '[[special]]\ndate = 2026-12-07\nname = "S"\nsource = "x"\n'
CUTOFFS = """
[[cutoffs]]
valid_from = 2026-11-01
markets = ["equity"]
hours = "regular"
entry = "14:55"
square_off = ["15:00", "15:03", "15:06"]
flat = "15:08"
verify = "15:10"
intraday_minutes = 120
source = "x"
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[holyday]]\n", "mine.toml: unknown table [[holyday]]; known are"),
        ("holiday = 3", "mine.toml: holiday must be a list of rows"),
        ("holiday = [3]", "mine.toml: holiday row 1: Expected `object`, got `int`"),
        (HOLIDAY + 'nmae = "z"', "mine.toml: holiday row 1: unknown key `nmae`"),
        (HOLIDAY.replace('name = "Storm"', ""), "mine.toml: holiday row 1: missing key `name`"),
        (HOLIDAY.replace('"x"', '""'), "mine.toml: holiday row 1: Expected `str` of length >= 1"),
        (HOLIDAY.replace("12-07", "02-30"), "mine.toml: not valid TOML: Invalid date"),
        (HOLIDAY.replace("2026-12-07", '"7 Dec"'), "holiday row 1: Invalid RFC3339 encoded date"),
        (HOLIDAY + HOLIDAY, "holiday row 2: 2026-12-07 is already in mine.toml: holiday row 1"),
        (HOLIDAY + SPECIAL, "special row 1: 2026-12-07 is already in mine.toml: holiday row 1"),
        (SPECIAL, "special row 1: equity: a session needs a continuous phase"),
        (
            SPECIAL + 'regular = true\nequity = ["continuous 18:00-19:00"]',
            "special row 1: has phases and is regular",
        ),
        (HOURS + 'equity = []\nderivatives = ["continuous 9:15-15:30"]', "needs a continuous"),
        (
            HOURS + 'equity = ["continuous 9:15-15:30"]\nderivatives = []',
            "hours row 1: equity: '9:15' is not a time of day such as 09:15",
        ),
        (
            HOURS + 'equity = ["lunch 12:00-13:00"]\nderivatives = []',
            "hours row 1: equity: 'lunch 12:00-13:00' is not a phase",
        ),
        (
            HOURS + 'equity = ["continuous 15:30-09:15"]\nderivatives = []',
            "'continuous 15:30-09:15' ends before it begins",
        ),
        (
            HOURS + 'equity = ["pre-open 09:00-09:20", "continuous 09:15-15:30"]\nderivatives = []',
            "'continuous 09:15-15:30' begins before 09:20",
        ),
        (HOURS + "valid_to = 2026-11-01\nequity = []\nderivatives = []", "is before 2026-11-02"),
        (
            CUTOFFS + CUTOFFS,
            "cutoffs row 2: valid from 2026-11-01, but mine.toml: cutoffs row 1 holds until",
        ),
        (
            CUTOFFS.replace("2026-11-01", "2026-11-01\nvalid_to = 2026-11-30")
            + CUTOFFS.replace("2026-11-01", "2026-11-30"),
            "valid from 2026-11-30, but mine.toml: cutoffs row 1 holds until 2026-11-30",
        ),
        (
            CUTOFFS.replace("15:10", "15:31"),
            "cutoffs row 1: cut-off 15:31 lies outside continuous trading 09:15-15:30",
        ),
        (
            HOURS + 'equity = ["continuous 09:15-13:00"]\nderivatives = []',
            "mine.toml: hours row 1: equity: calendar.toml: cutoffs row 1: cut-off 15:00 lies "
            "outside continuous trading 09:15-13:00; write it as end-MINUTES",
        ),
        (CUTOFFS.replace("120", "-1"), "cutoffs row 1: Expected `int` >= 0"),
        (
            HOLIDAY.replace("2026-12-07", "2062-12-07"),
            "holiday row 1: 2062-12-07 is outside the coverage, 2016-01-01 to 2026-12-31",
        ),
        (CUTOFFS.replace("15:08", "15:05"), "must follow one another"),
        (CUTOFFS.replace("15:08", "end"), "'end' is not a time of day"),
        (
            '[[coverage]]\nvalid_from = 2028-01-01\nvalid_to = 2028-12-31\nsource = "x"',
            "coverage row 1: begins 2028-01-01, but the rows before it end 2026-12-31",
        ),
    ],
)
def test_a_bad_row_is_refused_by_file_row_and_key(text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as refusal:
        own(text)
    assert "\n" not in str(refusal.value)


def test_days_without_hours_or_cutoffs_are_refused() -> None:
    coverage = '[[coverage]]\nvalid_from = 2026-11-02\nvalid_to = 2026-11-03\nsource = "x"\n'
    hours = HOURS + 'equity = ["continuous 09:15-15:30"]\nderivatives = ["continuous 10:00-15:30"]'
    with pytest.raises(InputError, match="covers no day"):
        read_calendar([TableFile("mine.toml", "")])
    with pytest.raises(InputError, match=r"no \[\[hours\]\] row holds on 2026-11-02"):
        read_calendar([TableFile("mine.toml", coverage)])
    with pytest.raises(InputError, match=r"no \[\[cutoffs\]\] row for equity, regular hours"):
        read_calendar([TableFile("mine.toml", coverage + hours)])


@pytest.mark.parametrize("name", [*SHIPPED, "ticks.toml"])
def test_every_shipped_row_names_its_confidence_and_source(name: str) -> None:
    tables = ("coverage", "hours", "cutoffs", "holiday", "special", "tick")
    sources = re.findall(r'source = "(.*)"', shipped(name).text)
    assert len(sources) == sum(len(rows) for rows in _rows(parse(shipped(name), tables)))
    for source in sources:
        assert re.match(r"\[[ABCK]\] \S", source), source


def _rows(document: dict[str, object]) -> list[list[object]]:
    return [table for table in document.values() if isinstance(table, list)]
