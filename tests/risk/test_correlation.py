"""Pearson on daily returns of common sessions: S1-risk-9."""

import math
import statistics
from itertools import pairwise
from random import Random

import pytest

from tradego.risk.correlation import DailyCloses


def known(rows: list[dict[str, float]], sessions: int = 30) -> DailyCloses:
    closes = DailyCloses(sessions)
    for row in rows:
        closes.add(tuple(row.items()))
    return closes


def returns(prices: list[float]) -> list[float]:
    return [b / a - 1 for a, b in pairwise(prices)]


def walk(seed: int, days: int) -> list[dict[str, float]]:
    dice, rows, a, b = Random(seed), [], 100.0, 50.0
    for _ in range(days):
        common = dice.gauss(0, 0.01)
        a *= 1 + common + dice.gauss(0, 0.01)
        b *= 1 + common + dice.gauss(0, 0.01)
        rows.append({"A": a, "B": b})
    return rows


@pytest.mark.parametrize("seed", range(5))
def test_it_is_pearsons_r_of_the_last_thirty_returns(seed: int) -> None:
    rows = walk(seed, 45)
    newest = rows[-31:]
    a, b = ([row[name] for row in newest] for name in "AB")
    expected = statistics.correlation(returns(a), returns(b))
    assert known(rows).correlation("A", "B") == pytest.approx(expected, abs=1e-12)
    assert known(rows).correlation("B", "A") == known(rows).correlation("A", "B")


def test_sessions_one_of_them_missed_do_not_count() -> None:
    rows = walk(1, 45)
    holes = [dict(row) for row in rows]
    for day in (3, 20, 30):
        del holes[day]["B"]
    common = [row for row in holes if "B" in row][-31:]
    a, b = ([row[name] for row in common] for name in "AB")
    expected = statistics.correlation(returns(a), returns(b))
    assert known(holes).correlation("A", "B") == pytest.approx(expected, abs=1e-12)


def test_thirty_returns_need_thirty_one_closes() -> None:
    assert known(walk(1, 30)).correlation("A", "B") is None
    assert known(walk(1, 31)).correlation("A", "B") is not None
    short = [{"A": row["A"]} if i < 10 else row for i, row in enumerate(walk(1, 40))]
    assert known(short).correlation("A", "B") is None
    assert known(walk(1, 40)).correlation("A", "C") is None


def test_only_twice_the_sessions_are_kept() -> None:
    closes = known(walk(1, 100), sessions=5)
    assert len(closes.rows()) == 11
    assert closes.rows()[-1] == walk(1, 100)[-1]


def test_what_does_not_move_moves_with_nothing() -> None:
    rows = [{"A": 100.0, "B": row["B"]} for row in walk(1, 40)]
    assert known(rows).correlation("A", "B") == 0.0


def test_a_new_day_changes_the_answer() -> None:
    rows = walk(2, 40)
    closes = known(rows[:-1])
    before = closes.correlation("A", "B")
    closes.add(tuple(rows[-1].items()))
    after = closes.correlation("A", "B")
    assert before is not None
    assert after is not None
    assert not math.isclose(before, after)
