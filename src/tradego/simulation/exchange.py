"""A make-believe exchange over recorded bars or ticks: it takes effects and gives events.

It does not visit every bar. Of all that rests and is watched in an instrument it knows the nearest
prices at which anything happens, and looks for the first bar that reaches them. A tick is a bar of
one nanosecond. It never knows more than the past and the present of the path.

What happens at one instant is ordered: bars close, equity is judged, (the desk's rounds), bars
open, (timers), messages arrive.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from heapq import heappop, heappush
from typing import Annotated

import msgspec
from msgspec import Meta

from tradego.domain.bars import Bars
from tradego.domain.effects import (
    CancelOrder,
    Effect,
    ModifyOrder,
    SubmitOrder,
    Unwatch,
    Watch,
    WatchEquity,
)
from tradego.domain.events import (
    EquityTouched,
    Event,
    Filled,
    Holding,
    Marked,
    ModifyRefused,
    OrderModified,
    OrderSeen,
    Outcome,
    PositionsSeen,
    SendAnswered,
    SessionOpened,
    Touched,
    Window,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.orders import Evidence, Fill, Order, OrderType, Validity
from tradego.domain.ports import Dice
from tradego.domain.settings import Percent, Score, Section, says, within
from tradego.domain.signals import Side
from tradego.domain.times import MILLISECOND
from tradego.simulation.book import Book, Resting, Watched
from tradego.simulation.equity import first_below
from tradego.simulation.path import (
    at_open,
    first_on_leg,
    leg_reaching,
    next_close,
    next_place,
    spot_at,
)
from tradego.simulation.tape import CLOSE, OPEN, Spot, Tape

AT_CLOSE, AT_EQUITY, AT_OPEN, AT_MESSAGE = 0, 1, 5, 7  # the desk's own things stand between
# The effects that are for an exchange; most are not, and need not be shown to it.
CARRIED_OUT = frozenset({SubmitOrder, CancelOrder, ModifyOrder, Watch, Unwatch, WatchEquity})
_PHASE_OF_LEG = (AT_OPEN, AT_MESSAGE, AT_MESSAGE, AT_MESSAGE, AT_CLOSE)


class Conditions(Section, frozen=True, kw_only=True):
    """How kind the make-believe market is."""

    latency_ms: Annotated[
        int, Meta(ge=0, le=60_000), says("from the desk to the exchange, and back again")
    ] = 50
    jitter_ms: Annotated[
        int, Meta(ge=0, le=60_000), says("up to so much more, drawn from the seed")
    ] = 0
    slippage_bps: Annotated[
        Decimal,
        within("0", "1000"),
        says("hundredths of a percent by which a fill is worse, within the order's own limit"),
    ] = ZERO
    participation_pct: Annotated[
        Percent, says("of a bar's volume that one account may take; the rest waits")
    ] = Decimal(10)
    reject_rate: Annotated[Score, says("share of orders refused, drawn from the seed")] = 0.0


class _Path(msgspec.Struct, frozen=True, gc=False):
    book: Book
    version: int
    bar: int
    leg: int


class _Match(msgspec.Struct, frozen=True, gc=False):
    book: Book
    order_id: str


class _Equity(msgspec.Struct, frozen=True, gc=False):
    version: int
    marks: tuple[tuple[str, Decimal], ...]


_Item = _Path | _Match | _Equity | SubmitOrder | CancelOrder | ModifyOrder


class Exchange:
    """All instruments on one heap of what comes next. Give it effects, ask it for events."""

    def __init__(
        self,
        bars: Iterable[Bars],
        instruments: Mapping[str, Instrument],
        conditions: Conditions,
        dice: Dice,
        *,
        every_bar: bool = False,
    ) -> None:
        self.books = {
            b.symbol: Book(Tape(b, instruments[b.symbol]), rank) for rank, b in enumerate(bars)
        }
        self.conditions, self._dice = conditions, dice
        self._every_bar = every_bar
        self._heap: list[tuple[int, int, int, int, _Item]] = []
        self._pushed = 0
        self._where: dict[str, Book] = {}  # by order id
        self._watching: dict[str, Book] = {}  # by watch id
        self._unplanned: dict[int, Book] = {}  # by rank
        self._now = 0
        self._windows: tuple[tuple[Window, ...], tuple[Window, ...]] = ((), ())
        self._equity: WatchEquity | None = None
        self._equity_version = 0
        self._orders_taken = 0
        self._fills_made = 0

    # What the driver asks.

    def peek(self) -> tuple[int, int] | None:
        """Time and phase of what comes next, if anything."""
        if self._unplanned:
            self._plan_all(self._now)
        heap = self._heap
        while heap:
            ts_ns, phase, _, _, item = heap[0]
            if not self._is_stale(item):
                return ts_ns, phase
            heappop(heap)
        return None

    def advance(self) -> list[Event]:
        """Let the next thing happen; its events in order, perhaps none."""
        now, *_, item = heappop(self._heap)
        self._now = now
        match item:
            case _Path():
                return self._walk(now, item)
            case _Match():
                return self._match(now, item)
            case _Equity():
                return self._on_equity(now, item)
            case SubmitOrder():
                return self._take_order(now, item.order)
            case CancelOrder():
                return self._take_cancel(now, item.order_id)
            case ModifyOrder():
                return self._take_modify(now, item)

    def carry_out(self, effect: Effect, now_ns: int) -> None:
        """Take one effect of the engine; those that are not for an exchange are not for us."""
        self._now = now_ns
        match effect:
            case SubmitOrder():
                self._message(self.books.get(effect.order.symbol), now_ns, effect)
            case CancelOrder() | ModifyOrder():
                book = self._where.get(effect.order_id)
                if book is not None:
                    self._message(book, now_ns, effect)
            case Watch():
                book = self.books[effect.symbol]
                book.watch(effect)
                self._watching[effect.watch_id] = book
                self._stand(book, now_ns)
                self._replan(book)
            case Unwatch():
                book = self._watching.pop(effect.watch_id, None)
                if book is not None:
                    book.unwatch(effect.watch_id)
            case WatchEquity():
                self._equity = effect
                self._equity_version += 1
                self._plan_equity(now_ns)
            case _:
                pass

    def begin_session(self, session: SessionOpened) -> None:
        """Orders are taken in the session's windows of continuous trading."""
        self._windows = (session.plain, session.with_derivatives)

    def marks(self, now_ns: int, *, opened: bool) -> list[Event]:
        """What every held instrument did since its last mark; `opened` says whether bars that begin
        at this instant have.
        """
        events: list[Event] = []
        for book in self.books.values():
            if book.net and book.marked is not None:
                spot = spot_at(book, now_ns, opened=opened)
                if spot is not None and spot != book.marked:
                    events.append(self._mark(book, spot, now_ns))
        return events

    def positions(self, now_ns: int) -> PositionsSeen:
        """The exchange's own book of what the account holds. Average prices are not kept."""
        holdings = tuple(
            Holding(symbol, book.product, book.net)
            for symbol, book in self.books.items()
            if book.net
        )
        return PositionsSeen(ts_ns=now_ns, holdings=holdings)

    def end_session(self, now_ns: int) -> list[Event]:
        """Day orders expire. A market order that found no trade since is executed at the last
        price, as a broker's own square-off would be.
        """
        self._now = now_ns
        events: list[Event] = []
        for book in self.books.values():
            if book.resting:
                self._stand(book, now_ns)
            for order_id, resting in list(book.resting.items()):
                order = resting.order
                if order.type is OrderType.MARKET and book.spot is not None:
                    events += self._fill_all(book, resting, now_ns)
                elif order.validity is Validity.DAY:
                    del book.resting[order_id]
                    events.append(
                        OrderSeen(ts_ns=now_ns, order_id=order_id, evidence=Evidence.SEEN_EXPIRED)
                    )
            self._replan(book)
        return events

    # Messages.

    def _message(
        self, book: Book | None, now_ns: int, item: SubmitOrder | CancelOrder | ModifyOrder
    ) -> None:
        delay = self.conditions.latency_ms * MILLISECOND
        if self.conditions.jitter_ms:
            delay += int(self._dice.uniform() * self.conditions.jitter_ms * MILLISECOND)
        if book is not None:
            if book.busy_until < now_ns:
                book.busy_from = now_ns
            # Messages of one instrument arrive in the order in which they were sent.
            arrives = max(now_ns + delay, book.busy_until + 1)
            book.busy_until = arrives
            if isinstance(item, SubmitOrder):
                self._where[item.order.order_id] = book
        else:
            arrives = now_ns + delay
        self._push(arrives, AT_MESSAGE, item)

    def _take_order(self, now: int, order: Order) -> list[Event]:
        refusal = self._refusal(order, now)
        if refusal:
            answer = SendAnswered(
                ts_ns=now, order_id=order.order_id, outcome=Outcome.REJECTED, reason=refusal
            )
            return [answer]
        self._orders_taken += 1
        book = self.books[order.symbol]
        self._stand(book, now)
        book.resting[order.order_id] = Resting(order)
        book.busy_until = max(book.busy_until, now + 1)
        self._push(now + 1, AT_MESSAGE, _Match(book, order.order_id))
        if book.tape.is_inside_bar(now, now + 1):
            self._unplanned.pop(book.rank, None)  # the match will plan
        venue_id = f"X{self._orders_taken:08d}"
        return [
            SendAnswered(
                ts_ns=now,
                order_id=order.order_id,
                outcome=Outcome.ACCEPTED,
                venue_order_id=venue_id,
            )
        ]

    def _refusal(self, order: Order, now: int) -> str:
        """Why the exchange does not take an order, or nothing."""
        book = self.books.get(order.symbol)
        if book is None:
            return "unknown instrument"
        instrument = book.tape.instrument
        refusal = self._refusal_of_terms(instrument, now, order.limit, order.trigger)
        if refusal:
            return refusal
        if instrument.freeze is not None and order.quantity > instrument.freeze:
            return "quantity above the freeze quantity"
        if self.conditions.reject_rate and self._dice.uniform() < self.conditions.reject_rate:
            return "rejected at random"
        return ""

    def _refusal_of_terms(
        self, instrument: Instrument, now: int, limit: Price | None, trigger: Price | None
    ) -> str:
        """Of an order or a change of one."""
        windows = self._windows[instrument.has_derivatives]
        if not any(window.start_ns <= now < window.end_ns for window in windows):
            return "market closed"
        for price in (limit, trigger):
            if price is not None and not (
                price.is_on(instrument.tick) and instrument.is_in_band(price)
            ):
                return f"price {price.value} is off the tick or outside the band"
        return ""

    def _take_cancel(self, now: int, order_id: str) -> list[Event]:
        book = self._where[order_id]
        self._stand(book, now)
        if book.resting.pop(order_id, None) is None:
            return []  # filled or gone: that has been said
        self._replan(book)
        return [OrderSeen(ts_ns=now, order_id=order_id, evidence=Evidence.SEEN_CANCELLED)]

    def _take_modify(self, now: int, item: ModifyOrder) -> list[Event]:
        book = self._where[item.order_id]
        resting = book.resting.get(item.order_id)
        if resting is None:
            return []
        self._stand(book, now)
        refusal = self._refusal_of_terms(book.tape.instrument, now, item.limit, item.trigger)
        if refusal:
            return [ModifyRefused(ts_ns=now, order_id=item.order_id, reason=refusal)]
        spot = book.spot
        if resting.has_triggered or (spot and resting.is_past(item.trigger, spot.price)):
            reason = "the price is already past the trigger"
            return [ModifyRefused(ts_ns=now, order_id=item.order_id, reason=reason, is_past=True)]
        resting.reprice(item.limit, item.trigger)
        self._replan(book)
        return [
            OrderModified(ts_ns=now, order_id=item.order_id, limit=item.limit, trigger=item.trigger)
        ]

    def _match(self, now: int, item: _Match) -> list[Event]:
        """An order meets the price of the moment, or rests."""
        book = item.book
        resting = book.resting.get(item.order_id)
        if resting is None:
            return []
        tape = book.tape
        row, elapsed = tape.moment(now)
        if row >= 0 and elapsed < tape.bars.interval_ns:
            spot = self._stand(book, now)
            assert spot is not None
            if resting.below >= spot.price or spot.price >= resting.above:
                events = self._happen(book, resting, now)
                if events:
                    return events
        self._replan(book)
        return [OrderSeen(ts_ns=now, order_id=item.order_id, evidence=Evidence.SEEN_WORKING)]

    # The path.

    def _stand(self, book: Book, now: int) -> Spot | None:
        book.spot = spot_at(book, now)
        return book.spot

    def _replan(self, book: Book) -> None:
        """Forget the plan; the next is made once all effects of the moment are in."""
        book.version += 1
        self._unplanned[book.rank] = book

    def _plan_all(self, now: int) -> None:
        """A book whose path waits for a message under way is planned when that has arrived."""
        unplanned, self._unplanned = self._unplanned, {}
        for rank, book in unplanned.items():
            if now < book.busy_until and self._waits(book, now):
                self._unplanned[rank] = book
            else:
                self._plan(book, now)

    def _waits(self, book: Book, now: int) -> bool:
        """Whether nothing happens before the message arrives: not here, where a bar has just
        opened, and not further on, where the path of a bar waits to the last.
        """
        if not book.tape.is_inside_bar(now, book.busy_until):
            return False
        spot = self._stand(book, now)
        return spot is not None and (spot.leg > OPEN or leg_reaching(spot, *book.levels()) != OPEN)

    def _plan(self, book: Book, now: int) -> None:
        """Find the next place on the path at which anything happens."""
        held = self._every_bar and book.net
        if not (book.resting or book.watches or book.close_watches or held):
            return
        self._stand(book, now)
        for found in (next_place(book, now), next_close(book, now, every_bar=self._every_bar)):
            if found is not None:
                row, leg = found
                at = int(book.tape.ts[row]) + book.tape.offset(leg)
                self._push(max(at, now), _PHASE_OF_LEG[leg], _Path(book, book.version, row, leg))

    def _walk(self, now: int, item: _Path) -> list[Event]:
        book = item.book
        last = int(book.tape.ts[item.bar]) + book.tape.bars.interval_ns - 1
        if OPEN < item.leg < CLOSE and book.busy_until >= now and now < last:
            # The desk is being heard: inside a bar the path waits for what is under way.
            self._push(min(book.busy_until + 1, last), AT_MESSAGE, item)
            return []
        spot = book.spot
        if spot is None or spot.bar != item.bar or spot.leg == OPEN:
            book.spot = spot = at_open(book, item.bar)
        if item.leg == CLOSE:
            return self._on_close(book, spot, now)
        found = first_on_leg(book, spot, item.leg)
        if found is None:
            book.spot = Spot(item.bar, item.leg, spot.points[item.leg], spot.points)
            self._replan(book)
            return []
        what, price = found
        book.spot = Spot(item.bar, item.leg, price, spot.points)
        if isinstance(what, Resting):
            events = self._happen(book, what, now)
            self._replan(book)
            return events
        return self._touched(book, what, price, now)

    def _on_close(self, book: Book, spot: Spot, now: int) -> list[Event]:
        close = spot.points[3]
        book.spot = Spot(spot.bar, CLOSE, close, spot.points)
        events: list[Event] = []
        if self._every_bar and book.net:
            events.append(self._mark(book, book.spot, now))
        for watched in list(book.close_watches.values()):
            if close <= watched.below or close >= watched.above:
                events += self._touched(book, watched, close, now)
        self._replan(book)
        return events

    def _touched(self, book: Book, watched: Watched, price: float, now: int) -> list[Event]:
        assert book.spot is not None
        watch = watched.watch
        del self._watching[watch.watch_id]
        book.unwatch(watch.watch_id)
        self._replan(book)
        return [
            Touched(
                ts_ns=now,
                watch_id=watch.watch_id,
                symbol=watch.symbol,
                price=book.tape.price_in(book.spot.bar, price),
            )
        ]

    # Trading.

    def _happen(self, book: Book, resting: Resting, now: int) -> list[Event]:
        """The price of the moment has reached an order: it triggers, trades, or both."""
        spot = book.spot
        assert spot is not None
        events: list[Event] = []
        fresh = resting.waits_for_trigger
        if fresh:
            resting.pull_trigger()
        if resting.takes(spot.price):
            events = self._trade(book, resting, spot, now)
        if fresh and resting.remaining:
            events.insert(
                0,
                OrderSeen(
                    ts_ns=now,
                    order_id=resting.order.order_id,
                    evidence=Evidence.SEEN_WORKING,
                    triggered=True,
                ),
            )
        self._replan(book)
        return events

    def _trade(self, book: Book, resting: Resting, spot: Spot, now: int) -> list[Event]:
        room = book.room(spot.bar, self.conditions.participation_pct)
        units = min(resting.remaining.value, room)
        if units.is_finite():
            quantity = Quantity(max(ZERO, units)).in_lots(book.tape.instrument.lot)
        else:
            quantity = resting.remaining
        if not quantity:
            resting.starved_bar = spot.bar
            return []
        book.volume_used += quantity.value
        if quantity < resting.remaining:
            resting.starved_bar = spot.bar
        return self._filled(book, resting, self._price(book, resting, spot), quantity, now)

    def _fill_all(self, book: Book, resting: Resting, now: int) -> list[Event]:
        assert book.spot is not None
        price = book.tape.price_in(book.spot.bar, book.spot.points[3])
        return self._filled(book, resting, price, resting.remaining, now)

    def _filled(
        self, book: Book, resting: Resting, price: Price, quantity: Quantity, now: int
    ) -> list[Event]:
        order, spot = resting.order, book.spot
        assert spot is not None
        events: list[Event] = []
        if book.net and book.marked is not None:
            events.append(self._mark(book, spot, now))
        resting.remaining -= quantity
        if not resting.remaining:
            del book.resting[order.order_id]
        flat_before = not book.net
        book.product = order.product
        book.net += quantity.value if order.side is Side.BUY else -quantity.value
        if flat_before:
            book.marked = spot
        self._fills_made += 1
        fill = Fill(
            fill_id=f"F{self._fills_made:08d}",
            order_id=order.order_id,
            tranche_id=order.tranche_id,
            symbol=order.symbol,
            side=order.side,
            price=price,
            quantity=quantity,
            ts_ns=now,
        )
        events.append(Filled(ts_ns=now, fill=fill))
        return events

    def _price(self, book: Book, resting: Resting, spot: Spot) -> Price:
        """The price of the moment, made worse by slippage, never past the order's own limit."""
        price = spot.price
        slip = float(self.conditions.slippage_bps) / 10_000
        if slip:
            price *= 1 + slip if resting.buys else 1 - slip
            if not resting.takes(price) and resting.order.limit is not None:
                price = float(resting.order.limit.value)
        return book.tape.price_in(spot.bar, price)

    def _mark(self, book: Book, spot: Spot, now: int) -> Marked:
        assert book.marked is not None
        high, low = book.tape.extremes(book.marked, spot)
        book.marked = spot
        last = Price.nearest_tick(spot.price, book.tape.instrument.tick).value
        symbol = book.tape.bars.symbol
        return Marked(ts_ns=now, symbol=symbol, high=max(high, last), low=min(low, last), last=last)

    # Equity.

    def _plan_equity(self, now: int) -> None:
        watch = self._equity
        if watch is None or not watch.legs:
            return
        found = first_below(
            [(self.books[symbol].tape, float(units)) for symbol, units in watch.legs],
            float(watch.floor),
            now,
        )
        if found is None:
            return
        at, closes = found
        marks = tuple(
            (symbol, Price.nearest_tick(close, self.books[symbol].tape.instrument.tick).value)
            for (symbol, _), close in zip(watch.legs, closes, strict=True)
        )
        self._push(at, AT_EQUITY, _Equity(self._equity_version, marks))

    def _on_equity(self, now: int, item: _Equity) -> list[Event]:
        self._equity = None
        self._equity_version += 1
        return [EquityTouched(ts_ns=now, marks=item.marks)]

    def _push(self, ts_ns: int, phase: int, item: _Item) -> None:
        """At one instant and phase messages come first, as sent, then instruments, as listed."""
        self._pushed += 1
        rank = item.book.rank if isinstance(item, _Path) else -1
        heappush(self._heap, (ts_ns, phase, rank, self._pushed, item))

    def _is_stale(self, item: _Item) -> bool:
        if isinstance(item, _Path):
            return item.version != item.book.version
        return isinstance(item, _Equity) and item.version != self._equity_version
