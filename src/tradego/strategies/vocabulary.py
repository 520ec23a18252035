"""The words of the strategy language: what is known of a bar, indicators, and ways to compare.

Periods are in bars, `sessions` in trading days; either may be a Param. Nothing looks ahead: every
word says what was known when the bar closed, and NaN (with which no comparison holds) until it has
seen enough.
"""

from collections.abc import Callable
from typing import NamedTuple

from tradego.domain.errors import InputError
from tradego.indicators import elementary, sessions, swings
from tradego.indicators.face import Indicator
from tradego.indicators.windows import Ago
from tradego.strategies import operations as op
from tradego.strategies.expressions import (
    Comparison,
    Computed,
    Constant,
    Input,
    Map,
    Number,
    NumberLike,
    Param,
    Setting,
    Step,
    compared,
    mapped,
    number,
    window,
)

Length = int | Param
Option = float | Param

open = Computed(Input("open"))
high = Computed(Input("high"))
low = Computed(Input("low"))
close = Computed(Input("close"))
volume = Computed(Input("volume"))
sentiment = Computed(Input("sentiment"))
"""News score of the symbol when the bar closed, -1..+1; NaN without news."""
minute = Computed(Input("minute"))
"""Minutes since Indian midnight when the bar closed; compare with clock("10:30")."""

_session = Computed(Input("session"))
_slot = Computed(Input("slot"))


def clock(time: str) -> int:
    """Minutes since midnight of an Indian wall-clock time "HH:MM"."""
    hours, colon, minutes = str(time).partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit()):
        raise InputError(f"clock time {time!r} is not HH:MM")
    if int(hours) > 23 or int(minutes) > 59:
        raise InputError(f"clock time {time!r} does not exist")
    return 60 * int(hours) + int(minutes)


# ---- averages, momentum, volatility --------------------------------------------------------------


def sma(of: Number, period: Length) -> Number:
    """Simple moving average."""
    return _of("sma", elementary.sma, window(period), of)


def ema(of: Number, period: Length) -> Number:
    """Exponential moving average."""
    return _of("ema", elementary.ema, window(period), of)


def highest(of: Number, period: Length) -> Number:
    """Highest of the last `period` values, the newest included."""
    return _of("highest", elementary.highest, window(period, 2), of)


def lowest(of: Number, period: Length) -> Number:
    """Lowest of the last `period` values, the newest included."""
    return _of("lowest", elementary.lowest, window(period, 2), of)


def ago(of: Number, bars: Length) -> Number:
    """The value some bars ago."""
    return _of("ago", Ago, window(bars), of)


def correlation(a: Number, b: Number, period: Length) -> Number:
    """Pearson correlation over the last `period` bars, -1..+1."""
    return _of("correlation", elementary.correlation, window(period, 2), a, b)


def rsi(period: Length = 14, of: Number = close) -> Number:
    """Relative strength index, 0..100."""
    return _reading("rsi", elementary.rsi, (window(period, 2),), of)


def macd(fast: Length = 12, slow: Length = 26, signal: Length = 9) -> Number:
    """Difference of a fast and a slow EMA of the close."""
    lengths = (window(fast, 2), window(slow, 2), window(signal))
    return _reading("macd", elementary.macd, lengths, close, output=0)


def macd_signal(fast: Length = 12, slow: Length = 26, signal: Length = 9) -> Number:
    """The MACD's own average."""
    lengths = (window(fast, 2), window(slow, 2), window(signal))
    return _reading("macd_signal", elementary.macd, lengths, close, output=1)


def atr(period: Length = 14) -> Number:
    """Average true range, in price units."""
    return _reading("atr", elementary.atr, (window(period),), high, low, close)


def adx(period: Length = 14) -> Number:
    """Average directional index: strength of a trend up or down, 0..100."""
    return _reading("adx", elementary.adx, (window(period, 2),), high, low, close)


def upper_band(period: Length = 20, width: Option = 2.0) -> Number:
    """Upper Bollinger band of the close."""
    return _reading("upper_band", elementary.bollinger, (window(period, 2), width), close, output=0)


def middle_band(period: Length = 20, width: Option = 2.0) -> Number:
    """Middle Bollinger band of the close: its simple moving average."""
    return _reading(
        "middle_band", elementary.bollinger, (window(period, 2), width), close, output=1
    )


def lower_band(period: Length = 20, width: Option = 2.0) -> Number:
    """Lower Bollinger band of the close."""
    return _reading("lower_band", elementary.bollinger, (window(period, 2), width), close, output=2)


# ---- sessions ------------------------------------------------------------------------------------


def vwap() -> Number:
    """Volume-weighted average price since the session began."""
    return _reading("vwap", sessions.SessionVwap, (), _session, high, low, close, volume)


def session_open() -> Number:
    """The price at which the session opened."""
    return _reading("session_open", sessions.SessionOpen, (), _session, open)


def session_high(sessions_back: Length) -> Number:
    """Highest high of the previous complete sessions."""
    lengths = (window(sessions_back),)
    return _reading("session_high", sessions.SessionHigh, lengths, _session, high)


def session_low(sessions_back: Length) -> Number:
    """Lowest low of the previous complete sessions."""
    lengths = (window(sessions_back),)
    return _reading("session_low", sessions.SessionLow, lengths, _session, low)


def usual_volume(sessions_back: Length = 20) -> Number:
    """Mean volume at this time of day over the previous sessions."""
    lengths = (window(sessions_back),)
    return _reading("usual_volume", sessions.UsualVolume, lengths, _slot, volume)


# ---- turning points ------------------------------------------------------------------------------


class Level(NamedTuple):
    """A price at which the market has turned: its age in bars, and how often it turned there."""

    price: Number
    age: Number
    touches: Number


