"""Mean reversion: an oversold price at a support that has held, in a market without trend."""

from decimal import Decimal

from tradego.strategies.language import (
    Param,
    Product,
    Strategy,
    adx,
    bullish_divergence,
    close,
    lower_band,
    middle_band,
    middle_band_exit,
    near,
    rsi,
    rsi_exit,
    support,
)


class MeanReversion(Strategy):
    """Buy what is oversold near its support while the RSI already turns, and sell at the mean.

    The middle band is about as far away as the stop, so the reward is seldom 1.5 times the risk:
    what it asks for is 0.5, and it lives by being right more often than wrong.
    """

    product = Product.INTRADAY
    min_reward_risk = Decimal("0.5")
    exits = (middle_band_exit(), rsi_exit(50))

    rsi_max = Param(30.0, 15.0, 40.0)
    adx_max = Param(20.0, 10.0, 30.0)
    support_pct = Param(0.3, 0.1, 1.0)
    age_min = Param(5, 5, 250)
    touches_min = Param(1, 1, 6)
    stop_pct = Param(1.0, 0.2, 5.0)

    floor = support(5, support_pct)

    oversold = (rsi(14) < rsi_max).strong(rsi_max - 10) | (close <= lower_band()).strong(
        0.99 * lower_band()
    )
    no_trend = (adx(14) < adx_max).strong(adx_max - 8)
    at_support = near(close, floor.price, support_pct / 100 * floor.price).strong(0)
    has_age = floor.age >= age_min
    has_held = (floor.touches >= touches_min).strong(touches_min + 3)
    divergence = bullish_divergence()

    enter = oversold & no_trend & at_support & has_age & has_held & divergence
    stop = (1 - stop_pct / 100) * floor.price
    target = middle_band()
