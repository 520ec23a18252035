"""Looking a few bars back: the value n bars ago, and whether something held within the last n."""

from collections import deque
from math import nan

import numpy as np

from tradego.domain.bars import BoolArray, FloatArray
from tradego.indicators.face import Indicator


class Ago(Indicator):
    """The value `bars` bars ago."""

    __slots__ = ("_bars", "_past")

    def __init__(self, bars: int) -> None:
        self._bars = bars
        self._past = deque([nan] * bars, maxlen=bars)

    def batch(self, values: FloatArray) -> FloatArray:
        shifted = np.full(len(values), nan)
        shifted[self._bars :] = values[: max(len(values) - self._bars, 0)]
        return shifted

    def step(self, value: float) -> float:
        before = self._past[0]
        self._past.append(value)
        return before


class WithinBars(Indicator):
    """Whether a condition held on any of the last `bars` bars, the newest included."""

    __slots__ = ("_bars", "_since")

    def __init__(self, bars: int) -> None:
        self._bars = bars
        self._since = bars  # bars since it last held

    def batch(self, held: BoolArray) -> BoolArray:
        bar = np.arange(len(held))
        last = np.maximum.accumulate(np.where(held, bar, -self._bars))
        return bar - last < self._bars

    def step(self, held: bool) -> bool:
        self._since = 0 if held else self._since + 1
        return self._since < self._bars