def swing_high(confirm: Length = 5) -> Number:
    """The last swing high: above `confirm` bars on both sides, known that many bars late."""
    return _reading("swing_high", swings.SwingHigh, (window(confirm),), high)


def swing_low(confirm: Length = 5) -> Number:
    """The last swing low: below `confirm` bars on both sides, known that many bars late."""
    return _reading("swing_low", swings.SwingLow, (window(confirm),), low)


def support(confirm: Length = 5, tolerance_pct: Option = 0.3, bars: Length = 500) -> Level:
    """The nearest level below, or not more than `tolerance_pct` above, the close.

    Made of the swing lows of the last `bars` bars; those within `tolerance_pct` are one level.
    """
    return _level("support", swings.Support, (window(confirm), tolerance_pct, window(bars)), low)


def resistance(confirm: Length = 5, tolerance_pct: Option = 0.3, bars: Length = 500) -> Level:
    """The nearest level above, or not more than `tolerance_pct` below, the close."""
    options = (window(confirm), tolerance_pct, window(bars))
    return _level("resistance", swings.Resistance, options, high)


def bullish_divergence(period: Length = 14, confirm: Length = 5, bars: Length = 30) -> Comparison:
    """Of the last two swing lows, both within `bars` bars, the newer is lower and its RSI higher.

    Compares the RSI at the newer swing with that at the older.
    """
    make = swings.BullishDivergence
    return _divergence("bullish_divergence", make, low, rsi(period), confirm, bars)


def bearish_divergence(period: Length = 14, confirm: Length = 5, bars: Length = 30) -> Comparison:
    """Of the last two swing highs, both within `bars` bars, the newer is higher and its RSI lower.

    Compares the RSI at the newer swing with that at the older.
    """
    make = swings.BearishDivergence
    return _divergence("bearish_divergence", make, high, rsi(period), confirm, bars)


# ---- comparing -----------------------------------------------------------------------------------


def crossed_above(a: NumberLike, b: NumberLike) -> Comparison:
    """a is above b on this bar and was not on the one before."""
    return _crossed("crossed_above", op.ABOVE, op.AT_MOST, number(a), number(b))


def crossed_below(a: NumberLike, b: NumberLike) -> Comparison:
    """a is below b on this bar and was not on the one before."""
    return _crossed("crossed_below", op.BELOW, op.AT_LEAST, number(a), number(b))


def near(a: NumberLike, b: NumberLike, within: NumberLike | None = None) -> Comparison:
    """a and b are no more than `within` apart, in price units; half an ATR(14) by default.

    Compares the distance with what is allowed, so that `.strong(0)` is right on it.
    """
    return compared(op.AT_MOST, abs(number(a) - b), 0.5 * atr(14) if within is None else within)


def minimum(a: NumberLike, b: NumberLike) -> Number:
    """The smaller; NaN where either is not known."""
    return mapped(op.MINIMUM, a, b)


def maximum(a: NumberLike, b: NumberLike) -> Number:
    """The greater; NaN where either is not known."""
    return mapped(op.MAXIMUM, a, b)


def nearer(first: NumberLike, other: NumberLike) -> Number:
    """Whichever is nearer to the close; `other` only where it is known and on first's side."""
    return mapped(op.NEARER, close, first, other)


def farther(first: NumberLike, other: NumberLike) -> Number:
    """Whichever is farther from the close; `other` only where it is known and on first's side."""
    return mapped(op.FARTHER, close, first, other)


# ---- how the words are made ----------------------------------------------------------------------


def _reading(
    label: str,
    make: Callable[..., Indicator],
    options: tuple[Option, ...],
    *args: Number,
    output: int | None = None,
) -> Number:
    return Computed(Step(label, make, options, tuple(arg.node for arg in args), output))


def _of(label: str, make: Callable[..., Indicator], length: Length, *args: NumberLike) -> Number:
    """An indicator of series the trader chose."""
    nodes = tuple(number(arg).node for arg in args)
    return Computed(Step(label, make, (length,), nodes, shows_args=True))


def _level(
    label: str, make: Callable[..., Indicator], options: tuple[Option, ...], extreme: Number
) -> Level:
    price, age, touches = (
        _reading(name, make, options, extreme, close, output=output)
        for output, name in enumerate((label, f"{label}_age", f"{label}_touches"))
    )
    return Level(price, age, touches)


def _divergence(
    label: str,
    make: Callable[..., Indicator],
    price: Number,
    oscillator: Number,
    confirm: Length,
    bars: Length,
) -> Comparison:
    options = (window(confirm), window(bars))
    diverges, newer, older = (
        _reading(label, make, options, price, oscillator, output=output) for output in range(3)
    )
    return Comparison(
        test=Map(op.ABOVE, (diverges.node, Constant(0.5))),
        left=newer,
        right=older,
        known=Map(op.KNOWN, (newer.node, older.node)),
        words=(diverges.node,),
    )


def _crossed(label: str, now: op.Operation, was: op.Operation, a: Number, b: Number) -> Comparison:
    before_a, before_b = _before(a), _before(b)
    is_now = Map(now, (a.node, b.node))
    was_not = Map(was, (before_a.node, before_b.node))
    return Comparison(
        test=Map(op.AND, (is_now, was_not)),
        left=a,
        right=b,
        known=Map(op.KNOWN, (a.node, b.node, before_a.node, before_b.node)),
        words=(f"{label}(", a.node, ", ", b.node, ")"),
    )


def _before(value: Number) -> Number:
    """The value one bar ago; a constant is what it was."""
    match value.node:
        case Constant() | Setting(param=Param()):
            return value
        case _:
            return ago(value, 1)
