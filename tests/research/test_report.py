"""The report says what happened, needs nothing but itself, and lets nothing else in."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files

import msgspec
import numpy as np
import pytest
from random_run import report_data

from sample_trades import HDFCBANK, INFY, MONDAY, SUNPHARMA
from tradego.domain.bars import Bars
from tradego.domain.charges import NO_CHARGES, Charges
from tradego.domain.effects import Refusal
from tradego.domain.formats import THIN
from tradego.domain.positions import Trade
from tradego.domain.signals import Condition
from tradego.domain.times import MINUTE, at
from tradego.research.report import ReportData, report_html
from tradego.research.report_candles import candles_around, notable, spread, trade_figure
from tradego.research.report_curves import curve
from tradego.research.report_markup import tag, text
from tradego.research.report_plots import steps
from tradego.research.report_tables import charges, funnel, months, refusals
from tradego.research.report_trades import trades_data
from tradego.research.results import AccountPoint, OpenTranche
from tradego.research.summary import RunFacts, RunResult
from tradego.strategies.verdicts import Funnel, FunnelStep

D = Decimal
VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """The tags and words of a page; fails on a tag that is closed out of order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[list[str]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.cells.append([])
        elif tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            return
        self.words += data.replace(THIN, " ")
        if {"td", "th"} & set(self._open):
            self.cells[-1][-1] += data.replace(THIN, " ")


def data_of(trades: list[Trade], **changes: object) -> ReportData:
    ending = D(1_000_000) + sum((trade.net_pnl for trade in trades), D(0))
    facts = RunFacts(
        run_id="r1",
        code_version="1.2.3",
        config_hash="abc",
        starting_capital=D(1_000_000),
        bars=100,
        seconds=1.0,
    )
    result = RunResult(
        facts=facts,
        trades=trades,
        orders=(),
        still_open=changes.pop("still_open", ()),
        equity=[AccountPoint(at(MONDAY, "15:30"), ending, ending, D(0))],
        refusals=changes.pop("refusals", {}),
    )
    data = ReportData(
        result=result,
        strategies=("technical_breakout",),
        symbols=2,
        interval="15 min",
        notes=("Stops are hit before targets within a bar.",),
    )
    return msgspec.structs.replace(data, **changes)


def grossing(amount: str, paid: str = "0") -> Trade:
    return msgspec.structs.replace(INFY, gross_pnl=D(amount), charges=Charges(stt=D(paid)))


# ---- the page ------------------------------------------------------------------------------------


def test_the_page_needs_no_network_and_runs_only_its_own_script() -> None:  # A-rep-1
    html = report_html(report_data(60, sessions=80))
    page = Page(html)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", html)
    assert not {"link", "img", "iframe", "object", "base"} & set(page.tags)
    assert not {"src", "srcset", "onclick", "onload"} & {name for name, _ in page.attributes}
    script = files("tradego.research").joinpath("data", "report.js").read_text("utf-8")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"<script>{script}</script>" in html
    policy = next(value for name, value in page.attributes if name == "content")
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}'" in policy


def test_the_same_run_makes_the_same_bytes() -> None:
    assert report_html(report_data(60)) == report_html(report_data(60))


def test_fifteen_hundred_trades_make_a_file_anyone_can_send() -> None:  # A-rep-1
    html = report_html(report_data(1500))
    assert len(html.encode()) < 2_000_000
    assert html.count("<figcaption>") == 30


def test_no_text_from_outside_becomes_markup() -> None:  # A-rep-1
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\"'"
    trade = msgspec.structs.replace(
        INFY,
        symbol=evil,
        strategy=evil,
        exit_rule=evil,
        conditions=(Condition(evil, 1.0, 2.0, passed=True),),
    )
    data = data_of(
        [trade],
        strategies=(evil,),
        interval=evil,
        notes=(evil,),
        settings=((evil, evil),),
        funnels=(Funnel(evil, 10, (FunnelStep(evil, 0, 0),), 0),),
        bars={evil: bars_of([(100, 110, 90, 105)] * 40, "09:15")},
    )
    page = Page(report_html(data))
    assert page.tags.count("script") == 3  # two blocks of data, one script
    assert not {"img", "alert"} & set(page.tags)
    assert "onerror" not in {name for name, _ in page.attributes}
    assert evil in page.words


def test_the_data_of_the_page_cannot_end_its_block() -> None:
    block = trades_data([msgspec.structs.replace(INFY, symbol="</script>")])
    assert block.count("<") == 2  # its own two tags
    inner = block[block.index(">") + 1 : block.rindex("<")]
    assert json.loads(inner)["symbols"] == ["</script>"]


