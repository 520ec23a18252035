"""The textbook indicators, computed by TA-Lib in both faces.

TA-Lib leaves what follows a NaN inside a series undefined. Here it is defined: an indicator says
nothing on a bar whose inputs are not all finite, and begins afresh on the next.
"""

import sys
from collections.abc import Callable, Sequence
from math import isfinite, nan

import numpy as np

from tradego.domain.bars import BoolArray, FloatArray
from tradego.indicators.face import Column, Columns, Indicator, Value

# TA-Lib wraps every function for polars if it can import it, which would cost the engine process
# 0.3 s and 35 MB for a convenience nobody uses; so it must not find polars while it loads.
_hidden = "polars" not in sys.modules
if _hidden:
    sys.modules["polars"] = None  # type: ignore[assignment]
try:
    import talib
    from talib import InsufficientHistory, stream  # type: ignore[attr-defined]  # not in its stubs
finally:
    if _hidden:
        del sys.modules["polars"]

Outputs = tuple[FloatArray, ...]


class TaLib(Indicator):
    """A TA-Lib function by name, with the number of values it gives."""

    __slots__ = ("_function", "_handle", "_options", "_outputs", "_update", "_waiting")

    def __init__(self, function: str, outputs: int = 1, /, **options: float) -> None:
        self._function: Callable[..., FloatArray | Outputs] = getattr(talib, function)
        self._handle = getattr(stream, function)
        self._outputs = outputs
        self._options = options
        self._waiting: list[tuple[float, ...]] = []
        self._update: Callable[..., Value] | None = None

    def batch(self, *columns: Column) -> Columns:
        series = [np.ascontiguousarray(column, dtype=np.float64) for column in columns]
        known = _all_finite(series)
        if known.all():
            return self._single_or_tuple(self._compute(series))
        filled = tuple(np.full(len(known), nan) for _ in range(self._outputs))
        for start, stop in _runs(known):
            run = self._compute([column[start:stop] for column in series])
            for output, part in zip(filled, run, strict=True):
                output[start:stop] = part
        return self._single_or_tuple(filled)

    def step(self, *values: float) -> Value:
        if not isfinite(sum(values)):
            self._waiting, self._update = [], None
            return self._unknown()
        if self._update is None:
            self._waiting.append(values)
            return self._opened([np.array(column) for column in zip(*self._waiting, strict=True)])
        return self._update(*values)

    def catch_up(self, *columns: Column) -> Columns:
        series = [np.ascontiguousarray(column, dtype=np.float64) for column in columns]
        runs = _runs(_all_finite(series))
        if runs and runs[-1][1] == len(series[0]):
            run = [column[runs[-1][0] :] for column in series]
            self._waiting = list(zip(*(column.tolist() for column in run), strict=True))
            self._opened(run)
        return self.batch(*columns)

    def _opened(self, history: Sequence[FloatArray]) -> Value:
        """The newest value, if the history is long enough to open a streaming handle on it."""
        try:
            handle = self._handle(*history, **self._options)
        except InsufficientHistory:
            return self._unknown()
        self._waiting, self._update = [], handle.update
        value: Value = handle.value
        return value

    def _compute(self, series: Sequence[FloatArray]) -> Outputs:
        result = self._function(*series, **self._options)
        return result if isinstance(result, tuple) else (result,)

    def _single_or_tuple(self, outputs: Outputs) -> Columns:
        return outputs if self._outputs > 1 else outputs[0]

    def _unknown(self) -> Value:
        return (nan,) * self._outputs if self._outputs > 1 else nan


def _all_finite(series: Sequence[FloatArray]) -> BoolArray:
    known = np.isfinite(series[0])
    for column in series[1:]:
        known &= np.isfinite(column)
    return known


def _runs(known: BoolArray) -> list[tuple[int, int]]:
    """[start, stop) of each unbroken run of True."""
    edges = np.flatnonzero(np.diff(known, prepend=False, append=False)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def sma(period: int) -> TaLib:
    """Simple moving average of one series."""
    return TaLib("SMA", timeperiod=period)


def ema(period: int) -> TaLib:
    """Exponential moving average of one series, begun from the mean of its first values."""
    return TaLib("EMA", timeperiod=period)


def rsi(period: int) -> TaLib:
    """Wilder's relative strength index of one series, 0..100."""
    return TaLib("RSI", timeperiod=period)


def macd(fast: int, slow: int, signal: int) -> TaLib:
    """Of one series: its fast less its slow EMA, the EMA of that, and the difference of the two."""
    return TaLib("MACD", 3, fastperiod=fast, slowperiod=slow, signalperiod=signal)


def bollinger(period: int, width: float) -> TaLib:
    """Of one series: upper, middle and lower band, `width` population standard deviations apart."""
    return TaLib("BBANDS", 3, timeperiod=period, nbdevup=width, nbdevdn=width)


def atr(period: int) -> TaLib:
    """Wilder's average true range of high, low, close; in price units."""
    return TaLib("ATR", timeperiod=period)


def adx(period: int) -> TaLib:
    """Wilder's average directional index of high, low, close; 0..100, strength not direction."""
    return TaLib("ADX", timeperiod=period)


def highest(period: int) -> TaLib:
    """Highest of the last `period` values (two or more), the newest included."""
    return TaLib("MAX", timeperiod=period)


def lowest(period: int) -> TaLib:
    """Lowest of the last `period` values (two or more), the newest included."""
    return TaLib("MIN", timeperiod=period)


def correlation(period: int) -> TaLib:
    """Pearson correlation of two series over the last `period` bars, -1..+1; 0 if one is flat."""
    return TaLib("CORREL", timeperiod=period)
