"""The life of an order, as a table, and what is known of one order at one moment."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from tradego.domain.errors import DomainError
from tradego.domain.money import NONE, ZERO, Price, Quantity
from tradego.domain.signals import Product, Side


class Role(StrEnum):
    """Why an order exists. Everything but ENTRY reduces."""

    ENTRY = "ENTRY"
    STOP = "STOP"
    TARGET = "TARGET"
    EXIT = "EXIT"
    FLATTEN = "FLATTEN"


class OrderType(StrEnum):
    """MARKET and STOP carry a protection limit where the venue asks for one (`Order.limit`)."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"


class Validity(StrEnum):
    DAY = "DAY"
    GTC = "GTC"


class OrderState(StrEnum):
    PLANNED = "PLANNED"
    SENDING = "SENDING"
    ACKED = "ACKED"
    WORKING = "WORKING"
    PARTIAL = "PARTIAL"
    AMBIGUOUS = "AMBIGUOUS"
    LOST = "LOST"
    ZOMBIE = "ZOMBIE"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    NOT_SENT = "NOT_SENT"


class Evidence(StrEnum):
    """What can be learned about an order. Evidence may skip states forward, never back."""

    SEND = "send"
    CALLED_OFF = "called off"
    NOTHING_LEFT = "proof that nothing left"
    ACK = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "no answer"
    SEEN_WORKING = "seen working"
    PART_FILL = "part filled"
    FULL_FILL = "filled"
    SEEN_CANCELLED = "seen cancelled"
    SEEN_EXPIRED = "seen expired"
    PROVEN_ABSENT = "proven absent"


_S, _E = OrderState, Evidence

_AT_THE_VENUE: dict[Evidence, OrderState] = {
    _E.SEEN_WORKING: _S.WORKING,
    _E.PART_FILL: _S.PARTIAL,
    _E.FULL_FILL: _S.FILLED,
    _E.SEEN_CANCELLED: _S.CANCELLED,
    _E.SEEN_EXPIRED: _S.EXPIRED,
    _E.REFUSED: _S.REJECTED,
}


def _final(state: OrderState) -> dict[Evidence, OrderState]:
    """A terminal state hears late evidence and stays what it is."""
    return dict.fromkeys((*_AT_THE_VENUE, _E.ACK, _E.UNKNOWN), state)


NEXT: dict[OrderState, dict[Evidence, OrderState]] = {
    _S.PLANNED: {_E.SEND: _S.SENDING, _E.CALLED_OFF: _S.NOT_SENT},
    _S.SENDING: {
        **_AT_THE_VENUE,
        _E.ACK: _S.ACKED,
        _E.NOTHING_LEFT: _S.NOT_SENT,
        _E.UNKNOWN: _S.AMBIGUOUS,
    },
    _S.ACKED: {**_AT_THE_VENUE, _E.ACK: _S.ACKED, _E.UNKNOWN: _S.ACKED},
    _S.WORKING: {**_AT_THE_VENUE, _E.ACK: _S.WORKING, _E.UNKNOWN: _S.WORKING},
    _S.PARTIAL: {
        **_AT_THE_VENUE,
        _E.SEEN_WORKING: _S.PARTIAL,
        _E.ACK: _S.PARTIAL,
        _E.UNKNOWN: _S.PARTIAL,
    },
    _S.AMBIGUOUS: {
        **_AT_THE_VENUE,
        _E.ACK: _S.ACKED,
        _E.UNKNOWN: _S.AMBIGUOUS,
        _E.PROVEN_ABSENT: _S.LOST,
    },
    _S.LOST: {**dict.fromkeys((*_AT_THE_VENUE, _E.ACK), _S.ZOMBIE), _E.UNKNOWN: _S.LOST},
    _S.ZOMBIE: {**_AT_THE_VENUE, _E.ACK: _S.ZOMBIE},
    _S.FILLED: _final(_S.FILLED),
    _S.CANCELLED: _final(_S.CANCELLED),
    _S.EXPIRED: _final(_S.EXPIRED),
    _S.REJECTED: _final(_S.REJECTED),
    _S.NOT_SENT: _final(_S.NOT_SENT),
}

TERMINAL = frozenset({_S.FILLED, _S.CANCELLED, _S.EXPIRED, _S.REJECTED, _S.NOT_SENT})
RESTING = frozenset({_S.WORKING, _S.PARTIAL})
MAY_BE_LIVE = frozenset({_S.SENDING, _S.ACKED, _S.AMBIGUOUS, _S.ZOMBIE}) | RESTING


def after(state: OrderState, evidence: Evidence) -> OrderState:
    """The state that follows; DomainError for a pair the table does not allow."""
    try:
        return NEXT[state][evidence]
    except KeyError:
        raise DomainError(f"an order that is {state} cannot hear {evidence.value!r}") from None


class Order(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One instruction to a venue, as far as it is known.

    `tag` is our name for it at the venue, `venue_order_id` theirs for us once known. `filled` is
    cumulative and never falls; `filled_value` is the sum of price x quantity of its fills.
    Requests to cancel and to modify are flags beside the state: a fill may arrive under either.
    """

    order_id: str
    tag: str
    intent_id: str
    tranche_id: str
    symbol: str
    product: Product
    role: Role
    side: Side
    type: OrderType
    quantity: Quantity
    limit: Price | None = None
    trigger: Price | None = None
    validity: Validity = Validity.DAY
    state: OrderState = OrderState.PLANNED
    filled: Quantity = NONE
    filled_value: Decimal = ZERO
    venue_order_id: str = ""
    cancel_requested: bool = False
    modify_requested: bool = False
    reason: str = ""

    def __post_init__(self) -> None:
        if not (self.quantity.value > ZERO and self.filled.value <= self.quantity.value):
            raise DomainError(f"{self.order_id}: {self.filled.value} of {self.quantity.value}")

    @property
    def remaining(self) -> Quantity:
        return self.quantity - self.filled

    @property
    def units_left(self) -> Decimal:
        """What is not filled, as a number."""
        return self.quantity.value - self.filled.value

    @property
    def average_price(self) -> Decimal | None:
        """Quantity-weighted over its fills; None before the first."""
        return self.filled_value / self.filled.value if self.filled else None

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL

    @property
    def may_be_live(self) -> bool:
        return self.state in MAY_BE_LIVE

    @property
    def is_reducing(self) -> bool:
        return self.role is not Role.ENTRY


class Fill(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One execution of part of an order. `fill_id` is the venue's, unique in a session."""

    fill_id: str
    order_id: str
    tranche_id: str
    symbol: str
    side: Side
    price: Price
    quantity: Quantity
    ts_ns: int


class Intent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A decision to change exposure: a signal to which risk gave a quantity."""

    intent_id: str
    symbol: str
    side: Side
    role: Role
    product: Product
    quantity: Quantity
    strategy: str
    cause: str
