"""Strategies as they speak live: the bars that just closed are judged, nothing is known ahead."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import Bar, Bars, FloatArray
from tradego.domain.effects import TrancheChanged
from tradego.domain.events import AdviceGiven, Event, SignalsRaised
from tradego.domain.positions import TrancheState
from tradego.domain.signals import Signal
from tradego.research.world import AT_ADVICE, AT_SIGNALS
from tradego.strategies.live import PanelEvaluator
from tradego.strategies.strategy import Strategy


class Market(NamedTuple):
    """What strategies are shown: bars, a score for each where there is news, and bars unfit to
    enter on, by symbol.
    """

    bars: Sequence[Bars]
    sentiment: Mapping[str, FloatArray]
    unfit: Mapping[str, Mapping[int, str]]


class NewestBarVoice:
    """All symbols whose bars close at one instant are judged together, advice first.

    With `from_ns` the strategies have lived through all bars that closed before it, and speak from
    the first that closes at or after it.
    """

    def __init__(self, strategies: Sequence[Strategy], market: Market, from_ns: int = 0) -> None:
        self._panel = PanelEvaluator(strategies)
        self._names = {strategy.name for strategy in strategies}
        self._market = market
        self._open: dict[tuple[str, str], set[str]] = {}
        self._signals: list[Signal] | None = None
        for bars in market.bars:
            past = int(bars.close_ns.searchsorted(from_ns))
            scores = market.sentiment.get(bars.symbol)
            self._panel.warm_up(bars.rows(0, past), None if scores is None else scores[:past])
        self._closing = _closings(market.bars, from_ns)
        self._next = next(self._closing, None)

    def peek(self) -> tuple[int, int] | None:
        if self._next is None:
            return None
        return self._next.ts_ns, AT_ADVICE if self._signals is None else AT_SIGNALS

    def speak(self) -> Event | None:
        this = self._next
        if this is None:
            return None
        if self._signals is None:
            self._signals = self._judge(this)
            return self._advise(this)
        signals, self._signals = self._signals, None
        self._next = next(self._closing, None)
        return self._raise(this, signals) if signals else None

    def hear(self, effect: TrancheChanged, now_ns: int) -> None:  # noqa: ARG002 - the port's
        tranche = effect.tranche
        held = self._open.setdefault((tranche.symbol, tranche.strategy), set())
        if tranche.state is TrancheState.OPEN:
            held.add(tranche.tranche_id)
        elif tranche.state is not TrancheState.ENTERING:
            held.discard(tranche.tranche_id)

    def _judge(self, this: "_Closing") -> list[Signal]:
        bars, scores = [], {}
        for index, row in this.members:
            bars.append(_bar(self._market.bars[index], row))
            known = self._market.sentiment.get(bars[-1].symbol)
            if known is not None:
                scores[bars[-1].symbol] = float(known[row])
        return self._panel.close(bars, scores)

    def _advise(self, this: "_Closing") -> Event | None:
        """What each strategy says of what it opened, in the symbols that just closed a bar."""
        closed = {self._market.bars[index].symbol for index, _ in this.members}
        given = tuple(
            self._panel.advice(strategy, symbol)
            for (symbol, strategy), held in self._open.items()
            if held and symbol in closed and strategy in self._names
        )
        return AdviceGiven(ts_ns=this.ts_ns, advice=given) if given else None

    def _raise(self, this: "_Closing", signals: list[Signal]) -> Event:
        rows = {self._market.bars[index].symbol: row for index, row in this.members}
        flagged = {
            signal.symbol: reason
            for signal in signals
            if (reason := self._market.unfit.get(signal.symbol, {}).get(rows[signal.symbol]))
        }
        return SignalsRaised(
            ts_ns=this.ts_ns, signals=tuple(signals), flagged=tuple(flagged.items())
        )


class _Closing(NamedTuple):
    """Bars that close at one instant: which symbol, which row."""

    ts_ns: int
    members: list[tuple[int, int]]


def _closings(all_bars: Sequence[Bars], from_ns: int) -> Iterator[_Closing]:
    when = np.concatenate([bars.close_ns for bars in all_bars])
    of = np.repeat(np.arange(len(all_bars)), [bars.count for bars in all_bars])
    row = np.concatenate([np.arange(bars.count) for bars in all_bars])
    order = np.lexsort((of, when))
    order = order[when[order] >= from_ns]
    rows = zip(when[order].tolist(), of[order].tolist(), row[order].tolist(), strict=True)
    for ts_ns, group in groupby(rows, key=lambda member: member[0]):
        yield _Closing(ts_ns, [(index, at) for _, index, at in group])


def _bar(bars: Bars, row: int) -> Bar:
    return Bar(
        bars.symbol,
        bars.interval_ns,
        int(bars.ts_ns[row]),
        float(bars.open[row]),
        float(bars.high[row]),
        float(bars.low[row]),
        float(bars.close[row]),
        float(bars.volume[row]),
    )
