"""Rules for leaving, and what they recommend for an open position. Bars are written by hand."""

import re

import msgspec
import numpy as np
import pytest
from by_bar import each, table

from random_bars import random_bars
from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.signals import Action, Advice, Condition
from tradego.indicators import elementary
from tradego.strategies.exits import EXITS, ExitRule, exit_rules
from tradego.strategies.history import HistoryEvaluator, Study
from tradego.strategies.language import (
    Strategy,
    ago,
    atr,
    close,
    ema_cross,
    low,
    middle_band_exit,
    reduce,
    rsi_exit,
    sentiment,
    swing_trail,
    time_exit,
    volume,
    vwap_break,
)
from tradego.strategies.live import StreamEvaluator


class Held(Strategy):
    """Enters on the first bar that rises; what matters is how it leaves."""

    enter = close > ago(close, 1)
    stop = 0.9 * close
    target = 2 * close


def study(bars: Bars, *rules: ExitRule) -> Study:
    return HistoryEvaluator([Held(exits=rules)]).study(bars)[0]


def fires(bars: Bars, rule: ExitRule) -> list[int]:
    """Rows on which a rule holds."""
    return np.flatnonzero(study(bars, rule).exits[0].fires).tolist()


def test_vwap_break_is_a_close_below_the_session_mean() -> None:  # S1-sig-5
    bars = table([100, 110, 104, 106, 90, 95], per_session=4)  # means 100, 105, 104.67, 105; 90 ..
    assert fires(bars, vwap_break()) == [2]
    assert fires(bars, vwap_break("above")) == [1, 3, 5]


def test_ema_cross_takes_either_direction() -> None:  # S4-p3-1
    bars = random_bars(2, sessions=8)
    ema9 = elementary.ema(9).batch(bars.close)
    below, above = bars.close < ema9, bars.close > ema9
    assert (
        fires(bars, ema_cross())
        == (np.flatnonzero(below[1:] & ~below[:-1] & (bars.close >= ema9)[:-1]) + 1).tolist()
    )
    assert (
        fires(bars, ema_cross(9, "above"))
        == (np.flatnonzero(above[1:] & (bars.close <= ema9)[:-1]) + 1).tolist()
    )
    assert ema_cross(21).name == "ema21_cross"


def test_rsi_exit_fires_when_fifty_is_reached_and_while_beyond() -> None:  # S4-p3-2
    bars = random_bars(2, sessions=8)
    rsi = elementary.rsi(14).batch(bars.close)
    assert fires(bars, rsi_exit()) == np.flatnonzero(rsi >= 50).tolist()
    assert fires(bars, rsi_exit(40, "below")) == np.flatnonzero(rsi <= 40).tolist()
    assert rsi_exit().name == "rsi50"


def test_the_middle_band_is_reached_by_touching_it() -> None:  # S1-sig-3
    bars = table([10.0] * 20 + [9, 11])
    assert fires(bars, middle_band_exit()) == [19, 21]
    assert fires(bars, middle_band_exit("below")) == [19, 20]


def test_the_time_exit_speaks_at_the_close_of_the_bar() -> None:
    bars = table([10.0] * 30)  # the bar of 14:45 closes at 15:00, the 23rd of the session
    assert fires(bars, time_exit("15:00")) == [22, 23, 24]


def test_a_stop_follows_the_last_swing_on_its_side_of_the_close() -> None:
    bars = table([10, 9, 8, 9, 10, 11, 7], per_session=50)
    trailing = study(bars, swing_trail(2))
    assert [trailing.advice(row).action for row in range(7)] == [
        *[Action.HOLD] * 4,  # the low of 8 is known two bars later
        Action.MOVE_STOP,
        Action.MOVE_STOP,
        Action.HOLD,  # the close is below it: no stop can rest there
    ]
    assert trailing.advice(4).stop == 8
    assert trailing.advice(4).rule == "swing_trail"
    short = study(table([10, 11, 12, 11, 10, 13]), swing_trail(2, "above"))
    assert [short.advice(row).stop for row in range(6)] == [0, 0, 0, 0, 12, 0]


def test_a_reduction_happens_once_each_time_its_rule_begins_to_hold() -> None:
    bars = table([10, 12, 12, 9, 12], per_session=50)
    half = reduce(ExitRule("dear", close > 11), 0.5)
    advice = [study(bars, half).advice(row) for row in range(5)]
    assert [a.action for a in advice] == [
        Action.HOLD,
        Action.REDUCE,
        Action.HOLD,
        Action.HOLD,
        Action.REDUCE,
    ]
    assert advice[1].fraction == 0.5


@pytest.mark.parametrize("fraction", [0, -0.5, 1.5])
def test_a_reduction_gives_back_a_part(fraction: float) -> None:
    with pytest.raises(InputError, match="is not above 0 and at most 1"):
        reduce(vwap_break(), fraction)


# S0-trk-2, S0-trk-3


