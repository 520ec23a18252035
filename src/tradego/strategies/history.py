"""Strategies over the whole history of a symbol: arrays for research, signals on demand."""

from collections.abc import Sequence

import msgspec
import numpy as np

from tradego.domain.bars import Bars, FloatArray, IntArray
from tradego.domain.errors import require
from tradego.domain.signals import Advice, Condition, Signal
from tradego.strategies import verdicts
from tradego.strategies.plan import Plan, Rules
from tradego.strategies.strategy import Strategy
from tradego.strategies.verdicts import (
    Entries,
    ExitColumn,
    Funnel,
    advice,
    entries,
    exit_columns,
    funnel,
    judged_at,
)
from tradego.strategies.views import History


class Study(msgspec.Struct, frozen=True, eq=False):
    """What one strategy says of one symbol's bars.

    `entries.rows` are the bars that enter; `signals()` has them in full. Exit columns have a value
    for every bar, and the first that fires is the advice of that bar.
    """

    symbol: str
    rules: Rules
    close_ns: IntArray
    entries: Entries
    exits: tuple[ExitColumn, ...]
    funnel: Funnel

    @property
    def strategy(self) -> Strategy:
        return self.rules.strategy

    def __len__(self) -> int:
        return len(self.entries.rows)

    def signals(self) -> list[Signal]:
        """All signals, in time order."""
        close_ns = self.close_ns[self.entries.rows].tolist()
        return verdicts.signals(self.rules, self.entries, [self.symbol] * len(self), close_ns)

    def advice(self, row: int) -> Advice:
        """What the strategy says when bar `row` closes of a position opened before."""
        name = self.strategy.name
        return advice(name, self.exits, row, self.symbol, int(self.close_ns[row]))


class HistoryEvaluator:
    """Strategies laid out once, to be asked of one symbol after another."""

    def __init__(self, strategies: Sequence[Strategy]) -> None:
        self._plan = Plan(strategies)

    def study(self, bars: Bars, sentiment: FloatArray | None = None) -> tuple[Study, ...]:
        """One study a strategy. `sentiment` is a score for each bar, NaN where there is none."""
        history = History(self._plan, bars, sentiment)
        with np.errstate(all="ignore"):
            return tuple(self._study(rules, history) for rules in self._plan.rules)

    def reasons(
        self, bars: Bars, row: int, sentiment: FloatArray | None = None
    ) -> dict[str, tuple[Condition, ...]]:
        """Why, and why not: every condition of every strategy when bar `row` closed."""
        require(0 <= row < bars.count, f"{bars.symbol} has no bar {row}")
        known = sentiment if sentiment is None else sentiment[: row + 1]
        history = History(self._plan, bars.rows(0, row + 1), known)
        with np.errstate(all="ignore"):
            return {
                rules.strategy.name: judged_at(rules.conditions, history, row)
                for rules in self._plan.rules
            }

    def _study(self, rules: Rules, history: History) -> Study:
        found = entries(rules, history)
        return Study(
            symbol=history.bars.symbol,
            rules=rules,
            close_ns=history.bars.close_ns,
            entries=found,
            exits=exit_columns(rules, history),
            funnel=funnel(rules, history, len(found.rows)),
        )


def signals(strategy: Strategy, bars: Bars, sentiment: FloatArray | None = None) -> list[Signal]:
    """Every signal of a strategy on one symbol's bars."""
    return HistoryEvaluator([strategy]).study(bars, sentiment)[0].signals()
