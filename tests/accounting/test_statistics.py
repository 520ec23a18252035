"""Figures over trades and equity, against sums a person can do."""

from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sample_trades import INFY
from tradego.accounting.statistics import (
    EquityPoint,
    Grouping,
    adverse_excursion,
    equity_statistics,
    favourable_excursion,
    statistics_by,
    trade_statistics,
)
from tradego.domain.charges import Charges
from tradego.domain.errors import DomainError
from tradego.domain.positions import Trade
from tradego.domain.signals import Product
from tradego.domain.times import at

D = Decimal
MONDAY = date(2025, 3, 3)


def trade(
    gross: str, charges: str = "0", *, symbol: str = "INFY", entry: str = "10:15", **changes: object
) -> Trade:
    """A trade of that gross result, with 100 at risk, entered on Monday 3 March 2025."""
    return replace(
        INFY,
        gross_pnl=D(gross),
        charges=Charges(brokerage=D(charges)),
        symbol=symbol,
        risk_amount=D(100),
        entry_ns=at(MONDAY, entry),
        exit_ns=at(MONDAY, "15:00"),
        **changes,
    )


BOOK = [
    trade("310", "10", symbol="TCS"),
    trade("120", "20", symbol="SBIN"),
    trade("-90", "10", symbol="INFY"),
    trade("5", "5", symbol="ITC"),
    trade("-40", "10", symbol="MRF"),
]


# ---- trades: S4-p3-13, S1-pnl-19 -----------------------------------------------------------------


def test_won_and_lost_are_net_of_charges():  # S4-p3-13, S1-pnl-4
    figures = trade_statistics(BOOK)
    assert (figures.trades, figures.wins, figures.losses) == (5, 2, 2)  # one nets zero
    assert (figures.gross_pnl, figures.charges, figures.net_pnl) == (305, 55, 250)
    assert (figures.average_winner, figures.average_loser) == (200, -75)
    assert figures.expectancy == 50
    assert figures.win_rate == pytest.approx(0.4)
    assert figures.average_rr == pytest.approx(200 / 75)
    assert figures.profit_factor == pytest.approx(400 / 150)
    assert figures.average_r == pytest.approx(0.5)


def test_the_largest_win_and_loss_name_their_symbol():
    figures = trade_statistics(BOOK)
    assert (figures.largest_win.symbol, figures.largest_win.net_pnl) == ("TCS", 300)
    assert (figures.largest_loss.symbol, figures.largest_loss.net_pnl) == ("INFY", -100)


def test_what_is_undefined_is_none_not_zero():  # S1-pnl-12
    none = trade_statistics([])
    assert none.trades == none.net_pnl == 0
    assert none.win_rate is none.profit_factor is none.expectancy is none.average_r is None
    only_wins = trade_statistics(BOOK[:2])
    assert only_wins.profit_factor is only_wins.average_rr is only_wins.largest_loss is None
    only_losses = trade_statistics([BOOK[2]])
    assert only_losses.profit_factor == 0
    assert only_losses.average_rr is only_losses.largest_win is None


def test_percent_is_of_the_capital_used():  # S1-pnl-4
    held = trade("600", "47.29", capital_used=D("12000.80"))
    assert held.net_pnl == D("552.71")
    assert held.pnl_percent.quantize(D("0.0001")) == D("4.6056")  # 552.71 / 12000.80


def test_intraday_and_swing_are_kept_apart():  # S1-pnl-10
    split = statistics_by(Grouping.PRODUCT, [*BOOK, trade("-700", "20", product=Product.DELIVERY)])
    assert list(split) == ["intraday", "swing"]
    assert (split["intraday"].net_pnl, split["intraday"].trades) == (250, 5)
    assert (split["swing"].net_pnl, split["swing"].win_rate) == (-720, 0)


def test_who_earned_what_and_when():  # S1-pnl-19
    book = [
        trade("100", strategy="mean_reversion", entry="09:20"),
        trade("-30", strategy="technical_breakout", entry="14:59"),
        replace(trade("50", strategy="mean_reversion"), entry_ns=at(date(2025, 2, 28), "09:59")),
    ]
    by = {
        grouping: {name: figures.net_pnl for name, figures in statistics_by(grouping, book).items()}
        for grouping in Grouping
    }
    assert by[Grouping.STRATEGY] == {"mean_reversion": 150, "technical_breakout": -30}
    assert by[Grouping.WEEKDAY] == {"Monday": 70, "Friday": 50}
    assert list(by[Grouping.WEEKDAY]) == ["Monday", "Friday"], "in the order of the week"
    assert by[Grouping.HOUR] == {"09": 150, "14": -30}


