"""Leaving: first everything that could still fill is called back, then what is left is sold.

An exit is a state the tranche wants to reach, looked at again after everything that touches it. No
exit is sent while a stop or an entry of the tranche may still fill, so none can turn a position.
"""

from decimal import Decimal

from msgspec.structs import replace

from tradego.accounting.ledger import trade_of
from tradego.domain.charges import NO_CHARGES
from tradego.domain.effects import Alarm, SetTimer, Severity, TradeClosed, TrancheChanged
from tradego.domain.errors import require
from tradego.domain.events import TimerKind
from tradego.domain.money import NONE, ZERO, Price, Quantity
from tradego.domain.orders import Order, OrderType, Role
from tradego.domain.positions import TRANCHE_NEXT, ExitReason, Tranche, TrancheState
from tradego.domain.signals import Product, Side
from tradego.domain.times import SECOND
from tradego.engine.order_life import call_back, parts, send, through, working
from tradego.engine.protection import move_stops, protect, unwatch_levels
from tradego.engine.state import NOT_LEAVING, ClosedToday, DeskState
from tradego.risk.sizing import margin_of

_ROLE = {
    ExitReason.TARGET: Role.TARGET,
    ExitReason.EOD_SQUAREOFF: Role.FLATTEN,
    ExitReason.KILL: Role.FLATTEN,
    ExitReason.RISK: Role.FLATTEN,
}


def begin_exit(
    state: DeskState,
    tranche: Tranche,
    reason: ExitReason,
    rule: str,
    *,
    at_market: bool = False,
) -> None:
    """Decide to leave; the first reason stays. `at_market`: no time is lost on a limit."""
    if tranche.exit_reason is not None:
        return
    _decide(state, tranche, NONE, at_market)
    tranche = replace(moved(tranche, TrancheState.EXITING), exit_reason=reason, exit_rule=rule)
    state.put(tranche)
    state.out.append(TrancheChanged(tranche=tranche))
    attend(state, tranche.tranche_id)


def moved(tranche: Tranche, to: TrancheState) -> Tranche:
    """The tranche in its next state; DomainError where the table has no such way."""
    if to is tranche.state:
        return tranche
    require(
        to in TRANCHE_NEXT[tranche.state],
        "{}: {} cannot be {}",
        tranche.tranche_id,
        tranche.state,
        to,
    )
    return replace(tranche, state=to)


def attend(state: DeskState, tranche_id: str) -> None:
    """Bring a tranche one step nearer to what it should be. Safe to call at any time."""
    tranche = state.tranches.get(tranche_id)
    if tranche is None:
        return
    live = state.live_orders(tranche_id)
    if not tranche.is_open and not live:
        _finish(state, tranche)
    elif not state.is_trading(tranche.symbol):
        return  # looked at again when the market opens
    elif tranche.exit_reason is not None:
        _leave(state, tranche, live)
    elif tranche.is_open:
        _hold(state, tranche, live)


def _hold(state: DeskState, tranche: Tranche, live: list[Order]) -> None:
    """Keep it covered; where a part is to go, cover the rest and sell the part."""
    tid, kept = tranche.tranche_id, state.kept(tranche)
    if working(live, Role.STOP) > kept.value:
        for order in live:
            if order.role is Role.STOP:
                call_back(state, order)
        return
    protect(state, tranche, live, kept)
    unsold = tranche.units - kept.value - working(live, Role.EXIT)
    if unsold > 0:
        _send_exit(state, tranche, Role.EXIT, Quantity(unsold))
    move_stops(state, state.tranches[tid], live)


def _leave(state: DeskState, tranche: Tranche, live: list[Order]) -> None:
    """Call back what is not an exit, and exit once nothing else can fill."""
    if state.now < state.leaving.get(tranche.tranche_id, NOT_LEAVING).resume_ns:
        return
    for order in live:
        if order.role in (Role.ENTRY, Role.STOP):
            call_back(state, order)
    if not live and tranche.exit_reason is not None:
        _send_exit(state, tranche, _ROLE.get(tranche.exit_reason, Role.EXIT), tranche.quantity)


def _send_exit(state: DeskState, tranche: Tranche, role: Role, quantity: Quantity) -> None:
    """First a limit a little through the price of the decision, then at market with the venue's
    protection.
    """
    tid, instrument = tranche.tranche_id, state.instruments[tranche.symbol]
    leaving = state.leaving.get(tid, NOT_LEAVING)
    state.leaving[tid] = replace(leaving, mark=None)
    limit = None if leaving.mark is None else _exit_limit(state, tranche, leaving.mark)
    kind = OrderType.MARKET if limit is None else OrderType.LIMIT
    for part in parts(quantity, instrument):
        order = send(state, tranche, role, part, kind=kind, limit=limit)
        changed = replace(state.tranches[tid], exit_order_id=order.order_id)
        if role is Role.TARGET:
            changed = replace(changed, target_order_id=order.order_id)
        state.put(changed)
        _set_retry(state, order.order_id)


def _set_retry(state: DeskState, key: str) -> None:
    at_ns = state.now + state.settings.execution.exit_retry_s * SECOND
    state.out.append(SetTimer(at_ns=at_ns, timer=TimerKind.EXIT_RETRY, key=key))


