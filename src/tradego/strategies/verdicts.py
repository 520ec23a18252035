"""What slots mean: signals, advice, reasons, and how often each condition held."""

from collections.abc import Iterable, Sequence
from math import isnan
from typing import NamedTuple

import msgspec
import numpy as np

from tradego.domain.bars import BoolArray, FloatArray, IntArray
from tradego.domain.errors import require
from tradego.domain.signals import Action, Advice, Condition, Signal
from tradego.domain.times import SECOND
from tradego.strategies.exits import ExitRule
from tradego.strategies.plan import Judged, Rules
from tradego.strategies.views import View


class Entries(msgspec.Struct, frozen=True, eq=False):
    """The rows on which a strategy enters, ascending, with everything its signals will say.

    `left` and `right` have one row a condition and one column an entry.
    """

    rows: IntArray
    entry: FloatArray
    stop: FloatArray
    target: FloatArray
    trail: FloatArray
    volatility: FloatArray
    confidence: FloatArray
    news_score: FloatArray
    tech_score: FloatArray
    left: FloatArray
    right: FloatArray


class ExitColumn(msgspec.Struct, frozen=True, eq=False):
    """One exit rule over all rows: where it holds, what it compares, and, for MOVE_STOP, the level
    of the stop it proposes (else 0).
    """

    rule: ExitRule
    fires: BoolArray
    left: FloatArray
    right: FloatArray
    level: FloatArray


class FunnelStep(NamedTuple):
    """Bars on which a condition held: alone, and together with all before it."""

    name: str
    alone: int
    in_turn: int


class Funnel(msgspec.Struct, frozen=True):
    """Where the bars of a strategy went. `signals` are fewer than the last step where stop or
    target were unknown or on the wrong side of the entry.
    """

    strategy: str
    bars: int
    steps: tuple[FunnelStep, ...]
    signals: int

    def __add__(self, other: "Funnel") -> "Funnel":
        require(self.strategy == other.strategy, "funnels of different strategies do not add up")
        steps = tuple(
            FunnelStep(one.name, one.alone + two.alone, one.in_turn + two.in_turn)
            for one, two in zip(self.steps, other.steps, strict=True)
        )
        signals = self.signals + other.signals
        return Funnel(self.strategy, self.bars + other.bars, steps, signals)


def entries(rules: Rules, view: View) -> Entries:
    """Where the strategy enters: its conditions hold, and stop and target are where they belong."""
    rows = np.flatnonzero(view.verdicts(rules.enter))
    rows = rows[view.verdicts(rules.sound, rows)]
    judged = rules.conditions
    return Entries(
        rows=rows,
        entry=view.numbers(rules.entry, rows),
        stop=view.numbers(rules.stop, rows),
        target=view.numbers(rules.target, rows),
        trail=view.numbers(rules.trail, rows),
        volatility=np.nan_to_num(view.numbers(rules.volatility, rows)),
        confidence=view.numbers(rules.confidence, rows),
        news_score=view.numbers(rules.news_score, rows),
        tech_score=view.numbers(rules.tech_score, rows),
        left=np.array([view.numbers(condition.left, rows) for condition in judged]),
        right=np.array([view.numbers(condition.right, rows) for condition in judged]),
    )


