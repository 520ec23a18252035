"""Everything the engine knows. Only `step` changes it; what it holds is frozen."""

from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from tradego.accounting.daybook import DayBook
from tradego.accounting.tariffs import Tariff
from tradego.domain.charges import Charges
from tradego.domain.effects import CommandAnswered, Effect
from tradego.domain.errors import require
from tradego.domain.events import DeskOpened, Mode, Window
from tradego.domain.instruments import Instrument
from tradego.domain.money import NONE, ZERO, Quantity
from tradego.domain.orders import MAY_BE_LIVE, Order, Role
from tradego.domain.positions import Trade, Tranche
from tradego.domain.settings import EngineSettings
from tradego.domain.signals import Product
from tradego.risk.correlation import DailyCloses
from tradego.risk.exposure import Exposure, Stake, exposure_of
from tradego.risk.sizing import margin_of


class ClosedToday(msgspec.Struct, frozen=True, gc=False):
    """A trade of the session, with the charges its tranche brought from earlier days."""

    trade: Trade
    charged_before: Charges


class Leaving(msgspec.Struct, frozen=True, gc=False):
    """How a tranche is left: the price from which the limit of the next exit is set (None: at
    market), the part that is to go while the rest stays, and, after a refusal, when it may go on.
    """

    mark: Decimal | None = None
    part: Quantity = NONE
    resume_ns: int = 0


NOT_LEAVING = Leaving()