results = st.lists(
    st.builds(
        lambda paise, fee, symbol, hour: trade(
            str(D(paise) / 100), str(D(fee) / 100), symbol=symbol, entry=f"{hour:02d}:30"
        ),
        st.integers(-1_000_000, 1_000_000),
        st.integers(0, 10_000),
        st.sampled_from(["INFY", "TCS", "SBIN"]),
        st.integers(9, 14),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(results)
def test_every_grouping_sums_to_the_ledger(book):  # S1-pnl-19
    total = trade_statistics(book)
    assert total.net_pnl == sum(one.gross_pnl - one.charges.total for one in book)
    for grouping in Grouping:
        parts = statistics_by(grouping, book).values()
        assert sum(part.net_pnl for part in parts) == total.net_pnl
        assert sum(part.charges for part in parts) == total.charges
        assert sum(part.trades for part in parts) == total.trades


def test_excursions_in_points_rupees_and_r():  # S1-pnl-5
    assert adverse_excursion(INFY) == (D("3.6"), 144, D("0.4"))  # 40 units, 360 at risk
    assert favourable_excursion(INFY) == (15, 600, D("600") / 360)
    assert adverse_excursion(replace(INFY, risk_amount=D(0))).r is None


# ---- equity: S1-pnl-11, S1-pnl-12 ----------------------------------------------------------------


def curve(*levels: str) -> list[EquityPoint]:
    """One point at each close, from Monday 3 March 2025 on."""
    return [
        EquityPoint(at(MONDAY + timedelta(days=number), "15:30"), D(level))
        for number, level in enumerate(levels)
    ]


def test_drawdown_is_measured_from_the_running_peak_with_its_dates():  # S1-pnl-11
    points = curve("110000", "99000", "121000", "118580")
    figures = equity_statistics(points, D(100_000))
    deepest, current = figures.max_drawdown, figures.current_drawdown
    assert (deepest.amount, deepest.percent) == (11_000, 10)
    assert (deepest.peak_ns, deepest.trough_ns) == (points[0].ts_ns, points[1].ts_ns)
    assert (current.amount, current.percent) == (2_420, 2)
    assert (current.peak_ns, current.trough_ns) == (points[2].ts_ns, points[3].ts_ns)


def test_a_fall_below_the_starting_capital_counts():  # S1-pnl-11
    figures = equity_statistics(curve("95000", "97000"), D(100_000))
    assert (figures.max_drawdown.percent, figures.current_drawdown.percent) == (5, 3)


def test_sharpe_and_sortino_are_of_daily_returns():  # S1-pnl-12
    """Returns 1 %, -2 %, 3 %: mean 2/3 %, deviation (n - 1) sqrt(19/3) %, downside 2/sqrt(3) %."""
    figures = equity_statistics(curve("101000", "98980", "101949.40"), D(100_000))
    assert figures.sessions == 3
    assert figures.sharpe == pytest.approx((2 / 3) / sqrt(19 / 3) * sqrt(252))
    assert figures.sortino == pytest.approx((2 / 3) / (2 / sqrt(3)) * sqrt(252))


def test_the_risk_free_rate_is_taken_off_each_day():  # S1-pnl-12
    """25.2 % a year is 0.1 % a session."""
    points = curve("101000", "98980", "101949.40")
    figures = equity_statistics(points, D(100_000), risk_free_pct=D("25.2"))
    assert figures.sharpe == pytest.approx((2 / 3 - 0.1) / sqrt(19 / 3) * sqrt(252))


def test_only_the_last_point_of_a_session_makes_its_return():
    noon = EquityPoint(at(MONDAY, "12:00"), D(50_000))
    points = [noon, *curve("101000", "98980", "101949.40")]
    figures = equity_statistics(points, D(100_000))
    assert figures.sharpe == pytest.approx((2 / 3) / sqrt(19 / 3) * sqrt(252))
    assert figures.max_drawdown.percent == 50, "drawdown sees every point"


def test_ratios_of_too_little_are_none():  # S1-pnl-12
    assert equity_statistics(curve("101000"), D(100_000)).sharpe is None
    steady = equity_statistics(curve("101000", "102010", "103030.10"), D(100_000))
    assert steady.sharpe is steady.sortino is None, "no spread, no ratio"
    with pytest.raises(DomainError):
        equity_statistics([], D(100_000))
