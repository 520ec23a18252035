"""Strategies over recorded bars: signals are known as arrays, and told when their time comes."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import IntArray
from tradego.domain.effects import TrancheChanged
from tradego.domain.events import AdviceGiven, Event, SignalsRaised
from tradego.domain.positions import Tranche, TrancheState
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
        self._unfit = unfit or {}
        self._order = list(self._studies.values())
        self._rounds = _rounds(self._order)
        self._next_round = bisect_left(self._rounds, from_ns, key=lambda this: this.ts_ns)
        self._advice: list[tuple[int, str, str, int]] = []  # time, symbol, strategy, row
        self._firing: dict[tuple[str, str], IntArray] = {}
        self._queued: set[tuple[str, str]] = set()
        self._open: dict[tuple[str, str], set[str]] = {}

    def peek(self) -> tuple[int, int] | None:
        signals = self._rounds[self._next_round].ts_ns if self._more else None
        if self._advice and (signals is None or self._advice[0][0] <= signals):
            return self._advice[0][0], AT_ADVICE
        return None if signals is None else (signals, AT_SIGNALS)

    @property
    def _more(self) -> bool:
        return self._next_round < len(self._rounds)

    def speak(self) -> Event | None:
        head = self.peek()
        if head is None:
            return None
        return self._advise(head[0]) if head[1] == AT_ADVICE else self._raise()

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

    def _raise(self) -> Event:
        this = self._rounds[self._next_round]
        self._next_round += 1
        signals, flagged = [], []
        for study_index, index in this.members:
            study = self._order[study_index]
            signals.append(study.signal(index))
            reason = self._unfit.get(study.symbol, {}).get(int(study.entries.rows[index]))
            if reason:
                flagged.append((study.symbol, reason))
        return SignalsRaised(ts_ns=this.ts_ns, signals=tuple(signals), flagged=tuple(flagged))


class _Round(NamedTuple):
    ts_ns: int
    members: list[tuple[int, int]]  # study, index of its signal


def _rounds(studies: Sequence[Study]) -> list[_Round]:
    """Every signal of every study, grouped by the instant its bar closes."""
    times = [study.close_ns[study.entries.rows] for study in studies]
    if not times or not sum(map(len, times)):
        return []
    of = np.repeat(np.arange(len(studies)), [len(column) for column in times])
    index = np.concatenate([np.arange(len(column)) for column in times])
    when = np.concatenate(times)
    order = np.lexsort((index, of, when))
    when, members = when[order], list(zip(of[order].tolist(), index[order].tolist(), strict=True))
    starts = np.flatnonzero(np.append(True, np.diff(when) > 0)).tolist()
    stops = [*starts[1:], len(members)]
    return [_Round(int(when[a]), members[a:b]) for a, b in zip(starts, stops, strict=True)]


def _firing(study: Study) -> IntArray:
    """Rows at which some exit rule of the study fires, ascending."""
    if not study.exits:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.logical_or.reduce([column.fires for column in study.exits]))
