"""Whatever is wrong with what is given: one clear line, a code, nothing lost or half written."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tradego.storage.journal import read_journal

pytestmark = pytest.mark.slow  # whole sessions, some in processes of their own

HEAD = "ts_utc_ns,symbol,open,high,low,close,volume\n"
NINE_FIFTEEN = 1_781_840_700_000_000_000  # 19 June 2026, 09:15 IST, a Friday; the 26th is a holiday
SECOND = 10**9
QUARTER, DAY = 900 * SECOND, 86_400 * SECOND


def day(*, symbol: str = "INFY", rows: int = 25) -> list[str]:
    """The bars of one ordinary day."""
    return [
        f"{NINE_FIFTEEN + at * QUARTER},{symbol},100,101,99,100.5,{5000 + at}" for at in range(rows)
    ]


def change(rows: list[str], at: int, **cells: str) -> list[str]:
    names = HEAD.strip().split(",")
    row = dict(zip(names, rows[at].split(","), strict=True)) | cells
    return [*rows[:at], ",".join(row.values()), *rows[at + 1 :]]


def moved(rows: list[str], by_ns: int, **cells: str) -> list[str]:
    times = (str(int(row.split(",")[0]) + by_ns) for row in rows)
    return [change([row], 0, ts_utc_ns=ts, **cells)[0] for row, ts in zip(rows, times, strict=True)]


def written(folder: Path, rows: list[str], head: str = HEAD) -> Path:
    file = folder / "bars.csv"
    file.write_text("\n".join([head.strip(), *rows, ""]))
    return file


GOOD = day()
TCS = day(symbol="TCS")
BOTH = [*GOOD, *TCS]
CASES = {
    "NaN": (change(BOTH, 30, high="nan"), "bars.csv row 31: TCS has rows with NaN or infinity"),
    "infinity": (change(GOOD, 3, close="inf"), "bars.csv row 4: INFY has rows with NaN"),
    "an empty cell": (change(GOOD, 3, low=""), "bars.csv row 4: INFY has rows with NaN"),
    "a negative price": (change(GOOD, 7, low="-99"), "bars.csv row 8: INFY has rows with a price"),
    "a price of zero": (change(GOOD, 7, open="0"), "bars.csv row 8: INFY has rows with a price"),
    "a negative volume": (change(GOOD, 7, volume="-1"), "row 8: INFY has rows with a volume below"),
    "a low above the open": (
        change(GOOD, 7, low="100.2"),
        "row 8: INFY has rows with open or close",
    ),
    "disorder": ([GOOD[1], GOOD[0], *GOOD[2:]], "row 2: INFY has rows earlier than the row before"),
    "a row twice": ([*GOOD[:4], *GOOD[3:]], "bars.csv row 5: INFY has rows repeated exactly"),
    "two values for a time": (
        [*GOOD[:4], *change(GOOD, 3, close="100.6")[3:]],
        "row 5: INFY has rows of one time with different values",
    ),
    "text for a number": (change(GOOD, 7, close="high"), "bars.csv row 8: close 'high' is not"),
    "no symbol": (change(GOOD, 7, symbol=""), "bars.csv row 8: symbol"),
    "no rows": ([], "no bars in bars.csv"),
    "a holiday": (moved(GOOD, 7 * DAY), "rows on days without a session"),
    "Indian time taken for UTC": (
        moved(GOOD, 19_800 * SECOND),
        "Indian wall-clock times were taken for UTC",
    ),
    "seconds for nanoseconds": (
        [change([row], 0, ts_utc_ns=row[:10])[0] for row in GOOD],
        "times that are not nanoseconds",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bars_that_break_the_rules_are_refused_by_file_and_row(typed, tmp_path, name):
    rows, complaint = CASES[name]
    file, out = written(tmp_path, rows), tmp_path / "out"
    done = typed("backtest", "--bars", file, "--strategy", "mean_reversion", "--out", out)
    assert done.code == 2
    assert complaint in done.line
    assert not out.exists() or not list(out.iterdir())


def test_good_bars_pass(typed, tmp_path):
    file, out = written(tmp_path, BOTH), tmp_path / "out"
    done = typed("backtest", "--bars", file, "--strategy", "mean_reversion", "--out", out)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("head", "complaint"),
    [
        (HEAD.replace("volume", "vol"), "bars.csv has no column volume; it has ts_utc_ns, symbol"),
        (HEAD.replace("ts_utc_ns", "time"), "has no column ts_utc_ns or timestamp"),
    ],
)
def test_a_missing_column_is_named(typed, tmp_path, head, complaint):
    file = written(tmp_path, GOOD, head)
    done = typed(
        "backtest", "--bars", file, "--strategy", "mean_reversion", "--out", tmp_path / "o"
    )
    assert (done.code, complaint in done.line) == (2, True)


def test_what_is_mended_is_mended_because_it_was_asked_for_and_counted(typed, tmp_path):
    file, out = written(tmp_path, change(GOOD, 3, low="")), tmp_path / "out"
    words = ("backtest", "--bars", file, "--strategy", "mean_reversion", "--out", out)
    done = typed(*words, "--repair", "drop_invalid")
    assert done.code == 0, done.err
    assert "1 row mended: not finite" in done.out
    assert "1 row mended: not finite" in (out / "report.html").read_text("utf-8")


# S1-data-1: what a file says later must not change what was done earlier
def test_a_symbol_is_used_until_it_looks_split_and_that_is_said(typed, tmp_path):
    halved = moved(GOOD, 3 * DAY, open="50", high="51", low="49", close="50")
    file, out = written(tmp_path, [*GOOD, *halved, *TCS, *moved(TCS, 3 * DAY)]), tmp_path / "out"
    words = ("backtest", "--bars", file, "--strategy", "mean_reversion", "--out", out)
    done = typed(*words)
    said = "INFY was used up to 19 Jun 2026 only"
    assert f"{said}: overnight jumps the size of a split" in done.out
    assert said in (out / "report.html").read_text("utf-8")
    accepted = typed(*words, "--accept", "split_like", "--overwrite")
    assert accepted.code == 0
    assert "was used up to" not in accepted.out
    refused = typed("data", "check", file)
    assert refused.code == 1
    assert "2 symbols, 100 rows: 1 ok, 0 flagged, 1 refused" in refused.out


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("symbol,headline\nINFY,Wins order\n", "column published_ist or published_at is missing"),
        ("symbol,published_at\nINFY,2026-06-26\n", "column headline is missing"),
        ("symbol,headline,published_at\nINFY,Wins,yesterday\n", "news row 1: published time"),
        ("symbol,headline,published_at\nINFY,,2026-06-26\n", "news row 1: INFY: headline without"),
    ],
)
def test_wrong_news_is_refused_by_file_and_row(typed, tmp_path, text, complaint):
    news = tmp_path / "news.csv"
    news.write_text(text)
    words = ("backtest", "--bars", written(tmp_path, GOOD), "--strategy", "news_momentum")
    done = typed(*words, "--news", news, "--out", tmp_path / "out")
    assert done.code == 2
    assert done.line.startswith(str(news))
    assert complaint in done.line


# ---- the database --------------------------------------------------------------------------------


@pytest.fixture
def desk(typed, tmp_path: Path) -> Path:
    """A new desk's folder."""
    assert typed("init", tmp_path / "desk").code == 0
    return tmp_path / "desk"


