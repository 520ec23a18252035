"""An auditor beside the desk: after every event it recomputes everything from fills and messages
alone, and compares. Of the product's arithmetic it uses the contract note, and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from random_desk import RandomDesk, tariff
from tradego.accounting.charges import ExecutedOrder, contract_note
from tradego.accounting.tariffs import TariffSegment
from tradego.domain.effects import (
    Alarm,
    CancelOrder,
    Effect,
    ModifyOrder,
    SignalApproved,
    SubmitOrder,
    TradeClosed,
)
from tradego.domain.events import (
    DayClosed,
    Event,
    Filled,
    Marked,
    OrderModified,
    OrderSeen,
    Outcome,
    SendAnswered,
    SessionOpened,
    Touched,
    Window,
)
from tradego.domain.orders import Evidence, Fill, Order, Role
from tradego.domain.positions import Trade, Tranche
from tradego.domain.signals import Product, Side
from tradego.domain.times import MILLISECOND, SECOND, at

ZERO = Decimal(0)
GRAIN = Decimal("1e-9")  # an average price is a fraction
OF_THE_EXCHANGE = (Filled, Marked, OrderModified, OrderSeen, SendAnswered, Touched)


class AuditError(AssertionError):
    """Something that must hold does not."""


@dataclass(slots=True)
class Out:
    """An order that may still trade, as messages tell it."""

    order: Order
    sent_ns: int
    left: Decimal
    flat_since_ns: int = 0

    @property
    def enters(self) -> bool:
        return self.order.role is Role.ENTRY


@dataclass(slots=True)
class Held:
    """A tranche as its fills tell it; `planned` is what was entered, at its orders' limits."""

    entered: Decimal = ZERO
    cost: Decimal = ZERO
    planned: Decimal = ZERO
    exited: Decimal = ZERO
    proceeds: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        return self.entered - self.exited

    @property
    def average(self) -> Decimal:
        return self.cost / self.entered


class Books:
    """What fills say: tranches, cash, the orders of the day."""

    def __init__(self, desk: RandomDesk) -> None:
        self._instruments = {listed.symbol: listed for listed in desk.instruments}
        self._capital = desk.opening.capital
        self.held: dict[str, Held] = defaultdict(Held)
        self.flows = self.charged = self.today = ZERO
        self.day = ""
        self._executed: dict[tuple[str, Product], dict[str, ExecutedOrder]] = {}

    @property
    def cash(self) -> Decimal:
        return self._capital + self.flows - self.charged - self.today

    def book(self, order: Order, fill: Fill) -> Held:
        quantity, value = fill.quantity.value, fill.price.value * fill.quantity.value
        held = self.held[order.tranche_id]
        if order.role is Role.ENTRY:
            assert order.limit is not None
            held.entered, held.cost = held.entered + quantity, held.cost + value
            held.planned += order.limit.value * quantity
        else:
            held.exited, held.proceeds = held.exited + quantity, held.proceeds + value
        self.flows += -value if fill.side is Side.BUY else value
        orders = self._executed.setdefault((fill.symbol, order.product), {})
        before = orders.get(fill.order_id, ExecutedOrder(fill.side, ZERO, ZERO))
        orders[fill.order_id] = ExecutedOrder(
            fill.side, before.quantity + quantity, before.value + value
        )
        self.today = sum((self._note(*key) for key in self._executed), ZERO)
        return held

    def close_day(self) -> None:
        self.charged, self.today = self.charged + self.today, ZERO
        self._executed.clear()

    def _note(self, symbol: str, product: Product) -> Decimal:
        instrument = self._instruments[symbol]
        rates = tariff().rates(
            plan="zerodha",
            segment=TariffSegment.of(instrument.segment, product),
            exchange=instrument.exchange,
            on=date.fromisoformat(self.day),
        )
        orders = list(self._executed[symbol, product].values())
        return contract_note(orders, rates, lot=instrument.lot).total


