"""Is this data fit to trade on? `check` looks and says; `repairs` mends, on request."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec
import numpy as np

from tradego.domain.bars import Bars, BoolArray, FloatArray, IntArray
from tradego.domain.errors import InputError
from tradego.domain.times import DAY, IST_OFFSET, MINUTE, midnight, session_date
from tradego.market.calendar import Calendar
from tradego.market.findings import RULES, Fault, Finding, Severity, Verdict
from tradego.market.sessions import Market


class RawBars(NamedTuple):
    """The columns of one symbol as a file or a feed gave them: any order, anything in them.

    `ts_ns` is the start of the bar in UTC nanoseconds.
    """

    symbol: str
    interval_ns: int
    ts_ns: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    @staticmethod
    def of(bars: Bars) -> "RawBars":
        prices = (bars.open, bars.high, bars.low, bars.close)
        return RawBars(bars.symbol, bars.interval_ns, bars.ts_ns, *prices, bars.volume)

    @property
    def columns(self) -> tuple[IntArray | FloatArray, ...]:
        return (self.ts_ns, self.open, self.high, self.low, self.close, self.volume)

    def take(self, rows: IntArray | BoolArray) -> "RawBars":
        prices = (self.open[rows], self.high[rows], self.low[rows], self.close[rows])
        return RawBars(self.symbol, self.interval_ns, self.ts_ns[rows], *prices, self.volume[rows])


ACCEPTABLE = frozenset(
    {Fault.SPLIT_LIKE, Fault.OFF_GRID, Fault.OUTSIDE_SESSION, Fault.UNEXPECTED_SESSION}
)


class Limits(msgspec.Struct, frozen=True):
    """Where suspicion begins.

    Indian price bands stop most stocks at 20 % a day, and even stocks without a band have hardly
    ever opened 30 % away from their last price: beyond `split_ratio` (or its inverse) the number of
    shares has changed, not their worth. Between it and `jump_ratio` a person should look.
    `accepted` faults are flagged instead of refused; only those after which the bars can be read
    at all may be accepted, anything else is an InputError.
    """

    split_ratio: float = 0.70
    jump_ratio: float = 0.85
    frozen_bars: int = 10
    accepted: frozenset[Fault] = frozenset()

    def __post_init__(self) -> None:
        if beyond := sorted(self.accepted - ACCEPTABLE):
            may = ", ".join(sorted(ACCEPTABLE))
            raise InputError(f"fault {beyond[0]} cannot be accepted, only repaired ({may} can)")


# A split is judged between neighbouring sessions only: months apart any ratio is honest.
_NEIGHBOUR_DAYS = 10
# So many missing sessions are named one by one.
_FEW = 5
# Nanoseconds of 2001; a time below it was given in seconds, milliseconds or microseconds.
EARLIEST_NS = 10**18
# Divisors Indian companies have used: bonus 1:4, 1:3, 1:2, 2:3, 1:1, 3:2, 2:1, ..., splits 10 to 1.
_DIVISORS = (1.25, 4 / 3, 1.5, 5 / 3, 2, 2.5, 3, 4, 5, 6, 8, 10, 20, 50, 100)


def expected_starts(
    calendar: Calendar,
    first: date,
    last: date,
    interval_ns: int,
    market: Market = Market.EQUITY,
) -> IntArray:
    """Bar starts of the sessions from `first` to `last`; a daily bar starts at midnight IST."""
    days = calendar.sessions_between(first, last)
    if interval_ns == DAY:
        return np.array([midnight(day) for day in days], dtype=np.int64)
    starts = [calendar.bar_starts(day, interval_ns, market) for day in days]
    return np.concatenate([np.empty(0, dtype=np.int64), *starts])


def check(raw: RawBars, expected_ns: IntArray, limits: Limits | None = None) -> Verdict:
    """Every fault of one symbol's bars, judged against the bar starts the calendar expects.

    `expected_ns` ascends and covers the whole period asked for: what is absent from it at either
    end counts as missing. Raises InputError when the columns differ in length.
    """
    limits = limits or Limits()
    if len({len(column) for column in raw.columns}) != 1:
        lengths = ", ".join(str(len(column)) for column in raw.columns)
        raise InputError(f"{raw.symbol}: columns of different length ({lengths}); load them again")
    findings = list(_faults(raw, expected_ns, limits))
    lowered = [
        msgspec.structs.replace(finding, severity=Severity.FLAG)
        if finding.fault in limits.accepted
        else finding
        for finding in findings
    ]
    return Verdict(raw.symbol, raw.interval_ns, len(raw.ts_ns), tuple(lowered))


def _faults(raw: RawBars, expected_ns: IntArray, limits: Limits) -> Iterator[Finding]:
    if len(raw.ts_ns) == 0:
        yield _finding(Fault.EMPTY, 1)
        return
    if int(raw.ts_ns.min()) < EARLIEST_NS:
        yield _at(Fault.TIME_UNIT, raw, raw.ts_ns < EARLIEST_NS)
        return
    yield from _value_faults(raw)
    yield from _order_faults(raw)
    rows = np.flatnonzero(sound_rows(raw))
    if len(rows) == 0:
        return
    tidy = raw
    if len(rows) < len(raw.ts_ns) or not (np.diff(raw.ts_ns) > 0).all():
        rows = rows[np.argsort(raw.ts_ns[rows], kind="stable")]
        rows = rows[np.append(True, np.diff(raw.ts_ns[rows]) > 0)]
        tidy = raw.take(rows)
    yield from _calendar_faults(tidy, expected_ns, rows)
    yield from _volume_faults(tidy, rows)
    yield from _frozen(tidy, rows, limits)
    yield from _jumps(tidy, rows, limits)


def sound_rows(raw: RawBars) -> BoolArray:
    """Rows whose numbers can be used at all: finite, prices above zero, volume not below."""
    return _finite(raw) & (_lowest(raw) > 0) & (raw.volume >= 0)


def outside_range(raw: RawBars) -> BoolArray:
    """Rows whose open or close lies outside high and low (or whose high is below the low)."""
    top, bottom = np.maximum(raw.open, raw.close), np.minimum(raw.open, raw.close)
    return (top > raw.high) | (bottom < raw.low)


def _finite(raw: RawBars) -> BoolArray:
    # A sum is finite only if every part is (no price is near the largest float).
    return np.isfinite(raw.open + raw.high + raw.low + raw.close + raw.volume)


def _lowest(raw: RawBars) -> FloatArray:
    return np.minimum(np.minimum(raw.open, raw.high), np.minimum(raw.low, raw.close))


def _value_faults(raw: RawBars) -> Iterator[Finding]:
    finite = _finite(raw)
    if not finite.all():
        yield _at(Fault.NOT_FINITE, raw, ~finite)
    if (bad := finite & (_lowest(raw) <= 0)).any():
        yield _at(Fault.NOT_POSITIVE, raw, bad)
    if (bad := finite & (raw.volume < 0)).any():
        yield _at(Fault.NEGATIVE_VOLUME, raw, bad)
    if (bad := finite & outside_range(raw)).any():
        above = np.maximum(raw.open, raw.close) - raw.high
        below = raw.low - np.minimum(raw.open, raw.close)
        worst = float(np.maximum(above, below)[bad].max())
        yield _at(Fault.RANGE, raw, bad, f"worst by {worst:.2f}")


def _order_faults(raw: RawBars) -> Iterator[Finding]:
    steps = np.diff(raw.ts_ns)
    if (steps > 0).all():
        return
    if (back := np.append(False, steps < 0)).any():
        yield _at(Fault.DISORDER, raw, back)
    repeated, conflicting = repeats(raw)
    if repeated.any():
        yield _at(Fault.DUPLICATE, raw, repeated)
    if conflicting.any():
        yield _at(Fault.CONFLICT, raw, conflicting)


def repeats(raw: RawBars) -> tuple[BoolArray, BoolArray]:
    """Rows of a time seen earlier in the columns: (the same in every value, different in one)."""
    order = np.argsort(raw.ts_ns, kind="stable")
    sorted_ = raw.take(order)
    again = np.append(False, np.diff(sorted_.ts_ns) == 0)
    same = again & _as_before(sorted_)
    repeated, conflicting = np.zeros_like(again), np.zeros_like(again)
    repeated[order], conflicting[order] = same, again & ~same
    return repeated, conflicting


def _as_before(raw: RawBars) -> BoolArray:
    """Rows equal to the row before in every value but the time."""
    same = np.ones(len(raw.ts_ns) - 1, dtype=np.bool_)
    for column in raw.columns[1:]:
        same &= column[1:] == column[:-1]
    return np.append(False, same)


def _calendar_faults(tidy: RawBars, expected_ns: IntArray, rows: IntArray) -> Iterator[Finding]:
    """Faults of time: `tidy` ascends, `rows` are its places in the columns as given."""
    ts, expected = tidy.ts_ns, expected_ns
    place, known = places(ts, expected)
    if not known.all():
        if shift := time_shift(ts, expected, tidy.interval_ns):
            yield _finding(Fault.TIME_SHIFT, len(ts), detail=_shift_words(shift, tidy.interval_ns))
            return
        yield from _stray_faults(tidy, expected, rows, known)
    missing = np.ones(len(expected), dtype=np.bool_)
    missing[place[known]] = False
    absent = expected[missing]
    if len(absent) == 0:
        return
    whole = ~is_in(_days(absent), _days(ts))
    if not whole.all():
        inside = absent[~whole]
        yield _finding(Fault.GAP, len(inside), int(inside[0]), detail=_in_sessions(inside))
    if whole.any():
        days, first = np.unique(_days(absent[whole]), return_index=True)
        yield _finding(
            Fault.MISSING_SESSION,
            len(days),
            int(absent[whole][first[0]]),
            detail=_which_sessions(days, _days(expected)),
        )
    if after := int((expected > ts[-1]).sum()):
        yield _finding(Fault.STALE, after, int(ts[-1]))


def _stray_faults(
    tidy: RawBars, expected: IntArray, rows: IntArray, known: BoolArray
) -> Iterator[Finding]:
    """Rows the calendar does not expect: wrong day, wrong hour, or between two bar starts."""
    days, expected_days = _days(tidy.ts_ns), _days(expected)
    no_session = ~is_in(days, expected_days)
    if no_session.any():
        yield _placed(Fault.UNEXPECTED_SESSION, tidy, rows, no_session)
    stray = ~known & ~no_session
    if not stray.any():
        return
    opening = expected[np.minimum(np.searchsorted(expected_days, days), len(expected) - 1)]
    off_grid = stray & ((tidy.ts_ns - opening) % tidy.interval_ns != 0)
    if off_grid.any():
        yield _placed(Fault.OFF_GRID, tidy, rows, off_grid)
    if (outside := stray & ~off_grid).any():
        yield _placed(Fault.OUTSIDE_SESSION, tidy, rows, outside)


def time_shift(ts: IntArray, expected: IntArray, interval_ns: int) -> int:
    """Nanoseconds by which all times are late (negative: early), 0 when no shift explains them.

    Tried are whole half hours, which cover every time zone mistake, and one interval: bars stamped
    with their close. A shift is believed when it puts 99.5 % of some sessions on expected starts
    and more of them than before. `ts` and `expected` ascend.
    """
    days = _days(ts)
    seen = np.unique(days)
    picked = np.unique(
        np.concatenate((seen[:4], seen[len(seen) // 2 : len(seen) // 2 + 4], seen[-4:]))
    )
    sample = ts[is_in(days, picked)]
    best, best_share = 0, float(is_in(sample, expected).mean())
    candidates = [interval_ns, *(half * 30 * MINUTE for half in range(-28, 29) if half)]
    for shift in candidates:
        share = float(is_in(sample - shift, expected).mean())
        if share >= 0.995 and share > best_share:
            best, best_share = shift, share
    return best


def _shift_words(shift: int, interval_ns: int) -> str:
    late = "late" if shift > 0 else "early"
    hours, minutes = divmod(abs(shift) // MINUTE, 60)
    amount = f"{hours} h {minutes:02d} {late}"
    if shift == IST_OFFSET:
        return f"{amount}: Indian wall-clock times were taken for UTC"
    if shift == -IST_OFFSET:
        return f"{amount}: UTC times were taken for Indian ones"
    if shift == interval_ns:
        return f"{amount}: bars are stamped with their close, not their start"
    return amount


def _volume_faults(tidy: RawBars, rows: IntArray) -> Iterator[Finding]:
    idle = tidy.volume == 0
    if not idle.any():
        return
    if idle.all():
        yield _placed(Fault.NO_VOLUME, tidy, rows, idle)
        return
    starts = session_starts(tidy.ts_ns)
    dead = np.add.reduceat(tidy.volume, starts) == 0
    if dead.any():
        first = starts[np.argmax(dead)]
        yield _finding(
            Fault.ZERO_VOLUME_SESSION, int(dead.sum()), int(tidy.ts_ns[first]), int(rows[first])
        )
    in_dead = np.repeat(dead, np.diff(np.append(starts, len(idle))))
    if (single := idle & ~in_dead).any():
        yield _placed(Fault.ZERO_VOLUME_BAR, tidy, rows, single)


def _frozen(tidy: RawBars, rows: IntArray, limits: Limits) -> Iterator[Finding]:
    """Runs of bars alike to the last share. A stock without trades repeats its price honestly."""
    same = _as_before(tidy)
    if tidy.volume.any():
        same &= tidy.volume > 0
    if not same.any():
        return
    edges = np.diff(np.concatenate(([0], same.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    long = ends - starts >= limits.frozen_bars
    if long.any():
        first = int(starts[long][0])
        yield _finding(
            Fault.FROZEN,
            int((ends - starts)[long].sum()),
            int(tidy.ts_ns[first]),
            int(rows[first]),
            f"longest run {int((ends - starts).max())}",
        )


def _jumps(tidy: RawBars, rows: IntArray, limits: Limits) -> Iterator[Finding]:
    if len(tidy.ts_ns) < 2:
        return
    ratio = np.append(1.0, tidy.open[1:] / tidy.close[:-1])
    days = _days(tidy.ts_ns)
    nights = np.append(0, np.diff(days))
    overnight = (nights > 0) & (nights <= _NEIGHBOUR_DAYS)
    split = overnight & is_split_like(ratio, limits)
    if split.any():
        first = float(ratio[split][0])
        detail = f"first opens at {first:.4f} of the close before, near {split_words(first)}"
        yield _placed(Fault.SPLIT_LIKE, tidy, rows, split, detail)
    large = (ratio < limits.jump_ratio) | (ratio > 1 / limits.jump_ratio)
    jump = large & ~split & ((nights == 0) | overnight)
    if jump.any():
        share = float(ratio[jump][0])
        yield _placed(
            Fault.JUMP, tidy, rows, jump, f"first opens at {share:.4f} of the close before"
        )


def is_split_like(ratio: FloatArray, limits: Limits | None = None) -> BoolArray:
    """Where open / previous close says that the count of shares changed: freeze until confirmed."""
    limits = limits or Limits()
    return (ratio < limits.split_ratio) | (ratio > 1 / limits.split_ratio)


def split_words(ratio: float) -> str:
    """The usual divisor nearest to an overnight ratio, for the eye: "a divisor of 5"."""
    factor = 1 / ratio if ratio < 1 else ratio
    nearest = min(_DIVISORS, key=lambda divisor: abs(np.log(factor / divisor)))
    return f"a divisor of {nearest:.4g}" if ratio < 1 else f"a divisor of 1/{nearest:.4g}"


def session_starts(ts_ns: IntArray) -> IntArray:
    """Index of the first bar of each Indian date; `ts_ns` ascends and is not empty."""
    return np.append(0, np.flatnonzero(np.diff(_days(ts_ns))) + 1)


def is_in(values: IntArray, among: IntArray) -> BoolArray:
    """Which values occur in `among`, which ascends."""
    return places(values, among)[1]


def places(values: IntArray, among: IntArray) -> tuple[IntArray, BoolArray]:
    """Where each value stands or would stand in `among`, which ascends, and whether it is there."""
    if np.array_equal(values, among):
        return np.arange(len(values)), np.ones(len(values), dtype=np.bool_)
    place = np.searchsorted(among, values)
    if len(among) == 0:
        return place, np.zeros(len(values), dtype=np.bool_)
    found: BoolArray = among[np.minimum(place, len(among) - 1)] == values
    return place, found


def _days(ts_ns: IntArray) -> IntArray:
    """Indian dates as days since 1970."""
    return (ts_ns + IST_OFFSET) // DAY


def _in_sessions(absent: IntArray) -> str:
    sessions = len(np.unique(_days(absent)))
    return f"in {sessions} session{'s' if sessions > 1 else ''}"


def _which_sessions(days: IntArray, expected_days: IntArray) -> str:
    """The dates of a few missing sessions; of many, the longest run of them."""
    if len(days) <= _FEW:
        return ", ".join(session_date(int(day) * DAY).isoformat() for day in days)
    place = np.searchsorted(np.unique(expected_days), days)
    longest = max(np.split(days, np.flatnonzero(np.diff(place) > 1) + 1), key=len)
    return f"{len(longest)} in a row from {session_date(int(longest[0]) * DAY).isoformat()}"


def _finding(
    fault: Fault, count: int, ts_ns: int | None = None, row: int | None = None, detail: str = ""
) -> Finding:
    return Finding(fault, count, RULES[fault].severity, ts_ns, row, detail)


def _at(fault: Fault, raw: RawBars, rows: BoolArray, detail: str = "") -> Finding:
    first = int(np.argmax(rows))
    return _finding(fault, int(rows.sum()), int(raw.ts_ns[first]), first, detail)


def _placed(
    fault: Fault, tidy: RawBars, places: IntArray, rows: BoolArray, detail: str = ""
) -> Finding:
    first = int(np.argmax(rows))
    count = int(rows.sum())
    return _finding(fault, count, int(tidy.ts_ns[first]), int(places[first]), detail)