def test_the_script_reads_the_fields_that_are_written() -> None:
    script = files("tradego.research").joinpath("data", "report.js").read_text("utf-8")
    names = re.findall(r'"(\w+)"', script[script.index("const NAMES = [") :].split("]")[0])
    block = trades_data([INFY])
    book = json.loads(block[block.index(">") + 1 : block.rindex("<")])
    row = dict(zip(names, book["trades"][0], strict=True))
    picked = ("id", "swing", "short", "quantity", "entry", "exit", "gross", "charges", "net")
    assert [row[name] for name in picked] == [
        "BT000001", False, False, 40, 1500.1, 1515.1, 600.0, 47.29, 552.71,
    ]  # fmt: skip
    assert (row["to"] - row["from"], row["r"], row["stop"]) == (52 * 60, 1.535, 1491.1)
    assert (book["ways_out"][row["out"]], row["conditions"]) == ("Target", [2.6, 2.0])


# ---- the answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trades", "told", "why"),
    [
        (
            [grossing("100", "600")],
            "Lost ₹500.00 after charges, 0.05 % of the capital, over 1 trade.",
            "It made ₹100.00 before charges; ₹600.00 of charges turned that into a loss.",
        ),
        (
            [grossing("-400", "100"), grossing("0")],
            "Lost ₹500.00 after charges, 0.05 % of the capital, over 2 trades.",
            "It lost ₹400.00 before charges, and paid ₹100.00 on top.",
        ),
        (
            [grossing("12000", "2000")],
            "Made ₹10,000.00 after charges, 1.00 % of the capital, over 1 trade.",
            "It made ₹12,000.00 before charges; ₹2,000.00 of charges took 16.67 % of that.",
        ),
        (
            [grossing("100", "100")],
            "Neither made nor lost anything after charges, over 1 trade.",
            "It made ₹100.00 before charges; ₹100.00 of charges took 100.00 % of that.",
        ),
        ([], "No trade was made.", "There was no signal."),
    ],
)
def test_the_first_sentence_is_the_honest_result(
    trades: list[Trade], told: str, why: str
) -> None:  # A-rep-1
    words = Page(report_html(data_of(trades))).words
    assert told in words
    assert why in words


def test_refused_signals_explain_a_run_without_trades() -> None:
    counts = {Refusal.HEAT: 2, Refusal.CORRELATION: 1_000}
    words = Page(report_html(data_of([], refusals=counts))).words
    assert "No trade was made.1,002 signals refused." in words


def test_what_is_still_open_is_told_and_not_counted() -> None:
    held = OpenTranche(SUNPHARMA, D("1739.1"), at(MONDAY, "15:30"), NO_CHARGES, D(1))
    page = Page(report_html(data_of([INFY], still_open=(held,))))
    assert "1 tranche still open at the end, worth −₹36.00" in page.words
    row = ["SUNPHARMA", "Technical breakout", "Long 40", "1,740.00", "1,739.10", "1,721.60"]
    assert [*row, "−36.00"] in page.cells


def test_what_the_desk_cried_out_stands_at_the_top_once() -> None:
    page = Page(report_html(data_of([INFY], alarms=2 * ("10.08 % under the peak: no entries.",))))
    assert page.words.count("10.08 % under the peak: no entries.") == 1
    assert page.words.index("no entries.") < page.words.index("Net result")


def test_results_off_the_scale_are_counted_and_said() -> None:
    far = msgspec.structs.replace(INFY, risk_amount=D("36"))  # 15.35 R
    assert "1 result beyond 4 R in the outermost bars." in Page(report_html(data_of([far]))).words
    assert "outermost" not in Page(report_html(data_of([INFY]))).words


def test_assumptions_and_settings_are_in_the_page() -> None:  # A-rep-1
    page = Page(report_html(data_of([INFY], settings=(("risk.max_positions", "5"),))))
    assert "Stops are hit before targets within a bar." in page.words
    assert ["risk.max_positions", "5"] in page.cells
    assert ["Code", "1.2.3"] in page.cells


def test_intraday_and_swing_are_kept_apart() -> None:  # S1-pnl-10
    cells = Page(report_html(data_of([INFY, HDFCBANK]))).cells
    assert ["Net", "−1,414.09", "+552.71", "−1,966.80"] in cells
    assert ["Charges", "−268.09", "−47.29", "−220.80"] in cells
    assert ["Won", "50.00 %", "100.00 %", "0.00 %"] in cells
    assert ["Profit factor", "0.28", "–", "0.00"] in cells
    assert ["Largest win", "INFY +552.71", "INFY +552.71", "–"] in cells


