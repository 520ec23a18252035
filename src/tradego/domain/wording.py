"""The words for what the enums name: plain, present tense, with the numbers in."""

from collections.abc import Callable
from typing import NamedTuple

from tradego.domain import formats
from tradego.domain.effects import Refusal, SignalRefused
from tradego.domain.formats import Number
from tradego.domain.orders import OrderState, Role
from tradego.domain.positions import ExitReason
from tradego.domain.signals import Condition, Product, Side
from tradego.domain.times import SECOND

_X, _R = ExitReason, Refusal

EXITS = {
    _X.TARGET: "Target",
    _X.STOP_LOSS: "Stop",
    _X.TRAILING_STOP: "Raised stop",
    _X.SIGNAL: "Signal",
    _X.TIME: "Time",
    _X.EOD_SQUAREOFF: "Square-off",
    _X.MANUAL: "By hand",
    _X.RISK: "Risk limit",
    _X.KILL: "Kill",
    _X.PROTECTION_FAILED: "Protection failed",
}
PRODUCTS = {Product.INTRADAY: "Intraday", Product.DELIVERY: "Delivery"}
HELD = {Side.BUY: "Long", Side.SELL: "Short"}
ORDERED = {Side.BUY: "Buy", Side.SELL: "Sell"}
TRADED = {Side.BUY: "bought", Side.SELL: "sold"}
ROLES = {
    Role.ENTRY: "Entry",
    Role.STOP: "Stop",
    Role.TARGET: "Target",
    Role.EXIT: "Exit",
    Role.FLATTEN: "Flatten",
}
CHARGES = {
    "brokerage": "Brokerage",
    "stt": "STT",
    "exchange": "Exchange",
    "ipft": "IPFT",
    "sebi": "SEBI",
    "stamp": "Stamp duty",
    "gst": "GST",
    "dp": "DP",
}


def named(name: str) -> str:
    """A name from the code as a person reads it: `technical_breakout` is `Technical breakout`."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def state(of: OrderState) -> str:
    """`Working`, `Not sent`."""
    return named(of.value.lower())


def condition(it: Condition) -> str:
    """`volume 2.6 against 2, holds`."""
    verdict = "holds" if it.passed else "does not hold"
    name = it.name.replace("_", " ")
    return f"{name} {measure(it.left)} against {measure(it.right)}, {verdict}"


def measure(value: float) -> str:
    """A measurement with the decimals that matter at its size: `0.0312`, `33.4`, `2,35,880`."""
    places = 0 if abs(value) >= 100_000 else 2 if abs(value) >= 1 else 4
    text = formats.plain(value, places=places)
    return text.rstrip("0").rstrip(".") if "." in text else text


# ---- refusals ------------------------------------------------------------------------------------


class _Refused(NamedTuple):
    """`label` counts them in a table; `told` is one of them, numbers as `figure` writes them."""

    label: str
    told: str
    figure: Callable[[Number], str] = formats.quantity


def _seconds(span: Number) -> str:
    return formats.age(int(float(span) * SECOND))


_REFUSALS: dict[Refusal, _Refused] = {
    _R.HALTED: _Refused("Entries halted", "Entries are halted: {detail}"),
    _R.STRATEGY_OFF: _Refused("Strategy off", "The strategy is switched off"),
    _R.LOW_CONFIDENCE: _Refused(
        "Confidence too low", "Confidence {value}, needs more than {limit}", formats.ratio
    ),
    _R.OUTRANKED: _Refused("Outranked", "Confidence {value}, {detail} has {limit}", formats.ratio),
    _R.UNKNOWN_SYMBOL: _Refused("Unknown symbol", "{detail} is not an instrument of this desk"),
    _R.FROZEN: _Refused("Instrument frozen", "No entries in it until resumed: {detail}"),
    _R.DATA_FLAGGED: _Refused("Data flagged", "Its data is not fit to trade on: {detail}"),
    _R.STALE_DATA: _Refused("Signal too old", "Signal {value} old, limit {limit}", _seconds),
    _R.MARKET_CLOSED: _Refused("Market closed", "The market is closed"),
    _R.AFTER_CUTOFF: _Refused("After the entry cut-off", "No intraday entry this late"),
    _R.ALREADY_OPEN: _Refused("Already open", "Already held by {detail}"),
    _R.MAX_TRANCHES: _Refused("Tranches full", "{value} tranches open, limit {limit}"),
    _R.MAX_ORDERS: _Refused("Tranche full", "{value} orders in the tranche, limit {limit}"),
    _R.MAX_POSITIONS: _Refused("Positions full", "{value} positions open, limit {limit}"),
    _R.DAILY_LOSS: _Refused(
        "Daily loss limit", "The daily loss limit of {limit} is reached", formats.percent
    ),
    _R.DRAWDOWN: _Refused(
        "Drawdown limit", "The drawdown limit of {limit} is reached", formats.percent
    ),
    _R.SHORT_DELIVERY: _Refused("Short delivery", "A short position cannot be delivered"),
    _R.NO_PRICE: _Refused("Not a price", "One of its levels is not a price: {detail}"),
    _R.NO_STOP: _Refused(
        "No stop", "The stop {value} is not on the losing side of {limit}", formats.price
    ),
    _R.REWARD_RISK: _Refused(
        "Reward to risk too small", "Reward to risk {value}, needs {limit}", formats.ratio
    ),
    _R.MAX_SECTOR: _Refused("Sector full", "{value} positions in {detail}, limit {limit}"),
    _R.CORRELATION: _Refused(
        "Correlation too high", "Correlation with {detail} {value}, limit {limit}", formats.ratio
    ),
    _R.SHORT_HISTORY: _Refused("History too short", "Correlation not known: {detail}"),
    _R.TOO_SMALL: _Refused(
        "Too small", "Not one lot at {value}: bound by {detail}", formats.rupees
    ),
    _R.HEAT: _Refused("Heat limit", "Heat would be {value}, limit {limit}", formats.percent),
    _R.DEPLOYED: _Refused(
        "Deployed limit", "Deployed would be {value}, limit {limit}", formats.percent
    ),
    _R.POOL: _Refused("Pool empty", "No room in the pool for one lot at {value}", formats.rupees),
    _R.BAND: _Refused("Outside the price band", "{value} is outside the price band", formats.price),
}


def refusals_named(code: Refusal) -> str:
    """A refusal as the row of a table that counts them."""
    return _REFUSALS[code].label


def refusal(it: SignalRefused) -> str:
    """Why, with its two numbers: `Correlation with HDFCBANK 0.78, limit 0.70`."""
    _, told, figure = _REFUSALS[it.code]
    by_strategy = it.code in (_R.OUTRANKED, _R.ALREADY_OPEN)
    detail = named(it.detail) if by_strategy else it.detail
    return told.format(value=figure(it.value), limit=figure(it.limit), detail=detail)