@dataclass(slots=True)
class SessionState:
    """What is true of the current trading day, and forgotten with it."""

    date: str = ""
    plain: tuple[Window, ...] = ()
    with_derivatives: tuple[Window, ...] = ()
    entry_cutoff_ns: int = 0
    next_open_ns: int = 0
    starting: Decimal = ZERO
    loss_limit_hit: bool = False
    fills_seen: set[str] = field(default_factory=set)
    trades: dict[str, ClosedToday] = field(default_factory=dict)
    realized_before: dict[Product, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Cash:
    """The money: what was put in, what fills moved, what was charged on days already closed.

    `peak` is the highest equity at a close.
    """

    deposited: Decimal = ZERO
    flows: dict[Product, Decimal] = field(default_factory=lambda: dict.fromkeys(Product, ZERO))
    charged: Decimal = ZERO
    peak: Decimal = ZERO


@dataclass(slots=True)
class DeskState:
    """The engine's whole memory. `out` collects the effects of the step in hand."""

    tariff: Tariff
    now: int = 0
    seq: int = 0
    run_id: str = ""
    mode: Mode = Mode.BACKTEST
    account: str = ""
    epoch: int = 0
    settings: EngineSettings = field(default_factory=EngineSettings)
    halted: str = ""  # the reason, empty when entries are allowed
    drawdown_hit: bool = False
    instruments: dict[str, Instrument] = field(default_factory=dict)
    session: SessionState = field(default_factory=SessionState)
    cash: Cash = field(default_factory=Cash)
    orders: dict[str, Order] = field(default_factory=dict)
    tranches: dict[str, Tranche] = field(default_factory=dict)
    orders_of: dict[str, list[str]] = field(default_factory=dict)  # live or not, by tranche
    tranches_of: dict[str, list[str]] = field(default_factory=dict)  # open, by symbol, oldest first
    leaving: dict[str, Leaving] = field(default_factory=dict)  # by tranche
    frozen: dict[str, str] = field(default_factory=dict)  # why, by symbol: no entries there
    commands: dict[str, CommandAnswered] = field(default_factory=dict)
    marks: dict[str, Decimal] = field(default_factory=dict)
    daybook: DayBook = field(init=False)
    closes: DailyCloses = field(default_factory=lambda: DailyCloses(30))
    orders_made: int = 0
    tranches_made: int = 0
    stakes_changed: bool = True
    equity_changed: bool = False
    out: list[Effect] = field(default_factory=list)
    _exposure: Exposure | None = None

    def open(self, event: DeskOpened) -> None:
        """Take identity, money and terms from the journal's first event."""
        require(self.run_id == "", "a journal is opened once")
        self.run_id, self.mode, self.account = event.run_id, event.mode, event.account
        self.epoch, self.settings = event.epoch, event.settings
        self.cash.deposited = self.cash.peak = self.session.starting = event.capital
        self.instruments = {listed.symbol: listed for listed in event.instruments}
        self.daybook = DayBook(self.tariff, event.settings.broker)
        self.closes = DailyCloses(event.settings.risk.correlation_sessions)

    def live_orders(self, tranche_id: str) -> list[Order]:
        """Orders of a tranche that may still trade, oldest first."""
        orders = self.orders
        return [
            order
            for oid in self.orders_of.get(tranche_id, ())
            if (order := orders[oid]).state in MAY_BE_LIVE
        ]

    def is_trading(self, symbol: str) -> bool:
        """Whether the instrument is in continuous trading now."""
        return self.trading_left_ns(symbol) > 0

    def trading_left_ns(self, symbol: str) -> int:
        """How long continuous trading goes on without a break; zero where it does not."""
        for window in self.windows(symbol):
            if window.start_ns <= self.now < window.end_ns:
                return window.end_ns - self.now
        return 0

    def windows(self, symbol: str) -> tuple[Window, ...]:
        """The instrument's continuous trading today."""
        derived = self.instruments[symbol].has_derivatives
        return self.session.with_derivatives if derived else self.session.plain

    def kept(self, tranche: Tranche) -> Quantity:
        """What stays once the part that is to go has gone."""
        return tranche.quantity - self.leaving.get(tranche.tranche_id, NOT_LEAVING).part

    def put(self, tranche: Tranche) -> None:
        self.tranches[tranche.tranche_id] = tranche
        self.stakes_changed = True

    @property
    def exposure(self) -> Exposure:
        """Recomputed only after something that could change it."""
        if self.stakes_changed or self._exposure is None:
            self._exposure = exposure_of(self._stakes())
            self.stakes_changed = False
        return self._exposure

    def _stakes(self) -> list[Stake]:
        return [self._stake(tranche) for tranche in self.tranches.values()]

    def _stake(self, tranche: Tranche) -> Stake:
        instrument = self.instruments[tranche.symbol]
        value, heat = tranche.open_cost, tranche.risk_at_stop
        for order in self.live_orders(tranche.tranche_id):
            if order.role is Role.ENTRY and order.limit is not None:
                units, limit = order.units_left, order.limit.value
                value += units * limit
                heat += max(ZERO, (limit - tranche.stop.value) * tranche.sign * units)
        return Stake(
            tranche.symbol,
            tranche.direction,
            tranche.product,
            instrument.sector_key,
            value,
            margin_of(value, tranche.product, instrument),
            heat,
        )

    @property
    def cash_balance(self) -> Decimal:
        """Deposits, all fills, all charges so far."""
        cash = self.cash
        moved = sum(cash.flows.values(), cash.deposited)
        return moved - cash.charged - self.daybook.amount()

    def mark_of(self, tranche: Tranche) -> Decimal:
        """The last price known, or the entry price before there is one."""
        return self.marks.get(tranche.symbol) or tranche.entry_price

    def unrealized(self, product: Product) -> Decimal:
        """Open P&L at the last marks, before charges."""
        return sum((t.unrealized_gross(self.mark_of(t)) for t in self.held(product)), ZERO)

    def realized(self, product: Product) -> Decimal:
        """Gross since the run began, parts of open tranches included: what fills moved, and the
        cost of what they left open.
        """
        open_cost = sum((t.open_cost * t.sign for t in self.held(product)), ZERO)
        return self.cash.flows[product] + open_cost

    def held(self, product: Product) -> list[Tranche]:
        return [t for t in self.tranches.values() if t.product is product and t.is_open]

    @property
    def equity(self) -> Decimal:
        """Cash plus what is held, at the last marks."""
        return self.cash_balance + sum(
            (self.mark_of(t) * t.units * t.sign for t in self.tranches.values() if t.is_open),
            ZERO,
        )
