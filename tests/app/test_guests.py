"""A symbol off the watchlists joins for one session, on strong news, if enough of it is traded."""

import numpy as np
import pytest

from tradego.app.guests import guests
from tradego.domain.bars import Bars, FloatArray
from tradego.domain.times import DAY, MINUTE, at, session_date
from tradego.market.calendar_tables import nse_calendar

PER_DAY = 4
BAR = 15 * MINUTE


def bars(volume: float, sessions: int = 22) -> Bars:
    """`sessions` ordinary days of four bars."""
    calendar, day, starts = nse_calendar(), session_date(at_noon()), []
    for _ in range(sessions):
        starts += [at(day, "09:15") + i * BAR for i in range(PER_DAY)]
        day = calendar.next_session(day)
    count = len(starts)
    price = np.full(count, 100.0)
    ts = np.array(starts, dtype=np.int64)
    return Bars("PALM", BAR, ts, price, price, price, price, np.full(count, volume))


def at_noon() -> int:
    return 20_000 * DAY  # a Wednesday in October 2024


def scored(rows: dict[int, float], count: int) -> FloatArray:
    scores = np.zeros(count)
    for row, score in rows.items():
        scores[row] = score
    return scores


def open_rows(given: Bars, scores: FloatArray) -> list[int]:
    """Rows on which an entry is not forbidden."""
    forbidden = guests([given], frozenset({"PALM"}), {"PALM": scores}).unfit["PALM"]
    return [row for row in range(given.count) if row not in forbidden]


# S1-data-8
def test_strong_news_opens_the_rest_of_its_session_and_no_more() -> None:
    given = bars(volume=300_000.0)
    session = 21 * PER_DAY
    assert open_rows(given, scored({session + 1: 0.7}, given.count)) == [
        session + 1,
        session + 2,
        session + 3,
    ]


@pytest.mark.parametrize("score", [0.6, 0.59, -0.6, 0.0])
def test_weak_news_brings_nobody(score: float) -> None:
    given = bars(volume=300_000.0)
    assert open_rows(given, scored({21 * PER_DAY: score}, given.count)) == []


def test_bad_news_is_news_and_the_origin_is_told() -> None:
    given = bars(volume=300_000.0)
    scores = scored({21 * PER_DAY + 2: -0.8}, given.count)
    (joined,) = guests([given], frozenset({"PALM"}), {"PALM": scores}).joined
    assert (joined.symbol, joined.sentiment) == ("PALM", -0.8)
    assert joined.day == session_date(int(given.ts_ns[21 * PER_DAY]))


# S1-data-9: above 1,000,000 shares a session on average over 20 sessions
@pytest.mark.parametrize(("volume", "may"), [(250_000.0, False), (250_001.0, True)])
def test_who_trades_too_little_does_not_join(volume: float, may: bool) -> None:
    given = bars(volume=volume)
    assert bool(open_rows(given, scored({21 * PER_DAY: 0.9}, given.count))) is may


def test_before_twenty_sessions_are_known_nobody_joins() -> None:
    given = bars(volume=900_000.0)
    assert open_rows(given, scored({19 * PER_DAY: 0.9}, given.count)) == []


def test_a_symbol_on_the_lists_is_left_alone() -> None:
    given = bars(volume=1.0)
    assert guests([given], frozenset(), {}).unfit == {}
