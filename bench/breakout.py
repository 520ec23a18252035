"""The rule every peer was measured on: out of the last 20 bars' range, on volume, in a trend."""

from tradego.strategies.language import Strategy, adx, ago, close, high, highest, sma, volume


class Breakout20(Strategy):
    """Target +2.5 %, stop -1.2 %, out at the end of the day."""

    new_high = close > ago(highest(high, 20), 1)
    on_volume = volume > 2 * sma(volume, 20)
    trending = adx(14) > 25

    enter = new_high & on_volume & trending
    stop = 0.988 * close
    target = 1.025 * close
