"""`tradego backtest` on real bars: every price in its bar, every limit kept, broken days told."""

import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from tradego.market.symbols import shipped_directory

pytestmark = pytest.mark.shared_data

D = Decimal
SOME = (
    "RELIANCE,INFY,TCS,HDFCBANK,ICICIBANK,SBIN,ITC,LT,MARUTI,TITAN,SUNPHARMA,TATASTEEL,NTPC,"
    "AXISBANK,BHARTIARTL,HINDALCO,CIPLA,WIPRO,GRASIM,BPCL,BEL,TRENT,PFC,VEDL,CANBK,SIEMENS"
)


class Run:
    """The files of a finished backtest, and the bars it ran on."""

    def __init__(self, folder: Path, bars: Path) -> None:
        def read(name: str):
            return json.loads((folder / f"{name}.json").read_text("utf-8"))

        self.folder = folder
        self.trades, self.held, self.orders = read("trades"), read("open"), read("orders")
        self.summary, self.equity, self.data = read("summary"), read("equity"), read("data")
        self.bars = bars


@pytest.fixture(scope="module", params=["2025", "2024"])
def run(request, shared_data, tmp_path_factory, process) -> Run:
    """The shipped strategies over 26 shares: a year of bars, or a quarter with its headlines."""
    bars = shared_data / f"nse_equity_15min_{request.param}_adjusted.parquet"
    words = ["backtest", "--bars", bars, "--symbols", SOME]
    if request.param == "2025":
        words += ["--strategy", "technical_breakout,mean_reversion"]
    else:
        news = shared_data / "news_nse_headlines_to_2024_03.parquet"
        words += ["--strategy", "news_momentum", "--news", news, "--to", "2024-03-31"]
    out = tmp_path_factory.mktemp("real") / "out"
    done = process(*words, "--out", out)
    assert done.code == 0, done.err
    return Run(out, bars)


def test_every_fill_lies_inside_its_bar(run):
    frame = pl.read_parquet(run.bars)
    bars = {
        (row[0], row[1]): row[2:]
        for row in frame.select("symbol", "ts_utc_ns", "low", "high").iter_rows()
    }
    fills = [(order["symbol"], fill) for order in run.orders for fill in order["fills"]]
    assert fills
    for symbol, fill in fills:
        moment = datetime.fromisoformat(fill["time"])
        start = moment - timedelta(
            minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
        )
        low, high = bars[symbol, round(start.timestamp()) * 10**9]
        assert low <= float(fill["price"]) <= high, (symbol, fill)


def test_the_sums_agree_to_the_paisa(run):
    net = sum((D(trade["net_pnl"]) for trade in run.trades), D(0))
    left = sum((D(it["net_pnl"]) + D(it["unrealized_pnl"]) for it in run.held), D(0))
    assert D(run.summary["net_pnl"]) == net
    assert D(run.summary["ending_equity"]) == D(1_000_000) + net + left
    charges = sum((D(trade["charges"]["total"]) for trade in run.trades), D(0))
    assert D(run.summary["charges_total"]) == charges


def test_no_limit_is_exceeded_at_any_entry(run):
    """Counted anew from the trades alone, at every instant at which something was entered."""
    trades = [*run.trades, *run.held]
    ends = [(row["time"][:10], D(row["equity"])) for row in run.equity]
    sectors = shipped_directory()
    for trade in trades:
        at = trade["entry_time"]
        earlier = [equity for day, equity in ends if day < at[:10]]
        capital = earlier[-1] if earlier else D(1_000_000)
        assert value_of(trade) <= capital / 10
        held = [
            other
            for other in trades
            if other["entry_time"] <= at and (other["exit_time"] is None or at < other["exit_time"])
        ]
        assert len(held) <= 5
        assert sum(map(value_of, held)) <= capital / 2
        assert sum(map(risk_of, held)) <= capital * 3 / 100
        alike = Counter(sectors.sector_of(it["symbol"], date.fromisoformat(at[:10])) for it in held)
        assert max(alike.values()) <= 2


def value_of(trade: dict) -> Decimal:
    return D(trade["entry_price"]) * trade["quantity"]


def risk_of(trade: dict) -> Decimal:
    return max(D(0), D(trade["entry_price"]) - D(trade["initial_stop_loss"])) * trade["quantity"]


def test_nothing_intraday_is_held_over_night_and_entries_end_in_time(run):
    for trade in run.trades:
        if trade["product"] == "I":
            assert trade["entry_time"][:10] == trade["exit_time"][:10]
            assert trade["entry_time"][11:] < "14:55:01"
            assert trade["exit_time"][11:16] <= "15:15"


def test_one_position_a_symbol_at_a_time(run):
    spans = defaultdict(list)
    for trade in run.trades:
        spans[trade["symbol"]].append((trade["entry_time"], trade["exit_time"]))
    for mine in spans.values():
        mine.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(mine))


def test_what_is_broken_in_the_data_is_told(run):
    """The three sessions the source lacks, and the demerger that looks like a split."""
    missing = {
        finding["detail"]
        for verdict in run.data["verdicts"]
        for finding in verdict["findings"]
        if finding["fault"] == "missing_session"
    }
    refused = {v["symbol"] for v in run.data["verdicts"] if is_refused(v)}
    if "2025" in run.bars.name:
        assert "2025-06-26, 2025-12-24" in missing
        assert refused == {"SIEMENS"}
    else:
        assert refused == set()


def is_refused(verdict: dict) -> bool:
    return any(finding["severity"] == 2 for finding in verdict["findings"])


def test_the_journal_is_reproduced_byte_for_byte(run, typed):
    done = typed("replay", run.folder / "journal.db", "--verify", "--json")
    assert (done.code, json.loads(done.out)["verified"]) == (0, True)


@pytest.mark.slow
def test_the_whole_file_runs_in_seconds(shared_data, process, tmp_path):
    bars = shared_data / "nse_equity_15min_2025_adjusted.parquet"
    words = ("backtest", "--bars", bars, "--strategy", "technical_breakout,mean_reversion")
    done = process(*words, "--out", tmp_path / "out", "--json")
    assert done.code == 0, done.err
    summary = json.loads(done.out)
    assert summary["trades"] > 300
    assert D(summary["net_pnl"]) < 0  # neither strategy pays its charges on this year, as they ship
    html = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "150 symbols" in html
    assert "SIEMENS was used up to 4 Apr 2025 only" in html
    assert "after charges" in html
