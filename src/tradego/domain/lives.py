"""The life of every order as the journal tells it: its states, fills and changes of price."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from tradego.domain.effects import Effect, FillBooked, OrderChanged, SubmitOrder
from tradego.domain.errors import require
from tradego.domain.events import Event
from tradego.domain.money import Price
from tradego.domain.orders import Fill, Order, OrderState

Row = tuple[Event, Sequence[Effect]]


class Entered(NamedTuple):
    """When an order entered a state."""

    ts_ns: int
    state: OrderState


class Repriced(NamedTuple):
    """When the venue confirmed new prices."""

    ts_ns: int
    limit: Price | None
    trigger: Price | None


class OrderLife(msgspec.Struct, frozen=True, kw_only=True):
    """`order` as last known, `placed` as it was first sent; states, fills and moves in time order.

    Every life begins PLANNED and SENDING at the same instant: both happen in one step.
    """

    placed: Order
    order: Order
    states: tuple[Entered, ...]
    fills: tuple[Fill, ...] = ()
    moves: tuple[Repriced, ...] = ()

    @property
    def planned_ns(self) -> int:
        return self.states[0].ts_ns


class _Life:
    def __init__(self, order: Order, ts_ns: int) -> None:
        self.placed = self.order = order
        self.states = [Entered(ts_ns, OrderState.PLANNED)]
        self.fills: list[Fill] = []
        self.moves: list[Repriced] = []
        self.enter(order.state, ts_ns)

    def enter(self, state: OrderState, ts_ns: int) -> None:
        if self.states[-1].state is not state:
            self.states.append(Entered(ts_ns, state))

    def change(self, order: Order, ts_ns: int) -> None:
        if order.limit != self.order.limit or order.trigger != self.order.trigger:
            self.moves.append(Repriced(ts_ns, order.limit, order.trigger))
        self.enter(order.state, ts_ns)
        self.order = order

    def told(self) -> OrderLife:
        return OrderLife(
            placed=self.placed,
            order=self.order,
            states=tuple(self.states),
            fills=tuple(self.fills),
            moves=tuple(self.moves),
        )


class OrderLives:
    """The lives of all orders, as they are lived."""

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}

    def hear(self, effect: Effect, ts_ns: int) -> None:
        """What one effect says of an order, if anything."""
        match effect:
            case OrderChanged(order=order):
                self._lives[order.order_id].change(order, ts_ns)
            case SubmitOrder(order=order):
                require(order.order_id not in self._lives, f"{order.order_id} is submitted twice")
                self._lives[order.order_id] = _Life(order, ts_ns)
            case FillBooked(fill=fill):
                self._lives[fill.order_id].fills.append(fill)
            case _:
                pass

    def told(self) -> list[OrderLife]:
        """One life per order, in the order in which they were planned."""
        return [life.told() for life in self._lives.values()]


def order_lives(journal: Iterable[Row]) -> list[OrderLife]:
    """One life per order, in the order in which they were planned."""
    lives = OrderLives()
    for event, effects in journal:
        for effect in effects:
            lives.hear(effect, event.ts_ns)
    return lives.told()
