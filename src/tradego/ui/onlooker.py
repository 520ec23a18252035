"""Whoever looks on: hears events and effects, and can say at any time what the desk looks like.

It knows what the journal tells and nothing else, so it can be begun anywhere by hearing the journal
from its start. Prices between the engine's own marks may be told to it, for the screen alone.
"""

from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from tradego.domain.effects import (
    DayReported,
    Effect,
    ModeChanged,
    OrderChanged,
    Refusal,
    SignalRefused,
    StopMoved,
    SubmitOrder,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.events import (
    DayClosed,
    DeskOpened,
    Event,
    Filled,
    InstrumentListed,
    Marked,
    SessionOpened,
    Touched,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import ZERO, Price
from tradego.domain.orders import Order, OrderState, OrderType, Role
from tradego.domain.positions import Trade, Tranche, TrancheState
from tradego.domain.settings import EngineSettings
from tradego.domain.signals import Product
from tradego.ui.desk_view import (
    HUNDRED,
    Activity,
    DeskView,
    OrderView,
    PositionView,
    RiskView,
    SessionView,
    Today,
    Topic,
    TrancheView,
)
from tradego.ui.story import Known, session_opened, told, way_out

_KEPT = 200  # lines of activity
_GUARDING = frozenset({OrderState.ACKED, OrderState.WORKING, OrderState.PARTIAL})
_OVER = frozenset({TrancheState.CLOSED, TrancheState.ABANDONED})


class _Live(NamedTuple):
    order: Order
    since_ns: int


class _Last(NamedTuple):
    price: Decimal
    ts_ns: int


class _Closed(NamedTuple):
    """A trade of today, and what of its result was already in the equity this morning."""

    trade: Trade
    before: Decimal


class Onlooker:
    """Hears everything, changes nothing."""

    def __init__(self) -> None:
        self._opening: DeskOpened | None = None
        self._settings = EngineSettings()
        self._instruments: dict[str, Instrument] = {}
        self._now = 0
        self._session = SessionView()
        self._starting = self._equity = ZERO
        self._tranches: dict[str, Tranche] = {}
        self._carried: dict[str, Decimal] = {}
        self._last: dict[str, _Last] = {}
        self._orders: dict[str, _Live] = {}
        self._closed: dict[str, _Closed] = {}
        self._refusals: dict[Refusal, int] = {}
        self._halted = ""
        self._alarm: Activity | None = None
        self._activity: deque[Activity] = deque(maxlen=_KEPT)

    def apply(self, event: Event, effects: Sequence[Effect]) -> list[Activity]:
        """Take in one event with its effects; the lines they add to the activity."""
        self._now = event.ts_ns
        lines = self._hear(event)
        orders = {order_id: live.order for order_id, live in self._orders.items()}
        known = Known(self._tranches, orders, self._instruments)
        for effect in effects:
            said_before = isinstance(effect, TradeClosed) and effect.trade.trade_id in self._closed
            line = None if said_before else told(effect, event.ts_ns, known)
            if line is not None:
                lines.append(line)
            self._take(effect, event.ts_ns)
        for line in lines:
            self._activity.appendleft(line)
            if line.topic is Topic.ALARM:
                self._alarm = line
        return lines

    def price(self, symbol: str, price: Decimal, ts_ns: int) -> None:
        """The last trade of an instrument, where the screen knows more than the engine asked."""
        self._last[symbol] = _Last(price, ts_ns)
        self._now = max(self._now, ts_ns)

    # ---- hearing ---------------------------------------------------------------------------------

    def _hear(self, event: Event) -> list[Activity]:
        match event:
            case Marked(symbol=symbol, last=last):
                self._last[symbol] = _Last(last, event.ts_ns)
            case Touched(symbol=symbol, price=price):
                self._last[symbol] = _Last(price.value, event.ts_ns)
            case Filled(fill=fill):
                self._last[fill.symbol] = _Last(fill.price.value, event.ts_ns)
            case DayClosed(closes=closes):
                for symbol, close in closes:
                    if listed := self._instruments.get(symbol):
                        on_tick = Price.nearest_tick(close, listed.tick)
                        self._last[symbol] = _Last(on_tick.value, event.ts_ns)
            case SessionOpened():
                self._begin(event)
                return [session_opened(event.date, event.ts_ns)]
            case DeskOpened():
                self._opening, self._settings = event, event.settings
                self._instruments = {listed.symbol: listed for listed in event.instruments}
                self._equity = self._starting = event.capital
            case InstrumentListed(instrument=instrument):
                self._instruments[instrument.symbol] = instrument
            case _:
                pass
        return []

    def _begin(self, event: SessionOpened) -> None:
        """A new day: what is open now counts only by what it changes from here."""
        self._starting, self._alarm = self._equity, None
        self._closed, self._refusals = {}, {}
        self._carried = {
            tranche.tranche_id: self._result(tranche) or ZERO for tranche in self._tranches.values()
        }
        opens, closes = (event.plain[0].start_ns, event.plain[-1].end_ns) if event.plain else (0, 0)
        self._session = SessionView(
            date=event.date,
            opens_ns=opens,
            closes_ns=closes,
            entry_cutoff_ns=event.entry_cutoff_ns,
        )

    def _take(self, effect: Effect, ts_ns: int) -> None:
        match effect:
            case SubmitOrder(order=order) | OrderChanged(order=order):
                self._keep(order, ts_ns)
            case TrancheChanged(tranche=tranche):
                if tranche.state in _OVER:
                    self._tranches.pop(tranche.tranche_id, None)
                else:
                    self._tranches[tranche.tranche_id] = tranche
            case StopMoved(tranche_id=tranche_id, to_price=stop):
                self._tranches[tranche_id] = replace(self._tranches[tranche_id], stop=stop)
            case TradeClosed(trade=trade):
                self._close(trade)
            case SignalRefused(code=code):
                self._refusals[code] = self._refusals.get(code, 0) + 1
            case ModeChanged(state=state, reason=reason):
                self._halted = "" if state == "ready" else reason
            case DayReported(day=day):
                self._equity = day.ending
            case _:
                pass

    def _keep(self, order: Order, ts_ns: int) -> None:
        before = self._orders.get(order.order_id)
        if order.may_be_live:
            self._orders[order.order_id] = _Live(order, before.since_ns if before else ts_ns)
        elif before is not None:
            del self._orders[order.order_id]

    def _close(self, trade: Trade) -> None:
        """Said again, it only brings other charges."""
        known = self._closed.get(trade.trade_id)
        if known is None:
            charged = self._tranches[trade.trade_id].charges.total
            before = self._carried.get(trade.trade_id, ZERO) - charged
            known = _Closed(trade, before)
        self._closed[trade.trade_id] = known._replace(trade=trade)

    # ---- telling ---------------------------------------------------------------------------------

    def view(self, now_ns: int = 0) -> DeskView:
        """The desk now, or at `now_ns` when that is later."""
        opening = self._opening
        closed = self._closed.values()
        positions = self._positions()
        today = self._today()
        return DeskView(
            mode=opening.mode.value.upper() if opening else "",
            account=opening.account if opening else "",
            now_ns=max(self._now, now_ns),
            session=self._session,
            halted=self._halted,
            alarm=self._alarm,
            today=today,
            risk=self._risk(positions, today),
            positions=positions,
            orders=[self._order(live) for live in self._orders.values()],
            activity=tuple(self._activity),
            trades=sorted((it.trade for it in closed), key=lambda trade: trade.exit_ns),
            refusals=sorted(self._refusals.items(), key=lambda item: (-item[1], item[0])),
        )

    def _result(self, tranche: Tranche) -> Decimal | None:
        """Gross, of the part given back and of the part held; None while no price is known."""
        if not tranche.entered:
            return ZERO
        last = self._last.get(tranche.symbol)
        if last is None:
            return None
        return tranche.realized_gross + tranche.unrealized_gross(last.price)

    def _today(self) -> Today:
        changes = []
        for tranche in self._tranches.values():
            result = self._result(tranche)
            before = self._carried.get(tranche.tranche_id, ZERO)
            changes.append(None if result is None else result - before)
        known = [change for change in changes if change is not None]
        closed = self._closed.values()
        return Today(
            starting=self._starting,
            realised=sum((it.trade.net_pnl - it.before for it in closed), ZERO),
            open=sum(known, ZERO) if len(known) == len(changes) else None,
            charges=sum((it.trade.charges.total for it in closed), ZERO),
            trades=len(closed),
            wins=sum(1 for it in closed if it.trade.net_pnl > ZERO),
        )

    def _positions(self) -> list[PositionView]:
        """The one opened first comes first."""
        held: dict[tuple[str, Product], list[Tranche]] = {}
        for tranche in self._tranches.values():
            if tranche.quantity:
                held.setdefault((tranche.symbol, tranche.product), []).append(tranche)
        positions = [self._position(tranches) for tranches in held.values()]
        return sorted(positions, key=lambda position: (position.opened_ns, position.symbol))

    def _position(self, tranches: list[Tranche]) -> PositionView:
        first = tranches[0]
        last = self._last.get(first.symbol)
        ids = {tranche.tranche_id for tranche in tranches}
        guarded = sum(
            (
                live.order.remaining.value
                for live in self._orders.values()
                if live.order.tranche_id in ids
                and live.order.role is Role.STOP
                and live.order.state in _GUARDING
            ),
            ZERO,
        )
        views = tuple(self._tranche(tranche, last) for tranche in tranches)
        return PositionView(
            symbol=first.symbol,
            product=first.product,
            direction=first.direction,
            strategy=first.strategy,
            opened_ns=first.opened_ns,
            tick=self._instruments[first.symbol].tick,
            last=last.price if last else None,
            last_ns=last.ts_ns if last else 0,
            covered=guarded >= sum((view.quantity.value for view in views), ZERO),
            tranches=views,
        )

    def _tranche(self, tranche: Tranche, last: _Last | None) -> TrancheView:
        units, entry = tranche.quantity.value, tranche.entry_price
        reason = tranche.exit_reason
        return TrancheView(
            number=tranche.number + 1,
            quantity=tranche.quantity,
            entry=entry,
            stop=tranche.stop,
            target=tranche.target,
            pnl=tranche.unrealized_gross(last.price) if last else None,
            at_stop=tranche.unrealized_gross(tranche.stop.value),
            planned_risk=max(ZERO, (entry - tranche.initial_stop.value) * tranche.sign * units),
            leaving=way_out(reason, tranche.exit_rule) if reason else "",
        )

    def _order(self, live: _Live) -> OrderView:
        order = live.order
        is_stop = order.type in (OrderType.STOP, OrderType.STOP_LIMIT)
        return OrderView(
            order_id=order.order_id,
            symbol=order.symbol,
            role=order.role,
            side=order.side,
            state=order.state,
            quantity=order.quantity,
            filled=order.filled,
            price=order.trigger if is_stop else order.limit,
            since_ns=live.since_ns,
        )

    def _risk(self, positions: list[PositionView], today: Today) -> RiskView:
        risk = self._settings.risk
        heat = sum((t.risk_at_stop for t in self._tranches.values() if t.entered), ZERO)
        deployed = sum((self._tied_up(t, t.open_cost) for t in self._tranches.values()), ZERO)
        for live in self._orders.values():
            order, tranche = live.order, self._tranches.get(live.order.tranche_id)
            if order.role is Role.ENTRY and order.limit is not None and tranche is not None:
                limit, units = order.limit.value, order.remaining.value
                heat += max(ZERO, (limit - tranche.stop.value) * tranche.sign * units)
                deployed += self._tied_up(tranche, limit * units)
        allowed = self._starting * risk.daily_loss_pct / HUNDRED
        return RiskView(
            heat=heat,
            heat_limit_pct=risk.max_heat_pct,
            deployed=deployed,
            deployed_limit_pct=risk.max_deployed_pct,
            positions=len({tranche.symbol for tranche in self._tranches.values()}),
            positions_limit=risk.max_positions,
            loss_limit_pct=risk.daily_loss_pct,
            room=None if today.total is None else allowed + today.total,
            uncovered=tuple(p.symbol for p in positions if not p.covered and not p.leaving),
        )

    def _tied_up(self, tranche: Tranche, value: Decimal) -> Decimal:
        """Margin for intraday, full value for delivery."""
        if tranche.product is Product.INTRADAY:
            return value * self._instruments[tranche.symbol].margin_pct / HUNDRED
        return value