def test_a_database_of_another_mode_or_account_is_refused(typed, desk, sample):
    file = desk / "tradego.toml"
    file.write_text(file.read_text().replace('account = "paper"', 'account = "other"'))
    words = ("run", "--replay", sample.bars, "--speed", "max", "--headless", "--config", file)
    done = typed(*words)
    assert done.code == 2
    assert "belongs to paper account 'paper', not to paper account 'other'" in done.err
    assert typed("doctor", "--config", file).code == 1


def test_a_second_process_on_a_database_is_refused(process, desk, sample):
    """The first holds the database for as long as it runs; it is stopped by its standard input."""
    hold = (
        "import sys\n"
        "from tradego.storage.journal import open_journal\n"
        "from tradego.storage.stamp import Stamp\n"
        "stamp = Stamp(mode='paper', account='paper', lineage='x', created_ns=0)\n"
        f"journal = open_journal({str(desk / 'tradego.db')!r}, stamp)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        words = ("run", "--replay", sample.bars, "--speed", "max", "--headless")
        done = process(*words, "--config", desk / "tradego.toml")
        assert first.stdin is not None
        first.stdin.close()
    assert done.code == 2
    assert f"is in use by process {first.pid}" in done.err
    assert done.err.count("\n") == 1


def test_a_file_that_is_no_database_is_refused(typed, desk):
    (desk / "tradego.db").write_text("something else")
    done = typed("halt", "--config", desk / "tradego.toml")
    assert done.code == 2
    assert "tradego.db is not a database" in done.line


def test_a_full_disk_ends_in_one_line_and_leaves_a_folder_that_can_be_used_again(
    sample, process, tmp_path
):
    """A limit on the size of a file stands for the disk: the system refuses to write further."""
    out = tmp_path / "out"
    command = (
        f"ulimit -f 64; exec {sys.executable} -m tradego.app.cli backtest --bars {sample.bars} "
        f"--news {sample.news} --strategy news_momentum --out {out}"
    )
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"tradego: {out}")
    assert done.stderr.count("\n") == 1
    words = ("backtest", "--bars", sample.bars, "--news", sample.news, "--out", out)
    assert process(*words, "--strategy", "news_momentum").code == 0


def test_a_full_standard_output_is_told():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tradego.app.cli", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr


def test_a_folder_that_cannot_be_made_is_named(typed, sample):
    words = ("backtest", "--bars", sample.bars, "--strategy", "mean_reversion")
    done = typed(*words, "--out", "/proc/nowhere")
    assert done.code == 1
    assert done.line == "/proc/nowhere: No such file or directory"


def test_nothing_is_lost_when_an_import_is_refused(typed, desk, tmp_path):
    config = ("--config", desk / "tradego.toml")
    assert typed("data", "import", written(tmp_path, GOOD), *config).code == 0
    store = desk / "data" / "bars_15m.parquet"
    before = store.read_bytes()
    done = typed("data", "import", written(tmp_path, change(GOOD, 3, close="-1")), *config)
    assert done.code == 2
    assert store.read_bytes() == before
    assert pl.read_parquet(store).height == 25


def test_a_journal_that_was_changed_is_found_out(typed, finished, tmp_path):
    copy = tmp_path / "journal.db"
    copy.write_bytes((finished / "journal.db").read_bytes())
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE journal SET ts_ns = ts_ns + 1 WHERE seq = 10")
    with read_journal(copy) as journal, pytest.raises(Exception, match="row 10 was changed"):
        journal.verify_chain()
    assert typed("replay", copy, "--verify").code != 0
