"""Strategies on the bar that just closed: of one symbol, or of all symbols at once."""

from collections.abc import Mapping, Sequence
from math import nan

import numpy as np

from tradego.domain.bars import Bar, Bars, FloatArray
from tradego.domain.errors import DomainError, require
from tradego.domain.signals import Advice, Condition, Signal
from tradego.strategies.plan import Plan, Rules
from tradego.strategies.strategy import Strategy
from tradego.strategies.verdicts import advice, entries, exit_columns, judged_at, signals
from tradego.strategies.views import HOLE_NS, CatchUp, Newest, States, Steps


class PanelEvaluator:
    """All strategies on all symbols whose bars close at one moment.

    A symbol needs no announcement: its indicators begin with its first bar, or with a history
    (`warm_up`). Questions about a symbol are about its bar in the last call of `close`.
    """

    def __init__(self, strategies: Sequence[Strategy]) -> None:
        self._plan = Plan(strategies)
        self._rules = {rules.strategy.name: rules for rules in self._plan.rules}
        require(len(self._rules) == len(strategies), "strategies of one run have different names")
        self._states: dict[str, States] = {}
        self._last_ns: dict[str, int] = {}
        self._lineup: tuple[str, ...] = ()
        self._steps: Steps = {}
        self._newest: Newest | None = None

    def warm_up(self, bars: Bars, sentiment: FloatArray | None = None) -> None:
        """Live through a symbol's history at once; its next bar must follow the last of these."""
        require(bars.symbol not in self._states, f"{bars.symbol} has already begun")
        if not bars.count:
            return
        holes = np.flatnonzero(np.diff(bars.ts_ns) > HOLE_NS)
        start = int(holes[-1]) + 1 if len(holes) else 0
        known = None if sentiment is None else sentiment[start:]
        states: States = {}
        with np.errstate(all="ignore"):
            CatchUp(self._plan, bars.rows(start, bars.count), known, states)
        self._states[bars.symbol] = states
        self._last_ns[bars.symbol] = int(bars.ts_ns[-1])

    def close(
        self, bars: Sequence[Bar], sentiment: Mapping[str, float] | None = None
    ) -> list[Signal]:
        """The signals of these bars, one bar a symbol; by strategy, then in the order of the bars.

        `sentiment` has the score of the symbols that have one.
        """
        if not bars:
            return []
        scores = sentiment or {}
        steps = self._lined_up(bars)
        with np.errstate(all="ignore"):
            known = [scores.get(bar.symbol, nan) for bar in bars]
            newest = self._newest = Newest(self._plan, bars, known, steps)
            return [raised for rules in self._plan.rules for raised in _raised(rules, newest)]

    def advice(self, strategy: str, symbol: str) -> Advice:
        """What a strategy says of a position in this symbol that it opened before."""
        newest, row = self._row(symbol)
        with np.errstate(all="ignore"):
            exits = exit_columns(self._rules[strategy], newest)
        return advice(strategy, exits, row, symbol, newest.bars[row].close_ns)

    def reasons(self, strategy: str, symbol: str) -> tuple[Condition, ...]:
        """Why, and why not: every condition of a strategy on this symbol."""
        newest, row = self._row(symbol)
        with np.errstate(all="ignore"):
            return judged_at(self._rules[strategy].conditions, newest, row)

    def _row(self, symbol: str) -> tuple[Newest, int]:
        newest = self._newest
        if newest is not None:
            for row, bar in enumerate(newest.bars):
                if bar.symbol == symbol:
                    return newest, row
        raise DomainError(f"{symbol} has no bar in the last close")

    def _lined_up(self, bars: Sequence[Bar]) -> Steps:
        """The steps of these bars' symbols; made anew only when others report than last time."""
        begun = [self._begun_anew(bar) for bar in bars]
        lineup = tuple(bar.symbol for bar in bars)
        if lineup != self._lineup or any(begun):
            states = [self._states[symbol] for symbol in lineup]
            self._steps = {slot: [s[slot].step for s in states] for slot in self._plan.indicators}
            self._lineup = lineup
        return self._steps

    def _begun_anew(self, bar: Bar) -> bool:
        """Whether the symbol's indicators begin with this bar."""
        last = self._last_ns.get(bar.symbol)
        require(last is None or bar.ts_ns > last, f"{bar.symbol}: a bar came twice or too late")
        self._last_ns[bar.symbol] = bar.ts_ns
        if last is not None and bar.ts_ns - last <= HOLE_NS:
            return False
        self._states[bar.symbol] = self._plan.states()
        return True


class StreamEvaluator:
    """All strategies on one symbol, one bar at a time."""

    def __init__(self, strategies: Sequence[Strategy], symbol: str) -> None:
        self._panel = PanelEvaluator(strategies)
        self._symbol = symbol

    def warm_up(self, bars: Bars, sentiment: FloatArray | None = None) -> None:
        """Live through a history at once."""
        self._panel.warm_up(bars, sentiment)

    def close(self, bar: Bar, sentiment: float = nan) -> list[Signal]:
        """The signals of this bar."""
        return self._panel.close([bar], {bar.symbol: sentiment})

    def advice(self, strategy: str) -> Advice:
        """What a strategy says of a position it opened before."""
        return self._panel.advice(strategy, self._symbol)

    def reasons(self, strategy: str) -> tuple[Condition, ...]:
        """Why, and why not: every condition of a strategy on the newest bar."""
        return self._panel.reasons(strategy, self._symbol)


def _raised(rules: Rules, newest: Newest) -> list[Signal]:
    found = entries(rules, newest)
    bars = [newest.bars[row] for row in found.rows.tolist()]
    return signals(rules, found, [bar.symbol for bar in bars], [bar.close_ns for bar in bars])
