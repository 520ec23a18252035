"""Turning points of a series and what follows from them: levels, support, divergence.

A swing high is a bar higher than the k before it and not lower than the k after it (of equal highs
in a row the first counts). It is known only k bars late, when the last of those has closed, and
nothing here speaks of it before. Lows are the highs of the series turned upside down.
"""

from collections import deque
from math import nan
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import BoolArray, FloatArray, IntArray
from tradego.indicators.face import Indicator


class _Turn:
    """Streaming detection. One bar at most is pending: while none after it was higher, no later
    one is higher than the k before itself.
    """

    __slots__ = ("_before", "_confirm", "age", "value")

    def __init__(self, confirm: int) -> None:
        self._confirm = confirm
        self._before: deque[float] = deque(maxlen=confirm)
        self.value = nan
        self.age = confirm  # of the pending bar; `confirm` and more: none is pending

    def step(self, value: float) -> bool:
        """Whether the bar k bars ago is now confirmed; `value` is its price then.

        `age` is 0 when the new bar itself is pending.
        """
        before, confirm = self._before, self._confirm
        self.age += 1
        if self.age <= confirm and value <= self.value:
            confirmed = self.age == confirm
        else:
            confirmed = False
            if len(before) == confirm and value > before[-1] and all(value > b for b in before):
                self.value, self.age = value, 0
            else:
                self.age = confirm
        before.append(value)
        return confirmed


def _turns(values: FloatArray, k: int) -> BoolArray:
    """Whether, at each bar, the bar k bars ago is confirmed as a swing high."""
    confirmed = np.zeros(len(values), dtype=np.bool_)
    if len(values) < 2 * k + 1:
        return confirmed
    middle = values[k:-k]
    turn = np.ones(len(middle), dtype=np.bool_)
    for distance in range(1, k + 1):
        turn &= middle > values[k - distance : len(values) - k - distance]
        turn &= middle >= values[k + distance : len(values) - k + distance]
    confirmed[2 * k :] = turn
    return confirmed


class SwingHigh(Indicator):
    """The level of the last confirmed swing high."""

    __slots__ = ("_confirm", "_level", "_turn")
    _sign = 1.0

    def __init__(self, confirm: int) -> None:
        self._confirm = confirm
        self._turn = _Turn(confirm)
        self._level = nan

    def batch(self, values: FloatArray) -> FloatArray:
        confirmed = _turns(self._sign * values, self._confirm)
        bar = np.arange(len(values))
        last = np.maximum.accumulate(np.where(confirmed, bar, -1))
        return np.where(last < 0, nan, values[np.maximum(last - self._confirm, 0)])

    def step(self, value: float) -> float:
        if self._turn.step(self._sign * value):
            self._level = self._sign * self._turn.value
        return self._level


class SwingLow(SwingHigh):
    """The level of the last confirmed swing low."""

    __slots__ = ()
    _sign = -1.0


class _Swing(NamedTuple):
    bar: int
    price: float
    oscillator: float = nan


