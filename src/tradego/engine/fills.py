"""A fill into the book: order, tranche, cash, charges, all in one step."""

from msgspec.structs import replace

from tradego.accounting.ledger import cash_flow, enter, leave
from tradego.domain.effects import FillBooked, TrancheChanged
from tradego.domain.errors import present, require
from tradego.domain.events import Filled
from tradego.domain.orders import Order, Role
from tradego.domain.positions import Tranche, TrancheState
from tradego.engine import order_life
from tradego.engine.exits import attend, moved, part_left, stopped_by
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
    tranche = present(
        state.tranches.get(order.tranche_id), "{} belongs to no open tranche", fill.fill_id
    )
    require(fill.symbol == tranche.symbol, "{} is of another symbol", fill.fill_id)
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
    """A fill that reduces: of a part to give back, of an exit, or of a stop, which is a reason."""
    if tranche.exit_reason is None and order.role is Role.STOP:
        reason, rule = stopped_by(tranche)
        tranche = replace(moved(tranche, TrancheState.EXITING), exit_reason=reason, exit_rule=rule)
    elif tranche.exit_reason is None:
        part_left(state, tranche, event.fill.quantity)
    return leave(tranche, event.fill)
