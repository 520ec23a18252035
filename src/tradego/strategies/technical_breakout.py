"""Technical breakout: a trend that leaves its range upwards on volume."""

from tradego.strategies.language import (
    Choice,
    Param,
    Product,
    Strategy,
    adx,
    close,
    crossed_above,
    farther,
    macd,
    macd_signal,
    nearer,
    session_high,
    sma,
    swing_high,
    swing_low,
    usual_volume,
    volume,
)


class TechnicalBreakout(Strategy):
    """Price leaves a 20-session range upwards, on volume, in a trend that has just turned up.

    `usual` volume is that of the same time of day; the plain average makes a quarter of all signals
    come from the opening bar.
    """

    product = Product.DELIVERY

    volume_ratio = Param(2.0, 1.2, 4.0)
    usual = Choice(same_time=usual_volume(20), sma20=sma(volume, 20))
    adx_min = Param(25, 15, 40)
    macd_bars = Param(3, 1, 12)
    target_pct = Param(2.5, 0.5, 10.0)
    stop_pct = Param(1.2, 0.2, 5.0)

    new_high = (close > session_high(20)).strong(1.02 * session_high(20))
    on_volume = (volume > volume_ratio * usual).strong(2 * volume_ratio * usual)
    trending = (adx(14) > adx_min).strong(adx_min + 15)
    momentum = crossed_above(macd(), macd_signal()).within(macd_bars) & (macd() > macd_signal())
    above_50 = (close > sma(close, 50)).strong(1.03 * sma(close, 50))
    rising = (sma(close, 20) > sma(close, 50)).strong(1.015 * sma(close, 50))

    enter = new_high & on_volume & trending & momentum & above_50 & rising
    stop = nearer((1 - stop_pct / 100) * close, 0.999 * swing_low(5))
    target = farther((1 + target_pct / 100) * close, swing_high(5))
