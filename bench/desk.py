"""A desk with nothing around it, and the words that open and close a position on it."""

from datetime import date
from decimal import Decimal

from tradego.accounting.tariffs import Tariff, shipped_tables
from tradego.domain.effects import Effect, SubmitOrder
from tradego.domain.events import (
    DayClosed,
    DeskOpened,
    Filled,
    Mode,
    Outcome,
    SendAnswered,
    SessionOpened,
    SignalsRaised,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price
from tradego.domain.orders import Fill, Order
from tradego.domain.settings import EngineSettings, RiskSettings
from tradego.domain.signals import Product, Side, Signal
from tradego.domain.times import MINUTE, SECOND, at
from tradego.engine.state import DeskState
from tradego.engine.step import step
from tradego.market.calendar import Calendar
from tradego.market.calendar_tables import nse_calendar
from tradego.market.timers import session_opened

PRICE = 500.0


def opening(symbols: int, risk: RiskSettings) -> DeskOpened:
    """A desk of ten million rupees on so many instruments."""
    return DeskOpened(
        ts_ns=at(date(2024, 1, 1), "08:00"),
        run_id="bench",
        mode=Mode.PAPER,
        account="bench",
        epoch=0,
        capital=Decimal(10_000_000),
        settings=EngineSettings(risk=risk),
        instruments=tuple(Instrument(symbol=f"SYM{n:03d}") for n in range(symbols)),
        code_version="",
        config_hash="",
    )


class Desk:
    """The engine alone, led through sessions by hand."""

    def __init__(self, symbols: int, risk: RiskSettings | None = None) -> None:
        self.state = DeskState(tariff=Tariff(shipped_tables()))
        self.now = 0
        self._calendar: Calendar = nse_calendar()
        self._days = iter(self._calendar.sessions_between(date(2024, 1, 1), date(2024, 12, 31)))
        self._opened: SessionOpened | None = None
        step(self.state, opening(symbols, risk or RiskSettings()))

    def next_day(self) -> None:
        """Close the session, if there is one, and open the next whole one."""
        if self._opened is not None:
            closed_ns = self._opened.plain[-1].end_ns
            step(self.state, DayClosed(ts_ns=closed_ns, date=self._opened.date, closes=()))
        for day in self._days:
            self._opened = session_opened(self._calendar, day)
            if self._opened and self._opened.entry_cutoff_ns > self._opened.ts_ns + 60 * MINUTE:
                break
        assert self._opened is not None
        step(self.state, self._opened)
        self.now = self._opened.plain[0].start_ns + SECOND

    def signal(self, number: int) -> SignalsRaised:
        """A wish to buy the `number`-th instrument now."""
        self.now += SECOND
        signal = Signal(
            signal_id=f"bench:{number}:{self.now}",
            ts_ns=self.now,
            symbol=f"SYM{number:03d}",
            strategy="bench",
            product=Product.INTRADAY,
            direction=Side.BUY,
            entry=PRICE,
            stop=0.988 * PRICE,
            target=1.025 * PRICE,
            confidence=0.9,
        )
        return SignalsRaised(ts_ns=self.now, signals=(signal,))

    def accepted(self, order: Order) -> SendAnswered:
        """The venue takes an order."""
        self.now += SECOND // 10
        return SendAnswered(
            ts_ns=self.now,
            order_id=order.order_id,
            outcome=Outcome.ACCEPTED,
            venue_order_id=f"X{order.order_id}",
        )

    def filled(self, order: Order, price: Price) -> Filled:
        """The venue fills it whole."""
        self.now += SECOND // 10
        return Filled(
            ts_ns=self.now,
            fill=Fill(
                fill_id=f"F{order.order_id}",
                order_id=order.order_id,
                tranche_id=order.tranche_id,
                symbol=order.symbol,
                side=order.side,
                price=price,
                quantity=order.quantity,
                ts_ns=self.now,
            ),
        )


def submitted(effects: list[Effect]) -> Order:
    """The order among the effects of a step that sends one."""
    return next(effect.order for effect in effects if isinstance(effect, SubmitOrder))
