"""A strategy as a whole: its parts, settings, reasons, confidence and funnel."""

import re
from decimal import Decimal

import numpy as np
import pytest
from by_bar import each, streamed, table

from random_bars import random_bars
from tradego.domain.errors import DomainError, InputError
from tradego.domain.settings import OnAdvice, StrategyPolicy
from tradego.domain.signals import Condition, Product, Side, Signal
from tradego.strategies.history import HistoryEvaluator, signals
from tradego.strategies.language import (
    Choice,
    Number,
    Param,
    Strategy,
    adx,
    ago,
    atr,
    close,
    crossed_above,
    high,
    highest,
    low,
    macd,
    macd_signal,
    nearer,
    open,
    rsi,
    sentiment,
    sma,
    swing_low,
    usual_volume,
    volume,
)
from tradego.strategies.live import PanelEvaluator, StreamEvaluator
from tradego.strategies.plan import Plan
from tradego.strategies.strategy import entry_conditions, overrides, validate
from tradego.strategies.verdicts import Funnel, FunnelStep


class Rising(Strategy):
    """Buys a close above the last but one, busier than usual."""

    bars = Param(2, 1, 10)
    volume_min = Param(150.0, 0.0, 1e6)
    reference = Choice(before=ago(close, bars), opening=open)

    up = (close > reference).strong(1.1 * reference)
    busy = (volume > volume_min).strong(2 * volume_min, weight=3)

    enter = busy & up
    stop = 0.99 * close
    target = 1.03 * close
    trail = 0.5 * close


# Signals


def test_a_signal_says_everything_and_why() -> None:  # S1-sig-11, S1-pnl-7
    bars = table([100, 100, 104, 90], volume=[200, 100, 250, 900])
    (signal,) = signals(Rising(), bars)
    # strengths: 4 of 10 up; 100 of 150 in volume, counted three times
    strength = (0.4 + 3 * 100 / 150) / 4
    assert signal == Signal(
        signal_id=f"rising:INFY:{bars.close_ns[2] // 10**9}",
        ts_ns=int(bars.ts_ns[2]) + bars.interval_ns,
        symbol="INFY",
        strategy="rising",
        product=Product.INTRADAY,
        direction=Side.BUY,
        entry=104.0,
        stop=0.99 * 104,
        target=1.03 * 104,
        confidence=pytest.approx(0.5 + 0.5 * strength),
        news_score=0.0,
        tech_score=pytest.approx(strength),
        trail=52.0,
        conditions=(
            Condition("up", 104, 100, passed=True),
            Condition("busy", 250, 150, passed=True),
        ),
    )


def test_confidence_runs_from_half_at_the_thresholds_to_one() -> None:  # S1-sig-11
    barely = signals(Rising(), table([100, 100, 100.01], volume=[0, 0, 150.1]))
    strongly = signals(Rising(), table([100, 100, 110], volume=[0, 0, 300]))
    beyond = signals(Rising(), table([100, 100, 150], volume=[0, 0, 9000]))
    assert 0.5 < barely[0].confidence < 0.51
    assert strongly[0].confidence == pytest.approx(1)
    assert beyond[0].confidence == 1


def test_strength_joins_as_its_conditions_do() -> None:  # S1-sig-11
    class Joined(Strategy):
        both = (close > 100).strong(110) & (volume > 100).strong(200, weight=3)
        one = (close > 100).strong(200) | (volume > 100).strong(140)
        plain = close > 0
        lasting = (close > 100).strong(120).within(2)
        enter = both & one & plain & lasting
        stop = 0.9 * close
        target = 2 * close

    (signal,) = signals(Joined(), table([105], volume=[120]))
    both = (0.5 + 3 * 0.2) / 4  # the mean by weight; it counts three times itself
    one = 0.5  # the best; plain states no strength; lasting 0.25
    assert signal.confidence == pytest.approx(0.5 + 0.5 * (3 * both + one + 0.25) / 5)


