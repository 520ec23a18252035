"""Planted defects: each is found, named, counted and placed; nothing is mended unasked."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from tradego.domain.bars import IntArray
from tradego.domain.errors import InputError
from tradego.domain.times import DAY, HOUR, IST_OFFSET, MINUTE, at, iso
from tradego.market.calendar_tables import nse_calendar
from tradego.market.findings import Fault, Finding, Report, Severity, Standing, Verdict
from tradego.market.quality import Limits, RawBars, check, expected_starts, is_split_like
from tradego.market.repairs import Repair, admit, repair

QUARTER = 15 * MINUTE
DAYS = (date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 6))


def starts(*days: date, interval_ns: int = QUARTER) -> IntArray:
    """09:15 to 15:30 of ordinary days."""
    return np.concatenate(
        [np.arange(at(day, "09:15"), at(day, "15:30"), interval_ns) for day in days]
    )


EXPECTED = starts(*DAYS)


def sound(ts_ns: IntArray = EXPECTED, interval_ns: int = QUARTER) -> RawBars:
    """Bars without any fault: a gentle wave around 100, volume 1000, 1001, ..."""
    count = len(ts_ns)
    close = 100 + np.sin(np.arange(count))
    opened = np.append(100.0, close)[:count]
    high, low = np.maximum(opened, close) + 0.5, np.minimum(opened, close) - 0.5
    volume = np.arange(1000.0, 1000.0 + count)
    return RawBars("INFY", interval_ns, ts_ns.copy(), opened, high, low, close, volume)


def only(verdict: Verdict) -> Finding:
    (finding,) = verdict.findings
    return finding


def test_sound_bars_are_ok() -> None:
    verdict = check(sound(), EXPECTED)
    assert verdict.findings == ()
    assert verdict.standing is Standing.OK
    assert verdict.rows == 100


# (row 30 is 2025-03-04 10:30: 25 bars of the 3rd, then the sixth of the 4th)
ROW_30 = at(date(2025, 3, 4), "10:30")


def set_close(value: float) -> Callable[[RawBars], None]:
    def plant(raw: RawBars) -> None:
        raw.close[30] = value

    return plant


def set_volume(raw: RawBars) -> None:
    raw.volume[30] = -1


def set_low_above_open(raw: RawBars) -> None:
    raw.low[30] = raw.open[30] + 0.25


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (set_close(np.nan), Fault.NOT_FINITE),
        (set_close(np.inf), Fault.NOT_FINITE),
        (set_close(0.0), Fault.NOT_POSITIVE),
        (set_close(-5.0), Fault.NOT_POSITIVE),
        (set_volume, Fault.NEGATIVE_VOLUME),
        (set_low_above_open, Fault.RANGE),
    ],
)
def test_a_row_of_impossible_values_refuses_the_symbol_and_is_placed(
    plant: Callable[[RawBars], None], fault: Fault
) -> None:
    raw = sound()
    plant(raw)
    verdict = check(raw, EXPECTED)
    finding = next(f for f in verdict.findings if f.fault is fault)
    assert (finding.count, finding.row, finding.ts_ns) == (1, 30, ROW_30)
    assert finding.severity is Severity.REFUSE
    assert verdict.standing is Standing.REFUSED


def test_a_bad_range_says_by_how_much() -> None:
    raw = sound()
    raw.high[[7, 30]] = np.maximum(raw.open, raw.close)[[7, 30]] - [0.05, 85.15]
    finding = check(raw, EXPECTED).findings[0]
    assert finding.fault is Fault.RANGE
    assert finding.count == 2
    assert finding.detail == "worst by 85.15"
    assert finding.text == (
        "rows with open or close outside high and low: 2 (worst by 85.15), first at row 7 "
        "2025-03-03T11:00:00+05:30; fix the source, or repair widen_range"
    )


def test_high_below_low_is_found() -> None:
    raw = sound()
    raw.high[3], raw.low[3] = raw.low[3], raw.high[3]
    assert check(raw, EXPECTED).found(Fault.RANGE) == 1


def test_missing_bars_inside_a_session_are_a_gap_that_is_flagged() -> None:  # S1-data-1, -12
    verdict = check(sound(np.delete(EXPECTED, [30, 31, 60])), EXPECTED)
    finding = only(verdict)
    assert (finding.fault, finding.count, finding.detail) == (Fault.GAP, 3, "in 2 sessions")
    assert (finding.ts_ns, finding.row) == (ROW_30, None)
    assert verdict.standing is Standing.FLAGGED


def test_whole_sessions_without_bars_are_named() -> None:
    finding = only(check(sound(starts(DAYS[0], DAYS[3])), EXPECTED))
    assert finding.fault is Fault.MISSING_SESSION
    assert finding.count == 2
    assert finding.detail == "2025-03-04, 2025-03-05"


def test_of_many_missing_sessions_the_longest_run_is_named() -> None:
    calendar = nse_calendar()
    expected = expected_starts(calendar, date(2025, 3, 3), date(2025, 3, 28), QUARTER)
    finding = check(sound(starts(date(2025, 3, 3), date(2025, 3, 28))), expected).findings[0]
    # 14 March was Holi, so 20 weekdays less one, less the two days given
    assert (finding.fault, finding.count) == (Fault.MISSING_SESSION, 17)
    assert finding.detail == "17 in a row from 2025-03-04"


def test_bars_expected_after_the_newest_make_it_stale() -> None:
    verdict = check(sound(EXPECTED[:-3]), EXPECTED)
    assert verdict.found(Fault.GAP) == 3
    assert verdict.found(Fault.STALE) == 3
    assert next(f for f in verdict.findings if f.fault is Fault.STALE).ts_ns == EXPECTED[-4]


def test_disorder_exact_repeats_and_conflicting_repeats_are_told_apart() -> None:  # S1-data-1
    order = [*range(10), 9, 5, *range(10, 100)]  # row 9 again, then row 5 again
    raw = sound().take(np.array(order))
    raw.close[11] += 0.01  # the second telling of row 5 differs
    verdict = check(raw, EXPECTED)
    placed = {f.fault: (f.count, f.row) for f in verdict.findings}
    assert placed == {
        Fault.DISORDER: (1, 11),
        Fault.DUPLICATE: (1, 10),
        Fault.CONFLICT: (1, 11),
    }
    assert verdict.standing is Standing.REFUSED


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (IST_OFFSET, "5 h 30 late: Indian wall-clock times were taken for UTC"),
        (-IST_OFFSET, "5 h 30 early: UTC times were taken for Indian ones"),
        (QUARTER, "0 h 15 late: bars are stamped with their close, not their start"),
        (2 * HOUR, "2 h 00 late"),
    ],
)
def test_a_shift_of_all_times_is_detected_named_and_refused(  # S1-data-14, F45
    shift: int, words: str
) -> None:
    finding = only(check(sound(EXPECTED + shift), EXPECTED))
    assert finding.fault is Fault.TIME_SHIFT
    assert finding.severity is Severity.REFUSE
    assert finding.detail == words


def test_minute_bars_stamped_with_their_close_are_detected() -> None:
    expected = starts(*DAYS, interval_ns=MINUTE)
    verdict = check(sound(expected + MINUTE, MINUTE), expected)
    assert only(verdict).detail.endswith("stamped with their close, not their start")


def test_a_few_stray_rows_are_not_taken_for_a_shift() -> None:
    before_open = at(DAYS[0], "09:00")
    assert check(sound(np.append(before_open, EXPECTED)), EXPECTED).found(Fault.TIME_SHIFT) == 0


def test_most_days_shifted_is_not_a_shift_of_all() -> None:
    ts = EXPECTED.copy()
    ts[25:] += IST_OFFSET
    verdict = check(sound(ts), EXPECTED)
    assert verdict.found(Fault.TIME_SHIFT) == 0
    assert verdict.standing is Standing.REFUSED
    assert verdict.found(Fault.OUTSIDE_SESSION) == 3 * (25 - 3)  # 14:45 to 15:15 coincide


def test_rows_outside_hours_off_the_grid_and_on_closed_days_are_told_apart() -> None:
    stray = [at(DAYS[0], "09:00"), at(DAYS[0], "10:07"), at(date(2025, 3, 8), "10:00")]
    ts = np.sort(np.append(EXPECTED, stray))
    placed = {f.fault: (f.count, f.ts_ns) for f in check(sound(ts), EXPECTED).findings}
    assert placed == {
        Fault.OUTSIDE_SESSION: (1, stray[0]),
        Fault.OFF_GRID: (1, stray[1]),
        Fault.UNEXPECTED_SESSION: (1, stray[2]),
    }


def test_a_lone_row_off_the_grid_is_not_also_outside() -> None:
    ts = np.sort(np.append(EXPECTED, at(DAYS[0], "10:07")))
    assert only(check(sound(ts), EXPECTED)).fault is Fault.OFF_GRID


def test_the_pause_of_a_two_part_session_is_outside_it() -> None:
    day = date(2024, 3, 2)  # 09:15 to 10:00 and 11:30 to 12:30
    expected = expected_starts(nse_calendar(), day, day, QUARTER)
    assert len(expected) == 7
    assert check(sound(expected), expected).findings == ()
    with_pause = np.arange(at(day, "09:15"), at(day, "12:30"), QUARTER)
    assert check(sound(with_pause), expected).found(Fault.OUTSIDE_SESSION) == 6


def test_times_in_seconds_or_milliseconds_are_refused_by_name() -> None:
    for unit in (10**9, 10**6, 10**3):
        assert only(check(sound(EXPECTED // unit), EXPECTED)).fault is Fault.TIME_UNIT


def test_a_single_empty_bar_is_flagged_and_an_empty_session_counted_apart() -> None:  # S1-data-13
    raw = sound()
    raw.volume[30] = 0
    raw.volume[75:] = 0  # the whole of the 6th
    verdict = check(raw, EXPECTED)
    placed = {f.fault: (f.count, f.row, f.ts_ns) for f in verdict.findings}
    assert placed == {
        Fault.ZERO_VOLUME_BAR: (1, 30, ROW_30),
        Fault.ZERO_VOLUME_SESSION: (1, 75, at(DAYS[3], "09:15")),
    }
    assert verdict.standing is Standing.FLAGGED


def test_an_empty_session_is_not_also_counted_bar_by_bar() -> None:
    raw = sound()
    raw.volume[75:] = 0
    assert only(check(raw, EXPECTED)).fault is Fault.ZERO_VOLUME_SESSION


def test_no_volume_at_all_is_said_once() -> None:
    raw = sound()
    raw.volume[:] = 0
    assert only(check(raw, EXPECTED)).fault is Fault.NO_VOLUME


def frozen(raw: RawBars, first: int, count: int) -> RawBars:
    for column in raw.columns[1:]:
        column[first : first + count] = column[first]
    return raw


def test_a_feed_that_repeats_itself_is_flagged_from_ten_repetitions() -> None:
    assert check(frozen(sound(), 30, 10), EXPECTED).findings == ()
    finding = only(check(frozen(sound(), 30, 11), EXPECTED))
    assert (finding.fault, finding.count, finding.row) == (Fault.FROZEN, 10, 31)


def test_a_stock_that_does_not_trade_is_not_called_frozen() -> None:
    raw = frozen(sound(), 30, 15)
    raw.volume[30:45] = 0
    assert check(raw, EXPECTED).found(Fault.FROZEN) == 0


def opened_at(ratio: float) -> RawBars:
    """The 5th (row 50) opens at `ratio` of the close before, and stays there."""
    raw = sound()
    factor = ratio * raw.close[49] / raw.open[50]
    for column in raw.columns[1:5]:
        column[50:] *= factor
    return raw


@pytest.mark.parametrize(
    ("ratio", "divisor"),
    [(0.5, "2"), (0.1, "10"), (0.3333, "3"), (0.6557, "1.5"), (0.4, "2.5"), (2.0, "1/2")],
)
def test_a_split_like_opening_refuses_the_symbol(ratio: float, divisor: str) -> None:  # F35
    verdict = check(opened_at(ratio), EXPECTED)
    finding = only(verdict)
    assert (finding.fault, finding.row) == (Fault.SPLIT_LIKE, 50)
    assert finding.detail.endswith(f"near a divisor of {divisor}")
    assert verdict.standing is Standing.REFUSED


@pytest.mark.parametrize(("ratio", "jumps"), [(0.84, 1), (0.72, 1), (1.2, 1), (0.86, 0), (1.1, 0)])
def test_a_large_opening_is_flagged_only(ratio: float, jumps: int) -> None:
    verdict = check(opened_at(ratio), EXPECTED)
    assert verdict.found(Fault.JUMP) == jumps
    assert verdict.standing is (Standing.FLAGGED if jumps else Standing.OK)


def test_a_split_that_is_real_can_be_accepted_and_stays_visible() -> None:
    limits = Limits(accepted=frozenset({Fault.SPLIT_LIKE}))
    bars, verdict = admit(opened_at(0.5), EXPECTED, limits=limits)
    assert bars is not None
    assert verdict.standing is Standing.FLAGGED
    assert verdict.found(Fault.SPLIT_LIKE) == 1


def test_what_cannot_be_read_cannot_be_accepted() -> None:
    with pytest.raises(InputError, match="duplicate cannot be accepted"):
        Limits(accepted=frozenset({Fault.DUPLICATE}))


def test_months_apart_no_ratio_is_a_split() -> None:
    days = (date(2025, 3, 3), date(2025, 9, 1))
    raw = sound(starts(*days))
    for column in raw.columns[1:5]:
        column[25:] *= 0.4
    assert check(raw, starts(*days)).findings == ()


def test_a_jump_inside_a_session_is_flagged_and_never_called_a_split() -> None:
    raw = sound()
    for column in raw.columns[1:5]:
        column[30:50] *= 0.5
    verdict = check(raw, EXPECTED)
    assert verdict.found(Fault.JUMP) == 1  # down at row 30; back up at the opening of row 50
    assert next(f for f in verdict.findings if f.fault is Fault.JUMP).row == 30
    assert next(f for f in verdict.findings if f.fault is Fault.SPLIT_LIKE).row == 50


def test_split_like_is_asked_of_ratios_at_the_decision_too() -> None:  # F35
    ratios = np.array([0.2, 0.5, 0.69, 0.7, 0.8, 1.0, 1.42, 1.43, 2.0])
    assert is_split_like(ratios).tolist() == [True] * 3 + [False] * 4 + [True] * 2


def test_nothing_at_all_is_refused() -> None:
    assert only(check(sound(EXPECTED[:0]), EXPECTED)).fault is Fault.EMPTY


def test_rows_without_one_sound_value_are_refused_not_crashed_on() -> None:
    raw = sound()
    raw.close[:] = np.nan
    finding = only(check(raw, EXPECTED))
    assert (finding.fault, finding.count) == (Fault.NOT_FINITE, 100)


def test_a_single_bar_is_judged_too() -> None:
    assert check(sound(EXPECTED[:1]), EXPECTED[:1]).standing is Standing.OK
    assert check(sound(EXPECTED[:1]), EXPECTED).found(Fault.GAP) == 24


def test_rows_only_exchanged_are_disorder_and_nothing_else() -> None:
    order = np.arange(100)
    order[[40, 41]] = 41, 40
    finding = only(check(sound().take(order), EXPECTED))
    assert (finding.fault, finding.count, finding.row) == (Fault.DISORDER, 1, 41)


def test_columns_of_different_length_are_one_clear_line() -> None:
    with pytest.raises(InputError, match="INFY: columns of different length"):
        check(sound()._replace(close=np.ones(3)), EXPECTED)


def test_without_any_expected_session_every_row_is_on_a_closed_day() -> None:
    assert check(sound(), EXPECTED[:0]).found(Fault.UNEXPECTED_SESSION) == 100


def test_a_daily_bar_is_expected_at_midnight_of_each_session() -> None:
    expected = expected_starts(nse_calendar(), date(2025, 3, 13), date(2025, 3, 17), DAY)
    assert [iso(int(ts))[:16] for ts in expected] == ["2025-03-13T00:00", "2025-03-17T00:00"]


# --- repairs ------------------------------------------------------------------------------------


def damaged() -> RawBars:
    """Shuffled, one row repeated, one told twice differently, one NaN, one range, one stray."""
    raw = sound(np.insert(EXPECTED, 0, at(DAYS[0], "09:00")))
    raw.close[4] = np.nan
    raw.high[8] = raw.close[8] - 1
    raw = raw.take(np.array([*range(50), 20, 21, *range(50, 101)]))
    raw.close[51] += 0.01  # the second telling of row 21
    return raw.take(np.random.default_rng(7).permutation(103))


def test_nothing_is_repaired_unasked() -> None:
    raw = damaged()
    same, findings = repair(raw, EXPECTED, ())
    assert same is raw
    assert findings == ()
    bars, verdict = admit(raw, EXPECTED)
    assert bars is None
    assert verdict.standing is Standing.REFUSED


def test_asked_for_repairs_are_done_counted_and_leave_the_symbol_flagged() -> None:
    bars, verdict = admit(damaged(), EXPECTED, tuple(Repair))
    assert bars is not None
    assert bars.check().count == 99  # 100 expected less the NaN one
    repaired = {f.fault: f.count for f in verdict.findings if f.severity is Severity.REPAIRED}
    disorder = repaired.pop(Fault.DISORDER)
    assert disorder > 0
    assert repaired == {
        Fault.NOT_FINITE: 1,
        Fault.DUPLICATE: 1,
        Fault.CONFLICT: 1,
        Fault.OUTSIDE_SESSION: 1,
        Fault.RANGE: 1,
    }
    assert verdict.found(Fault.GAP) == 1  # the NaN row, now missing
    assert verdict.standing is Standing.FLAGGED


def test_a_repair_does_only_what_its_name_says() -> None:
    bars, verdict = admit(damaged(), EXPECTED, (Repair.SORT, Repair.WIDEN_RANGE))
    assert bars is None
    left = {f.fault for f in verdict.findings if f.severity is Severity.REFUSE}
    assert left == {Fault.NOT_FINITE, Fault.DUPLICATE, Fault.CONFLICT, Fault.OUTSIDE_SESSION}


def test_keep_last_keeps_the_later_row_of_the_file() -> None:
    raw = sound().take(np.array([*range(100), 99]))
    raw.close[100] = 100.25
    mended, _ = repair(raw, EXPECTED, (Repair.KEEP_LAST,))
    assert (len(mended.ts_ns), mended.close[99]) == (100, 100.25)


def test_widening_moves_high_and_low_just_far_enough() -> None:
    raw = sound()
    raw.high[5] = min(raw.open[5], raw.close[5])
    mended, (finding,) = repair(raw, EXPECTED, (Repair.WIDEN_RANGE,))
    assert mended.high[5] == max(raw.open[5], raw.close[5])
    assert (finding.count, finding.row, finding.severity) == (1, 5, Severity.REPAIRED)
    np.testing.assert_array_equal(np.delete(mended.high, 5), np.delete(raw.high, 5))
    assert finding.text.endswith("repaired")


def test_shifted_times_are_moved_back_on_request() -> None:
    bars, verdict = admit(sound(EXPECTED + IST_OFFSET), EXPECTED, (Repair.SHIFT_TIME,))
    assert bars is not None
    np.testing.assert_array_equal(bars.ts_ns, EXPECTED)
    assert verdict.found(Fault.TIME_SHIFT) == 100


def test_repairs_of_sound_bars_change_and_report_nothing() -> None:
    bars, verdict = admit(sound(), EXPECTED, tuple(Repair))
    assert bars is not None
    np.testing.assert_array_equal(bars.close, sound().close)
    assert verdict.standing is Standing.OK


def test_raw_bars_of_bars_are_their_columns() -> None:
    bars, _ = admit(sound(), EXPECTED)
    assert bars is not None
    assert check(RawBars.of(bars), EXPECTED).standing is Standing.OK


# --- the report ---------------------------------------------------------------------------------


def test_the_report_counts_and_prints_worst_first() -> None:
    gapped = sound(np.delete(EXPECTED, 30))
    gapped.high[:2] = 1.0
    report = Report(
        (
            check(sound()._replace(symbol="TCS"), EXPECTED),
            check(sound(np.delete(EXPECTED, 30)), EXPECTED),
            check(gapped._replace(symbol="SBIN"), EXPECTED),
        )
    )
    assert report.summary() == "3 symbols, 298 rows: 1 ok, 1 flagged, 1 refused"
    assert report.having(Standing.REFUSED) == ("SBIN",)
    assert report.totals() == {Fault.RANGE: 2, Fault.GAP: 2}
    kinds = [line.split(": ")[:2] for line in list(report.lines())[1:]]
    assert kinds == [["INFY", "flag"], ["SBIN", "refuse"], ["SBIN", "flag"]]
