"""What the language means: the unknown, the refusals, and who decided."""

from math import nan

import numpy as np
import pytest
from by_bar import table

from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.strategies.exits import ExitRule
from tradego.strategies.expressions import Condition, Number, text
from tradego.strategies.history import HistoryEvaluator
from tradego.strategies.language import (
    Choice,
    Param,
    Strategy,
    ago,
    clock,
    close,
    crossed_above,
    farther,
    high,
    low,
    macd,
    macd_signal,
    maximum,
    minimum,
    minute,
    near,
    nearer,
    open,
    rsi,
    sentiment,
    sma,
    usual_volume,
    volume,
    vwap,
)
from tradego.strategies.verdicts import ExitColumn


def judged(condition: Condition, bars: Bars, scores: list[float] | None = None) -> ExitColumn:
    """A condition on every bar."""

    class Asked(Strategy):
        enter = close > 0
        stop = close - 1
        target = close + 1
        exits = (ExitRule("asked", condition),)

    known = None if scores is None else np.array(scores)
    return HistoryEvaluator([Asked()]).study(bars, known)[0].exits[0]


def values(number: Number, bars: Bars) -> list[float]:
    return judged(number < 1e12, bars).left.tolist()


def verdicts(condition: Condition, scores: list[float]) -> list[bool]:
    """Of a condition on the sentiment."""
    return judged(condition, table([100] * len(scores)), scores).fires.tolist()


# The unknown


def test_no_comparison_with_the_unknown_holds() -> None:
    scores = [nan, 0.5]
    for condition in (sentiment > 0, sentiment >= 0, sentiment < 1, sentiment <= 1):
        assert verdicts(condition, scores) == [False, True]


def test_not_means_known_not_to_hold() -> None:
    scores = [nan, 0.2, 0.8]
    assert verdicts(~(sentiment > 0.5), scores) == [False, True, False]
    assert verdicts(~~(sentiment > 0.5), scores) == [False, False, True]
    assert verdicts(~((sentiment > 0.5) & (close > 0)), scores) == [False, True, False]
    assert verdicts(~((sentiment > 0.5) | (close < 0)), scores) == [False, True, False]


def test_not_within_wants_every_bar_known() -> None:
    scores = [0.2, 0.8, 0.2, 0.2, 0.2, nan, 0.2, 0.2]
    within = (sentiment > 0.5).within(2)
    assert verdicts(within, scores) == [False, True, True, False, False, False, False, False]
    assert verdicts(~within, scores) == [True, False, False, True, True, False, False, True]


def test_a_condition_begins_on_the_first_bar_it_holds() -> None:
    scores = [0.8, 0.8, 0.2, 0.8, nan, 0.8]
    assert verdicts((sentiment > 0.5).begins(), scores) == [True, False, False, True, False, True]


def test_division_by_zero_is_unknown() -> None:
    bars = table([100, 102], volume=[0, 4])
    assert np.isnan(values(close / volume, bars)[0])
    assert values(close / volume, bars)[1] == 25.5
    assert judged(close / volume > 0, bars).fires.tolist() == [False, True]


def test_the_smaller_of_something_and_the_unknown_is_unknown() -> None:
    bars = table([5, 7])
    for either in (minimum(close, ago(close, 1)), maximum(ago(close, 1), close)):
        assert np.isnan(values(either, bars)[0])
    assert values(minimum(close, ago(close, 1)), bars)[1] == 5
    assert values(maximum(close, 6), bars) == [6, 7]


# Comparing


def test_a_cross_is_one_bar_long_and_may_start_from_equality() -> None:
    bars = table([9, 10, 11, 12, 9, 11])
    held = judged(crossed_above(close, 10), bars).fires.tolist()
    assert held == [False, False, True, False, False, True]


def test_nearer_and_farther_stay_on_the_side_of_the_first() -> None:
    # close 100; the other is the low or high of the bar: nearer, farther, on the other side
    bars = table([100, 100, 100], low=[99, 90, 100], high=[101, 110, 100])
    assert values(nearer(0.95 * close, low), bars) == [99, 95, 95]
    assert values(farther(0.95 * close, low), bars) == [95, 90, 95]
    assert values(nearer(1.05 * close, high), bars) == [101, 105, 105]
    assert values(farther(1.05 * close, high), bars) == [105, 110, 105]
    assert values(nearer(0.95 * close, ago(low, 3)), bars) == [95, 95, 95], "unknown: passed over"