def test_news_is_not_technique() -> None:  # S1-pnl-7
    class News(Strategy):
        good = (sentiment > 0.5).strong(0.9)
        up = (close > 100).strong(110)
        enter = good & up
        stop = 0.9 * close
        target = 2 * close

    (signal,) = signals(News(), table([105, 105]), np.array([0.7, np.nan]))
    assert signal.news_score == 0.7
    assert signal.tech_score == 0.5
    assert signal.confidence == pytest.approx(0.75)


def test_no_signal_where_stop_or_target_is_unknown_or_on_the_wrong_side() -> None:
    class Swings(Strategy):
        enter = close > 0
        stop = swing_low(1)
        target = 110 + 0 * close

    # the swing low 95 is known at bar 2; bar 3 closes below it, bar 4 above the target
    bars = table([100, 95, 100, 94, 120, 105])
    study = HistoryEvaluator([Swings()]).study(bars)[0]
    assert study.entries.rows.tolist() == [2, 5]
    assert study.funnel == Funnel("swings", 6, (FunnelStep("close > 0", 6, 6),), 2)


def test_a_short_has_its_stop_above() -> None:
    class Short(Strategy):
        direction = Side.SELL
        enter = close > 0
        stop = nearer(1.01 * close, swing_low(1))
        target = 0.97 * close

    assert [s.stop for s in signals(Short(), table([100]))] == [101]
    assert signals(Short(), table([100]))[0].direction is Side.SELL


# Reasons


def test_every_condition_of_any_bar_can_be_asked_why_not() -> None:
    bars = table([100, 100, 104, 90], volume=[200, 100, 120, 900])
    why = HistoryEvaluator([Rising()]).reasons(bars, 2)["rising"]
    assert why == (
        Condition("up", 104, 100, passed=True),
        Condition("busy", 120, 150, passed=False),
    )
    stream = StreamEvaluator([Rising()], "INFY")
    for bar in list(each(bars))[:3]:
        assert stream.close(bar) == []
    assert stream.reasons("rising") == why


def test_the_funnel_counts_bars_alone_and_in_turn() -> None:  # S1-sig-10
    bars = table([100, 101, 102, 103, 102], volume=[200, 200, 100, 200, 200])
    study = HistoryEvaluator([Rising(bars=1)]).study(bars)[0]
    # in the order declared, not in that of enter
    steps = (FunnelStep("up", 3, 3), FunnelStep("busy", 4, 2))
    assert study.funnel == Funnel("rising", 5, steps, 2)
    twice = study.funnel + study.funnel
    assert twice == Funnel("rising", 10, (FunnelStep("up", 6, 6), FunnelStep("busy", 8, 4)), 4)


def test_a_dead_strategy_is_seen_at_once() -> None:
    class Dead(Strategy):
        low_rsi = rsi() < 30
        high_rsi = rsi() > 70
        enter = low_rsi & high_rsi
        stop = 0.9 * close
        target = 1.1 * close

    steps = HistoryEvaluator([Dead()]).study(random_bars(1))[0].funnel.steps
    assert steps[0].alone > 0
    assert steps[1].alone > 0
    assert steps[1].in_turn == 0


def test_a_condition_without_a_name_goes_by_its_wording() -> None:
    class Loose(Strategy):
        second = close > 2
        first = close > 1
        enter = first & (close > 5) & second & ((volume > 1) | (open > 1))
        stop = 0.9 * close
        target = 1.1 * close

    names = ["second", "first", "close > 5", "(volume > 1 | open > 1)"]
    assert list(entry_conditions(Loose)) == names


def test_the_rules_are_told_in_words_with_their_values() -> None:
    told = Rising(bars=4, reference="opening").rules()
    assert told == {
        "up": "close > open",
        "busy": "volume > 150",
        "stop": "0.99 * close",
        "target": "1.03 * close",
    }


# Settings


