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
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Order, OrderType, Role
from tradego.domain.positions import TRANCHE_NEXT, ExitReason, Tranche, TrancheState
from tradego.domain.signals import Product, Side
from tradego.domain.times import SECOND
from tradego.engine.order_life import call_back, send, through
from tradego.engine.protection import protect, unwatch_levels
from tradego.engine.state import ClosedToday, DeskState

_ROLE = {
    ExitReason.TARGET: Role.TARGET,
    ExitReason.EOD_SQUAREOFF: Role.FLATTEN,
    ExitReason.KILL: Role.FLATTEN,
    ExitReason.RISK: Role.FLATTEN,
}


def begin_exit(state: DeskState, tranche: Tranche, reason: ExitReason, rule: str) -> None:
    """Decide to leave; the first reason stays."""
    if tranche.exit_reason is not None:
        return
    tranche = replace(moved(tranche, TrancheState.EXITING), exit_reason=reason, exit_rule=rule)
    state.put(tranche)
    state.out.append(TrancheChanged(tranche=tranche))
    attend(state, tranche.tranche_id)


def moved(tranche: Tranche, to: TrancheState) -> Tranche:
    """The tranche in its next state; DomainError where the table has no such way."""
    if to is tranche.state:
        return tranche
    require(
        to in TRANCHE_NEXT[tranche.state], f"{tranche.tranche_id}: {tranche.state} cannot be {to}"
    )
    return replace(tranche, state=to)


def attend(state: DeskState, tranche_id: str) -> None:
    """Bring a tranche one step nearer to what it should be. Safe to call at any time."""
    tranche = state.tranches.get(tranche_id)
    if tranche is None:
        return
    live = state.live_orders(tranche_id)
    if not tranche.quantity and not live:
        _finish(state, tranche)
    elif not state.is_trading(tranche.symbol):
        return  # looked at again when the market opens
    elif tranche.exit_reason is not None:
        _leave(state, tranche, live)
    elif tranche.quantity:
        _hold(state, tranche, live)


def _hold(state: DeskState, tranche: Tranche, live: list[Order]) -> None:
    """Keep it covered; where a part is to go, cover the rest and sell the part."""
    part = state.giving_back.get(tranche.tranche_id)
    if part is None:
        protect(state, tranche, live, tranche.quantity)
        return
    stops = [order for order in live if order.role is Role.STOP]
    kept = tranche.quantity - part
    if sum(order.remaining.value for order in stops) > kept.value:
        for order in stops:
            call_back(state, order)
        return
    protect(state, tranche, live, kept)
    if not any(order.role is Role.EXIT for order in live):
        _send_exit(state, tranche, Role.EXIT, part)


def _leave(state: DeskState, tranche: Tranche, live: list[Order]) -> None:
    exits = [order for order in live if order.role not in (Role.ENTRY, Role.STOP)]
    for order in live:
        if order not in exits:
            call_back(state, order)
    if not live and tranche.exit_reason is not None:
        _send_exit(state, tranche, _ROLE.get(tranche.exit_reason, Role.EXIT), tranche.quantity)


def _send_exit(state: DeskState, tranche: Tranche, role: Role, quantity: Quantity) -> None:
    """First a limit a little through the last price, then at market with the venue's protection."""
    attempt = state.exit_attempts.get(tranche.tranche_id, 0)
    state.exit_attempts[tranche.tranche_id] = attempt + 1
    limit = _exit_limit(state, tranche) if attempt == 0 else None
    order = send(
        state,
        tranche,
        role,
        quantity,
        kind=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit=limit,
    )
    changed = replace(state.tranches[tranche.tranche_id], exit_order_id=order.order_id)
    if role is Role.TARGET:
        changed = replace(changed, target_order_id=order.order_id)
    state.put(changed)
    retry_at = state.now + state.settings.execution.exit_retry_s * SECOND
    state.out.append(SetTimer(at_ns=retry_at, timer=TimerKind.EXIT_RETRY, key=order.order_id))


def _exit_limit(state: DeskState, tranche: Tranche) -> Price | None:
    """None where no price is known or the limit would leave the band: then at market."""
    mark = state.marks.get(tranche.symbol)
    if mark is None:
        return None
    instrument = state.instruments[tranche.symbol]
    buys = tranche.direction is Side.SELL
    worst = through(mark, state.settings.execution.exit_buffer_pct, buys)
    limit = (
        Price.tick_above(worst, instrument.tick)
        if buys
        else Price.tick_below(worst, instrument.tick)
    )
    return limit if instrument.is_in_band(limit) else None


def _finish(state: DeskState, tranche: Tranche) -> None:
    """Flat, and nothing of it can fill any more."""
    tid = tranche.tranche_id
    if not tranche.entered:
        done = moved(tranche, TrancheState.ABANDONED)
    else:
        require(tranche.exit_reason is not None, f"{tid} is flat without a reason")
        done = moved(tranche, TrancheState.CLOSED)
        unwatch_levels(state, tranche)
        _book_trade(state, done)
    state.out.append(TrancheChanged(tranche=done))
    del state.tranches[tid]
    held = state.tranches_of[tranche.symbol]
    held.remove(tid)
    if not held:
        del state.tranches_of[tranche.symbol]
    state.exit_attempts.pop(tid, None)
    state.giving_back.pop(tid, None)
    state.stakes_changed = True


def _book_trade(state: DeskState, tranche: Tranche) -> None:
    share = state.daybook.shares(tranche.symbol, tranche.product).get(
        tranche.tranche_id, NO_CHARGES
    )
    trade = trade_of(tranche, tranche.charges + share, _capital_share(state, tranche))
    state.session.trades[trade.trade_id] = ClosedToday(trade, tranche.charges)
    state.out.append(TradeClosed(trade=trade))


def _capital_share(state: DeskState, tranche: Tranche) -> Decimal:
    if tranche.product is Product.INTRADAY:
        return state.instruments[tranche.symbol].margin_pct
    return Decimal(100)


def exit_all(
    state: DeskState, reason: ExitReason, rule: str, product: Product | None = None
) -> None:
    """Leave everything, or everything of one product."""
    for tranche in list(state.tranches.values()):
        if product is None or tranche.product is product:
            begin_exit(state, tranche, reason, rule)


def alarm_unless_flat(state: DeskState, product: Product, key: str) -> None:
    """Say which positions of a product are still open, if any."""
    left = sorted(
        {t.symbol for t in state.tranches.values() if t.product is product and t.quantity}
    )
    if left:
        state.out.append(
            Alarm(
                key=f"{key}:{state.session.date}",
                severity=Severity.CRITICAL,
                text=f"Still open after square-off: {', '.join(left)}.",
            )
        )


def give_back(
    state: DeskState, tranche: Tranche, quantity: Quantity, reason: ExitReason, rule: str
) -> None:
    """Leave with a part, in whole lots; with everything when no lot would be left."""
    lot = state.instruments[tranche.symbol].lot
    part = quantity.in_lots(lot)
    if tranche.exit_reason is not None or not part:
        return
    if part >= tranche.quantity:
        begin_exit(state, tranche, reason, rule)
        return
    state.giving_back[tranche.tranche_id] = part
    attend(state, tranche.tranche_id)
