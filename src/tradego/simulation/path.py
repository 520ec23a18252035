"""Where on a bar's path something is reached first."""

from tradego.domain.effects import Watch
from tradego.simulation.book import Book, Resting, level_of
from tradego.simulation.tape import CLOSE, OPEN, THIRD, Spot


def leg_reaching(spot: Spot, below: float, above: float) -> int | None:
    """The first leg, from a spot on, that trades at or beyond a level; None for none."""
    if spot.leg == CLOSE:
        return None
    if spot.price <= below or spot.price >= above:
        return spot.leg
    for leg in range(max(spot.leg, OPEN + 1), THIRD + 1):
        if spot.points[leg] <= below or spot.points[leg] >= above:
            return leg
    return None


def first_on_leg(book: Book, spot: Spot, leg: int) -> tuple[Resting | Watch, float] | None:
    """What is reached first on a leg, and at what price. Of equals, orders before watches."""
    start = spot.price if spot.leg == leg else spot.points[leg - 1]
    end = spot.points[leg] if leg > OPEN else start
    best: tuple[Resting | Watch, float] | None = None
    for resting in book.resting.values():
        if resting.starved_bar != spot.bar:
            best = _nearer(best, resting, _reached(start, end, *resting.level), start)
    for watch in book.watches.values():
        if not watch.at_close:
            best = _nearer(best, watch, _reached(start, end, *level_of(watch)), start)
    return best


def _reached(start: float, end: float, below: float, above: float) -> float | None:
    """The price at which a level is met going from `start` to `end`."""
    if start <= below or start >= above:
        return start
    if end <= below:
        return below
    return above if end >= above else None


def _nearer(
    best: tuple[Resting | Watch, float] | None,
    what: Resting | Watch,
    price: float | None,
    start: float,
) -> tuple[Resting | Watch, float] | None:
    if price is None or (best is not None and abs(price - start) >= abs(best[1] - start)):
        return best
    return what, price