def test_results_are_told_by_strategy_symbol_day_hour_and_way_out() -> None:  # S1-pnl-19
    cells = Page(report_html(data_of([INFY, HDFCBANK]))).cells
    won = ["1", "100.00 %", "+1.54", "47.29", "+552.71", ""]
    for name in ("Technical breakout", "INFY", "Target"):
        assert [name, *won] in cells
    lost = ["1", "0.00 %", "−1.13", "220.80", "−1,966.80", ""]
    for name in ("News momentum", "HDFCBANK", "Stop"):
        assert [name, *lost] in cells
    both = ["2", "50.00 %", "+0.20", "268.09", "−1,414.09", ""]
    assert ["Monday", *both] in cells
    assert ["10:00 to 11:00", *both] in cells


# ---- its tables ----------------------------------------------------------------------------------


def test_charges_are_told_line_by_line_from_gross_to_net() -> None:  # S1-pnl-4
    cells = Page(charges([INFY, HDFCBANK])).cells
    # INFY turned over 40 x (1500.10 + 1515.10), HDFCBANK 96,411.60 + 94,665.60: 3,11,685.20
    assert cells[1][:2] == ["Gross", "−1,146.00"]
    assert cells[2] == ["Brokerage", "−18.18", "", "0.0058 %", "9.09"]
    assert cells[3] == ["STT", "−206.00", "", "0.0661 %", "103.00"]
    assert [row[0] for row in cells[4:10]] == [
        "Exchange", "IPFT", "SEBI", "Stamp duty", "GST", "DP",
    ]  # fmt: skip
    assert cells[10] == ["Charges", "−268.09", "", "0.0860 %", "134.05"]
    assert cells[11][:2] == ["Net", "−1,414.09"]


def test_months_compound_to_the_year() -> None:
    points = [
        AccountPoint(at(date(2024, 12, 31), "15:30"), D(1_000), D(0), D(0)),
        AccountPoint(at(date(2025, 1, 10), "15:30"), D(1_050), D(0), D(0)),
        AccountPoint(at(date(2025, 1, 31), "15:30"), D(1_100), D(0), D(0)),
        AccountPoint(at(date(2025, 3, 31), "15:30"), D(990), D(0), D(0)),
    ]
    _, first, second = Page(months(points, D(800))).cells
    assert (first[0], first[12], first[13]) == ("2024", "+25.00 %+200", "+25.00 %+200")
    assert second[:4] == ["2025", "+10.00 %+100", "", "−10.00 %−110"]
    assert second[13] == "−1.00 %−10"


def test_the_fall_is_measured_from_the_highest_close_so_far() -> None:
    closes = [("2025-03-03", 900), ("2025-03-04", 1_250), ("2025-03-05", 1_000)]
    points = [
        AccountPoint(at(date.fromisoformat(day), clock), D(value), D(0), D(0))
        for day, value in closes
        for clock, value in (("12:00", 1), ("15:30", value))  # only the last of a session counts
    ]
    shown = curve(points, D(1_000))
    assert shown.equity == [900, 1_250, 1_000]
    assert shown.fall == pytest.approx([-10, 0, -20])


def test_the_funnel_shows_the_dead_condition_and_the_narrowest_step() -> None:  # S1-sig-10
    steps_ = (FunnelStep("new_high", 400, 400), FunnelStep("on_volume", 500, 100))
    page = Page(funnel(Funnel("technical_breakout", 1_000, steps_, 90)))
    assert page.cells[1] == ["new high", "40040.00 %", "", "40040.00 %", ""]
    assert page.cells[2] == ["on volume", "50050.00 %", "", "10010.00 %", ""]
    assert "90 signals from 1,000 bars." in page.words
    assert "The narrowest step is on volume: 25.00 % of the bars" in page.words
    assert "10 bars passed everything, but stop or target" in page.words
    dead = Page(funnel(Funnel("x", 1_000, (FunnelStep("near_support", 0, 0),), 0)))
    assert dead.cells[1][0] == "near supportnever held"


def test_refusals_are_counted_the_most_frequent_first() -> None:  # S1-risk-10
    cells = Page(refusals({Refusal.HEAT: 1, Refusal.CORRELATION: 3, Refusal.BAND: 0})).cells
    assert [row[:2] for row in cells[1:]] == [
        ["Correlation too high", "375.00 %"],
        ["Heat limit", "125.00 %"],
    ]


# ---- candles -------------------------------------------------------------------------------------


def bars_of(rows: list[tuple[float, float, float, float]], start: str) -> Bars:
    opened, high, low, close = np.array(rows, dtype=np.float64).T
    count = len(rows)
    return Bars(
        symbol="INFY",
        interval_ns=15 * MINUTE,
        ts_ns=at(MONDAY, start) + np.arange(count, dtype=np.int64) * 15 * MINUTE,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.ones(count),
    )


