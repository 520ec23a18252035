"""`step(state, event) -> effects`: the only door through which anything changes.

One event in, a list of effects out. Time is the event's; no clock, no input or output, no chance.
The same events make the same state and the same effects, byte for byte.
"""

from typing import assert_never

from msgspec.structs import replace

from tradego.accounting.ledger import stretched
from tradego.domain.effects import Alarm, Effect, SetTimer, Severity
from tradego.domain.errors import require
from tradego.domain.events import (
    AdviceGiven,
    CommandReceived,
    DayClosed,
    DeskOpened,
    EquityTouched,
    Event,
    Filled,
    HistoryLoaded,
    InstrumentListed,
    Marked,
    ModifyRefused,
    OrderModified,
    OrderSeen,
    Outcome,
    PositionsSeen,
    SendAnswered,
    SessionOpened,
    SignalsRaised,
    TimerFired,
    TimerKind,
    Touched,
)
from tradego.domain.orders import Evidence, Order, OrderState, Role
from tradego.domain.positions import ExitReason, Tranche
from tradego.domain.times import SECOND
from tradego.engine import order_life
from tradego.engine.advice import on_advice
from tradego.engine.commands import on_command
from tradego.engine.day import (
    on_day_closed,
    on_equity,
    on_history,
    on_session,
    on_timer,
    watch_equity,
)
from tradego.engine.exits import attend, begin_exit, exit_refused
from tradego.engine.fills import on_filled
from tradego.engine.protection import stop_confirmed, to_breakeven, trail
from tradego.engine.reconcile import on_positions
from tradego.engine.rounds import on_signals
from tradego.engine.state import DeskState

_EVIDENCE = {
    Outcome.ACCEPTED: Evidence.ACK,
    Outcome.REJECTED: Evidence.REFUSED,
    Outcome.NOT_SENT: Evidence.NOTHING_LEFT,
    Outcome.AMBIGUOUS: Evidence.UNKNOWN,
}


def step(state: DeskState, event: Event) -> list[Effect]:
    """Take one event in; DomainError when it cannot be true."""
    require(event.ts_ns >= state.now, "time runs back from {} to {}", state.now, event.ts_ns)
    state.now = event.ts_ns
    state.seq += 1
    state.out = []
    _take(state, event)
    if state.equity_changed:
        watch_equity(state)
    return state.out


def _take(state: DeskState, event: Event) -> None:  # noqa: C901, PLR0912 - a table, not a tangle
    match event:
        case SignalsRaised():
            on_signals(state, event)
        case Filled():
            on_filled(state, event)
        case OrderSeen():
            _on_seen(state, event)
        case SendAnswered():
            _on_answer(state, event)
        case Marked():
            _on_marked(state, event)
        case Touched():
            _on_touched(state, event)
        case OrderModified():
            _on_modified(state, event)
        case AdviceGiven():
            on_advice(state, event)
        case TimerFired():
            on_timer(state, event)
        case PositionsSeen():
            on_positions(state, event)
        case EquityTouched():
            on_equity(state, event)
        case SessionOpened():
            on_session(state, event)
        case DayClosed():
            on_day_closed(state, event)
        case CommandReceived():
            on_command(state, event)
        case ModifyRefused():
            _on_modify_refused(state, event)
        case InstrumentListed():
            state.instruments[event.instrument.symbol] = event.instrument
            state.stakes_changed = True
        case HistoryLoaded():
            on_history(state, event)
        case DeskOpened():
            state.open(event)
        case _:
            assert_never(event)


def _on_answer(state: DeskState, event: SendAnswered) -> None:
    order = order_life.known(state, event.order_id)
    evidence = _EVIDENCE[event.outcome]
    order = order_life.hear(state, order, evidence, event.reason, event.venue_order_id)
    _after_order(state, order)