def test_advice_says_which_rule_and_what_it_saw() -> None:
    bars = table([100, 110, 104], per_session=4)
    said = study(bars, vwap_break(), time_exit("15:00")).advice(2)
    assert said == Advice(
        ts_ns=int(bars.close_ns[2]),
        symbol="INFY",
        strategy="held",
        action=Action.EXIT,
        rule="vwap_break",
        conditions=(
            Condition("vwap_break", 104, (100 + 110 + 104) / 3, passed=True),
            Condition("time", 10 * 60, 15 * 60, passed=False),
        ),
    )


def test_to_hold_is_said_with_its_reasons_too() -> None:
    said = study(table([100, 110]), vwap_break()).advice(1)
    assert said.action is Action.HOLD
    assert said.rule == ""
    assert said.conditions == (Condition("vwap_break", 110, 105, passed=False),)


def test_the_first_rule_met_wins_and_leaving_comes_before_reducing_before_stops() -> None:
    falling = close < 100
    stop = ExitRule("stop", falling, Action.MOVE_STOP, 0.5 * low)
    part = ExitRule("part", falling, Action.REDUCE, fraction=0.25)
    late, early = ExitRule("late", close < 90), ExitRule("early", falling)
    bars = table([99, 89])
    both = study(bars, stop, part, late, early)
    assert [both.advice(row).rule for row in (0, 1)] == ["early", "late"]
    assert study(bars, stop, part).advice(0).rule == "part"
    assert study(bars, stop).advice(0) == Advice(
        ts_ns=int(bars.close_ns[0]),
        symbol="INFY",
        strategy="held",
        action=Action.MOVE_STOP,
        rule="stop",
        stop=49.5,
        conditions=(Condition("stop", 99, 100, passed=True),),
    )


def test_live_advice_is_that_of_history() -> None:  # S2-mode-6
    bars = random_bars(6, sessions=10)
    strategy = Held(exits="rsi_exit(70), vwap_break, ema_cross(9, above), swing_trail(3)")
    past = HistoryEvaluator([strategy]).study(bars)[0]
    stream = StreamEvaluator([strategy], "INFY")
    actions = set()
    for row, bar in enumerate(each(bars)):
        stream.close(bar)
        said = stream.advice("held")
        assert said == past.advice(row)
        actions.add(said.action)
    assert actions == {Action.HOLD, Action.EXIT, Action.MOVE_STOP}


def test_signals_and_advice_survive_the_journal_even_while_warming_up() -> None:
    class Patchy(Strategy):
        news = (sentiment > 0.5).within(3)
        enter = news
        stop = 0.9 * close
        target = 1.2 * close
        exits = (vwap_break(), middle_band_exit())

    bars = table([100, 101, 102], volume=[0, 0, 0])
    (patchy,) = HistoryEvaluator([Patchy()]).study(bars, np.array([0.9, np.nan, np.nan]))
    assert [len(signal.conditions) for signal in patchy.signals()] == [1, 0, 0]
    for said in (*patchy.signals(), patchy.advice(2)):
        assert msgspec.json.decode(msgspec.json.encode(said), type=type(said)) == said
    assert patchy.advice(2).conditions == ()


def test_a_trailing_distance_must_be_known() -> None:
    class Trailing(Held):
        trail = 2 * atr(2)

    bars = table([10, 11, 12, 13], per_session=50)
    (trailing,) = HistoryEvaluator([Trailing()]).study(bars)
    assert [(s.entry, s.trail) for s in trailing.signals()] == [(12, 2), (13, 2)]


# Switched on by configuration: S4-p3-1..4


def test_every_rule_can_be_written_in_a_configuration() -> None:
    rules = exit_rules(
        "vwap_break, ema_cross(21,above),rsi_exit( 45 , below ) , middle_band_exit,"
        " time_exit(15:00), swing_trail(3)"
    )
    assert [rule.name for rule in rules] == [
        "vwap_break",
        "ema21_cross",
        "rsi45",
        "middle_band",
        "time",
        "swing_trail",
    ]
    assert len(rules) == len(EXITS)
    assert exit_rules("") == exit_rules("  ") == ()
    switched = Held(exits="rsi_exit(45, below)").rules()
    assert switched["exit rsi45"] == "rsi(14) <= 45"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("vwap", "exits: no rule 'vwap'; there are vwap_break, ema_cross,"),
        ("vwap_break; ema_cross", "exits: cannot read 'vwap_break; ema_cross'"),
        ("ema_cross(9", "exits: cannot read 'ema_cross(9'"),
        ("ema_cross(9, sideways)", "exits: direction 'sideways' is neither above nor below"),
        ("swing_trail(3, up)", "exits: direction 'up' is neither above nor below"),
        ("vwap_break(1, 2)", "exits: vwap_break(1, 2) does not fit"),
        ("time_exit", "exits: time_exit() does not fit"),
        ("time_exit(25:00)", "clock time '25:00' does not exist"),
        ("ema_cross(2.5)", "2.5 is not a length"),
        ("ema_cross(often)", "'often' is not a length"),
        ("rsi_exit(high)", "'high' is not a number"),
        ("time_exit(15)", "clock time 15 is not HH:MM"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(given: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Held(exits=given)


def test_volume_may_take_part_in_a_rule_of_ones_own() -> None:
    dry = ExitRule("dry", volume < 50)
    assert fires(table([1, 1, 1], volume=[90, 10, 60]), dry) == [1]
