"""When do several instruments together fall below a value? Judged at bar closes, within the day."""

from collections.abc import Sequence

import numpy as np

from tradego.domain.bars import FloatArray, IntArray
from tradego.domain.times import DAY, IST_OFFSET
from tradego.simulation.tape import Tape


def first_below(
    legs: Sequence[tuple[Tape, float]], floor: float, now: int
) -> tuple[int, list[float]] | None:
    """The first bar close after `now`, this Indian day, at which the sum of units x close is below
    `floor`, with the closes; None where there is none.
    """
    day = (now + IST_OFFSET) // DAY
    if _is_out_of_reach(legs, floor, day):
        return None
    day_end = (day + 1) * DAY - IST_OFFSET
    spans = [_span(tape, now, day_end) for tape, _ in legs]
    times = _times(legs, spans)
    if not len(times):
        return None
    closes = [_closes_at(tape, span, times) for (tape, _), span in zip(legs, spans, strict=True)]
    value = sum(units * column for (_, units), column in zip(legs, closes, strict=True))
    hit = np.asarray(value) < floor
    at = int(hit.argmax())
    if not hit[at]:
        return None
    return int(times[at]), [float(column[at]) for column in closes]


def _is_out_of_reach(legs: Sequence[tuple[Tape, float]], floor: float, day: int) -> bool:
    """Whether even the day's worst closes, all at once, would not do it; most often they do not."""
    worst = 0.0
    for tape, units in legs:
        low, high = tape.close_bounds(day)
        worst += units * (low if units > 0 else high)
    return worst >= floor


def _span(tape: Tape, now: int, day_end: int) -> tuple[int, int]:
    """Bars that close after `now` and start before the end of the day."""
    start = int(tape.ts.searchsorted(now - tape.bars.interval_ns, side="right"))
    return start, int(tape.ts.searchsorted(day_end, side="left"))


def _times(legs: Sequence[tuple[Tape, float]], spans: list[tuple[int, int]]) -> IntArray:
    """All close times of all legs, each once."""
    columns = [
        tape.ts[start:stop] + tape.bars.interval_ns
        for (tape, _), (start, stop) in zip(legs, spans, strict=True)
    ]
    first = columns[0]
    if all(np.array_equal(first, column) for column in columns[1:]):
        return first
    return np.unique(np.concatenate(columns))


def _closes_at(tape: Tape, span: tuple[int, int], times: IntArray) -> FloatArray:
    """The last close known at each time."""
    start, stop = span
    if stop - start == len(times):
        return tape.bars.close[start:stop]
    rows = (tape.ts + tape.bars.interval_ns).searchsorted(times, side="right") - 1
    return tape.bars.close[np.maximum(rows, 0)]
