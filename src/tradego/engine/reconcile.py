"""Our book beside the broker's: every difference is written down, and what it stops is said."""

from decimal import Decimal

from tradego.domain.effects import Alarm, Reconciled, Severity
from tradego.domain.events import Holding, PositionsSeen
from tradego.domain.money import ZERO
from tradego.domain.signals import Product
from tradego.engine.state import DeskState

_Key = tuple[str, Product]


def on_positions(state: DeskState, event: PositionsSeen) -> None:
    """Symbol by symbol. An instrument we cannot explain is not entered until a person resumes."""
    ours = _our_units(state)
    theirs: dict[_Key, Holding] = {(h.symbol, h.product): h for h in event.holdings}
    for key in sorted(ours.keys() | theirs.keys()):
        _compare(state, key, ours.get(key, (ZERO, None)), theirs.get(key))


def _our_units(state: DeskState) -> dict[_Key, tuple[Decimal, Decimal | None]]:
    """Signed units and average entry price of what we hold."""
    found: dict[_Key, tuple[Decimal, Decimal]] = {}
    for tranche in state.tranches.values():
        if tranche.is_open:
            units, cost = found.get((tranche.symbol, tranche.product), (ZERO, ZERO))
            units += tranche.units * tranche.sign
            cost += tranche.open_cost * tranche.sign
            found[tranche.symbol, tranche.product] = units, cost
    return {key: (units, cost / units if units else None) for key, (units, cost) in found.items()}


def _compare(
    state: DeskState,
    key: _Key,
    ours: tuple[Decimal, Decimal | None],
    theirs: Holding | None,
) -> None:
    symbol, product = key
    units, average = ours
    seen = theirs.units if theirs is not None else ZERO
    same = units == seen
    state.out.append(
        Reconciled(
            symbol=symbol,
            product=product,
            our_quantity=units,
            broker_quantity=seen,
            our_average=average,
            broker_average=theirs.average if theirs is not None else None,
            our_pnl=None,
            broker_pnl=None,
            cause="none" if same else "unexplained",
            decision="none" if same else "no entries in this instrument",
        )
    )
    if not same:
        state.frozen[symbol] = f"we hold {units}, the broker {seen}"
        state.out.append(
            Alarm(
                key=f"unexplained:{symbol}:{state.session.date}",
                severity=Severity.CRITICAL,
                text=f"{symbol}: we hold {units}, the broker says {seen}. No entries there.",
            )
        )
