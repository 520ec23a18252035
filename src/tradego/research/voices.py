"""Strategies over recorded bars: signals are known as arrays, and told when their time comes."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import groupby
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import IntArray
from tradego.domain.effects import TrancheChanged
from tradego.domain.events import AdviceGiven, Event, SignalsRaised
from tradego.domain.positions import Tranche, TrancheState
from tradego.domain.signals import Signal
from tradego.research.world import AT_ADVICE, AT_SIGNALS
from tradego.strategies.history import Study


class RecordedVoice:
    """Studies of every symbol, played back: signals at their bar's close, advice while something
    is open and a rule fires. Silence is skipped, and nothing is told before its time.
    """

    def __init__(
        self,
        studies: Sequence[Study],
        unfit: Mapping[str, Mapping[int, str]] | None = None,
        from_ns: int = 0,
    ) -> None:
        self._studies = {(s.symbol, s.strategy.name): s for s in studies}
        self._rounds = deque(_rounds(list(self._studies.values()), unfit or {}, from_ns))
        self._advice: list[tuple[int, str, str, int]] = []  # time, symbol, strategy, row
        self._firing: dict[tuple[str, str], IntArray] = {}
        self._queued: set[tuple[str, str]] = set()
        self._open: dict[tuple[str, str], set[str]] = {}

    def peek(self) -> tuple[int, int] | None:
        signals = self._rounds[0].ts_ns if self._rounds else None
        if self._advice and (signals is None or self._advice[0][0] <= signals):
            return self._advice[0][0], AT_ADVICE
        return None if signals is None else (signals, AT_SIGNALS)

    def speak(self) -> Event | None:
        head = self.peek()
        if head is None:
            return None
        return self._advise(head[0]) if head[1] == AT_ADVICE else self._rounds.popleft().told()

    def hear(self, effect: TrancheChanged, now_ns: int) -> None:
        key = (effect.tranche.symbol, effect.tranche.strategy)
        if key in self._studies:
            self._follow(key, effect.tranche, now_ns)

    def _follow(self, key: tuple[str, str], tranche: Tranche, now_ns: int) -> None:
        held = self._open.setdefault(key, set())
        if tranche.state is TrancheState.OPEN:
            if not held:
                self._expect(key, now_ns)
            held.add(tranche.tranche_id)
        elif tranche.state is not TrancheState.ENTERING:
            held.discard(tranche.tranche_id)

    def _expect(self, key: tuple[str, str], after_ns: int) -> None:
        """Queue the first bar closing after an instant at which an exit rule fires, once."""
        if key in self._queued:
            return
        firing = self._firing.get(key)
        if firing is None:
            firing = self._firing[key] = _firing(self._studies[key])
        study = self._studies[key]
        at = int(study.close_ns[firing].searchsorted(after_ns, side="right"))
        if at < len(firing):
            row = int(firing[at])
            self._queued.add(key)
            heappush(self._advice, (int(study.close_ns[row]), *key, row))

    def _advise(self, now_ns: int) -> Event | None:
        """All advice due at one instant, of strategies that still hold something."""
        given = []
        while self._advice and self._advice[0][0] == now_ns:
            _, symbol, strategy, row = heappop(self._advice)
            key = (symbol, strategy)
            self._queued.remove(key)
            if self._open.get(key):
                given.append(self._studies[key].advice(row))
                self._expect(key, now_ns)
        return AdviceGiven(ts_ns=now_ns, advice=tuple(given)) if given else None


class _Round(NamedTuple):
    """All signals of one instant; `flagged` are symbols unfit to enter on, with the reason."""

    ts_ns: int
    signals: tuple[Signal, ...]
    flagged: tuple[tuple[str, str], ...]

    def told(self) -> SignalsRaised:
        return SignalsRaised(ts_ns=self.ts_ns, signals=self.signals, flagged=self.flagged)


def _rounds(
    studies: Sequence[Study], unfit: Mapping[str, Mapping[int, str]], from_ns: int
) -> Iterator[_Round]:
    """Every signal from an instant on, grouped by the instant at which its bar closes."""
    raised: list[tuple[Signal, str]] = []
    for study in studies:
        reasons = unfit.get(study.symbol, {})
        rows = study.entries.rows.tolist()
        raised += zip(study.signals(), [reasons.get(row, "") for row in rows], strict=True)
    raised.sort(key=lambda one: one[0].ts_ns)  # and keeps the studies in order
    for ts_ns, together in groupby(raised, key=lambda one: one[0].ts_ns):
        if ts_ns >= from_ns:
            told = list(together)
            flagged = [(signal.symbol, reason) for signal, reason in told if reason]
            yield _Round(ts_ns, tuple(signal for signal, _ in told), tuple(flagged))


def _firing(study: Study) -> IntArray:
    """Rows at which some exit rule of the study fires, ascending."""
    if not study.exits:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.logical_or.reduce([column.fires for column in study.exits]))
