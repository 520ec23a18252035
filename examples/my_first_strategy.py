"""A strategy of your own: one file, anywhere on your disk.

Try it:

    tradego backtest --strategy examples/my_first_strategy.py --bars BARS.parquet --out out/first
    tradego backtest ... --param my_first_strategy.pullback_bars=8

Everything below is an expression that is judged when a bar closes. Nothing in it can see the
future, and what is not known yet (an average still warming up) satisfies no comparison.
"""

from tradego.strategies.language import (
    Param,
    Product,
    Strategy,
    atr,
    clock,
    close,
    crossed_above,
    ema,
    ema_cross,
    lowest,
    minute,
    nearer,
    rsi,
    session_high,
    sma,
    swing_low,
    swing_trail,
    time_exit,
)


class MyFirstStrategy(Strategy):
    """In a rising market, buy the first strength after a dip.

    The name on the command line is that of the class, written my_first_strategy.
    """

    # How it trades: intraday, and not for a reward below 1.5 times the risk.
    product = Product.INTRADAY

    # What may be tuned: a default, and the range in which a search may move it. Whole numbers make
    # a whole parameter, which may be the length of a window.
    pullback_bars = Param(5, 2, 20)
    rsi_min = Param(45.0, 30.0, 60.0)
    stop_atr = Param(1.5, 0.5, 4.0)

    # The conditions. Each has a name; the name is what a signal gives as its reason, what "why
    # not?" answers with, and a line of the funnel that a backtest prints. `.strong(...)` says where
    # the left side is fully convincing; confidence grows from 0.5 towards 1 on the way there.
    rising = (ema(close, 21) > sma(close, 50)).strong(1.01 * sma(close, 50))
    dipped = lowest(close, pullback_bars) < ema(close, 21)
    turned = crossed_above(close, ema(close, 9)).within(2)
    alive = (rsi() > rsi_min).strong(65)
    not_spent = close < session_high(20)
    in_time = (minute > clock("09:45")) & (minute < clock("14:30"))

    # Join them with & | ~ (never with and, or, not).
    enter = rising & dipped & turned & alive & not_spent & in_time

    # Levels are those of the bar that gave the signal.
    stop = nearer(close - stop_atr * atr(), 0.999 * swing_low(3))
    target = close + 2 * stop_atr * atr()

    # How an open position is left, apart from stop, target and the end of the day. The first rule
    # that holds at the close of a bar wins; the last one here pulls the stop up under each new low.
    exits = (ema_cross(21, "below"), time_exit("14:55"), swing_trail(3))