def test_near_compares_the_distance_with_what_is_allowed() -> None:
    said = judged(near(close, 100, within=2), table([98, 103]))
    assert said.left.tolist() == [2, 3]
    assert said.right.tolist() == [2, 2]
    assert said.fires.tolist() == [True, False]


def test_the_minute_is_that_of_the_close() -> None:
    bars = table([1, 1, 1])
    assert values(minute, bars) == [clock("09:30"), clock("09:45"), clock("10:00")]


@pytest.mark.parametrize("time", ["9", "25:00", "09:60", "nine:ten", "09:15:00", ""])
def test_a_clock_time_that_does_not_exist_is_refused(time: str) -> None:
    with pytest.raises(InputError, match="clock time"):
        clock(time)


def test_numbers_of_two_comparisons_are_those_of_the_one_that_decided() -> None:
    bars = table([10, 20, 30, 40], volume=[1, 9, 1, 9])
    cheap, busy = close < 25, volume > 5
    both = judged(cheap & busy, bars)
    assert both.fires.tolist() == [False, True, False, False]
    # fails by volume; holds, the first speaks; fails by both, the first speaks; fails by price
    assert both.left.tolist() == [1, 20, 30, 40]
    assert both.right.tolist() == [5, 25, 25, 25]
    one = judged(cheap | busy, bars)
    assert one.fires.tolist() == [True, True, False, True]
    assert one.left.tolist() == [10, 20, 30, 9]
    assert one.right.tolist() == [25, 25, 25, 5]


# Refusals


def test_a_condition_has_no_truth_of_its_own() -> None:
    with pytest.raises(InputError, match=r"write & \| ~ for and, or, not"):
        bool(close > open)
    with pytest.raises(InputError, match="two comparisons for a < b < c"):
        _ = 30 < rsi() < 70
    with pytest.raises(InputError, match="judged on every bar"):
        _ = (close > open) and (close > 0)
    with pytest.raises(InputError, match="judged on every bar"):
        _ = not close


def test_equality_of_measurements_is_refused() -> None:
    with pytest.raises(InputError, match=r"close == open: .* > >= < <="):
        _ = close == open
    with pytest.raises(InputError, match="close != 5"):
        _ = close != 5


@pytest.mark.parametrize("bad", ["5", None, True, [1]])
def test_only_numbers_and_expressions_take_part(bad: int) -> None:
    with pytest.raises(InputError, match="is not a number"):
        _ = close + bad


@pytest.mark.parametrize("bad", [0, -1, 2.0, Param(0, 0, 5), Param(2.0, 1.0, 5.0)])
def test_a_window_is_a_whole_number_of_bars(bad: int) -> None:
    with pytest.raises(InputError, match="is not a length"):
        sma(close, bad)


def test_numpy_numbers_are_numbers() -> None:
    bars = table([10])
    assert values(np.float64(2) * close + np.int64(1), bars) == [21]


# Words


def test_an_expression_reads_as_it_was_written() -> None:
    ratio = Param(2.0, 1.0, 4.0)
    ratio.__set_name__(Strategy, "ratio")
    bars = Param(3, 1, 12)
    bars.__set_name__(Strategy, "bars")
    usual = Choice(same_time=usual_volume(20), sma20=sma(volume, 20))
    usual.__set_name__(Strategy, "usual")
    on_volume = (volume > ratio * usual).strong(3 * ratio * usual)
    momentum = crossed_above(macd(), macd_signal()).within(bars) & ~(macd() < 0)
    assert repr(on_volume) == "volume > ratio * usual"
    chosen = {"ratio": 2.5, "usual": "sma20", "bars": 3}
    assert text(on_volume, chosen) == "volume > 2.5 * sma(volume, 20)"
    assert text(momentum, chosen) == (
        "(crossed_above(macd(12, 26, 9), macd_signal(12, 26, 9)).within(3)"
        " & ~(macd(12, 26, 9) < 0))"
    )
    assert (
        repr(2 * (close - open) / (high - (low - 1))) == "(2 * (close - open)) / (high - (low - 1))"
    )
    assert repr(abs(-close) - vwap()) == "abs(negative(close)) - vwap()"
    assert repr(nearer(0.99 * close, low)) == "nearer(0.99 * close, low)"
