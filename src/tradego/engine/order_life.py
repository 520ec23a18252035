"""Making orders, hearing of them, asking for their end."""

from decimal import Decimal

from msgspec.structs import replace

from tradego.domain.effects import CancelOrder, ModifyOrder, OrderChanged, SubmitOrder
from tradego.domain.errors import present, require
from tradego.domain.instruments import Instrument
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.orders import (
    RESTING,
    Evidence,
    Order,
    OrderState,
    OrderType,
    Role,
    Validity,
    after,
)
from tradego.domain.positions import Tranche
from tradego.domain.signals import Product
from tradego.domain.tags import MODE_LETTERS, make_tag
from tradego.engine.state import DeskState


def send(
    state: DeskState,
    tranche: Tranche,
    role: Role,
    quantity: Quantity,
    *,
    kind: OrderType,
    limit: Price | None = None,
    trigger: Price | None = None,
) -> Order:
    """Plan an order of a tranche and let it go: it leaves when this step is durable."""
    state.orders_made += 1
    number = state.orders_made
    order = Order(
        order_id=f"{MODE_LETTERS[state.mode]}O{number:07d}",
        tag=make_tag(state.mode, state.epoch, number, state.run_id, role),
        intent_id=f"{tranche.tranche_id}:{role.value}:{number}",
        tranche_id=tranche.tranche_id,
        symbol=tranche.symbol,
        product=tranche.product,
        role=role,
        side=tranche.direction if role is Role.ENTRY else tranche.direction.opposite,
        type=kind,
        quantity=quantity,
        limit=limit,
        trigger=trigger,
        validity=_validity(role, tranche.product),
        state=after(OrderState.PLANNED, Evidence.SEND),
    )
    state.orders[order.order_id] = order
    state.orders_of.setdefault(tranche.tranche_id, []).append(order.order_id)
    state.stakes_changed = True
    state.out.append(SubmitOrder(order=order))
    return order


def _validity(role: Role, product: Product) -> Validity:
    """A stop that guards a delivery position must outlive the day."""
    overnight = role is Role.STOP and product is Product.DELIVERY
    return Validity.GTC if overnight else Validity.DAY


def hear(
    state: DeskState, order: Order, evidence: Evidence, reason: str = "", venue_id: str = ""
) -> Order:
    """Move an order as the table says; says so when anything changed."""
    changed = replace(
        order,
        state=after(order.state, evidence),
        reason=reason or order.reason,
        venue_order_id=order.venue_order_id or venue_id,
    )
    if changed != order:
        _keep(state, changed)
    return changed


def fill(state: DeskState, order: Order, price: Price, quantity: Quantity) -> Order:
    """Raise what is filled; DomainError when it is more than was asked for."""
    filled = order.filled.value + quantity.value
    require(filled <= order.quantity.value, "{} overfilled: {}", order.order_id, filled)
    evidence = Evidence.FULL_FILL if filled == order.quantity.value else Evidence.PART_FILL
    changed = replace(
        order,
        state=after(order.state, evidence),
        filled=Quantity(filled),
        filled_value=order.filled_value + price.value * quantity.value,
    )
    _keep(state, changed)
    return changed


def with_terms(state: DeskState, order: Order, limit: Price | None, trigger: Price | None) -> Order:
    """The order with the prices the venue confirmed."""
    changed = replace(order, limit=limit, trigger=trigger, modify_requested=False)
    _keep(state, changed)
    return changed


def call_back(state: DeskState, order: Order) -> None:
    """Ask for an order's end, once; a fill may still come before it."""
    if order.cancel_requested or not order.may_be_live:
        return
    state.orders[order.order_id] = replace(order, cancel_requested=True)
    state.out.append(CancelOrder(order_id=order.order_id))


def can_modify(order: Order) -> bool:
    """Whether the venue has it and no other request on it is out."""
    asked = order.cancel_requested or order.modify_requested
    return not asked and (order.state in RESTING or order.state is OrderState.ACKED)


def modify(state: DeskState, order: Order, limit: Price, trigger: Price) -> None:
    """Ask for other prices; they are true once the venue says so."""
    require(can_modify(order), f"{order.order_id} cannot be modified now")
    state.orders[order.order_id] = replace(order, modify_requested=True)
    state.out.append(ModifyOrder(order_id=order.order_id, limit=limit, trigger=trigger))


def known(state: DeskState, order_id: str) -> Order:
    """An order of this run; DomainError for one we never made."""
    return present(state.orders.get(order_id), "order {} is not ours", order_id)


def working(orders: list[Order], role: Role) -> Decimal:
    """Units that orders of a role may still trade."""
    units = ZERO
    for order in orders:
        if order.role is role:
            units += order.units_left
    return units


def parts(quantity: Quantity, instrument: Instrument) -> list[Quantity]:
    """What the exchange takes in one order each."""
    if not instrument.freeze:
        return [quantity]
    most = instrument.freeze.in_lots(instrument.lot)
    whole, rest = divmod(quantity.value, most.value)
    return [most] * int(whole) + ([Quantity(rest)] if rest else [])


def _keep(state: DeskState, order: Order) -> None:
    state.orders[order.order_id] = order
    state.stakes_changed = True
    state.out.append(OrderChanged(order=order))


def through(price: Decimal, percent: Decimal, order_side_buys: bool) -> Decimal:
    """A price `percent` worse for the side that trades: where a limit surely crosses."""
    return price * (1 + percent / 100) if order_side_buys else price * (1 - percent / 100)
