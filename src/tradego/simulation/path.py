"""Where a book stands on the path through its bars, and where something is reached next."""

from tradego.domain.errors import require
from tradego.simulation.book import NEVER_ABOVE, NEVER_BELOW, Book, Resting, Watched
from tradego.simulation.tape import CLOSE, OPEN, THIRD, Spot


def spot_at(book: Book, now: int, *, opened: bool = True) -> Spot | None:
    """Where the path stands at an instant; None before the first bar. Inside a bar it waits while
    messages are under way, and never runs past a place at which something waits to happen.
    `opened`: whether a bar that begins at the instant has.
    """
    tape = book.tape
    row, elapsed = tape.moment(now)
    if not (opened or elapsed):
        row, elapsed = row - 1, tape.bars.interval_ns
    if row < 0:
        return None
    spot = book.spot
    if spot is None or spot.bar != row or spot.leg == OPEN:
        spot = at_open(book, row)
    if elapsed < tape.bars.interval_ns and book.busy_until >= now:
        elapsed = max(0, elapsed - (now - book.busy_from))
    leg = tape.leg_after(elapsed)
    if leg <= spot.leg:
        return spot
    if leg == CLOSE:
        return Spot(row, CLOSE, spot.points[3], spot.points)
    waiting = leg_reaching(spot, *book.levels(row))
    if waiting is not None and waiting <= leg:
        leg = max(waiting - 1, spot.leg)
    return spot if leg == spot.leg else Spot(row, leg, spot.points[leg], spot.points)


def at_open(book: Book, row: int) -> Spot:
    """The start of a bar. Until the path leaves it, whose hurt comes first is not settled."""
    points = book.tape.points(row, book.low_first)
    return Spot(row, OPEN, points[0], points)


def next_place(book: Book, now: int) -> tuple[int, int] | None:
    """The next bar, and the leg of it, on which an order or a watch is reached."""
    below, above = book.levels()
    if below == NEVER_BELOW and above == NEVER_ABOVE:
        return None
    tape, spot = book.tape, book.spot
    row, elapsed = tape.moment(now)
    start = row + (elapsed > 0)
    if spot is not None and spot.bar == row and elapsed < tape.bars.interval_ns:
        leg = leg_reaching(spot, *book.levels(row))
        if leg is not None:
            return row, leg
        start = row + 1
    row = tape.first_touch(start, below, above)
    if row >= len(tape.ts):
        return None
    leg = leg_reaching(at_open(book, row), below, above)
    require(leg is not None, "a bar that reaches a level has a leg that does")
    return row, leg or OPEN


def next_close(book: Book, now: int, *, every_bar: bool) -> tuple[int, int] | None:
    """The next bar at whose close a watch is reached; the very next of a position, if wanted."""
    below, above = book.close_levels()
    marked = every_bar and bool(book.net)
    if not marked and below == NEVER_BELOW and above == NEVER_ABOVE:
        return None
    tape = book.tape
    row = int(tape.ts.searchsorted(now - tape.bars.interval_ns, side="right"))
    if not marked:
        row = tape.first_close(row, below, above)
    return (row, CLOSE) if row < len(tape.ts) else None


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


def first_on_leg(book: Book, spot: Spot, leg: int) -> tuple[Resting | Watched, float] | None:
    """What is reached first on a leg, and at what price. Of equals, orders before watches."""
    start = spot.price if spot.leg == leg else spot.points[leg - 1]
    end = spot.points[leg] if leg > OPEN else start
    best: tuple[Resting | Watched, float] | None = None
    for resting in book.resting.values():
        if resting.starved_bar != spot.bar:
            best = _nearer(best, resting, start, end)
    for watched in book.watches.values():
        best = _nearer(best, watched, start, end)
    return best


def _nearer(
    best: tuple[Resting | Watched, float] | None, what: Resting | Watched, start: float, end: float
) -> tuple[Resting | Watched, float] | None:
    price = _reached(start, end, what.below, what.above)
    if price is None or (best is not None and abs(price - start) >= abs(best[1] - start)):
        return best
    return what, price


def _reached(start: float, end: float, below: float, above: float) -> float | None:
    """The price at which a level is met going from `start` to `end`."""
    if start <= below or start >= above:
        return start
    if end <= below:
        return below
    return above if end >= above else None
