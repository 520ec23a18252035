"""`tradego data`: what comes in is judged first, merged once, and reconciled with the broker."""

import json
from pathlib import Path

import polars as pl
import pytest


@pytest.fixture
def desk(typed, tmp_path: Path) -> Path:
    """A new desk's configuration."""
    assert typed("init", tmp_path / "desk").code == 0
    return tmp_path / "desk" / "tradego.toml"


def store(desk: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(desk.parent / "data" / name)


def test_bars_and_news_go_to_the_data_folder_and_the_same_again_changes_nothing(
    typed, desk, sample
):
    words = ("data", "import", sample.bars, sample.news, "--config", desk, "--json")
    first = json.loads(typed(*words).out)
    assert len(first["bars"]["verdicts"]) == 16
    bars = (desk.parent / "data" / "bars_15m.parquet").read_bytes()
    assert store(desk, "bars_15m.parquet").height == 16 * 40 * 25
    headlines = sample.news.read_text().count("\n") - 1
    assert first["headlines_added"] == store(desk, "news.parquet").height == headlines
    second = json.loads(typed(*words).out)
    assert (second["headlines_added"], second["headlines_repeated"]) == (0, headlines)
    assert (desk.parent / "data" / "bars_15m.parquet").read_bytes() == bars


def test_what_was_imported_trades_as_the_file_did(typed, desk, sample, finished, tmp_path):
    typed("data", "import", sample.bars, sample.news, "--config", desk)
    data = desk.parent / "data"
    words = ("--bars", data / "bars_15m.parquet", "--news", data / "news.parquet")
    names = "news_momentum,technical_breakout,mean_reversion"
    assert typed("backtest", *words, "--strategy", names, "--out", tmp_path / "out").code == 0
    ours = json.loads((tmp_path / "out" / "trades.json").read_text())
    assert ours == json.loads((finished / "trades.json").read_text())


def test_a_later_import_adds_days_and_a_different_value_is_refused(typed, desk, sample, tmp_path):
    whole = pl.read_parquet(sample.bars)
    middle = whole["ts_utc_ns"].median()
    early, late = tmp_path / "early.parquet", tmp_path / "late.csv"
    whole.filter(pl.col("ts_utc_ns") <= middle + 10**15).write_parquet(early)
    whole.filter(pl.col("ts_utc_ns") > middle).write_csv(late)
    for file in (early, late):
        done = typed("data", "import", file, "--config", desk)
        assert done.code == 0, done.err
    assert store(desk, "bars_15m.parquet").equals(whole)
    other = tmp_path / "other.parquet"
    whole.head(25).with_columns(close=pl.col("low")).write_parquet(other)
    assert (
        "rows of one time with different values"
        in typed("data", "import", other, "--config", desk).line
    )
    assert typed("data", "import", other, "--config", desk, "--repair", "keep_last").code == 0
    stored = store(desk, "bars_15m.parquet")
    assert stored.height == whole.height
    assert stored.head(25)["close"].equals(whole.head(25)["low"], check_names=False)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a,b\n1,2\n", "holds neither bars (open, high, low, close, volume), news"),
        ("symbol,headline,published_at\nX,,2026-01-01\n", "news row 1: X: headline without text"),
    ],
)
def test_a_file_of_no_known_kind_is_refused(typed, desk, tmp_path, text, complaint):
    file = tmp_path / "thing.csv"
    file.write_text(text)
    done = typed("data", "import", file, "--config", desk)
    assert done.code == 2
    assert complaint in done.line


