"""`tradego backtest`: the files other programs read, and that the same run makes the same files."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest

pytestmark = pytest.mark.slow  # whole sessions, some in processes of their own

D = Decimal
FILES = (
    "trades.json",
    "orders.json",
    "open.json",
    "equity.json",
    "summary.json",
    "journal.db",
    "report.html",
)


def read(folder: Path, name: str):
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def bars_by_time(file: Path) -> dict[tuple[str, datetime], dict]:
    """Every bar, by symbol and start."""
    frame = pl.read_parquet(file)
    return {
        (row["symbol"], datetime.fromtimestamp(row["ts_utc_ns"] / 1e9, UTC)): row
        for row in frame.iter_rows(named=True)
    }


def bar_of(moment: datetime, minutes: int = 15) -> datetime:
    """The start of the bar in which an instant lies; Indian bars begin on the quarter hour."""
    return moment - timedelta(
        minutes=moment.minute % minutes, seconds=moment.second, microseconds=moment.microsecond
    )


def backtest(typed, bars: Path, out: Path, *more: object, strategy: str = "news_momentum") -> dict:
    words = ("backtest", "--bars", bars, "--strategy", strategy, "--out", out, "--json", *more)
    done = typed(*words)
    assert done.code == 0, done.err
    return json.loads(done.out)


# ---- the files -----------------------------------------------------------------------------------


def has(row: dict, names: str) -> bool:
    return set(names.split()) <= set(row)


def test_every_file_is_written_and_has_the_fields_others_rely_on(finished):
    assert all((finished / name).stat().st_size for name in FILES)
    trade, order = read(finished, "trades")[0], read(finished, "orders")[0]
    summary, equity = read(finished, "summary"), read(finished, "equity")[0]
    assert has(
        trade,
        "trade_id symbol strategy product direction quantity signal_time entry_time entry_price "
        "exit_time exit_price exit_reason stop_loss target risk_amount confidence gross_pnl "
        "charges net_pnl pnl_percent news_score tech_score entry_order_id target_order_id "
        "sl_order_id initial_stop_loss r_multiple mae mfe holding_minutes",
    )
    assert has(trade["charges"], "brokerage stt exchange ipft sebi stamp gst dp total")
    assert has(
        order, "order_id tag trade_id role symbol side quantity type price trigger states fills"
    )
    assert has(equity, "time equity cash unrealized")
    assert has(
        summary,
        "starting_capital ending_equity net_pnl charges_total trades win_rate average_rr "
        "average_winner average_loser largest_win largest_loss profit_factor sharpe sortino "
        "max_drawdown_pct intraday swing by_strategy refusals bars seconds bars_per_second run_id "
        "code_version config_hash",
    )
    assert isinstance(trade["entry_price"], str)
    assert isinstance(trade["quantity"], int)
    assert trade["entry_time"].endswith("+05:30")


def test_there_is_enough_to_judge_by(finished):
    trades = read(finished, "trades")
    assert len(trades) >= 50
    assert {trade["strategy"] for trade in trades} == {
        "news_momentum",
        "technical_breakout",
        "mean_reversion",
    }


def test_every_price_lies_inside_the_bar_in_which_it_happened(finished, sample):
    bars = bars_by_time(sample.bars)
    for trade in read(finished, "trades"):
        for end in ("entry", "exit"):
            bar = bars[trade["symbol"], bar_of(utc(trade[f"{end}_time"]))]
            assert bar["low"] <= float(trade[f"{end}_price"]) <= bar["high"], trade["trade_id"]
    for order in read(finished, "orders"):
        for fill in order["fills"]:
            bar = bars[order["symbol"], bar_of(utc(fill["time"]))]
            assert bar["low"] <= float(fill["price"]) <= bar["high"], order["order_id"]


def test_an_entry_fills_after_its_signal_and_within_its_limit(finished):
    orders = {order["order_id"]: order for order in read(finished, "orders")}
    for trade in read(finished, "trades"):
        entry = orders[trade["entry_order_id"]]
        assert utc(trade["signal_time"]) < utc(trade["entry_time"]) <= utc(trade["exit_time"])
        assert D(trade["entry_price"]) <= D(entry["price"])
        assert entry["states"][0]["state"] == "PLANNED"


def test_the_profit_of_the_trades_is_the_profit_of_the_account(finished):
    summary, trades = read(finished, "summary"), read(finished, "trades")
    held = read(finished, "open")
    net = sum(D(trade["net_pnl"]) for trade in trades)
    assert D(summary["net_pnl"]) == net
    for trade in trades:
        assert D(trade["net_pnl"]) == D(trade["gross_pnl"]) - D(trade["charges"]["total"])
        moved = D(trade["exit_price"]) - D(trade["entry_price"])
        assert D(trade["gross_pnl"]) == moved * trade["quantity"]
    left = sum(D(it["net_pnl"]) + D(it["unrealized_pnl"]) for it in held)
    assert D(summary["ending_equity"]) == D(summary["starting_capital"]) + net + left
    assert D(read(finished, "equity")[-1]["equity"]) == D(summary["ending_equity"])


def paisa(amount: Decimal) -> Decimal:
    return amount.quantize(D("0.01"), ROUND_HALF_UP)


def test_charges_come_out_as_worked_out_by_hand(finished):
    """The published rates for cash intraday at Zerodha on NSE from March 2026, order by order."""
    orders = {order["order_id"]: order for order in read(finished, "orders")}
    alone = defaultdict(list)
    for trade in read(finished, "trades"):
        alone[trade["symbol"], trade["entry_time"][:10]].append(trade)
    checked = 0
    for trades in alone.values():
        trade = trades[0]
        filled = [
            order
            for order in orders.values()
            if order["trade_id"] == trade["trade_id"] and order["fills"]
        ]
        if len(trades) > 1 or trade["product"] != "I" or len(filled) != 2:
            continue
        bought, sold = (
            sum(D(fill["price"]) * fill["quantity"] for fill in order["fills"])
            for order in sorted(filled, key=lambda order: order["side"])
        )
        brokerage = sum(min(D(20), paisa(value * D("0.0003"))) for value in (bought, sold))
        turnover = bought + sold
        exchange, sebi = paisa(turnover * D("0.0000297")), paisa(turnover * D("0.000001"))
        ipft = paisa(turnover * D("0.000001"))
        assert trade["charges"] == {
            "brokerage": str(brokerage.quantize(D("0.01"))),
            "stt": f"{(turnover / 2 * D('0.00025')).quantize(D(1), ROUND_HALF_UP)}.00",
            "exchange": str(exchange),
            "ipft": str(ipft),
            "sebi": str(sebi),
            "stamp": str(paisa(bought * D("0.00003"))),
            "gst": str(paisa((brokerage + exchange + sebi + ipft) * D("0.18"))),
            "dp": "0.00",
            "total": trade["charges"]["total"],
        }
        parts = (D(amount) for name, amount in trade["charges"].items() if name != "total")
        assert D(trade["charges"]["total"]) == sum(parts)
        checked += 1
    assert checked >= 20


def test_no_limit_is_exceeded_and_nothing_intraday_is_held_over_night(finished):
    """Counted from the trades alone: at most 5 positions, 2 a sector, 10 % of what is free each."""
    trades = read(finished, "trades") + read(finished, "open")
    for trade in trades:
        value = D(trade["entry_price"]) * trade["quantity"]
        assert value <= D(100_000) * D("1.2")  # the account grows; a tenth of it is the cap
        if trade["product"] == "I":
            assert trade["entry_time"][:10] == trade["exit_time"][:10]
            assert trade["exit_time"][11:16] <= "15:15"
    moments = sorted({trade["entry_time"] for trade in trades})
    for moment in moments:
        at = utc(moment)
        held = [
            trade
            for trade in trades
            if utc(trade["entry_time"]) <= at
            and (trade["exit_time"] is None or at < utc(trade["exit_time"]))
        ]
        assert len({trade["symbol"] for trade in held}) <= 5


def test_equity_has_a_row_for_every_session(finished, sample):
    sessions = {start.date() for _, start in bars_by_time(sample.bars)}
    assert {utc(row["time"]).date() for row in read(finished, "equity")} == sessions


def test_the_journal_makes_the_same_effects_again(finished, typed):
    done = typed("replay", finished / "journal.db", "--verify", "--json")
    assert done.code == 0
    assert json.loads(done.out)["verified"] is True


# ---- the same run, the same files ----------------------------------------------------------------


def without_times(summary: bytes) -> dict:
    told = json.loads(summary)
    assert told.pop("seconds") > 0
    assert told.pop("bars_per_second") > 0
    return told


def test_the_same_run_makes_the_same_bytes_whatever_the_hash_seed(
    finished, sample, process, tmp_path
):
    words = ("backtest", "--bars", sample.bars, "--news", sample.news, "--out", tmp_path / "again")
    names = "news_momentum,technical_breakout,mean_reversion"
    done = process(*words, "--strategy", names, PYTHONHASHSEED="4711")
    assert done.code == 0, done.err
    for name in FILES:
        first, second = (finished / name).read_bytes(), (tmp_path / "again" / name).read_bytes()
        if name == "summary.json":
            assert without_times(first) == without_times(second)
        else:
            assert first == second, name


@pytest.mark.parametrize("last", ["2026-06-30", "2026-07-14", "2026-07-29"])
def test_cutting_the_data_leaves_earlier_trades_as_they_were(
    finished, sample, typed, tmp_path, last
):
    backtest(
        typed,
        sample.bars,
        tmp_path / "cut",
        "--news",
        sample.news,
        "--to",
        last,
        strategy="news_momentum,technical_breakout,mean_reversion",
    )
    whole = [trade for trade in read(finished, "trades") if trade["exit_time"][:10] <= last]
    assert len(whole) > 10
    assert read(tmp_path / "cut", "trades") == whole


def test_settings_change_the_hash_and_the_run_whichever_way_they_are_given(typed, sample, tmp_path):
    def told(*more: object) -> dict:
        more = ("--to", "2026-06-10", "--no-report", *more)
        return backtest(typed, sample.bars, tmp_path / "out", *more, strategy="mean_reversion")

    plain, seeded = told(), told("--seed", "2")
    assert plain["config_hash"] != seeded["config_hash"]
    assert plain["run_id"] != seeded["run_id"]
    file = tmp_path / "desk.toml"
    file.write_text("[strategies.mean_reversion.params]\nrsi_max = 35\n[desk]\ncapital = 500000\n")
    by_file = told("--config", file)
    by_option = told("--param", "mean_reversion.rsi_max=35", "--capital", "500000")
    assert by_file["starting_capital"] == by_option["starting_capital"] == "500000.00"
    assert by_file["config_hash"] == by_option["config_hash"] != plain["config_hash"]
    assert by_file["run_id"] == by_option["run_id"]


# ---- options -------------------------------------------------------------------------------------


# S1-plan-4
def test_from_and_to_bound_what_is_traded_and_earlier_bars_warm_up(typed, sample, tmp_path):
    more = ("--news", sample.news, "--from", "2026-07-20", "--to", "2026-07-24")
    summary = backtest(typed, sample.bars, tmp_path / "out", *more)
    trades = read(tmp_path / "out", "trades")
    days = {trade["entry_time"][:10] for trade in trades}
    assert min(days) >= "2026-07-20"
    assert max(days) <= "2026-07-24"
    assert "2026-07-20" in days  # twenty bars of warm-up would have eaten most of the first day
    assert summary["sessions"] == 5
    html = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "20 Jul 2026 to 24 Jul 2026" in html


def test_symbols_are_chosen_and_an_unknown_one_is_named(typed, sample, tmp_path):
    more = ("--news", sample.news, "--symbols", "TEAK,neem", "--symbols", "TULSI")
    backtest(typed, sample.bars, tmp_path / "out", *more)
    assert {t["symbol"] for t in read(tmp_path / "out", "trades")} <= {"TEAK", "NEEM", "TULSI"}
    words = ("backtest", "--bars", sample.bars, "--strategy", "mean_reversion")
    done = typed(*words, "--out", tmp_path / "out", "--symbols", "INFY")
    assert (done.code, done.line) == (2, "no bars of INFY in bars.parquet")


# A-bt-2
def test_finer_bars_decide_the_fills(typed, sample, tmp_path):
    """With minutes beside the quarter hours, entries come within the minute and prices fit it."""
    more = ("--bars", sample.minutes, "--news", sample.news, "--from", "2026-07-27")
    summary = backtest(typed, sample.bars, tmp_path / "out", *more)
    minutes = bars_by_time(sample.minutes)
    trades = read(tmp_path / "out", "trades")
    assert len(trades) >= 5
    for trade in trades:
        bar = minutes[trade["symbol"], bar_of(utc(trade["exit_time"]), 1)]
        assert bar["low"] <= float(trade["exit_price"]) <= bar["high"]
        assert utc(trade["signal_time"]).minute % 15 == 0
    assert summary["bars"] == 16 * 5 * 375


def test_bars_are_made_longer_where_an_interval_is_asked_for(typed, sample, tmp_path):
    more = ("--interval", "15m", "--news", sample.news)
    backtest(typed, sample.minutes, tmp_path / "out", *more)
    trades = read(tmp_path / "out", "trades")
    assert trades
    assert all(utc(trade["signal_time"]).minute % 15 == 0 for trade in trades)


def test_slippage_makes_every_result_worse_or_equal(typed, sample, tmp_path):
    more = ("--news", sample.news, "--to", "2026-06-20", "--no-report")
    kind = backtest(typed, sample.bars, tmp_path / "a", *more)
    hard = backtest(typed, sample.bars, tmp_path / "b", *more, "--set", "simulation.slippage_bps=5")
    assert D(hard["net_pnl"]) < D(kind["net_pnl"])
    assert not (tmp_path / "a" / "report.html").exists()


def test_words_tell_the_funnel_the_refusals_and_the_result(typed, sample, tmp_path):
    words = ("backtest", "--bars", sample.bars, "--news", sample.news, "--strategy")
    done = typed(*words, "news_momentum", "--out", tmp_path / "out")
    summary = read(tmp_path / "out", "summary")
    assert "good_news" in done.out
    assert "bars alone" in done.out
    assert "Signals refused: " in done.out
    assert f"over {summary['trades']} trades" in done.out
    assert "after ₹" in done.out
    assert "headlines on these symbols" in done.out
    assert "No headlines" not in done.out


def test_a_strategy_that_judges_news_without_any_is_told_so(typed, sample, tmp_path):
    words = ("backtest", "--bars", sample.bars, "--strategy", "news_momentum,mean_reversion")
    done = typed(*words, "--to", "2026-06-10", "--out", tmp_path / "out")
    told = "No headlines were given (--news), and news_momentum judges by them."
    assert told in done.out.splitlines()
    assert told in (tmp_path / "out" / "report.html").read_text("utf-8")


# ---- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--strategy nothing", "no strategy 'nothing'; there are news_momentum"),
        ("--strategy mean_reversion,mean_reversion", "strategy mean_reversion is named twice"),
        ("", "no strategy is named, and the configuration enables none"),
        ("--strategy absent.py", "strategy file absent.py not found"),
        ("--strategy mean_reversion --fast", "--fast: the compiled kernel is not there yet"),
        ("--strategy mean_reversion --capital many", "desk.capital: invalid decimal"),
        ("--strategy mean_reversion --capital 0", "desk.capital = 0 is outside 1"),
        ("--strategy mean_reversion --broker nobody", "no brokerage plan 'nobody'"),
        ("--strategy mean_reversion --from 1/2/2026", "--from '1/2/2026' is not a day"),
        ("--strategy mean_reversion --from 2027-01-01", "no bars from 2027-01-01 on"),
        ("--strategy mean_reversion --to 2020-01-01", "no bars in bars.parquet up to 2020-01-01"),
        ("--strategy mean_reversion --param rsi=3", "parameter 'rsi=3' is not NAME.KEY=VALUE"),
        (
            "--strategy mean_reversion --param mean_reversion.rsi_max=99",
            "mean_reversion.rsi_max = 99 is not a number from 15 to 40",
        ),
        (
            "--strategy mean_reversion --param mean_reversion.rsimax=30",
            "has no setting 'rsimax'; rsi_max?",
        ),
        (
            "--strategy mean_reversion --param news_momentum.rsi_max=60",
            "parameter for news_momentum, which is not run",
        ),
        ("--strategy mean_reversion --interval soon", "interval 'soon' is not minutes"),
        ("--strategy mean_reversion --interval 7m", "do not add up to"),
        ("--strategy mean_reversion --set risk.max_positions=0", "expected `int` >= 1"),
        ("--strategy mean_reversion --news absent.csv", "news file absent.csv not found"),
        ("--strategy mean_reversion --calendar absent.toml", "absent.toml cannot be read"),
        ("--strategy mean_reversion --symbols NOBODYLTD", "NOBODYLTD"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(typed, sample, tmp_path, words, complaint):
    out = tmp_path / "out"
    done = typed("backtest", "--bars", sample.bars, "--out", out, *words.split())
    assert done.code == 2
    assert complaint in done.line
    assert not list(out.glob("*.json"))


def test_a_folder_with_other_things_is_left_alone(typed, sample, tmp_path):
    out = tmp_path / "precious"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    words = ("backtest", "--bars", sample.bars, "--strategy", "mean_reversion", "--out", out)
    done = typed(*words, "--to", "2026-06-10")
    assert done.code == 2
    assert "not empty and not a former backtest" in done.line
    assert typed(*words, "--to", "2026-06-10", "--overwrite").code == 0
    assert (out / "thesis.txt").read_text() == "years of work"


def test_a_former_backtest_is_replaced_whole(typed, sample, tmp_path):
    out = tmp_path / "out"
    backtest(typed, sample.bars, out, "--news", sample.news)
    assert read(out, "trades")
    backtest(
        typed, sample.bars, out, "--to", "2026-06-10", "--no-report", strategy="mean_reversion"
    )
    assert not (out / "report.html").exists()
    assert {trade["strategy"] for trade in read(out, "trades")} <= {"mean_reversion"}


def test_a_file_in_the_place_of_the_folder_is_refused(typed, sample, tmp_path):
    (tmp_path / "out").write_text("")
    words = ("backtest", "--bars", sample.bars, "--strategy", "mean_reversion")
    assert "is a file; name a folder" in typed(*words, "--out", tmp_path / "out").line
