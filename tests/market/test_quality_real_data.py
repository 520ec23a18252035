"""The broken days of the real data are refused, flagged or repaired, and always visible."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradego.domain.bars import Bars
from tradego.domain.times import DAY, MINUTE, at, iso, session_date
from tradego.market.adjustments import Adjustment, adjusted
from tradego.market.calendar_tables import nse_calendar
from tradego.market.findings import Fault, Report, Severity, Standing, Verdict
from tradego.market.quality import RawBars, check, expected_starts
from tradego.market.repairs import Repair, admit

pytestmark = pytest.mark.shared_data

QUARTER = 15 * MINUTE
COLUMNS = ("open", "high", "low", "close", "volume")


def raw_bars(frame: pl.DataFrame, interval_ns: int) -> Iterator[RawBars]:
    for (symbol,), rows in frame.group_by("symbol", maintain_order=True):
        floats = (rows[name].cast(pl.Float64).to_numpy() for name in COLUMNS)
        yield RawBars(str(symbol), interval_ns, rows["ts_utc_ns"].to_numpy(), *floats)


def one(folder: Path, file: str, symbol: str, interval_ns: int) -> RawBars:
    frame = pl.read_parquet(folder / file).filter(pl.col("symbol") == symbol)
    return next(raw_bars(frame, interval_ns))


def report(folder: Path, file: str, first: date, last: date, interval_ns: int) -> Report:
    expected = expected_starts(nse_calendar(), first, last, interval_ns)
    frame = pl.read_parquet(folder / file)
    return Report(tuple(check(raw, expected) for raw in raw_bars(frame, interval_ns)))


def faults(verdict: Verdict) -> dict[Fault, int]:
    return {finding.fault: finding.count for finding in verdict.findings}


def test_banknifty_rows_outside_their_range_are_refused_until_widened(shared_data: Path) -> None:
    raw = one(shared_data, "nse_banknifty_index_15min_2018_2023.parquet", "NIFTY BANK", QUARTER)
    days = {session_date(int(ts)) for ts in raw.ts_ns}
    expected = np.concatenate(
        [np.arange(at(day, "09:15"), at(day, "15:30"), QUARTER) for day in sorted(days)]
    )
    verdict = check(raw, expected)
    assert verdict.standing is Standing.REFUSED
    assert faults(verdict) == {Fault.RANGE: 696, Fault.NO_VOLUME: 34_300}

    bars, verdict = admit(raw, expected, (Repair.WIDEN_RANGE,))
    assert bars is not None
    assert [(f.fault, f.count) for f in verdict.findings if f.severity is Severity.REPAIRED] == [
        (Fault.RANGE, 696)
    ]
    assert verdict.standing is Standing.FLAGGED


def test_the_quarter_hours_of_2025(shared_data: Path) -> None:
    found = report(
        shared_data,
        "nse_equity_15min_2025_adjusted.parquet",
        date(2025, 1, 1),
        date(2025, 12, 31),
        QUARTER,
    )
    for verdict in found.verdicts:
        missing = next(f for f in verdict.findings if f.fault is Fault.MISSING_SESSION)
        assert (missing.count, missing.detail) == (2, "2025-06-26, 2025-12-24")
    # An incomplete demerger adjustment that the data's own description does not mention.
    assert found.having(Standing.REFUSED) == ("SIEMENS",)
    refused = next(v for v in found.verdicts if v.symbol == "SIEMENS")
    split = next(f for f in refused.findings if f.fault is Fault.SPLIT_LIKE)
    assert iso(split.ts_ns or 0).startswith("2025-04-07T09:15")
    assert faults(next(v for v in found.verdicts if v.symbol == "TMPV"))[Fault.JUMP] == 2


def test_the_quarter_hours_of_2024(shared_data: Path) -> None:
    found = report(
        shared_data,
        "nse_equity_15min_2024_adjusted.parquet",
        date(2024, 1, 1),
        date(2024, 12, 31),
        QUARTER,
    )
    # April to August, and 2024-12-27; the special sessions of 20 January and 2 March are sound.
    whole_year = faults(next(v for v in found.verdicts if v.symbol == "RELIANCE"))
    assert whole_year == {Fault.MISSING_SESSION: 105}
    assert found.having(Standing.REFUSED) == ("NMDC",)


def test_nmdc_is_refused_where_its_adjustment_stops_and_admitted_with_the_divisor(
    shared_data: Path,
) -> None:
    raw = one(shared_data, "nse_equity_15min_2024_adjusted.parquet", "NMDC", QUARTER)
    expected = expected_starts(nse_calendar(), date(2024, 1, 1), date(2024, 12, 31), QUARTER)
    bars, verdict = admit(raw, expected)
    assert bars is None
    split = next(f for f in verdict.findings if f.fault is Fault.SPLIT_LIKE)
    assert iso(split.ts_ns or 0).startswith("2024-02-27T09:15")
    assert "near a divisor of 3" in split.detail

    mended = _as_bars(raw, Adjustment("NMDC", date(2024, 2, 27), 3.0))
    assert faults(check(mended, expected)) == {Fault.MISSING_SESSION: 105}


def _as_bars(raw: RawBars, *divisors: Adjustment) -> RawBars:
    return RawBars.of(adjusted(Bars(*raw), divisors))


def test_the_saturday_with_542_minutes_is_refused_until_cut_to_its_session(
    shared_data: Path,
) -> None:
    raw = one(shared_data, "nse_index_1min_2009_and_2024q1.parquet", "NIFTY 50", MINUTE)
    raw = raw.take(raw.ts_ns >= at(date(2024, 1, 1), "00:00"))
    expected = expected_starts(nse_calendar(), date(2024, 1, 1), date(2024, 3, 28), MINUTE)
    verdict = check(raw, expected)
    found = faults(verdict)
    assert verdict.standing is Standing.REFUSED
    assert found[Fault.OUTSIDE_SESSION] == 542 - 375
    assert found[Fault.FROZEN] == 162  # what the recorder wrote after the close
    assert Fault.GAP not in found  # 2 March in two parts, 45 and 60 minutes, is complete

    bars, verdict = admit(raw, expected, (Repair.DROP_OUTSIDE,))
    assert bars is not None
    saturday = (bars.ts_ns >= at(date(2024, 1, 20), "00:00")) & (
        bars.ts_ns < at(date(2024, 1, 21), "00:00")
    )
    assert int(saturday.sum()) == 375
    assert verdict.standing is Standing.FLAGGED


def test_the_outages_of_the_tick_recorder_are_gaps(shared_data: Path) -> None:
    found = report(
        shared_data,
        "nse_1min_from_live_ticks_2021_mar_may.parquet",
        date(2021, 3, 26),
        date(2021, 5, 21),
        MINUTE,
    )
    reliance = next(v for v in found.verdicts if v.symbol == "RELIANCE")
    rows = reliance.rows
    expected = len(expected_starts(nse_calendar(), date(2021, 3, 26), date(2021, 5, 21), MINUTE))
    lost_days = next(f for f in reliance.findings if f.fault is Fault.MISSING_SESSION)
    assert faults(reliance)[Fault.GAP] == expected - rows - 375 * lost_days.count


@pytest.mark.parametrize(
    ("symbol", "day", "last"),
    [("RELIANCE", date(2021, 4, 7), "10:34"), ("BHARTIARTL", date(2021, 5, 12), "13:45")],
)
def test_a_day_on_which_the_recorder_stopped_is_stale(
    shared_data: Path, symbol: str, day: date, last: str
) -> None:
    raw = one(shared_data, "nse_1min_from_live_ticks_2021_mar_may.parquet", symbol, MINUTE)
    starts = expected_starts(nse_calendar(), day, day, MINUTE)
    verdict = check(raw.take((raw.ts_ns >= starts[0]) & (raw.ts_ns <= starts[-1])), starts)
    stale = next(f for f in verdict.findings if f.fault is Fault.STALE)
    assert stale.ts_ns == at(day, last)
    assert stale.count == (at(day, "15:29") - at(day, last)) // MINUTE


def test_splits_of_the_unadjusted_daily_file_are_refused_and_mended_by_their_divisors(
    shared_data: Path,
) -> None:
    first, last = date(2024, 9, 2), date(2025, 12, 31)
    frame = (
        pl.read_parquet(shared_data / "nse_equity_daily_2019_2025_unadjusted.parquet")
        .with_columns(day=pl.col("date").str.to_date())
        .filter(pl.col("day").is_between(first, last))
        .with_columns(ts_utc_ns=pl.col("day").map_elements(_midnight, return_dtype=pl.Int64))
        .with_columns(close=pl.col("last"))
    )
    expected = expected_starts(nse_calendar(), first, last, DAY)
    divisors = [d for d in _divisors(shared_data) if first < d.ex_date <= last and d.divisor >= 1.5]
    assert len(divisors) == 20
    for raw in raw_bars(frame, DAY):
        mine = [d for d in divisors if d.symbol == raw.symbol]
        if not mine:
            continue
        split = next(f for f in check(raw, expected).findings if f.fault is Fault.SPLIT_LIKE)
        assert split.count == len(mine), raw.symbol
        assert session_date(split.ts_ns or 0) == mine[0].ex_date, raw.symbol
        assert check(_as_bars(raw, *mine), expected).found(Fault.SPLIT_LIKE) == 0, raw.symbol


def _midnight(day: date) -> int:
    return at(day, "00:00")


def _divisors(folder: Path) -> list[Adjustment]:
    with (folder / "nse_corporate_action_divisors_2024_2026.csv").open() as file:
        rows = [
            Adjustment(row["symbol"], _ex_date(row), float(row["price_divisor"]), row["note"])
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda row: (row.symbol, row.ex_date))


def _ex_date(row: dict[str, str]) -> date:
    # Derived from a file without the session of 27 December, so one session late for that day.
    ex_date = date.fromisoformat(row["ex_date"])
    return date(2024, 12, 27) if ex_date == date(2024, 12, 30) else ex_date