def test_two_strategies_may_each_have_a_period() -> None:
    class Fast(Strategy):
        period = Param(2, 1, 50)
        enter = close > sma(close, period)
        stop = 0.9 * close
        target = 1.1 * close

    class Slow(Fast):
        period = Param(4, 1, 50)

    bars = table([1, 2, 3, 4, 5])
    fast, slow, other = HistoryEvaluator([Fast(), Slow(), Fast(period=3)]).study(bars)
    assert [s.entries.rows.tolist() for s in (fast, slow, other)] == [
        [1, 2, 3, 4],
        [3, 4],
        [2, 3, 4],
    ]


def test_settings_may_be_text() -> None:  # S1-sig-12
    strategy = Rising(
        bars="3",
        volume_min="200",
        reference="opening",
        product="D",
        on_advice="propose",
        min_reward_risk="0.8",
        exits="vwap_break, ema_cross(9, above)",
    )
    assert strategy.values == {"bars": 3, "volume_min": 200, "reference": "opening"}
    assert strategy.product is Product.DELIVERY
    assert [rule.name for rule in strategy.exits] == ["vwap_break", "ema9_cross"]
    assert strategy.policy == StrategyPolicy(
        min_reward_risk=Decimal("0.8"), on_advice=OnAdvice.PROPOSE
    )
    assert Rising().product is Product.INTRADAY, "the class keeps its own"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("bars", 11, "rising.bars = 11 is not a number from 1 to 10"),
        ("bars", "2.5", "rising.bars = 2.5 is not a whole number from 1 to 10"),
        ("bars", "many", "rising.bars = many is not a number from 1 to 10"),
        ("volume_min", float("nan"), "rising.volume_min = nan is not a number from 0 to 1e+06"),
        ("reference", "after", "rising.reference = after is not one of before, opening"),
        ("product", "M", "rising.product = M is not one of I, D"),
        ("on_advice", "maybe", "rising.on_advice = maybe is not one of act, propose, off"),
        ("min_reward_risk", "-1", "rising.min_reward_risk = -1 is not a number from 0 to 20"),
        ("min_reward_risk", "x", "rising.min_reward_risk = x is not a number from 0 to 20"),
        ("volume_minn", 1, "strategy rising has no setting 'volume_minn'; volume_min?"),
    ],
)
def test_a_setting_out_of_its_range_is_refused_by_name(
    key: str, value: float | str, message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Rising(**{key: value})


def test_overrides_are_name_key_value() -> None:
    given = ["rising.bars=3", "rising.exits = vwap_break", "other.x=1", "rising.bars=4"]
    assert overrides(given) == {
        "rising": {"bars": "4", "exits": "vwap_break"},
        "other": {"x": "1"},
    }


@pytest.mark.parametrize("bad", ["", "bars=3", "rising.bars", "rising.=3", ".bars=3", "a.b.c=1"])
def test_an_override_of_another_shape_is_refused(bad: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"parameter {bad!r} is not NAME.KEY=VALUE")):
        overrides([bad])


# What is refused at load: S0-base-1, S0-base-2


@pytest.mark.parametrize("part", ["enter", "stop", "target"])
def test_a_class_that_lacks_a_part_is_refused_by_its_name(part: str) -> None:
    parts = {"enter": close > 0, "stop": 0.9 * close, "target": 1.1 * close}
    del parts[part]
    with pytest.raises(InputError, match=f"strategy half lacks {part!r}"):
        validate(type("Half", (Strategy,), parts))


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("enter", True, "strategy half: 'enter' is True, it must be a condition"),
        ("enter", close, "strategy half: 'enter' is close, it must be a condition"),
        ("stop", 5.0, "strategy half: 'stop' is 5.0, it must be a number"),
        ("min_reward_risk", 1.5, "'min_reward_risk' is 1.5, it must be a Decimal"),
        ("product", "I", "'product' is 'I', it must be Product.INTRADAY"),
        ("exits", (close > 1,), "close > 1 in 'exits' is not an exit rule"),
        ("size", Param(9, 1, 5), "half.size = 9 is not a number from 1 to 5"),
        ("pick", Choice(), "half.pick: a choice of nothing"),
        ("exits", Param(1, 1, 5), "'exits' is exits, it must be a tuple"),
        ("name", "Half Time", "strategy name 'Half Time' is not made of a-z, 0-9 and _"),
    ],
)
def test_a_part_of_the_wrong_kind_is_refused_by_its_name(
    part: str, value: object, message: str
) -> None:
    parts = {"enter": close > 0, "stop": 0.9 * close, "target": 1.1 * close, part: value}
    with pytest.raises(InputError, match=re.escape(message)):
        validate(type("Half", (Strategy,), parts))