def test_bars_without_a_desk_have_nowhere_to_go(typed, sample, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "make one with `tradego init`" in typed("data", "import", sample.bars).line


def test_a_check_tells_every_symbol_and_fails_on_a_refused_one(typed, sample, tmp_path):
    done = typed("data", "check", sample.bars)
    assert done.code == 0
    assert done.out.splitlines()[0] == "16 symbols, 16000 rows: 16 ok, 0 flagged, 0 refused"
    spoilt = tmp_path / "spoilt.parquet"
    zero = pl.when(pl.int_range(pl.len()) == 700).then(0.0).otherwise(pl.col("low"))
    pl.read_parquet(sample.bars).with_columns(low=zero).write_parquet(spoilt)
    done = typed("data", "check", spoilt)
    assert done.code == 1
    assert "15 ok, 0 flagged, 1 refused" in done.out
    assert "spoilt.parquet row 701: ASHOKA: refuse: rows with a price of zero or less" in done.out
    mended = json.loads(typed("data", "check", spoilt, "--repair", "drop_invalid", "--json").out)
    faults = {f["fault"] for verdict in mended["verdicts"] for f in verdict["findings"]}
    assert "not_finite" in faults


# A-run-1
def test_a_sample_is_the_same_for_the_same_seed_and_fit_to_trade_on(typed, tmp_path):
    files = [tmp_path / f"{name}.parquet" for name in "abc"]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        assert typed("data", "sample", file, "--sessions", 3, "--seed", seed).code == 0
    one, same, other = (file.read_bytes() for file in files)
    assert one == same != other
    assert typed("data", "check", files[0]).code == 0
    assert "exists; name another file" in typed("data", "sample", files[0]).line
    assert "--sessions 0 is not between" in typed("data", "sample", "x", "--sessions", 0).line


BOOK = (
    "symbol,isin,trade_date,exchange,segment,series,trade_type,auction,quantity,price,trade_id,"
    "order_id,order_execution_time\n"
    "INFY,INE009A01021,2025-01-06,NSE,EQ,EQ,buy,false,10,1900,1,1,2025-01-06T10:00:00\n"
    "INFY,INE009A01021,2025-01-07,NSE,EQ,EQ,sell,false,10,1950,2,2,2025-01-07T10:00:00\n"
    "TCS,INE467B01029,2025-01-07,NSE,EQ,EQ,sell,false,5,4000,3,3,2025-01-07T10:00:00\n"
)
PNL = (
    "Symbol,Quantity,Buy Value,Sell Value,Realized P&L,term\n"
    "INFY,10,19000,19500,500,short_term\nTCS,5,15000,20000,5000,long_term\n"
)


@pytest.fixture
def broker_files(tmp_path: Path) -> tuple[Path, Path]:
    book, pnl = tmp_path / "book.csv", tmp_path / "pnl.csv"
    book.write_text(BOOK)
    pnl.write_text(PNL)
    return book, pnl


def test_a_tradebook_is_reconciled_with_the_brokers_own_profit(typed, broker_files):
    done = typed("data", "import", *broker_files)
    assert done.code == 0, done.err
    assert "2 symbols: 1 equal, 1 with lots bought before the tradebook begins, 0 that" in done.out
    told = json.loads(typed("data", "import", *broker_files, "--json").out)["reconciliation"]
    verdicts = {check["symbol"]: check["verdict"] for check in told["checks"]}
    assert verdicts == {"INFY": "EQUAL", "TCS": "MISSING_OPENING_LOTS"}


def test_a_tradebook_alone_is_refused(typed, broker_files):
    done = typed("data", "import", broker_files[0])
    assert "1 tradebooks and 0 P&L reports: give one of each" in done.line


@pytest.mark.shared_data
def test_the_real_tradebook_comes_out_as_the_broker_says(typed, shared_data):
    folder = shared_data / "broker_exports"
    book, pnl = folder / "zerodha_tradebook_fy2024-25.csv", folder / "zerodha_tax_pnl_fy2024-25.csv"
    done = typed("data", "import", book, pnl)
    assert (
        "60 symbols: 25 equal, 25 with lots bought before the tradebook begins, 10 that disagree "
        "with it or are absent from it."
    ) in done.out


def halved(sample: Path, since: int, file: Path) -> Path:
    """The sample's bars of one symbol from a time on, at half the price."""
    frame = pl.read_parquet(sample).filter(
        (pl.col("symbol") == "TEAK") & (pl.col("ts_utc_ns") >= since)
    )
    frame.with_columns(pl.col("open", "high", "low", "close") / 2).write_parquet(file)
    return file


def test_bars_that_do_not_fit_what_is_there_are_refused_and_nothing_is_lost(
    typed, desk, sample, tmp_path
):
    whole = pl.read_parquet(sample.bars)
    days = whole["ts_utc_ns"].unique().sort()
    early, later = int(days[20 * 25]), tmp_path / "later.parquet"
    first = tmp_path / "first.parquet"
    whole.filter(pl.col("ts_utc_ns") < early).write_parquet(first)
    halved(sample.bars, early, later)
    assert typed("data", "import", first, "--config", desk).code == 0
    done = typed("data", "import", later, "--config", desk)
    assert done.code == 2
    assert "TEAK does not fit what is in bars_15m.parquet: overnight jumps" in done.line
    assert store(desk, "bars_15m.parquet").height == 16 * 20 * 25
    assert typed("data", "import", later, "--config", desk, "--accept", "split_like").code == 0
    assert store(desk, "bars_15m.parquet").height == 16 * 20 * 25 + 20 * 25
    assert typed("data", "import", first, "--config", desk, "--accept", "split_like").code == 0
    assert store(desk, "bars_15m.parquet").height == 16 * 20 * 25 + 20 * 25


def test_a_refused_symbol_is_told_and_the_others_are_taken(typed, desk, sample, tmp_path):
    whole = pl.read_parquet(sample.bars)
    middle = int(whole["ts_utc_ns"].unique().sort()[20 * 25])
    split = (pl.col("symbol") == "TEAK") & (pl.col("ts_utc_ns") >= middle)
    prices = [
        pl.when(split).then(pl.col(name) / 2).otherwise(pl.col(name)).alias(name)
        for name in ("open", "high", "low", "close")
    ]
    file = tmp_path / "split.parquet"
    whole.with_columns(prices).write_parquet(file)
    done = typed("data", "import", file, "--config", desk)
    assert done.code == 0
    assert "15 ok, 0 flagged, 1 refused" in done.out
    assert store(desk, "bars_15m.parquet")["symbol"].n_unique() == 15
