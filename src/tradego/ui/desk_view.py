"""What a person sees of a running desk, as one frozen value: the same for any kind of screen."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum

import msgspec

from tradego.domain.effects import Refusal
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.orders import OrderState, Role
from tradego.domain.positions import Trade
from tradego.domain.signals import Product, Side

HUNDRED = Decimal(100)


class _Value(msgspec.Struct, frozen=True, kw_only=True):
    pass


class TrancheView(_Value, frozen=True, kw_only=True):
    """`pnl` before what leaving would cost; None while no price is known. `at_stop` is what it
    would come to if the stop filled now: negative risks, positive locks in.
    """

    number: int
    quantity: Quantity
    entry: Decimal
    stop: Price
    target: Price | None
    pnl: Decimal | None
    at_stop: Decimal
    planned_risk: Decimal
    leaving: str = ""

    @property
    def r(self) -> Decimal | None:
        if self.pnl is None or not self.planned_risk:
            return None
        return self.pnl / self.planned_risk


class PositionView(_Value, frozen=True, kw_only=True):
    """The open tranches of one symbol and product. `last_ns` is when `last` traded; `covered`
    whether working stops cover all of it.
    """

    symbol: str
    product: Product
    direction: Side
    strategy: str
    opened_ns: int
    tick: Decimal
    last: Decimal | None
    last_ns: int
    covered: bool
    tranches: tuple[TrancheView, ...]

    @property
    def quantity(self) -> Quantity:
        return Quantity(sum((t.quantity.value for t in self.tranches), ZERO))

    @property
    def cost(self) -> Decimal:
        return sum((t.quantity.value * t.entry for t in self.tranches), ZERO)

    @property
    def entry(self) -> Decimal:
        return self.cost / self.quantity.value

    @property
    def newest(self) -> TrancheView:
        """Its levels stand for the position where only one line is shown."""
        return self.tranches[-1]

    @property
    def pnl(self) -> Decimal | None:
        known = [t.pnl for t in self.tranches if t.pnl is not None]
        return sum(known, ZERO) if len(known) == len(self.tranches) else None

    @property
    def pnl_percent(self) -> Decimal | None:
        return None if self.pnl is None else self.pnl / self.cost * HUNDRED

    @property
    def r(self) -> Decimal | None:
        risk = sum((t.planned_risk for t in self.tranches), ZERO)
        return self.pnl / risk if risk and self.pnl is not None else None

    @property
    def at_stop(self) -> Decimal:
        return sum((t.at_stop for t in self.tranches), ZERO)

    @property
    def leaving(self) -> str:
        return next((t.leaving for t in self.tranches if t.leaving), "")


class OrderView(_Value, frozen=True, kw_only=True):
    """An order that may still trade; `since_ns` is when it was planned, `price` its limit or, for
    a stop, its trigger.
    """

    order_id: str
    symbol: str
    role: Role
    side: Side
    state: OrderState
    quantity: Quantity
    filled: Quantity
    price: Price | None
    since_ns: int


class Topic(Enum):
    """What a line of activity is about."""

    TRADE = "trade"
    SIGNAL = "signal"
    PROTECTION = "protection"
    DESK = "desk"
    ALARM = "alarm"


class Activity(_Value, frozen=True, kw_only=True):
    """One thing that happened: `LT` `closed`, `+1,776.63`, `Target, after 52 min`. `gain` is the
    money in the figure, where it is money.
    """

    ts_ns: int
    topic: Topic
    subject: str
    verb: str
    figure: str = ""
    detail: str = ""
    gain: Decimal | None = None


class Today(_Value, frozen=True, kw_only=True):
    """Change of equity since the session began: `realised` of what was closed, after its charges;
    `open` of what is held, None while a price is missing.
    """

    starting: Decimal
    realised: Decimal
    open: Decimal | None
    charges: Decimal
    trades: int
    wins: int

    @property
    def total(self) -> Decimal | None:
        return None if self.open is None else self.realised + self.open

    def percent(self, amount: Decimal | None) -> Decimal | None:
        """Of the session's starting equity."""
        return amount / self.starting * HUNDRED if self.starting and amount is not None else None


class RiskView(_Value, frozen=True, kw_only=True):
    """Against the limits of the settings; amounts in rupees, limits in percent of the session's
    starting equity. `heat` is what all stops together would cost, `room` what may still be lost
    today before entries stop.
    """

    heat: Decimal
    heat_limit_pct: Decimal
    deployed: Decimal
    deployed_limit_pct: Decimal
    positions: int
    positions_limit: int
    loss_limit_pct: Decimal
    room: Decimal | None
    uncovered: tuple[str, ...]


class SessionView(_Value, frozen=True, kw_only=True):
    """The trading day; the instants are those of stocks in general, 0 when unknown."""

    date: str = ""
    opens_ns: int = 0
    closes_ns: int = 0
    entry_cutoff_ns: int = 0


class DeskView(_Value, frozen=True, kw_only=True):
    """Everything at one instant. `halted` is the reason, empty while entries are allowed; `alarm`
    the last critical one of the session. Activity is newest first; `trades` are those closed in
    the session, in the order of their exits; `refusals` the reasons of the session, most first.
    """

    mode: str
    account: str
    now_ns: int
    session: SessionView
    halted: str
    alarm: Activity | None
    today: Today
    risk: RiskView
    positions: Sequence[PositionView]
    orders: Sequence[OrderView]
    activity: Sequence[Activity]
    trades: Sequence[Trade]
    refusals: Sequence[tuple[Refusal, int]]

    @property
    def refused(self) -> int:
        return sum(count for _, count in self.refusals)
