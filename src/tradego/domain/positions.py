"""What is held, and what became of it: tranches, positions, trades, days."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from tradego.domain.charges import NO_CHARGES, Charges
from tradego.domain.errors import DomainError
from tradego.domain.money import NONE, ZERO, Price, Quantity
from tradego.domain.signals import Condition, Product, Side


class TrancheState(StrEnum):
    ENTERING = "entering"
    OPEN = "open"
    EXITING = "exiting"
    CLOSED = "closed"
    ABANDONED = "abandoned"  # the entry ended without a fill


_T = TrancheState

TRANCHE_NEXT: dict[TrancheState, frozenset[TrancheState]] = {
    _T.ENTERING: frozenset({_T.OPEN, _T.EXITING, _T.ABANDONED}),
    _T.OPEN: frozenset({_T.EXITING, _T.CLOSED}),
    _T.EXITING: frozenset({_T.CLOSED, _T.ABANDONED}),
    _T.CLOSED: frozenset(),
    _T.ABANDONED: frozenset(),
}


class ExitReason(StrEnum):
    TARGET = "TARGET"
    STOP_LOSS = "STOP_LOSS"
    TRAILING_STOP = "TRAILING_STOP"  # any stop moved in favour, to breakeven too
    SIGNAL = "SIGNAL"
    TIME = "TIME"
    EOD_SQUAREOFF = "EOD_SQUAREOFF"
    MANUAL = "MANUAL"
    RISK = "RISK"
    KILL = "KILL"
    PROTECTION_FAILED = "PROTECTION_FAILED"


class StopWish(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A better stop the venue has not confirmed yet, and the rule that wants it. `or_leave`: where
    the price is past it already, the tranche is left, as it would have been had it been there.
    """

    level: Price
    rule: str
    or_leave: bool