def signals(
    rules: Rules, found: Entries, symbols: Sequence[str], close_ns: Sequence[int]
) -> list[Signal]:
    """Every entry as a signal of its symbol, at the instant at which its bar closed.

    A condition that held on an earlier bar and cannot be measured on this one goes unmentioned.
    """
    strategy, name = rules.strategy, rules.strategy.name
    # Lists, since one number out of an array costs as much as a hundred out of a list.
    numbers = (
        found.entry.tolist(),
        found.stop.tolist(),
        found.target.tolist(),
        found.confidence.tolist(),
        found.news_score.tolist(),
        found.tech_score.tolist(),
        found.trail.tolist(),
        found.volatility.tolist(),
    )
    rows = zip(symbols, close_ns, _conditions(rules, found), *numbers, strict=True)
    return [
        Signal(
            signal_id=f"{name}:{symbol}:{ts_ns // SECOND}",
            ts_ns=ts_ns,
            symbol=symbol,
            strategy=name,
            product=strategy.product,
            direction=strategy.direction,
            entry=entry,
            stop=stop,
            target=target,
            confidence=confidence,
            news_score=news_score,
            tech_score=tech_score,
            trail=trail,
            volatility=volatility,
            conditions=conditions,
        )
        for (
            symbol,
            ts_ns,
            conditions,
            entry,
            stop,
            target,
            confidence,
            news_score,
            tech_score,
            trail,
            volatility,
        ) in rows
    ]


def _conditions(rules: Rules, found: Entries) -> list[tuple[Condition, ...]]:
    """What held on each entry, with its values."""
    if not rules.conditions:
        return [()] * len(found.rows)
    columns = [
        [
            Condition(judged.name, one, other, passed=True)
            for one, other in zip(left.tolist(), right.tolist(), strict=True)
        ]
        for judged, left, right in zip(rules.conditions, found.left, found.right, strict=True)
    ]
    told = list(zip(*columns, strict=True))
    if np.isnan(found.left).any() or np.isnan(found.right).any():
        told = [_known(conditions) for conditions in told]
    return told


def funnel(rules: Rules, view: View, signals: int) -> Funnel:
    """How many rows passed each condition, alone and in turn."""
    steps = []
    left = np.ones(view.count, dtype=np.bool_)
    for condition in rules.conditions:
        held = view.verdicts(condition.test)
        left &= held
        steps.append(
            FunnelStep(condition.name, int(np.count_nonzero(held)), int(np.count_nonzero(left)))
        )
    return Funnel(rules.strategy.name, view.count, tuple(steps), signals)


def judged_at(conditions: Sequence[Judged], view: View, row: int) -> tuple[Condition, ...]:
    """Every condition on one row, held or not; NaN for what is not known there."""
    rows = np.array([row])
    return tuple(
        Condition(
            condition.name,
            float(view.numbers(condition.left, rows)[0]),
            float(view.numbers(condition.right, rows)[0]),
            passed=bool(view.verdicts(condition.test, rows)[0]),
        )
        for condition in conditions
    )


def exit_columns(rules: Rules, view: View) -> tuple[ExitColumn, ...]:
    """Every exit rule on every row."""
    every = np.arange(view.count)
    return tuple(
        ExitColumn(
            rule=leaving.rule,
            fires=view.verdicts(leaving.judged.test),
            left=view.numbers(leaving.judged.left, every),
            right=view.numbers(leaving.judged.right, every),
            level=view.numbers(leaving.level, every),
        )
        for leaving in rules.exits
    )


def advice(strategy: str, exits: Sequence[ExitColumn], row: int, symbol: str, ts_ns: int) -> Advice:
    """What a strategy recommends on one row for a position it opened before.

    Rules that cannot be measured yet go unmentioned.
    """
    conditions = tuple(
        Condition(e.rule.name, float(e.left[row]), float(e.right[row]), passed=bool(e.fires[row]))
        for e in exits
    )
    held = next((e for e, c in zip(exits, conditions, strict=True) if c.passed), None)
    return Advice(
        ts_ns=ts_ns,
        symbol=symbol,
        strategy=strategy,
        action=Action.HOLD if held is None else held.rule.action,
        rule="" if held is None else held.rule.name,
        stop=0.0 if held is None else float(held.level[row]),
        fraction=1.0 if held is None else held.rule.fraction,
        conditions=_known(conditions),
    )


def _known(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those with two numbers: signals and advice are journaled, and JSON knows no NaN."""
    return tuple(c for c in conditions if not (isnan(c.left) or isnan(c.right)))
