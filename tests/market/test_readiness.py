"""The data rules at the moment of decision: live and backtest ask the same function."""

from datetime import date

import numpy as np
import pytest

from tradego.domain.bars import Bars, IntArray
from tradego.domain.errors import DomainError
from tradego.domain.times import IST_OFFSET, MINUTE, at
from tradego.market.readiness import Unready, is_stale, unready

QUARTER = 15 * MINUTE
DAYS = (date(2025, 3, 3), date(2025, 3, 4))
EXPECTED = np.concatenate([np.arange(at(d, "09:15"), at(d, "15:30"), QUARTER) for d in DAYS])


def bars(ts_ns: IntArray, volume: float = 500.0) -> Bars:
    price = np.full(len(ts_ns), 100.0)
    return Bars(
        symbol="INFY",
        interval_ns=QUARTER,
        ts_ns=ts_ns,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=np.full(len(ts_ns), volume),
    )


def test_data_older_than_ten_minutes_is_stale_and_ten_exactly_is_not() -> None:  # S1-data-11
    closed = at(DAYS[0], "10:00")
    assert not is_stale(closed, closed)
    assert not is_stale(closed, closed + 10 * MINUTE)
    assert is_stale(closed, closed + 10 * MINUTE + 1)
    assert is_stale(closed, closed + 3 * MINUTE, limit_ns=2 * MINUTE)


def test_a_bar_that_closes_in_the_future_is_a_bug() -> None:
    with pytest.raises(DomainError, match="has not closed"):
        is_stale(at(DAYS[0], "10:15"), at(DAYS[0], "10:14"))


def test_complete_bars_are_ready() -> None:
    assert unready(bars(EXPECTED), EXPECTED).tolist() == [Unready.READY] * 50


def test_a_gap_bars_entries_until_the_session_ends_and_not_the_next_day() -> None:  # S1-data-12
    verdict = unready(bars(np.delete(EXPECTED, 10)), EXPECTED)
    assert verdict[:10].tolist() == [Unready.READY] * 10
    assert verdict[10:24].tolist() == [Unready.GAP] * 14
    assert verdict[24:].tolist() == [Unready.READY] * 25


def test_a_fetched_gap_is_forgotten() -> None:  # S1-data-12: until refetched
    assert unready(bars(EXPECTED), EXPECTED)[11] == Unready.READY


def test_a_missing_first_bar_is_a_gap() -> None:
    assert unready(bars(EXPECTED[1:]), EXPECTED)[0] == Unready.GAP


def test_no_entry_before_the_first_trade_of_a_session() -> None:  # S1-data-13
    quiet = bars(EXPECTED)
    quiet.volume[:3] = 0  # opens late on the first day
    quiet.volume[7] = 0  # one empty bar later is nobody's concern
    quiet.volume[25:] = 0  # nothing at all on the second
    verdict = unready(quiet, EXPECTED)
    assert verdict[:3].tolist() == [Unready.NO_TRADE] * 3
    assert verdict[3:25].tolist() == [Unready.READY] * 22
    assert verdict[25:].tolist() == [Unready.NO_TRADE] * 25


def test_bars_off_the_ist_grid_are_never_entered_on() -> None:  # S1-data-14
    assert (unready(bars(EXPECTED + 7 * MINUTE), EXPECTED) == Unready.OFF_GRID).all()
    shifted = unready(bars(EXPECTED + IST_OFFSET), EXPECTED)
    # 14:45, 15:00 and 15:15 coincide with expected starts, but then the morning is missing
    assert set(shifted.tolist()) == {Unready.OFF_GRID, Unready.GAP}


def test_no_bars_no_verdicts() -> None:
    assert unready(bars(EXPECTED[:0]), EXPECTED).tolist() == []


def test_what_is_said_of_a_bar_does_not_depend_on_later_bars() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        kept = np.sort(random.choice(50, size=40, replace=False))
        history = bars(EXPECTED[kept])
        history.volume[random.random(40) < 0.6] = 0
        whole = unready(history, EXPECTED)
        live = [unready(history.rows(0, n + 1), EXPECTED)[-1] for n in range(40)]
        assert whole.tolist() == live