class Tranche(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A slice of a position with its own entry, stop, target and exit orders.

    `entered` and `exited` are cumulative quantities, `entry_value` and `exit_value` the sums of
    price x quantity of their fills. `stop` is the working level, `initial_stop` the planned one,
    `stop_wanted` a better one; `exit_rule` names what set the stop, and in the end what ended it.
    `high` and `low` are the extremes of price since the first fill. `charges` are those booked on
    days already closed. `trail` is the distance of a trailing stop, zero for none.
    """

    tranche_id: str
    number: int
    symbol: str
    product: Product
    direction: Side
    strategy: str
    signal_id: str
    signal_ns: int
    initial_stop: Price
    stop: Price
    stop_wanted: StopWish | None = None
    target: Price | None = None
    trail: Decimal = ZERO
    state: TrancheState = TrancheState.ENTERING
    entered: Quantity = NONE
    exited: Quantity = NONE
    entry_value: Decimal = ZERO
    exit_value: Decimal = ZERO
    opened_ns: int = 0
    closed_ns: int = 0
    high: Decimal = ZERO
    low: Decimal = ZERO
    exit_reason: ExitReason | None = None
    exit_rule: str = ""
    entry_order_id: str = ""
    stop_order_id: str = ""
    exit_order_id: str = ""
    target_order_id: str = ""
    confidence: float = 0.0  # tidy-ok: a score
    news_score: float = 0.0  # tidy-ok: a score
    tech_score: float = 0.0  # tidy-ok: a score
    reward_risk: Decimal = ZERO
    reward_risk_net: Decimal = ZERO
    conditions: tuple[Condition, ...] = ()
    charges: Charges = NO_CHARGES

    def __post_init__(self) -> None:
        if self.exited.value > self.entered.value:
            raise DomainError(f"{self.tranche_id}: exited {self.exited} of {self.entered}")

    @property
    def is_open(self) -> bool:
        """Whether anything of it is held now."""
        return self.entered.value != self.exited.value

    @property
    def units(self) -> Decimal:
        """What is open now, as a number."""
        return self.entered.value - self.exited.value

    @property
    def quantity(self) -> Quantity:
        """What is open now."""
        return Quantity(self.entered.value - self.exited.value)

    @property
    def sign(self) -> int:
        return 1 if self.direction is Side.BUY else -1

    def gained(self, entry_value: Decimal, exit_value: Decimal) -> Decimal:
        """Gross profit of a part entered and left at these values; never a negative zero."""
        return exit_value - entry_value if self.sign > 0 else entry_value - exit_value

    @property
    def entry_price(self) -> Decimal:
        """Quantity-weighted over the entry fills; DomainError before the first."""
        if not self.entered:
            raise DomainError(f"{self.tranche_id} has no entry price yet")
        return self.entry_value / self.entered.value

    @property
    def open_cost(self) -> Decimal:
        """Entry value of what is still open."""
        entered, exited = self.entered.value, self.exited.value
        return self.entry_value * (entered - exited) / entered if entered else ZERO

    @property
    def realized_gross(self) -> Decimal:
        """Profit of the part already exited, before charges."""
        if not self.exited:
            return ZERO
        cost = self.entry_value * self.exited.value / self.entered.value
        return self.gained(cost, self.exit_value)

    def unrealized_gross(self, mark: Decimal) -> Decimal:
        return self.gained(self.open_cost, mark * self.units)

    @property
    def risk_at_stop(self) -> Decimal:
        """What is lost if the working stop fills now, never below zero: the tranche's heat."""
        return max(ZERO, (self.open_cost - self.stop.value * self.units) * self.sign)


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One round trip: a closed tranche, its prices those of its fills, its P&L to the paisa.

    `capital_used` is margin for intraday, full value for delivery; `pnl_percent` is net P&L over
    it. `mae` and `mfe` are positive price distances per unit from the entry.
    """

    trade_id: str
    number: int
    symbol: str
    strategy: str
    product: Product
    direction: Side
    quantity: Quantity
    signal_ns: int
    entry_ns: int
    entry_price: Decimal
    exit_ns: int
    exit_price: Decimal
    exit_reason: ExitReason
    exit_rule: str
    stop_loss: Price
    initial_stop_loss: Price
    target: Price | None
    risk_amount: Decimal
    capital_used: Decimal
    gross_pnl: Decimal
    entry_order_id: str
    target_order_id: str
    sl_order_id: str
    exit_order_id: str
    mae: Decimal
    mfe: Decimal
    charges: Charges = NO_CHARGES
    confidence: float = 0.0  # tidy-ok: a score
    news_score: float = 0.0  # tidy-ok: a score
    tech_score: float = 0.0  # tidy-ok: a score
    reward_risk: Decimal = ZERO
    reward_risk_net: Decimal = ZERO
    conditions: tuple[Condition, ...] = ()

    @property
    def net_pnl(self) -> Decimal:
        return self.gross_pnl - self.charges.total

    @property
    def pnl_percent(self) -> Decimal:
        return self.net_pnl / self.capital_used * 100

    @property
    def r_multiple(self) -> Decimal:
        """Net P&L over the initial risk amount; zero where there was none."""
        return self.net_pnl / self.risk_amount if self.risk_amount else ZERO

    @property
    def holding_minutes(self) -> Decimal:
        return Decimal(self.exit_ns - self.entry_ns) / 60_000_000_000

    @property
    def turnover(self) -> Decimal:
        return (self.entry_price + self.exit_price) * self.quantity.value


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All open tranches of one symbol and product, seen as one."""

    symbol: str
    product: Product
    direction: Side
    quantity: Quantity
    average_price: Decimal
    mark: Decimal
    unrealized_gross: Decimal
    exit_charges: Decimal
    tranches: int

    @property
    def unrealized_net(self) -> Decimal:
        """After what closing now would cost."""
        return self.unrealized_gross - self.exit_charges


class Slice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A day's results of one product: intraday and swing are kept apart everywhere."""

    realized: Decimal = ZERO
    unrealized: Decimal = ZERO
    charges: Decimal = ZERO
    trades: int = 0
    wins: int = 0
    deployed: Decimal = ZERO


class DailyPortfolio(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row per account and session. `realized` is net of charges; `unrealized` the P&L of
    what is open at the close. `drawdown_pct` is the fall from the peak equity.
    """

    date: str
    starting: Decimal
    ending: Decimal
    cash: Decimal
    deployed: Decimal
    available: Decimal
    realized: Decimal
    unrealized: Decimal
    charges: Decimal
    heat_pct: Decimal
    peak: Decimal
    drawdown_pct: Decimal
    intraday: Slice = Slice()
    swing: Slice = Slice()