class BearishDivergence(Indicator):
    """Price makes a higher swing high, the oscillator at those two bars a lower one.

    Speaks of the last two confirmed swing highs of the price while both lie within the last `bars`
    bars. Outputs: 1.0 or 0.0, the oscillator at the newer swing, and at the older (NaN until two
    swings are known).
    """

    _sign = 1.0

    def __init__(self, confirm: int, bars: int) -> None:
        self._confirm = confirm
        self._bars = bars
        self._turn = _Turn(confirm)
        self._pending = nan
        self._bar = -1
        self._older = self._newer = _Swing(-1, nan)

    def batch(
        self, price: FloatArray, oscillator: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        signed = self._sign * price
        confirmed = _turns(signed, self._confirm)
        swings = np.flatnonzero(confirmed) - self._confirm
        known = np.cumsum(confirmed)
        out = (np.zeros(len(price)), np.full(len(price), nan), np.full(len(price), nan))
        two = np.flatnonzero(known >= 2)
        if len(two):
            newer, older = swings[known[two] - 1], swings[known[two] - 2]
            diverges = (signed[newer] > signed[older]) & (two - older <= self._bars)
            diverges &= self._sign * oscillator[newer] < self._sign * oscillator[older]
            out[0][two], out[1][two], out[2][two] = diverges, oscillator[newer], oscillator[older]
        return out

    def step(self, price: float, oscillator: float) -> tuple[float, float, float]:
        self._bar += 1
        if self._turn.step(self._sign * price):
            swing = _Swing(self._bar - self._confirm, self._turn.value, self._pending)
            self._older, self._newer = self._newer, swing
        elif self._turn.age == 0:
            self._pending = oscillator
        older, newer = self._older, self._newer
        if older.bar < 0:
            return 0.0, nan, nan
        diverges = (
            newer.price > older.price
            and self._bar - older.bar <= self._bars
            and self._sign * newer.oscillator < self._sign * older.oscillator
        )
        return float(diverges), newer.oscillator, older.oscillator


class BullishDivergence(BearishDivergence):
    """Price makes a lower swing low, the oscillator at those two bars a higher one."""

    __slots__ = ()
    _sign = -1.0


class Resistance(Indicator):
    """The nearest level above the price at which it has turned before.

    Levels are the last `memory` confirmed swing highs not older than `bars` bars. The one that
    counts is the lowest that the price is not above by more than `tolerance_pct` (percent of the
    price). Outputs: the level, its age in bars (of the oldest swing as near to it) and its touches
    (how many swings are); NaN where there is none.
    """

    __slots__ = (
        "_bar",
        "_bars",
        "_confirm",
        "_holds",
        "_memory",
        "_said",
        "_swings",
        "_tolerance",
        "_turn",
    )
    _sign = 1.0

    def __init__(self, confirm: int, tolerance_pct: float, bars: int, memory: int = 12) -> None:
        self._confirm = confirm
        self._tolerance = tolerance_pct / 100
        self._bars = bars
        self._memory = memory
        self._turn = _Turn(confirm)
        self._bar = -1
        self._swings: deque[_Swing] = deque(maxlen=memory)
        self._said = nan, 0, 0  # the level, the bar of its oldest swing, its touches
        self._holds = nan, nan  # that is the answer for a reach above the one, up to the other

    def batch(
        self, extreme: FloatArray, close: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """`extreme` is the high of each bar (for support: the low)."""
        levels = self._remembered(self._sign * extreme)
        price = self._sign * close
        reach = price - self._tolerance * np.abs(price)
        level = np.full(len(close), np.inf)
        for swing, _ in levels:
            np.minimum(level, swing, out=level, where=swing >= reach)
        level[np.isinf(level)] = nan
        margin = self._tolerance * np.abs(level)
        oldest, touches = np.full(len(close), nan), np.zeros(len(close))
        for swing, age in levels:
            touch = np.abs(swing - level) <= margin
            np.copyto(oldest, age, where=touch)
            touches += touch
        return self._sign * level, oldest, np.where(touches > 0, touches, nan)

    def _remembered(self, values: FloatArray) -> list[tuple[FloatArray, IntArray]]:
        """Newest first: the price of each swing remembered at each bar (NaN: none), and its age."""
        confirmed = _turns(values, self._confirm)
        turns = np.flatnonzero(confirmed) - self._confirm
        if not len(turns):
            return []
        known = np.cumsum(confirmed)
        now = np.arange(len(values))
        levels = []
        for back in range(1, self._memory + 1):
            bar = turns[np.maximum(known - back, 0)]
            age = now - bar
            alive = (known >= back) & (age <= self._bars)
            levels.append((np.where(alive, values[bar], nan), age))
        return levels

    def step(self, extreme: float, close: float) -> tuple[float, float, float]:
        self._bar += 1
        swings = self._swings
        if self._turn.step(self._sign * extreme):
            swings.append(_Swing(self._bar - self._confirm, self._turn.value))
            self._holds = nan, nan
        while swings and swings[0].bar < self._bar - self._bars:
            swings.popleft()
            self._holds = nan, nan
        price = self._sign * close
        reach = price - self._tolerance * abs(price)
        above, up_to = self._holds
        if not above < reach <= up_to:
            self._look(reach)
        level, oldest, touches = self._said
        if not touches:
            return nan, nan, nan
        return self._sign * level, float(self._bar - oldest), float(touches)

    def _look(self, reach: float) -> None:
        prices = [swing.price for swing in self._swings]
        level = min((price for price in prices if price >= reach), default=np.inf)
        margin = self._tolerance * abs(level)
        touches = [
            swing.bar
            for swing in self._swings
            if level < np.inf and abs(swing.price - level) <= margin
        ]
        self._said = level, touches[0] if touches else 0, len(touches)
        self._holds = max((price for price in prices if price < reach), default=-np.inf), level


class Support(Resistance):
    """The nearest level below the price at which it has turned before, from swing lows."""

    __slots__ = ()
    _sign = -1.0