def _on_seen(state: DeskState, event: OrderSeen) -> None:
    order = order_life.known(state, event.order_id)
    order = order_life.hear(state, order, event.evidence, event.reason)
    if event.triggered:
        at_ns = state.now + state.settings.execution.stop_unfilled_s * SECOND
        state.out.append(SetTimer(at_ns=at_ns, timer=TimerKind.STOP_UNFILLED, key=order.order_id))
    _after_order(state, order)


def _after_order(state: DeskState, order: Order) -> None:
    """What an order's new state means for its tranche."""
    tranche = state.tranches.get(order.tranche_id)
    if tranche is None:
        return
    if order.state is OrderState.REJECTED:
        _on_rejected(state, tranche, order)
    attend(state, order.tranche_id)


def _on_rejected(state: DeskState, tranche: Tranche, order: Order) -> None:
    """A refused stop is an emergency: the position is closed rather than left open. A refused exit
    is tried again later, never in a hurry that could repeat itself.
    """
    severity = Severity.CRITICAL if order.role is Role.STOP else Severity.WARNING
    state.out.append(
        Alarm(
            key=f"rejected:{order.order_id}",
            severity=severity,
            text=f"{order.symbol} {order.role.value.lower()} order was refused: {order.reason}.",
        )
    )
    if order.role is Role.STOP and tranche.is_open:
        reason = ExitReason.PROTECTION_FAILED
        begin_exit(state, tranche, reason, order.reason, at_market=True)
    elif order.is_reducing and tranche.is_open:
        exit_refused(state, tranche, order)


def _on_marked(state: DeskState, event: Marked) -> None:
    state.marks[event.symbol] = event.last
    for tranche_id in state.tranches_of.get(event.symbol, ()):
        tranche = state.tranches[tranche_id]
        if tranche.is_open:
            state.tranches[tranche_id] = stretched(tranche, event.high, event.low)


def _on_touched(state: DeskState, event: Touched) -> None:
    """A watched level: the target ends the tranche, the others raise its stop."""
    tranche_id, _, level = event.watch_id.rpartition(":")
    tranche = state.tranches.get(tranche_id)
    if tranche is None or tranche.exit_reason is not None:
        return
    state.marks[event.symbol] = event.price.value
    if level == "target":
        begin_exit(state, tranche, ExitReason.TARGET, "target")
    elif level == "breakeven":
        to_breakeven(state, tranche)
    else:
        require(level == "trail", f"watch {event.watch_id} is not one of ours")
        trail(state, tranche, event.price)
    attend(state, tranche_id)


def _on_modified(state: DeskState, event: OrderModified) -> None:
    order = order_life.known(state, event.order_id)
    if not order.may_be_live:
        return
    order_life.with_terms(state, order, event.limit, event.trigger)
    tranche = state.tranches.get(order.tranche_id)
    if order.role is Role.STOP and tranche is not None and event.trigger is not None:
        stop_confirmed(state, tranche, event.trigger)
        attend(state, tranche.tranche_id)


def _on_modify_refused(state: DeskState, event: ModifyRefused) -> None:
    """The old terms hold. Where the price is already past the stop that a rule wanted, the tranche
    is left; otherwise a person hears of it.
    """
    order = order_life.known(state, event.order_id)
    if not order.may_be_live:
        return
    order = order_life.with_terms(state, order, order.limit, order.trigger)
    tranche = state.tranches.get(order.tranche_id)
    if tranche is None:
        return
    wish = tranche.stop_wanted
    if event.is_past and wish is not None and wish.or_leave:
        begin_exit(state, tranche, ExitReason.TRAILING_STOP, wish.rule, at_market=True)
        return
    if not state.is_trading(tranche.symbol):
        return  # the change came too late, and is asked for again when the market opens
    state.put(replace(tranche, stop_wanted=None))
    state.out.append(
        Alarm(
            key=f"modify_refused:{event.order_id}",
            severity=Severity.WARNING,
            text=f"{order.symbol}: the stop could not be moved: {event.reason}.",
        )
    )
