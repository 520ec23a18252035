"""Indicators that know trading days: a session is the Indian date on which a bar begins."""

from array import array
from collections import deque
from itertools import pairwise
from math import nan
from typing import TypeVar

import numpy as np

from tradego.domain.bars import FloatArray, IntArray
from tradego.domain.times import DAY, IST_OFFSET, MINUTE
from tradego.indicators.face import Indicator

Instants = TypeVar("Instants", int, IntArray)


def session_of(ts_ns: Instants) -> Instants:
    """The Indian date of each instant, as days since 1970-01-01."""
    return (ts_ns + IST_OFFSET) // DAY


def minute_of(ts_ns: Instants) -> Instants:
    """Minutes since Indian midnight, 0..1439."""
    return (ts_ns + IST_OFFSET) % DAY // MINUTE


class SessionVwap(Indicator):
    """Volume-weighted mean of the typical price (high + low + close) / 3 since the session began.

    Unknown until something has traded in the session.
    """

    __slots__ = ("_session", "_value", "_volume")

    def __init__(self) -> None:
        self._session = -1
        self._value = self._volume = 0.0

    def batch(
        self,
        session: IntArray,
        high: FloatArray,
        low: FloatArray,
        close: FloatArray,
        volume: FloatArray,
    ) -> FloatArray:
        value = (high + low + close) / 3 * volume
        traded = volume.astype(np.float64)
        for start, stop in _sessions(session):  # sums begin anew: a difference of sums would not do
            value[start:stop].cumsum(out=value[start:stop])
            traded[start:stop].cumsum(out=traded[start:stop])
        vwap = np.full(len(value), nan)
        np.divide(value, traded, out=vwap, where=traded > 0)
        return vwap

    def step(self, session: int, high: float, low: float, close: float, volume: float) -> float:
        if session != self._session:
            self._session, self._value, self._volume = session, 0.0, 0.0
        self._value += (high + low + close) / 3 * volume
        self._volume += volume
        return self._value / self._volume if self._volume > 0 else nan


class SessionOpen(Indicator):
    """The first value of the session, on every bar of it."""

    __slots__ = ("_first", "_session")

    def __init__(self) -> None:
        self._session = -1
        self._first = nan

    def batch(self, session: IntArray, values: FloatArray) -> FloatArray:
        bounds = _sessions(session)
        firsts = values[[start for start, _ in bounds]] if bounds else values
        return np.repeat(firsts, [stop - start for start, stop in bounds])

    def step(self, session: int, value: float) -> float:
        if session != self._session:
            self._session, self._first = session, value
        return self._first


class SessionHigh(Indicator):
    """The highest value of the last `sessions` complete sessions, the current one left out.

    The first session of a history counts as complete: what is missing of it cannot be known.
    """

    __slots__ = ("_best", "_complete", "_current", "_session", "_sessions")
    _sign = 1.0

    def __init__(self, sessions: int) -> None:
        self._sessions = sessions
        self._session = -1
        self._current = -np.inf
        self._complete: deque[float] = deque(maxlen=sessions)
        self._best = nan

    def batch(self, session: IntArray, values: FloatArray) -> FloatArray:
        bounds = _sessions(session)
        known = max(len(bounds) - self._sessions, 0)
        by_session = np.full(len(bounds), nan)
        if known:
            starts = [start for start, _ in bounds]
            bests = np.maximum.reduceat(self._sign * values, starts)
            windows = np.lib.stride_tricks.sliding_window_view(bests, self._sessions)
            by_session[self._sessions :] = windows[:known].max(axis=1)
        return np.repeat(self._sign * by_session, [stop - start for start, stop in bounds])

    def step(self, session: int, value: float) -> float:
        if session != self._session:
            if self._session >= 0:
                self._complete.append(self._current)
            if len(self._complete) == self._sessions:
                self._best = self._sign * max(self._complete)
            self._session, self._current = session, -np.inf
        self._current = max(self._current, self._sign * value)
        return self._best


class SessionLow(SessionHigh):
    """The lowest value of the last `sessions` complete sessions."""

    __slots__ = ()
    _sign = -1.0


class UsualVolume(Indicator):
    """Mean volume of the last `sessions` bars that began at this time of day, this bar left out.

    Summed afresh on every bar, oldest first, so that it does not depend on where the data begins.
    """

    __slots__ = ("_by_minute", "_sessions")

    def __init__(self, sessions: int) -> None:
        self._sessions = sessions
        self._by_minute: dict[int, array[float]] = {}

    def batch(self, minute: IntArray, volume: FloatArray) -> FloatArray:
        usual = np.full(len(volume), nan)
        count = len(volume) - self._sessions
        if count <= 0:
            return usual
        order = np.argsort(minute, kind="stable")
        by_minute, by_time = minute[order], volume[order]
        total = np.zeros(count)
        for back in range(self._sessions):
            total += by_time[back : back + count]
        same = by_minute[self._sessions :] == by_minute[:count]
        usual[order[self._sessions :][same]] = (total / self._sessions)[same]
        return usual

    def step(self, minute: int, volume: float) -> float:
        earlier = self._by_minute.get(minute)
        if earlier is None:
            earlier = self._by_minute[minute] = array("d")
        if len(earlier) < self._sessions:
            earlier.append(volume)
            return nan
        total = 0.0
        for value in earlier:
            total += value
        del earlier[0]
        earlier.append(volume)
        return total / self._sessions


def _sessions(session: IntArray) -> list[tuple[int, int]]:
    """[start, stop) of the bars of each session."""
    if not len(session):
        return []
    edges = [0, *(np.flatnonzero(np.diff(session)) + 1).tolist(), len(session)]
    return list(pairwise(edges))
