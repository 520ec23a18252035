"""What the calendar tells the engine: that a day begins, and the timers of that day."""

from datetime import date

from tradego.domain.errors import InputError, require
from tradego.domain.events import SessionOpened, TimerFired, TimerKind, Window
from tradego.market.calendar import Calendar
from tradego.market.sessions import Cutoffs, Market, Session


def session_opened(calendar: Calendar, day: date) -> SessionOpened | None:
    """The event that begins a day of the cash market, at its opening; None when it is closed."""
    plain = calendar.session(day, Market.EQUITY)
    with_derivatives = calendar.session(day, Market.EQUITY_WITH_DERIVATIVES)
    if plain is None or with_derivatives is None:
        return None
    return SessionOpened(
        ts_ns=min(plain.open_ns, with_derivatives.open_ns),
        date=day.isoformat(),
        plain=_windows(plain),
        with_derivatives=_windows(with_derivatives),
        entry_cutoff_ns=_earliest(plain, with_derivatives).entry_ns,
        next_open_ns=_next_open(calendar, plain.end_ns),
    )


def timers(*sessions: Session) -> tuple[TimerFired, ...]:
    """The timers of a day, in order: entry cut-off, three rungs of square-off, flat, verify.

    For a desk that trades several markets, give it the sessions of all of them: each timer fires
    at the earliest of their times, so that the tightest market is served. Where a session is too
    short for intraday positions the entry cut-off is its opening.
    """
    cutoffs = _earliest(*sessions)
    rungs = [
        TimerFired(ts_ns=at_ns, timer=TimerKind.SQUARE_OFF, key=str(rung))
        for rung, at_ns in enumerate(cutoffs.square_off_ns, 1)
    ]
    return (
        TimerFired(ts_ns=cutoffs.entry_ns, timer=TimerKind.ENTRY_CUTOFF),
        *rungs,
        TimerFired(ts_ns=cutoffs.flat_ns, timer=TimerKind.FLAT_CHECK),
        TimerFired(ts_ns=cutoffs.verify_ns, timer=TimerKind.VERIFY),
    )


def _next_open(calendar: Calendar, after_ns: int) -> int:
    """The next opening; 0 where the calendar's years end."""
    try:
        return calendar.next_open(after_ns)
    except InputError:
        return 0


def _windows(session: Session) -> tuple[Window, ...]:
    return tuple(Window(part.start_ns, part.end_ns) for part in session.parts)


def _earliest(*sessions: Session) -> Cutoffs:
    require(bool(sessions), "the timers of no session were asked for")
    require(len({session.day for session in sessions}) == 1, "timers belong to one day")
    all_cutoffs = [session.cutoffs for session in sessions]
    one, two, three = (
        min(cutoffs.square_off_ns[rung] for cutoffs in all_cutoffs) for rung in range(3)
    )
    return Cutoffs(
        entry_ns=min(cutoffs.entry_ns for cutoffs in all_cutoffs),
        square_off_ns=(one, two, three),
        flat_ns=min(cutoffs.flat_ns for cutoffs in all_cutoffs),
        verify_ns=min(cutoffs.verify_ns for cutoffs in all_cutoffs),
        no_intraday=next((c.no_intraday for c in all_cutoffs if c.no_intraday), ""),
    )
