"""News momentum: good news, and a price and volume that agree with it."""

from tradego.strategies.language import (
    Param,
    Product,
    Strategy,
    close,
    nearer,
    resistance,
    rsi,
    sentiment,
    sma,
    volume,
    vwap,
    vwap_break,
)


class NewsMomentum(Strategy):
    """Buy on strong news above the session's VWAP, for 1.5 % or to the next resistance.

    News comes already decayed by age. A resistance is a swing high that stood for about a session
    on either side; where it leaves too little room, the reward does not pay for the risk and the
    signal is refused.
    """

    product = Product.INTRADAY
    exits = (vwap_break(),)

    news_threshold = Param(0.6, 0.2, 0.95)
    volume_multiplier = Param(1.5, 1.0, 4.0)
    rsi_max = Param(70.0, 55.0, 85.0)
    target_pct = Param(1.5, 0.5, 5.0)
    stop_pct = Param(0.75, 0.2, 3.0)
    resistance_bars = Param(25, 3, 50)

    good_news = (sentiment > news_threshold).strong(0.9)
    above_vwap = (close > vwap()).strong(1.01 * vwap())
    on_volume = (volume > volume_multiplier * sma(volume, 20)).strong(
        2 * volume_multiplier * sma(volume, 20)
    )
    not_overbought = (rsi(14) < rsi_max).strong(rsi_max - 20)

    enter = good_news & above_vwap & on_volume & not_overbought
    stop = (1 - stop_pct / 100) * close
    target = nearer((1 + target_pct / 100) * close, resistance(resistance_bars, 0.0).price)
