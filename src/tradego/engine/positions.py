"""The one count of what is held, for everyone who shows it."""

from decimal import Decimal

from tradego.accounting.charges import ExecutedOrder
from tradego.domain.money import ZERO, Quantity
from tradego.domain.positions import Position, Tranche
from tradego.domain.signals import Product
from tradego.engine.state import DeskState


def positions(state: DeskState) -> list[Position]:
    """All open positions at the last marks, in the order in which they were opened."""
    groups: dict[tuple[str, Product], list[Tranche]] = {}
    for tranche in state.tranches.values():
        if tranche.is_open:
            groups.setdefault((tranche.symbol, tranche.product), []).append(tranche)
    return [_position(state, tranches) for tranches in groups.values()]


def _position(state: DeskState, tranches: list[Tranche]) -> Position:
    first = tranches[0]
    mark = state.mark_of(first)
    units = sum((tranche.units for tranche in tranches), ZERO)
    cost = sum((tranche.open_cost for tranche in tranches), ZERO)
    return Position(
        symbol=first.symbol,
        product=first.product,
        direction=first.direction,
        quantity=Quantity(units),
        average_price=cost / units,
        mark=mark,
        unrealized_gross=sum((t.unrealized_gross(mark) for t in tranches), ZERO),
        exit_charges=_exit_charges(state, first, units, mark),
        tranches=len(tranches),
    )


def _exit_charges(state: DeskState, held: Tranche, units: Decimal, mark: Decimal) -> Decimal:
    """What closing now would add to the day's charges."""
    closing = ExecutedOrder(held.direction.opposite, units, units * mark)
    return state.daybook.cost_of(state.instruments[held.symbol], held.product, closing)
