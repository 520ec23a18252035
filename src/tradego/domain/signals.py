"""A signal is a strategy's opinion, with its reasons; advice, its opinion on what is already open.

Levels are floats, as bars are: an opinion becomes exact only when the engine turns it into an
intent, on the instrument's grid.
"""

from enum import StrEnum

import msgspec


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class Product(StrEnum):
    """How the position is carried; venues map these (MIS, I; CNC, D)."""

    INTRADAY = "I"
    DELIVERY = "D"


class Condition(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One named comparison of a strategy, with both values and its verdict."""

    name: str
    left: float
    right: float
    passed: bool


class Signal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A wish to enter at a closed bar. Carries no quantity: how much is risk's answer.

    `entry` is the reference price (the signal bar's close), `confidence` 0..1, `news_score` -1..+1,
    `tech_score` 0..1. `trail` is the distance in price units at which the stop follows the best
    close (0: it does not), `volatility` the usual range of a bar in price units (0: not known).
    `ts_ns` is when the bar closed.
    """

    signal_id: str
    ts_ns: int
    symbol: str
    strategy: str
    product: Product
    direction: Side
    entry: float
    stop: float
    target: float
    confidence: float
    news_score: float = 0.0
    tech_score: float = 0.0
    trail: float = 0.0
    volatility: float = 0.0
    conditions: tuple[Condition, ...] = ()


class Action(StrEnum):
    """What a strategy recommends for an open position."""

    HOLD = "hold"
    EXIT = "exit"
    REDUCE = "reduce"
    MOVE_STOP = "move_stop"


TIME_RULE = "time"  # the rule that speaks because it is late, not because of prices


class Advice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A strategy's recommendation for a position it opened, at a closed bar.

    `rule` names the rule that spoke ("vwap_break", "ema9_cross", "rsi50", ...). `stop` is the level
    proposed by MOVE_STOP, `fraction` (0..1] the part to give back on REDUCE. The engine moves a
    stop only in the position's favour, and never enlarges anything on advice.
    """

    ts_ns: int
    symbol: str
    strategy: str
    action: Action
    rule: str
    stop: float = 0.0
    fraction: float = 1.0
    conditions: tuple[Condition, ...] = ()