def test_the_trade_lies_in_the_candles_it_was_made_in() -> None:
    bars = bars_of([(1500, 1501, 1499, 1500)] * 60, "06:15")
    candles = candles_around(INFY, bars)  # in at 10:15:01, out at 11:07:01
    assert candles is not None
    starts = [int(candles.bars.ts_ns[i]) for i in (candles.first, candles.last)]
    assert starts == [at(MONDAY, "10:15"), at(MONDAY, "11:00")]
    assert (candles.first, candles.bars.count - candles.last - 1) == (14, 6)


def test_many_bars_are_merged_without_losing_an_extreme() -> None:
    rows = [(100.0 + i, 110.0 + i, 90.0 + i, 101.0 + i) for i in range(400)]
    bars = bars_of(rows, "00:00")
    long = msgspec.structs.replace(INFY, entry_ns=int(bars.ts_ns[50]), exit_ns=int(bars.ts_ns[349]))
    candles = candles_around(long, bars)
    assert candles is not None
    merged = candles.bars
    assert merged.count <= 110
    every = merged.interval_ns // bars.interval_ns
    assert (merged.open[0], merged.close[0]) == (110.0, 111.0 + every - 1)  # from the 10th bar on
    assert (merged.high[0], merged.low[0]) == (120.0 + every - 1, 100.0)
    assert int(merged.ts_ns[candles.first]) <= long.entry_ns
    assert long.entry_ns < int(merged.ts_ns[candles.first + 1])


@pytest.mark.parametrize("start", ["11:30", "00:00"])
def test_a_trade_outside_the_bars_is_not_drawn(start: str) -> None:
    bars = bars_of([(1500, 1501, 1499, 1500)] * 8, start)
    assert candles_around(INFY, bars) is None
    assert trade_figure(INFY, bars, None) == ""


def test_a_drawn_trade_names_its_levels() -> None:
    figure = Page(trade_figure(INFY, bars_of([(1500, 1516, 1490, 1505)] * 60, "06:15"), None))
    for words in ("Entry 1,500.10", "Exit 1,515.10", "Target 1,515.10", "Stop 1,500.10"):
        assert words in figure.words
    assert "Long 40, Technical breakout, intraday" in figure.words
    assert "3 Mar 10:15 to 11:07, 52 min, target" in figure.words
    assert "INFY: bought at 1,500.10, sold at 1,515.10, net +₹552.71" in {
        value for name, value in figure.attributes if name == "aria-label"
    }


def test_wins_losses_and_the_typical_are_chosen_once_each() -> None:
    nets = [-900, -800, -10, 5, 10, 20, 600, 700]
    trades = [msgspec.structs.replace(grossing(str(net)), trade_id=str(net)) for net in nets]
    chosen = [(one.why, one.trade.trade_id) for one in notable(trades, 6)]
    assert chosen == [
        ("Largest wins", "700"),
        ("Largest wins", "600"),
        ("Largest losses", "-900"),
        ("Largest losses", "-800"),
        ("Typical", "5"),
        ("Typical", "10"),
    ]
    assert len(notable(trades[:2], 30)) == 2
    assert notable([], 30) == []


def test_labels_keep_apart_and_inside() -> None:
    assert spread([100, 110, 500], 70, 1000) == [100, 170, 500]
    assert spread([900, 980, 990], 70, 1000) == [825, 895, 965]
    assert spread([0], 70, 1000) == [35]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (827_000, 1_002_000, [850_000, 900_000, 950_000, 1_000_000]),
        (-18.9, 0, [-10, 0]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1.0]),
        (5, 5, [5]),
    ],
)
def test_axes_have_round_steps(low: float, high: float, expected: list[float]) -> None:
    wanted = 2 if high == 0 else 4
    assert steps(low, high, wanted) == pytest.approx(expected)


def test_text_and_attributes_are_escaped() -> None:
    assert tag("b", text("a < b & c"), title='"x"') == (
        '<b title="&quot;x&quot;">a &lt; b &amp; c</b>'
    )


def test_the_stop_is_drawn_where_it_moved() -> None:
    data = report_data(30, sessions=60)
    trade = next(t for t in data.result.trades if int(t.trade_id[2:]) % 3 == 0)
    lives: Mapping[str, object] = {life.order.order_id: life for life in data.result.orders}
    moved = trade_figure(trade, data.bars[trade.symbol], lives[trade.sl_order_id])
    assert f"Stop {float(trade.entry_price):,.2f}" in Page(moved).words
    unmoved = trade_figure(trade, data.bars[trade.symbol], None)
    assert f"Stop {float(trade.stop_loss.value):,.2f}" in Page(unmoved).words
    stairs = re.search(r'class="stop" d="([^"]+)"', moved)
    assert stairs is not None
    assert stairs[1].count("L") == 3