class Oracle:
    def __init__(self, desk: RandomDesk) -> None:
        self.desk = desk
        self.instruments = {listed.symbol: listed for listed in desk.instruments}
        self.risk = desk.kind.settings.risk
        self.books = Books(desk)
        self.out: dict[str, Out] = {}
        self.trades: dict[str, Trade] = {}
        self.stops: dict[str, Decimal] = {}
        self.levels: dict[str, Decimal] = {}
        self.capital = desk.opening.capital
        self.windows: dict[bool, tuple[Window, ...]] = {True: (), False: ()}
        self.cutoff = self.now = 0
        self.tags: set[str] = set()

    def observe(self, event: Event, effects: list[Effect]) -> None:
        self.now = event.ts_ns
        self._hear(event)
        for effect in effects:
            self._note(effect)
        self._check_limits()
        self._check_tranches()
        self._check_orders()
        self._check_money()
        if not isinstance(event, OF_THE_EXCHANGE):
            self._check_venue()
        if isinstance(event, DayClosed):
            self._close_day()

    # What comes in.

    def _hear(self, event: Event) -> None:
        match event:
            case SessionOpened():
                self.books.day, self.cutoff = event.date, event.entry_cutoff_ns
                self.windows = {False: event.plain, True: event.with_derivatives}
                self.capital = self.equity
            case Filled(fill=fill):
                self._on_fill(fill)
            case SendAnswered(outcome=Outcome.REJECTED):
                must(event.reason != "market closed", "an order reached a closed market")
                del self.out[event.order_id]
            case OrderSeen(evidence=Evidence.SEEN_CANCELLED | Evidence.SEEN_EXPIRED):
                del self.out[event.order_id]
            case _:
                pass

    def _on_fill(self, fill: Fill) -> None:
        must(fill.order_id in self.out, f"{fill.fill_id} fills an order that is over")
        out = self.out[fill.order_id]
        quantity = fill.quantity.value
        must(quantity <= out.left, f"{fill.order_id} is overfilled")
        out.left -= quantity
        if not out.left:
            del self.out[fill.order_id]
        self._check_price(out.order, fill)
        held = self.books.book(out.order, fill)
        must(held.open >= 0, f"{out.order.tranche_id} changed its sign")

    def _check_price(self, order: Order, fill: Fill) -> None:
        price = fill.price.value
        must(price % self.instruments[fill.symbol].tick == 0, "a fill is off the tick")
        tape = self.desk.world.exchange.books[fill.symbol].tape
        bar, elapsed = tape.moment(self.now)
        if elapsed < tape.bars.interval_ns:
            low, high = float(tape.bars.low[bar]), float(tape.bars.high[bar])
            must(low <= float(price) <= high, f"{price} is outside its bar {low}..{high}")
        if order.limit is not None:
            limit = order.limit.value
            worse = price > limit if fill.side is Side.BUY else price < limit
            must(not worse, f"{order.order_id} filled at {price} past {limit}")

    # What goes out.

    def _note(self, effect: Effect) -> None:
        match effect:
            case SubmitOrder(order=order):
                self._on_submit(order)
            case CancelOrder(order_id=order_id) | ModifyOrder(order_id=order_id):
                must(self._trading(self.out[order_id].order.symbol), "asked for when closed")
            case SignalApproved():
                self._on_approval(effect)
            case TradeClosed(trade=trade):
                self.trades[trade.trade_id] = trade
            case Alarm():
                self._on_alarm(effect)
            case _:
                pass

    def _on_submit(self, order: Order) -> None:
        must(order.tag not in self.tags, f"{order.tag} is used twice")
        self.tags.add(order.tag)
        instrument, tid = self.instruments[order.symbol], order.tranche_id
        must(self._trading(order.symbol), f"{order.order_id} is sent when closed")
        for price in (order.limit, order.trigger):
            must(price is None or price.value % instrument.tick == 0, "an order off the tick")
        must(order.quantity.value % instrument.lot == 0, "an order of part of a lot")
        self.out[order.order_id] = Out(order, self.now, order.quantity.value)
        if order.role is not Role.ENTRY:
            working, held = self._working(tid), self.books.held[tid].open
            must(working <= held, f"{order.order_id}: {working} would reduce {held}")
        elif order.product is Product.INTRADAY:
            must(self.now < self.cutoff, "an intraday entry after the cut-off")

    def _on_approval(self, approval: SignalApproved) -> None:
        risk, value = self.risk, approval.quantity.value * approval.limit.value
        available = self.capital - self.levels.get("deployed", ZERO)
        must(value <= available * risk.position_pct / 100, f"{value} of {available} available")
        must(value <= risk.max_order_value, f"{value} in one order")
        must(approval.risk_amount <= self.capital * risk.risk_max_pct / 100, "too much at risk")

    def _on_alarm(self, alarm: Alarm) -> None:
        """I35: without a fault no alarm; losses and a dead market are what they are for."""
        kind = alarm.key.partition(":")[0]
        refusing = self._is_refusing and kind in ("rejected", "intraday_overnight")
        asked = kind == "modify_refused" and self.desk.kind.bossy > 0
        starved = kind == "open_after_square_off" and self._is_starved()
        must(refusing or asked or starved or kind in ("daily_loss", "drawdown"), alarm.text)

    @property
    def _is_refusing(self) -> bool:
        return self.desk.kind.conditions.reject_rate > 0

    def _is_starved(self) -> bool:
        """Whether the market had little or nothing for what is open after the first rung."""
        first = at(date.fromisoformat(self.books.day), "15:00")
        share = float(self.desk.kind.conditions.participation_pct) / 100
        for tid, tranche in self._tranches():
            if tranche.product is Product.INTRADAY and self.books.held[tid].open:
                tape = self.desk.world.exchange.books[tranche.symbol].tape
                rows = slice(*tape.ts.searchsorted([first, self.now]))
                if sum(tape.bars.volume[rows]) * share > 2 * self.books.held[tid].entered:
                    return False
        return True

    # Limits: S1-risk-2..7, S1-mgn-2, I8.

    def _check_limits(self) -> None:
        risk, capital = self.risk, self.capital
        values: dict[str, Decimal] = defaultdict(lambda: ZERO)
        pools = dict.fromkeys(Product, ZERO)
        sectors: dict[str, set[str]] = defaultdict(set)
        heat = ZERO
        for tid, tranche in self._tranches():
            value, risked = self._at_stake(tid, tranche)
            instrument = self.instruments[tranche.symbol]
            intraday = tranche.product is Product.INTRADAY
            values[tranche.symbol] += value
            pools[tranche.product] += value * (instrument.margin_pct / 100 if intraday else 1)
            sectors[instrument.sector_key].add(tranche.symbol)
            heat += risked
        for symbol, value in values.items():
            self._stays(f"value of {symbol}", value, capital * risk.position_pct / 100)
        for sector, symbols in sectors.items():
            self._stays(f"sector {sector}", Decimal(len(symbols)), Decimal(risk.max_per_sector))
        share = risk.intraday_pool_pct / 100
        self._stays("positions", Decimal(len(values)), Decimal(risk.max_positions))
        self._stays("heat", heat, capital * risk.max_heat_pct / 100)
        self._stays("deployed", sum(pools.values()), capital * risk.max_deployed_pct / 100)
        self._stays("intraday pool", pools[Product.INTRADAY], capital * share)
        self._stays("swing pool", pools[Product.DELIVERY], capital * (1 - share))

    def _at_stake(self, tid: str, tranche: Tranche) -> tuple[Decimal, Decimal]:
        """Value at entry and loss at the stop, what is still out counted as filled. A short that
        sold above its limit counts at the limit: no order can stop a better price.
        """
        held, sign, stop = self.books.held[tid], tranche.sign, tranche.stop.value
        value = risked = ZERO
        if held.open:
            value = (held.cost if sign > 0 else held.planned) * held.open / held.entered
            risked = max(ZERO, (held.average - stop) * sign * held.open)
        for out in self._of(tid):
            if out.enters:
                assert out.order.limit is not None
                limit = out.order.limit.value
                value += limit * out.left
                risked += max(ZERO, (limit - stop) * sign * out.left)
        return value, risked

    def _stays(self, name: str, amount: Decimal, limit: Decimal) -> None:
        """A limit is a share of the day's capital: after a loss what is held may be above it, but
        it may not grow.
        """
        before = self.levels.get(name, ZERO)
        self.levels[name] = amount
        must(amount <= max(limit, before) + GRAIN, f"{name}: {amount} above {limit}")

    # Tranches and orders: I3, I6, I7, I9, I12, I32.

    def _check_tranches(self) -> None:
        for tid, tranche in self._tranches():
            held = self.books.held[tid].open
            must(tranche.quantity.value == held, f"{tid} holds {held}")
            must(self._working(tid) <= held, f"{tid}: more working than held")
            stop, best = tranche.stop.value, self.stops.get(tid)
            must(best is None or (stop - best) * tranche.sign >= 0, f"{tid}: the stop moved away")
            self.stops[tid] = stop
            if held and tranche.exit_reason is None and self._trading(tranche.symbol):
                self._check_cover(tid, held)

    def _check_cover(self, tid: str, held: Decimal) -> None:
        """All of it by stops; where a part is leaving, by whatever is working."""
        if tid in self.desk.world.state.leaving:
            must(self._working(tid) > 0, f"{tid} has nothing working")
        else:
            stops = sum((o.left for o in self._of(tid) if o.order.role is Role.STOP), ZERO)
            must(stops == held, f"{tid}: {stops} of {held} protected")

    def _check_orders(self) -> None:
        conditions, execution = self.desk.kind.conditions, self.desk.kind.settings.execution
        way = (conditions.latency_ms + conditions.jitter_ms) * MILLISECOND + SECOND
        for out in self.out.values():
            if out.enters:
                late = out.sent_ns + execution.entry_timeout_s * SECOND + 2 * way
                in_time = self.now <= late or not self._trading(out.order.symbol)
                must(in_time, f"entry {out.order.order_id} is still working")
            elif not self.books.held[out.order.tranche_id].open:
                out.flat_since_ns = out.flat_since_ns or self.now
                must(self.now <= out.flat_since_ns + 2 * way, f"{out.order.order_id} outlives")

    def _check_venue(self) -> None:
        """Desk and exchange agree whenever the exchange has said all it had to say."""
        net: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for tid, tranche in self._tranches():
            net[tranche.symbol] += self.books.held[tid].open * tranche.sign
        for symbol, book in self.desk.world.exchange.books.items():
            must(book.net == net[symbol], f"{symbol}: the exchange has {book.net}")
            must(book.resting.keys() <= self.out.keys(), "what rests is over")

    # Money: I15..I17, contract.md.

    @property
    def equity(self) -> Decimal:
        state = self.desk.world.state
        held = ((t, self.books.held[tid].open * t.sign) for tid, t in self._tranches())
        worth = sum((state.mark_of(t) * units for t, units in held if units), ZERO)
        return self.books.cash + worth

    def _check_money(self) -> None:
        state = self.desk.world.state
        must(state.cash_balance == self.books.cash, f"cash is {self.books.cash}")
        must(abs(state.equity - self.equity) < GRAIN, f"equity is {self.equity}")

    def _close_day(self) -> None:
        state, books = self.desk.world.state, self.books
        books.close_day()
        must(state.cash_balance == books.cash, f"cash at the close is {books.cash}")
        tranches = dict(self._tranches())
        for tid, tranche in tranches.items():
            overnight = tranche.product is Product.INTRADAY and books.held[tid].open
            must(not overnight or self._is_refusing, f"{tid} is intraday and held overnight")
        closed = sum((trade.net_pnl for trade in self.trades.values()), ZERO)
        still_open = sum((self._open_net(tid, t) for tid, t in tranches.items()), ZERO)
        change = state.equity - self.desk.opening.capital
        must(closed + still_open == change, f"{closed} + {still_open} is not {change}")
        shares = [*self.trades.values(), *tranches.values()]
        charges = sum((share.charges.total for share in shares), ZERO)
        must(charges == books.charged, f"notes say {books.charged}, trades {charges}")
        for trade in self.trades.values():
            held, sign = books.held[trade.trade_id], 1 if trade.direction is Side.BUY else -1
            must(trade.gross_pnl == (held.proceeds - held.cost) * sign, "gross P&L")

    def _open_net(self, tid: str, tranche: Tranche) -> Decimal:
        held = self.books.held[tid]
        if not held.entered:
            return ZERO
        worth = held.proceeds + self.desk.world.state.mark_of(tranche) * held.open
        return (worth - held.cost) * tranche.sign - tranche.charges.total

    def _tranches(self) -> Iterable[tuple[str, Tranche]]:
        return self.desk.world.state.tranches.items()

    def _of(self, tid: str) -> list[Out]:
        return [out for out in self.out.values() if out.order.tranche_id == tid]

    def _working(self, tid: str) -> Decimal:
        return sum((out.left for out in self._of(tid) if not out.enters), ZERO)

    def _trading(self, symbol: str) -> bool:
        windows = self.windows[self.instruments[symbol].has_derivatives]
        return any(window.start_ns <= self.now < window.end_ns for window in windows)


def must(holds: bool, fact: str) -> None:
    if not holds:
        raise AuditError(fact)


def audited(desk: RandomDesk) -> Mapping[str, Trade]:
    """Play a run under audit; its trades. AuditError where something does not hold."""
    oracle = Oracle(desk)
    desk.play(oracle.observe)
    return oracle.trades
