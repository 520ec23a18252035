"""Everything the engine can say: what is to be done, and what is to be known.

Every table a person sees is built from the journal's effects alone.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from tradego.domain.events import TimerKind
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Fill, Order
from tradego.domain.positions import DailyPortfolio, Trade, Tranche
from tradego.domain.signals import Advice, Product


class Refusal(StrEnum):
    """Why a signal did not become an order; checked in this order, the first that holds wins."""

    LOW_CONFIDENCE = "low_confidence"
    OUTRANKED = "outranked"
    DATA_FLAGGED = "data_flagged"
    HALTED = "halted"
    STRATEGY_OFF = "strategy_off"
    UNKNOWN_SYMBOL = "unknown_symbol"
    FROZEN = "frozen"
    STALE_DATA = "stale_data"
    ALREADY_OPEN = "already_open"
    MAX_TRANCHES = "max_tranches"
    MAX_ORDERS = "max_orders"
    MAX_POSITIONS = "max_positions"
    MARKET_CLOSED = "market_closed"
    AFTER_CUTOFF = "after_cutoff"
    DAILY_LOSS = "daily_loss"
    DRAWDOWN = "drawdown"
    SHORT_DELIVERY = "short_delivery"
    NO_PRICE = "no_price"
    NO_STOP = "no_stop"
    REWARD_RISK = "reward_risk"
    BAND = "band"
    MAX_SECTOR = "max_sector"
    CORRELATION = "correlation"
    SHORT_HISTORY = "short_history"
    POOL = "pool"
    TOO_SMALL = "too_small"
    HEAT = "heat"
    DEPLOYED = "deployed"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class _Effect(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", gc=False):
    pass


# What is to be done.


class SubmitOrder(_Effect, frozen=True, kw_only=True, tag="submit_order"):
    """Send this order once. Journaled with the event that caused it, before it leaves. The order
    is SENDING: it was planned in the same step.
    """

    order: Order


class CancelOrder(_Effect, frozen=True, kw_only=True, tag="cancel_order"):
    order_id: str


class ModifyOrder(_Effect, frozen=True, kw_only=True, tag="modify_order"):
    """Change prices of a resting order; never its quantity."""

    order_id: str
    limit: Price | None
    trigger: Price | None


class Watch(_Effect, frozen=True, kw_only=True, tag="watch"):
    """Tell the engine when `symbol` trades at or beyond `level`; `at_close`: when a bar closes
    there. A watch is told once. The same id again replaces it.
    """

    watch_id: str
    symbol: str
    level: Price
    above: bool
    at_close: bool = False


class Unwatch(_Effect, frozen=True, kw_only=True, tag="unwatch"):
    watch_id: str


class WatchEquity(_Effect, frozen=True, kw_only=True, tag="watch_equity"):
    """Tell the engine when, at a bar close, the sum of units x price falls below `floor`.

    Units are signed. Replaces the last such watch; no legs means none is wanted.
    """

    legs: tuple[tuple[str, Decimal], ...]
    floor: Decimal


class SetTimer(_Effect, frozen=True, kw_only=True, tag="set_timer"):
    at_ns: int
    timer: TimerKind
    key: str


# What is to be known.


class SignalRefused(_Effect, frozen=True, kw_only=True, tag="signal_refused"):
    """`value` against `limit`, in the unit of the rule; `detail` names what cannot be a number."""

    signal_id: str
    symbol: str
    strategy: str
    code: Refusal
    value: Decimal | float = 0.0  # tidy-ok: a score or a correlation may be what was refused
    limit: Decimal | float = 0.0  # tidy-ok: as value
    detail: str = ""


class SignalApproved(_Effect, frozen=True, kw_only=True, tag="signal_approved"):
    """A signal was given a quantity. `risk_wanted` is what sizing would risk, `risk_amount` what
    the quantity risks after the caps; `sized_by` names the cap that bound it, or "risk".
    `reward_risk_net` is the ratio after charges at the limit price.
    """

    signal_id: str
    tranche_id: str
    symbol: str
    strategy: str
    quantity: Quantity
    limit: Price
    risk_wanted: Decimal
    risk_amount: Decimal
    sized_by: str
    reward_risk: Decimal
    reward_risk_net: Decimal
    note: str = ""


class OrderChanged(_Effect, frozen=True, kw_only=True, tag="order_changed"):
    order: Order


class FillBooked(_Effect, frozen=True, kw_only=True, tag="fill_booked"):
    fill: Fill


class TrancheChanged(_Effect, frozen=True, kw_only=True, tag="tranche_changed"):
    tranche: Tranche


class StopMoved(_Effect, frozen=True, kw_only=True, tag="stop_moved"):
    tranche_id: str
    symbol: str
    from_price: Price
    to_price: Price
    reason: str


class AdviceHeard(_Effect, frozen=True, kw_only=True, tag="advice_heard"):
    """Advice on an open position and what the desk did: "acted", "nothing to do", "proposed",
    "ignored", "held".
    """

    advice: Advice
    taken: str


class TradeClosed(_Effect, frozen=True, kw_only=True, tag="trade_closed"):
    """A tranche is flat. Said again at the end of the day if its share of the charges changed."""

    trade: Trade


class DayReported(_Effect, frozen=True, kw_only=True, tag="day_reported"):
    day: DailyPortfolio


class Reconciled(_Effect, frozen=True, kw_only=True, tag="reconciled"):
    """A position as the desk and the broker have it: quantities signed, averages and P&L None where
    a side cannot say; `cause` explains the difference, `decision` says what follows from it.
    """

    symbol: str
    product: Product
    our_quantity: Decimal
    broker_quantity: Decimal
    our_average: Decimal | None
    broker_average: Decimal | None
    our_pnl: Decimal | None
    broker_pnl: Decimal | None
    cause: str
    decision: str


class ModeChanged(_Effect, frozen=True, kw_only=True, tag="mode_changed"):
    """Whether entries are allowed: "ready", "halted", "killed"; with who or what asked for it."""

    state: str
    reason: str


class CommandAnswered(_Effect, frozen=True, kw_only=True, tag="command_answered"):
    command_id: str
    accepted: bool
    answer: str


class Alarm(_Effect, frozen=True, kw_only=True, tag="alarm"):
    """A person should know. `key` lets a channel say it once."""

    key: str
    severity: Severity
    text: str


Effect = (
    SubmitOrder
    | CancelOrder
    | ModifyOrder
    | Watch
    | Unwatch
    | WatchEquity
    | SetTimer
    | SignalApproved
    | SignalRefused
    | OrderChanged
    | FillBooked
    | TrancheChanged
    | StopMoved
    | AdviceHeard
    | TradeClosed
    | DayReported
    | Reconciled
    | ModeChanged
    | CommandAnswered
    | Alarm
)
