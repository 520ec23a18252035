"""A fill into the book: order, tranche, cash, charges, all in one step."""

from msgspec.structs import replace

from tradego.accounting.ledger import cash_flow, enter, leave
from tradego.domain.effects import FillBooked, TrancheChanged
from tradego.domain.errors import require
from tradego.domain.events import Filled
from tradego.domain.orders import Order, Role
from tradego.domain.positions import ExitReason, Tranche
from tradego.engine import order_life
from tradego.engine.exits import attend
from tradego.engine.protection import watch_levels
from tradego.engine.state import DeskState


def on_filled(state: DeskState, event: Filled) -> None:
    fill = event.fill
    seen = f"{fill.order_id}:{fill.fill_id}"
    if seen in state.session.fills_seen:
        return
    state.session.fills_seen.add(seen)
    order = order_life.known(state, fill.order_id)
    order = order_life.fill(state, order, fill.price, fill.quantity)
    tranche = state.tranches.get(order.tranche_id)
    require(tranche is not None, f"{fill.fill_id} belongs to no open tranche")
    assert tranche is not None
    require(fill.symbol == tranche.symbol, f"{fill.fill_id} is of another symbol")
    entering = order.role is Role.ENTRY
    tranche = enter(tranche, fill) if entering else _left(state, tranche, order, event)
    state.cash.flows[tranche.product] += cash_flow(fill)
    state.daybook.book(state.instruments[fill.symbol], tranche.product, fill)
    state.marks[fill.symbol] = fill.price.value
    state.put(tranche)
    state.out.append(FillBooked(fill=fill))
    state.out.append(TrancheChanged(tranche=tranche))
    state.equity_changed = True
    if entering and tranche.exit_reason is None:
        watch_levels(state, tranche)
    attend(state, tranche.tranche_id)


def _left(state: DeskState, tranche: Tranche, order: Order, event: Filled) -> Tranche:
    """An exit fill: a stop that fills is the reason, unless there was one before."""
    tranche = leave(tranche, event.fill)
    part = state.giving_back.get(tranche.tranche_id)
    if order.role is Role.EXIT and tranche.exit_reason is None and part is not None:
        rest = part - event.fill.quantity
        if rest:
            state.giving_back[tranche.tranche_id] = rest
        else:
            del state.giving_back[tranche.tranche_id]
            state.exit_attempts.pop(tranche.tranche_id, None)
        return tranche
    if tranche.exit_reason is None:
        kept = tranche.stop == tranche.initial_stop
        tranche = replace(
            tranche,
            exit_reason=ExitReason.STOP_LOSS if kept else ExitReason.TRAILING_STOP,
            exit_rule="stop" if kept else tranche.exit_rule,
        )
    return tranche
