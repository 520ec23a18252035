"""Everything the engine can hear. Each is durable in the journal before what it causes leaves."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Evidence, Fill
from tradego.domain.settings import EngineSettings
from tradego.domain.signals import Advice, Product, Side, Signal


class Mode(StrEnum):
    BACKTEST = "backtest"
    PAPER = "paper"
    SHADOW = "shadow"
    LIVE = "live"


class TimerKind(StrEnum):
    """The timers of a session, and those the engine sets for itself (with a key)."""

    ENTRY_CUTOFF = "entry_cutoff"
    SQUARE_OFF = "square_off"
    FLAT_CHECK = "flat_check"
    VERIFY = "verify"
    MARKET_OPEN = "market_open"
    ENTRY_TIMEOUT = "entry_timeout"
    STOP_UNFILLED = "stop_unfilled"
    EXIT_RETRY = "exit_retry"


class Outcome(StrEnum):
    """What is known after a send. Everything that is not proof is AMBIGUOUS."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    AMBIGUOUS = "ambiguous"


class CommandKind(StrEnum):
    HALT = "halt"
    RESUME = "resume"
    KILL = "kill"
    CLOSE = "close"
    REDUCE = "reduce"
    MOVE_STOP = "move_stop"
    ENTER = "enter"
    ENABLE = "enable"
    DISABLE = "disable"


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", gc=False):
    ts_ns: int


class DeskOpened(_Event, frozen=True, kw_only=True, tag="desk_opened"):
    """The first event of a journal: who, how, with what. `own_tariff` are the trader's own tables
    of charges, as (file name, TOML text), laid over the shipped ones.
    """

    run_id: str
    mode: Mode
    account: str
    epoch: int
    capital: Decimal
    settings: EngineSettings
    instruments: tuple[Instrument, ...]
    code_version: str
    config_hash: str
    own_tariff: tuple[tuple[str, str], ...] = ()


class InstrumentListed(_Event, frozen=True, kw_only=True, tag="instrument_listed"):
    """New terms (tick, band, margin) of an instrument, or a new instrument."""

    instrument: Instrument


class Window(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A span [start_ns, end_ns) of continuous trading."""

    start_ns: int
    end_ns: int


class SessionOpened(_Event, frozen=True, kw_only=True, tag="session_opened"):
    """A trading day begins. Windows are those of continuous trading, in time order; stocks with
    derivatives have their own since the closing auction. After `entry_cutoff_ns` no intraday
    position is opened. `next_open_ns` is the opening of the session after this, 0 if unknown.
    """

    date: str
    plain: tuple[Window, ...]
    with_derivatives: tuple[Window, ...]
    entry_cutoff_ns: int
    next_open_ns: int = 0


class HistoryLoaded(_Event, frozen=True, kw_only=True, tag="history_loaded"):
    """Daily closes of sessions before the first, oldest first, one row a session."""

    closes: tuple[tuple[tuple[str, float], ...], ...]  # tidy-ok: bars


class SignalsRaised(_Event, frozen=True, kw_only=True, tag="signals_raised"):
    """All signals of one moment: they are ranked together. `flagged` names symbols whose data is
    not fit to trade on, with the reason.
    """

    signals: tuple[Signal, ...]
    flagged: tuple[tuple[str, str], ...] = ()


class AdviceGiven(_Event, frozen=True, kw_only=True, tag="advice_given"):
    advice: tuple[Advice, ...]


class SendAnswered(_Event, frozen=True, kw_only=True, tag="send_answered"):
    """What came of sending an order."""

    order_id: str
    outcome: Outcome
    venue_order_id: str = ""
    reason: str = ""


class OrderSeen(_Event, frozen=True, kw_only=True, tag="order_seen"):
    """A book row or stream update about an order of ours; `triggered` for a stop that has fired."""

    order_id: str
    evidence: Evidence
    triggered: bool = False
    reason: str = ""


class OrderModified(_Event, frozen=True, kw_only=True, tag="order_modified"):
    """The venue confirms new terms."""

    order_id: str
    limit: Price | None
    trigger: Price | None


class ModifyRefused(_Event, frozen=True, kw_only=True, tag="modify_refused"):
    """The old terms hold. `is_past`: because the price is already beyond the trigger wanted."""

    order_id: str
    reason: str
    is_past: bool = False


class Filled(_Event, frozen=True, kw_only=True, tag="filled"):
    fill: Fill


class Touched(_Event, frozen=True, kw_only=True, tag="touched"):
    """A watched level was reached; `price` is what traded, at or beyond the level."""

    watch_id: str
    symbol: str
    price: Price


class Holding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a broker's book says is held of one instrument and product; `units` are signed."""

    symbol: str
    product: Product
    units: Decimal
    average: Decimal | None = None


class PositionsSeen(_Event, frozen=True, kw_only=True, tag="positions_seen"):
    """The broker's own account of every position: what is not named is not held."""

    holdings: tuple[Holding, ...]


class EquityTouched(_Event, frozen=True, kw_only=True, tag="equity_touched"):
    """At a bar close the held instruments were worth less than the watched floor."""

    marks: tuple[tuple[str, Decimal], ...]


class Marked(_Event, frozen=True, kw_only=True, tag="marked"):
    """What an instrument did since its last mark: extremes and last price."""

    symbol: str
    high: Decimal
    low: Decimal
    last: Decimal


class TimerFired(_Event, frozen=True, kw_only=True, tag="timer_fired"):
    """`key` names the order or tranche of an engine timer; for square-off the rung, "1".."3"."""

    timer: TimerKind
    key: str = ""


class DayClosed(_Event, frozen=True, kw_only=True, tag="day_closed"):
    """Trading is over; the last price of every instrument that traded."""

    date: str
    closes: tuple[tuple[str, float], ...]  # tidy-ok: bars


class CommandReceived(_Event, frozen=True, kw_only=True, tag="command_received"):
    """A person, or a program in a person's name, wants something. `command_id` is its idempotency
    key: the same one twice is answered as the first time and done once. `address` is where it came
    from: a network address, or the name of a channel.
    """

    command_id: str
    actor: str
    address: str = ""
    command: CommandKind
    strategy: str = ""
    symbol: str = ""
    side: Side | None = None
    product: Product = Product.INTRADAY
    quantity: Quantity | None = None
    price: Price | None = None
    stop: Price | None = None
    target: Price | None = None
    flatten: bool | None = None
    reason: str = ""


Event = (
    DeskOpened
    | InstrumentListed
    | SessionOpened
    | HistoryLoaded
    | SignalsRaised
    | AdviceGiven
    | SendAnswered
    | OrderSeen
    | OrderModified
    | ModifyRefused
    | Filled
    | Touched
    | PositionsSeen
    | EquityTouched
    | Marked
    | TimerFired
    | DayClosed
    | CommandReceived
)
