"""Bar files: what is read is what is there, and what cannot be read is said with its row."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.times import DAY, MINUTE, SECOND, at
from tradego.market.quality import RawBars
from tradego.storage.bar_store import BarCache, BarStore, Imported
from tradego.storage.bars import joined, read_bars, row_in_file, write_bars

MONDAY = date(2025, 3, 3)
OPEN = at(MONDAY, "09:15")
HEAD = "ts_utc_ns,symbol,open,high,low,close,volume\n"


def bars(symbol: str, count: int, *, start: int = OPEN, step: int = 15 * MINUTE) -> Bars:
    ramp = np.arange(count, dtype=np.float64)
    return Bars(
        symbol=symbol,
        interval_ns=step,
        ts_ns=start + np.arange(count) * step,
        open=100 + ramp,
        high=101 + ramp,
        low=99 + ramp,
        close=100.5 + ramp,
        volume=1000 + ramp,
    )


def same(raw: RawBars, expected: Bars) -> bool:
    pairs = zip(raw.columns, RawBars.of(expected).columns, strict=True)
    alike = all(np.array_equal(ours, theirs, equal_nan=True) for ours, theirs in pairs)
    return alike and (raw.symbol, raw.interval_ns) == (expected.symbol, expected.interval_ns)


def csv(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "bars.csv"
    path.write_text(head + "".join(line + "\n" for line in lines))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as refused:
        read_bars(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


# ---- reading -------------------------------------------------------------------------------------


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    written = [bars("TCS", 5), bars("INFY", 3)]
    write_bars(path, written)
    read = read_bars(path)
    assert [part.symbol for part in read] == ["TCS", "INFY"]
    assert all(same(part, whole) for part, whole in zip(read, written, strict=True))
    assert [p.name for p in tmp_path.iterdir()] == ["bars.parquet"]


def test_a_csv_says_the_same_as_a_parquet_file(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        f"{OPEN},INFY,100,101,99,100.5,1000",
        f"{OPEN + 15 * MINUTE},INFY,101,102.0,100,101.5,1001",
    )
    [read] = read_bars(path)
    assert same(read, bars("INFY", 2))


def test_whole_volumes_become_numbers_like_the_others(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(path, [bars("INFY", 4)])
    pl.read_parquet(path).with_columns(pl.col("volume").cast(pl.Int64)).write_parquet(path)
    [read] = read_bars(path)
    assert read.volume.dtype == np.float64
    assert same(read, bars("INFY", 4))


def test_symbols_that_take_turns_are_put_together_in_the_order_of_their_rows(
    tmp_path: Path,
) -> None:
    path = csv(
        tmp_path,
        f"{OPEN + MINUTE},TCS,2,2,2,2,2",
        f"{OPEN},INFY,1,1,1,1,1",
        f"{OPEN},TCS,3,3,3,3,3",  # out of order in time: that is for the quality check to find
        f"{OPEN + MINUTE},INFY,4,4,4,4,4",
    )
    tcs, infy = read_bars(path, interval_ns=MINUTE)
    assert (tcs.symbol, list(tcs.close), list(tcs.ts_ns)) == ("TCS", [2, 3], [OPEN + MINUTE, OPEN])
    assert (infy.symbol, list(infy.close)) == ("INFY", [1, 4])
    assert row_in_file(path, "TCS", 1) == 3


def test_a_file_of_many_pieces_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    whole = [bars("INFY", 300), bars("TCS", 300)]
    write_bars(path, whole)
    pl.read_parquet(path).write_parquet(path, row_group_size=64)
    read = read_bars(path)
    assert all(same(part, expected) for part, expected in zip(read, whole, strict=True))
    assert all(column.flags.c_contiguous for part in read for column in part.columns)


def test_a_large_file_is_read_the_same_way(tmp_path: Path, shared: list[Bars]) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(path, shared)
    assert path.stat().st_size > 8_000_000
    read = read_bars(path)
    assert all(same(part, expected) for part, expected in zip(read, shared, strict=True))


@pytest.fixture(scope="module")
def shared() -> list[Bars]:
    """Noise, so that it cannot be packed, and enough of it to be read a column at a time."""
    dice = np.random.default_rng(5)
    made = []
    for name in ("INFY", "TCS"):
        columns = dice.random((5, 120_000))
        ts_ns = OPEN + np.arange(120_000) * MINUTE
        made.append(Bars(name, MINUTE, ts_ns, *columns))
    return made


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-03T09:15:00+05:30",
        "2025-03-03 09:15:00+05:30",
        "2025-03-03T03:45:00Z",
        "2025-03-03T03:45:00.000+00:00",
    ],
)
def test_a_time_is_read_with_its_zone(tmp_path: Path, written: str) -> None:
    head = HEAD.replace("ts_utc_ns", "timestamp")
    path = csv(tmp_path, f"{written},INFY,1,1,1,1,1", head=head)
    [read] = read_bars(path, interval_ns=MINUTE)
    assert list(read.ts_ns) == [OPEN]


def test_times_of_a_parquet_file_may_be_times(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(path, [bars("INFY", 2)])
    india = timezone(timedelta(hours=5, minutes=30))
    frame = pl.read_parquet(path).drop("ts_utc_ns")
    times = [datetime(2025, 3, 3, 9, minute, tzinfo=india) for minute in (15, 30)]
    frame.with_columns(pl.Series("timestamp", times)).write_parquet(path)
    [read] = read_bars(path)
    assert same(read, bars("INFY", 2))


def test_only_what_is_asked_for_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(path, [bars("INFY", 8), bars("TCS", 8), bars("SBIN", 8)])
    read = read_bars(
        path,
        symbols=["SBIN", "INFY"],
        start_ns=OPEN + 30 * MINUTE,
        end_ns=OPEN + 75 * MINUTE,
    )
    assert [part.symbol for part in read] == ["INFY", "SBIN"]
    assert list(read[0].close) == [102.5, 103.5, 104.5]
    assert read_bars(path, symbols=["ABSENT"]) == []


# ---- the interval --------------------------------------------------------------------------------


def test_the_interval_is_the_commonest_step(tmp_path: Path) -> None:
    starts = [0, 15, 30, 45, 105, 120, 1440]  # minutes: an hour is missing, and a night goes by
    path = csv(tmp_path, *(f"{OPEN + m * MINUTE},INFY,1,1,1,1,1" for m in starts))
    assert [part.interval_ns for part in read_bars(path)] == [15 * MINUTE]


def test_steps_between_symbols_and_repeated_times_say_nothing(tmp_path: Path) -> None:
    rows = [("INFY", 0), ("INFY", 0), ("INFY", 5), ("TCS", 1), ("TCS", 1), ("TCS", 6)]
    path = csv(tmp_path, *(f"{OPEN + m * MINUTE},{name},1,1,1,1,1" for name, m in rows))
    assert {part.interval_ns for part in read_bars(path)} == {5 * MINUTE}


def test_one_bar_has_no_interval_unless_it_is_given(tmp_path: Path) -> None:
    path = csv(tmp_path, f"{OPEN},INFY,1,1,1,1,1")
    assert refusal(path) == "bars.csv: too few bars to tell their interval; give it"
    assert read_bars(path, interval_ns=DAY)[0].interval_ns == DAY


def test_an_empty_file_has_no_symbols(tmp_path: Path) -> None:
    assert read_bars(csv(tmp_path)) == []


# ---- refusals ------------------------------------------------------------------------------------


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    path = csv(tmp_path, "1,INFY,1", head="ts_utc_ns,symbol,open\n")
    assert refusal(path) == "bars.csv has no column high; it has ts_utc_ns, symbol, open"
    path = csv(tmp_path, "INFY,1,1,1,1,1", head=HEAD.replace("ts_utc_ns,", ""))
    assert refusal(path).startswith("bars.csv has no column ts_utc_ns or timestamp; it has symbol")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{ts},INFY,1,1,1,abc,1", "row 2: close 'abc' is not a number"),
        ('{ts},INFY,"1,234.5",1,1,1,1', "row 2: open '1,234.5' is not a number"),
        ("soon,INFY,1,1,1,1,1", "row 2: ts_utc_ns 'soon' is not a time with its zone"),
        (",INFY,1,1,1,1,1", "row 2: ts_utc_ns None is not a time with its zone"),
        ("{ts},,1,1,1,1,1", "row 2: symbol None is not a symbol"),
    ],
)
def test_a_cell_that_is_not_what_it_should_be_is_refused_with_its_row(
    tmp_path: Path, line: str, said: str
) -> None:
    path = csv(tmp_path, f"{OPEN},INFY,1,1,1,1,1", line.format(ts=OPEN + MINUTE))
    assert refusal(path).startswith(f"bars.csv {said}")


@pytest.mark.parametrize("written", ["2025-03-03 09:15:00", "2025-03-03", "03/03/2025 09:15"])
def test_a_time_without_a_zone_is_not_guessed_at(tmp_path: Path, written: str) -> None:
    head = HEAD.replace("ts_utc_ns", "timestamp")
    path = csv(tmp_path, f"{written},INFY,1,1,1,1,1", head=head)
    assert refusal(path) == (
        f"bars.csv row 1: timestamp {written!r} is not a time with its zone "
        "(2025-03-03T10:15:00+05:30)"
    )


def test_an_empty_or_nan_number_is_left_for_the_quality_check(tmp_path: Path) -> None:
    path = csv(tmp_path, f"{OPEN},INFY,1,1,1,,1", f"{OPEN + MINUTE},INFY,nan,-5,1,1,1")
    [read] = read_bars(path)
    assert np.isnan(read.close[0])
    assert np.isnan(read.open[1])
    assert read.high[1] == -5


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("close", [True, False], "column close holds Boolean, not numbers"),
        ("ts_utc_ns", [1.5, 2.5], "column ts_utc_ns holds Float64, not integers"),
    ],
)
def test_a_column_of_the_wrong_type_is_refused(
    tmp_path: Path, column: str, values: list[object], said: str
) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(path, [bars("INFY", 2)])
    pl.read_parquet(path).with_columns(pl.Series(column, values)).write_parquet(path)
    assert refusal(path) == f"bars.parquet: {said}"


def test_times_without_a_zone_in_a_parquet_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(path, [bars("INFY", 2)])
    times = pl.Series("timestamp", [datetime(2025, 3, 3, 9, minute) for minute in (15, 30)])  # noqa: DTZ001
    pl.read_parquet(path).drop("ts_utc_ns").with_columns(times).write_parquet(path)
    assert "which has no zone; write +05:30" in refusal(path)


def test_what_is_not_a_bar_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bars.parquet").write_text("not parquet")
    assert refusal(tmp_path / "bars.parquet").startswith("bars.parquet cannot be read: ")
    (tmp_path / "bars.xlsx").write_text("")
    assert refusal(tmp_path / "bars.xlsx") == "bars.xlsx is neither .parquet nor .csv"
    assert refusal(tmp_path / "absent.csv").endswith("absent.csv not found")


def test_half_a_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(path, [bars("INFY", 200)])
    path.write_bytes(path.read_bytes()[:-100])
    assert refusal(path).startswith("bars.parquet cannot be read: ")


# ---- several files -------------------------------------------------------------------------------


def test_files_are_joined_by_symbol_in_the_order_given() -> None:
    first, second = RawBars.of(bars("INFY", 2)), RawBars.of(bars("INFY", 3, start=OPEN + DAY))
    other = RawBars.of(bars("TCS", 1))
    infy, tcs = joined([first, other, second])
    assert list(infy.ts_ns) == [*first.ts_ns, *second.ts_ns]
    assert list(infy.volume) == [*first.volume, *second.volume]
    assert tcs is other


def test_files_of_different_intervals_are_not_joined() -> None:
    with pytest.raises(InputError, match="INFY has bars of different intervals"):
        joined([RawBars.of(bars("INFY", 2)), RawBars.of(bars("INFY", 2, step=MINUTE))])


# ---- store and cache -----------------------------------------------------------------------------


def test_the_store_keeps_a_file_for_each_symbol_and_interval(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    for symbol in ("M&M", "NIFTY 50", "../INFY", "TCS"):
        assert store.put(bars(symbol, 3)) == Imported(3, 0)
    store.put(bars("TCS", 2, step=DAY))
    assert store.symbols(15 * MINUTE) == ["../INFY", "M&M", "NIFTY 50", "TCS"]
    assert store.symbols(DAY) == ["TCS"]
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")) == [
        "15min/..%2FINFY.parquet",
        "15min/M&M.parquet",
        "15min/NIFTY 50.parquet",
        "15min/TCS.parquet",
        "1day/TCS.parquet",
    ]


def test_new_bars_join_those_there_are_and_count_where_both_have_a_time(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    store.put(bars("INFY", 4))
    later = bars("INFY", 4, start=OPEN + 30 * MINUTE)  # the third and fourth, and two more
    assert store.put(later) == Imported(2, 2)
    kept = store.get("INFY", 15 * MINUTE)
    assert kept is not None
    assert list(kept.close) == [100.5, 101.5, 100.5, 101.5, 102.5, 103.5]
    assert list(np.diff(kept.ts_ns)) == [15 * MINUTE] * 5


def test_the_store_gives_a_part_or_nothing(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    store.put(bars("INFY", 4))
    part = store.get("INFY", 15 * MINUTE, start_ns=OPEN + 15 * MINUTE, end_ns=OPEN + 45 * MINUTE)
    assert part is not None
    assert list(part.open) == [101, 102]
    assert store.get("INFY", 15 * MINUTE, start_ns=OPEN + DAY) is None
    assert store.get("TCS", 15 * MINUTE) is None


@pytest.mark.parametrize(
    ("step", "asked_after", "kept_for"),
    [
        (15 * MINUTE, 0, 5 * MINUTE),  # five minutes, the next close being far
        (15 * MINUTE, 12 * MINUTE, 3 * MINUTE),  # not past the next close
        (MINUTE, 10 * SECOND, 50 * SECOND),
        (15 * MINUTE, 100 * MINUTE, 5 * MINUTE),  # long after the last bar: the grid goes on
    ],
)
def test_the_cache_keeps_bars_for_five_minutes_but_not_past_the_next_close(
    step: int, asked_after: int, kept_for: int
) -> None:
    # S1-data-2
    cache, fresh = BarCache(), bars("INFY", 3, step=step)
    now = int(fresh.close_ns[-1]) + asked_after
    cache.put(fresh, now)
    assert cache.get("INFY", step, now) is fresh
    assert cache.get("INFY", step, now + kept_for - 1) is fresh
    assert cache.get("INFY", step, now + kept_for) is None
    assert cache.get("INFY", 2 * step, now) is None
    assert cache.get("TCS", step, now) is None


def test_nothing_is_not_kept() -> None:
    cache = BarCache()
    cache.put(bars("INFY", 0), OPEN)
    assert cache.get("INFY", 15 * MINUTE, OPEN) is None