def retry_exit(state: DeskState, key: str) -> None:
    """An exit still out is called back, so that the next goes at market; unless trading ends
    before the next could be sure to work. With a tranche for key: go on after a refusal.
    """
    order = state.orders.get(key)
    if order is None:
        attend(state, key)
    elif state.trading_left_ns(order.symbol) > state.settings.execution.exit_retry_s * SECOND:
        call_back(state, order)


def exit_refused(state: DeskState, tranche: Tranche, order: Order) -> None:
    """A part that is refused is kept after all. A refused exit waits; a stop rests till then."""
    tid = tranche.tranche_id
    if tranche.exit_reason is None:
        part_left(state, tranche, order.remaining)
        return
    wait_ns = state.settings.execution.exit_retry_s * SECOND
    leaving = state.leaving.get(tid, NOT_LEAVING)
    state.leaving[tid] = replace(leaving, resume_ns=state.now + wait_ns)
    _set_retry(state, tid)
    if state.is_trading(tranche.symbol):
        live = state.live_orders(tid)
        out = sum((o.units_left for o in live if o.role is not Role.STOP), ZERO)
        protect(state, tranche, live, Quantity(tranche.units - out))


def part_left(state: DeskState, tranche: Tranche, quantity: Quantity) -> None:
    """Of the part to give back, so much less is still to go."""
    leaving = state.leaving[tranche.tranche_id]
    rest = leaving.part - quantity
    if rest:
        state.leaving[tranche.tranche_id] = replace(leaving, part=rest)
    else:
        del state.leaving[tranche.tranche_id]


def stopped_by(tranche: Tranche) -> tuple[ExitReason, str]:
    """Why a tranche is left whose stop was reached, and the rule that had set it there."""
    if tranche.stop == tranche.initial_stop:
        return ExitReason.STOP_LOSS, "stop"
    return ExitReason.TRAILING_STOP, tranche.exit_rule


def _exit_limit(state: DeskState, tranche: Tranche, mark: Decimal) -> Price | None:
    """None where the limit would leave the band: then at market."""
    instrument = state.instruments[tranche.symbol]
    buys = tranche.direction is Side.SELL
    worst = through(mark, state.settings.execution.exit_buffer_pct, buys)
    on_tick = Price.tick_above if buys else Price.tick_below
    limit = on_tick(max(worst, instrument.tick), instrument.tick)
    return limit if instrument.is_in_band(limit) else None


def _finish(state: DeskState, tranche: Tranche) -> None:
    """Flat, and nothing of it can fill any more."""
    tid = tranche.tranche_id
    if not tranche.entered:
        done = moved(tranche, TrancheState.ABANDONED)
    else:
        done = moved(tranche, TrancheState.CLOSED)
        unwatch_levels(state, tranche)
        _book_trade(state, done)
    state.out.append(TrancheChanged(tranche=done))
    del state.tranches[tid]
    held = state.tranches_of[tranche.symbol]
    held.remove(tid)
    if not held:
        del state.tranches_of[tranche.symbol]
    state.leaving.pop(tid, None)
    state.stakes_changed = True


def _book_trade(state: DeskState, tranche: Tranche) -> None:
    share = state.daybook.shares(tranche.symbol, tranche.product).get(
        tranche.tranche_id, NO_CHARGES
    )
    instrument = state.instruments[tranche.symbol]
    capital = margin_of(tranche.entry_value, tranche.product, instrument)
    trade = trade_of(tranche, tranche.charges + share, capital)
    state.session.trades[trade.trade_id] = ClosedToday(trade, tranche.charges)
    state.out.append(TradeClosed(trade=trade))


def exit_all(
    state: DeskState,
    reason: ExitReason,
    rule: str,
    product: Product | None = None,
    *,
    at_market: bool = False,
) -> None:
    """Leave everything, or everything of one product."""
    for tranche in list(state.tranches.values()):
        if product is None or tranche.product is product:
            begin_exit(state, tranche, reason, rule, at_market=at_market)


def alarm_unless_flat(state: DeskState, product: Product, key: str) -> None:
    """Say which positions of a product are still open, if any."""
    left = sorted({t.symbol for t in state.tranches.values() if t.product is product and t.is_open})
    if left:
        state.out.append(
            Alarm(
                key=f"{key}:{state.session.date}",
                severity=Severity.CRITICAL,
                text=f"Still open after square-off: {', '.join(left)}.",
            )
        )


def give_back(
    state: DeskState,
    tranche: Tranche,
    quantity: Quantity,
    reason: ExitReason,
    rule: str,
    *,
    at_market: bool = False,
) -> bool:
    """Leave with a part, in whole lots; with everything when no lot would be left. Whether there
    was a part to leave with.
    """
    part = quantity.in_lots(state.instruments[tranche.symbol].lot)
    if tranche.exit_reason is not None or not part:
        return False
    if part >= state.kept(tranche):
        begin_exit(state, tranche, reason, rule, at_market=at_market)
        return True
    _decide(state, tranche, part, at_market)
    attend(state, tranche.tranche_id)
    return True


def _decide(state: DeskState, tranche: Tranche, part: Quantity, at_market: bool) -> None:
    """Note from which price a limit is set; none that will be old when it is sent."""
    tid, symbol = tranche.tranche_id, tranche.symbol
    leaving = state.leaving.get(tid, NOT_LEAVING)
    mark = None if at_market or not state.is_trading(symbol) else state.marks.get(symbol)
    state.leaving[tid] = replace(leaving, mark=mark, part=leaving.part + part)
