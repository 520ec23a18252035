"""Mending bars, only where a person asked for it by name, and every mended row counted."""

from collections.abc import Callable, Collection
from enum import StrEnum

import numpy as np

from tradego.domain.bars import Bars, BoolArray, IntArray
from tradego.market.findings import Fault, Finding, Severity, Standing, Verdict
from tradego.market.quality import (
    Limits,
    RawBars,
    check,
    is_in,
    outside_range,
    repeats,
    sound_rows,
    time_shift,
)


class Repair(StrEnum):
    """In the order in which they are done, whatever the order asked for."""

    SHIFT_TIME = "shift_time"  # by the shift that `check` names, where there is one
    DROP_INVALID = "drop_invalid"  # rows with NaN, infinity, price <= 0 or volume < 0
    SORT = "sort"
    DROP_DUPLICATES = "drop_duplicates"  # rows repeated exactly; the first stays
    KEEP_LAST = "keep_last"  # rows of one time with different values: the last in the file stays
    DROP_OUTSIDE = "drop_outside"  # rows that are not on a bar start the calendar expects
    WIDEN_RANGE = "widen_range"  # high and low moved out to hold open and close


def admit(
    raw: RawBars,
    expected_ns: IntArray,
    repairs: Collection[Repair] = (),
    limits: Limits | None = None,
) -> tuple[Bars | None, Verdict]:
    """The bars after the repairs asked for, or None when refused; and the verdict on both."""
    mended, done = repair(raw, expected_ns, repairs)
    left = check(mended, expected_ns, limits)
    verdict = Verdict(raw.symbol, raw.interval_ns, len(raw.ts_ns), done + left.findings)
    if verdict.standing is Standing.REFUSED:
        return None, verdict
    bars = Bars(
        symbol=mended.symbol,
        interval_ns=mended.interval_ns,
        ts_ns=mended.ts_ns,
        open=mended.open,
        high=mended.high,
        low=mended.low,
        close=mended.close,
        volume=mended.volume,
    )
    return bars.check(), verdict


def repair(
    raw: RawBars, expected_ns: IntArray, repairs: Collection[Repair]
) -> tuple[RawBars, tuple[Finding, ...]]:
    """The columns with the named repairs done, and one finding for each that changed something."""
    findings: list[Finding] = []
    for kind in Repair:
        if kind in repairs and len(raw.ts_ns):
            raw, mended = _MENDERS[kind](raw, expected_ns)
            findings += mended
    return raw, tuple(findings)


_Mended = tuple[RawBars, list[Finding]]


def _shift_time(raw: RawBars, expected_ns: IntArray) -> _Mended:
    shift = time_shift(np.unique(raw.ts_ns), expected_ns, raw.interval_ns)
    if not shift:
        return raw, []
    moved = raw._replace(ts_ns=raw.ts_ns - shift)
    return moved, _repaired(Fault.TIME_SHIFT, raw, np.ones(len(raw.ts_ns), dtype=np.bool_))


def _drop_invalid(raw: RawBars, expected_ns: IntArray) -> _Mended:  # noqa: ARG001
    bad = ~sound_rows(raw)
    return raw.take(~bad), _repaired(Fault.NOT_FINITE, raw, bad)


def _sort(raw: RawBars, expected_ns: IntArray) -> _Mended:  # noqa: ARG001
    late = np.append(False, np.diff(raw.ts_ns) < 0)
    if not late.any():
        return raw, []
    return raw.take(np.argsort(raw.ts_ns, kind="stable")), _repaired(Fault.DISORDER, raw, late)


def _drop_duplicates(raw: RawBars, expected_ns: IntArray) -> _Mended:  # noqa: ARG001
    repeated, _ = repeats(raw)
    return raw.take(~repeated), _repaired(Fault.DUPLICATE, raw, repeated)


def _keep_last(raw: RawBars, expected_ns: IntArray) -> _Mended:  # noqa: ARG001
    order = np.argsort(raw.ts_ns, kind="stable")
    replaced = np.zeros(len(order), dtype=np.bool_)
    replaced[order[:-1]] = np.diff(raw.ts_ns[order]) == 0
    return raw.take(~replaced), _repaired(Fault.CONFLICT, raw, replaced)


def _drop_outside(raw: RawBars, expected_ns: IntArray) -> _Mended:
    stray = ~is_in(raw.ts_ns, expected_ns)
    return raw.take(~stray), _repaired(Fault.OUTSIDE_SESSION, raw, stray)


def _widen_range(raw: RawBars, expected_ns: IntArray) -> _Mended:  # noqa: ARG001
    bad = outside_range(raw)
    top, bottom = np.maximum(raw.open, raw.close), np.minimum(raw.open, raw.close)
    widened = raw._replace(high=np.maximum(raw.high, top), low=np.minimum(raw.low, bottom))
    return widened, _repaired(Fault.RANGE, raw, bad)


_MENDERS: dict[Repair, Callable[[RawBars, IntArray], _Mended]] = {
    Repair.SHIFT_TIME: _shift_time,
    Repair.DROP_INVALID: _drop_invalid,
    Repair.SORT: _sort,
    Repair.DROP_DUPLICATES: _drop_duplicates,
    Repair.KEEP_LAST: _keep_last,
    Repair.DROP_OUTSIDE: _drop_outside,
    Repair.WIDEN_RANGE: _widen_range,
}


def _repaired(fault: Fault, raw: RawBars, rows: BoolArray) -> list[Finding]:
    if not rows.any():
        return []
    first = int(np.argmax(rows))
    return [Finding(fault, int(rows.sum()), Severity.REPAIRED, int(raw.ts_ns[first]), first)]