@pytest.mark.parametrize("what", [Strategy, object, 5])
def test_only_a_class_made_from_strategy_is_one(what: object) -> None:
    with pytest.raises(InputError, match="is not a class made from Strategy"):
        validate(what)


def test_a_parameter_of_nobody_is_refused() -> None:
    stray = Param(5, 1, 9)

    class Stray(Strategy):
        enter = close > stray
        stop = 0.9 * close
        target = 1.1 * close

    with pytest.raises(InputError, match="strategy stray: parameter '\\?' is not its own"):
        Plan([Stray()])


# What is shared, and what must not be


def test_what_two_strategies_share_is_computed_once() -> None:
    class One(Strategy):
        ratio = Param(2.0, 1.0, 3.0)
        busy = volume > ratio * usual_volume(20)
        crossing = crossed_above(macd(), macd_signal()).within(3)
        trending = adx() > 25
        enter = busy & crossing & trending
        stop = close - 2 * atr()
        target = close + 3 * atr()

    class Two(Strategy):
        factor = Param(2.0, 1.0, 3.0)
        trend = adx(14) > 25
        busy = volume > factor * usual_volume(20)
        new_high = close > ago(highest(high, 20), 1)
        enter = trend & busy & new_high
        stop = close - 2 * atr()
        target = close + 3 * atr()

    alone = Plan([One()])
    # adx, macd, its two values a bar ago, within, usual volume, atr
    assert len(alone.indicators) == 7
    assert len(Plan([One(), One()]).instructions) == len(alone.instructions)
    assert len(Plan([One(), Two()]).indicators) == 7 + 2, "highest, and that a bar ago"
    assert len(Plan([One(), One(ratio=3)]).indicators) == 7


def test_a_number_used_twice_at_every_step_is_still_computed_once() -> None:
    number = close / close
    for _ in range(60):
        number = number * number

    class Doubled(Strategy):
        enter = close > 0
        stop = close - number
        target = close + number

    (signal,) = signals(Doubled(), table([10]))
    assert (signal.stop, signal.target) == (9, 11)


def test_strategies_together_say_what_each_says_alone() -> None:
    bars = random_bars(4)
    together = HistoryEvaluator([Rising(), Rising(bars=7)]).study(bars)
    for study, strategy in zip(together, (Rising(), Rising(bars=7)), strict=True):
        assert study.signals() == signals(strategy, bars)
        assert len(study) > 50


def test_a_bar_that_comes_twice_or_late_is_our_bug() -> None:
    stream = StreamEvaluator([Rising()], "INFY")
    first, second, *_ = each(table([1, 2, 3]))
    stream.close(second)
    for bar in (second, first):
        with pytest.raises(DomainError, match="INFY: a bar came twice or too late"):
            stream.close(bar)


def test_live_names_are_unique() -> None:
    with pytest.raises(DomainError, match="different names"):
        PanelEvaluator([Rising(), Rising(bars=3)])


def test_no_bars_no_signals() -> None:
    none = table([])
    assert signals(Rising(), none) == []
    assert streamed([Rising()], none) == []
    assert PanelEvaluator([Rising()]).close([]) == []
    stream = StreamEvaluator([Rising()], "INFY")
    stream.warm_up(none)
    with pytest.raises(DomainError, match="INFY has no bar in the last close"):
        stream.advice("rising")


def test_numbers_may_be_named_and_reused() -> None:
    class Named(Strategy):
        middle: Number = (high + low) / 2
        enter = close > middle
        stop = 0.9 * close
        target = 1.1 * close

    assert len(signals(Named(), table([10], high=[12], low=[6]))) == 1
