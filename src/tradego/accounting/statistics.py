"""How the trading went: figures over closed trades, and over the equity curve.

Sums of money are exact and equal the ledger's; ratios are floats, for looking at. What is
undefined (a profit factor without a loss, a Sharpe ratio of one day) is None, never zero.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

import msgspec

from tradego.domain.errors import require
from tradego.domain.money import PAISA, ZERO
from tradego.domain.positions import Trade
from tradego.domain.signals import Product
from tradego.domain.times import minute_of_day, session_date

SESSIONS_A_YEAR = 252
_FLAT = 1e-12  # a spread of returns below this is rounding, not risk


# ---- trades --------------------------------------------------------------------------------------


class Extreme(NamedTuple):
    trade_id: str
    symbol: str
    net_pnl: Decimal


class TradeStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Of closed trades, by net P&L in rupees. A trade that nets zero is neither won nor lost.

    `win_rate` is a fraction, 0..1. `average_loser` and `largest_loss` are negative. `average_rr`
    is the average winner over the average loser, `profit_factor` all that was won over all that
    was lost; `average_r` is the mean R-multiple of the trades that had a risk amount.
    """

    trades: int
    wins: int
    losses: int
    gross_pnl: Decimal
    charges: Decimal
    net_pnl: Decimal
    expectancy: Decimal | None
    average_winner: Decimal | None
    average_loser: Decimal | None
    largest_win: Extreme | None
    largest_loss: Extreme | None
    win_rate: float | None  # tidy-ok: a ratio
    average_rr: float | None  # tidy-ok: a ratio
    profit_factor: float | None  # tidy-ok: a ratio
    average_r: float | None  # tidy-ok: a ratio
    average_holding_minutes: float | None  # tidy-ok: a duration, averaged


def trade_statistics(trades: Iterable[Trade]) -> TradeStatistics:
    """Of none too: then sums are zero and the rest is None."""
    results = [(trade.net_pnl, trade) for trade in trades]
    nets = [net for net, _ in results]
    won = [net for net in nets if net > ZERO]
    lost = [net for net in nets if net < ZERO]
    multiples = [float(trade.r_multiple) for _, trade in results if trade.risk_amount]
    return TradeStatistics(
        trades=len(nets),
        wins=len(won),
        losses=len(lost),
        gross_pnl=sum((trade.gross_pnl for _, trade in results), ZERO),
        charges=sum((trade.charges.total for _, trade in results), ZERO),
        net_pnl=sum(nets, ZERO),
        expectancy=_mean(nets),
        average_winner=_mean(won),
        average_loser=_mean(lost),
        largest_win=_extreme(max(results, key=_net)) if won else None,
        largest_loss=_extreme(min(results, key=_net)) if lost else None,
        win_rate=len(won) / len(nets) if nets else None,
        average_rr=_payoff(won, lost),
        profit_factor=float(sum(won, ZERO) / -sum(lost, ZERO)) if lost else None,
        average_r=fmean(multiples) if multiples else None,
        average_holding_minutes=(
            fmean(float(trade.holding_minutes) for _, trade in results) if results else None
        ),
    )


class Grouping(StrEnum):
    """What trades may be told apart by; weekday and hour are those of the entry, Indian time."""

    STRATEGY = "strategy"
    SYMBOL = "symbol"
    PRODUCT = "product"
    WEEKDAY = "weekday"
    HOUR = "hour"


def statistics_by(grouping: Grouping, trades: Iterable[Trade]) -> dict[str, TradeStatistics]:
    """Each group's figures, in the natural order of its names ("intraday", "Monday", "09")."""
    groups: dict[tuple[int, str], list[Trade]] = {}
    for trade in trades:
        groups.setdefault(_group(grouping, trade), []).append(trade)
    return {key[1]: trade_statistics(groups[key]) for key in sorted(groups)}


_PRODUCTS = {Product.INTRADAY: "intraday", Product.DELIVERY: "swing"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _group(grouping: Grouping, trade: Trade) -> tuple[int, str]:
    """A rank and a name."""
    match grouping:
        case Grouping.STRATEGY:
            return 0, trade.strategy
        case Grouping.SYMBOL:
            return 0, trade.symbol
        case Grouping.PRODUCT:
            return 0, _PRODUCTS[trade.product]
        case Grouping.WEEKDAY:
            weekday = session_date(trade.entry_ns).weekday()
            return weekday, _WEEKDAYS[weekday]
        case Grouping.HOUR:
            return 0, f"{minute_of_day(trade.entry_ns) // 60:02d}"


def _mean(amounts: Sequence[Decimal]) -> Decimal | None:
    if not amounts:
        return None
    return (sum(amounts, ZERO) / len(amounts)).quantize(PAISA, ROUND_HALF_UP)


def _payoff(won: Sequence[Decimal], lost: Sequence[Decimal]) -> float | None:
    """Mean over mean, both unrounded."""
    if not (won and lost):
        return None
    return float(sum(won, ZERO) / len(won) / (-sum(lost, ZERO) / len(lost)))


def _net(result: tuple[Decimal, Trade]) -> Decimal:
    return result[0]


def _extreme(result: tuple[Decimal, Trade]) -> Extreme:
    net, trade = result
    return Extreme(trade.trade_id, trade.symbol, net)


class Excursion(NamedTuple):
    """A price distance seen three ways; `r` is None where no risk amount was planned."""

    points: Decimal
    rupees: Decimal
    r: Decimal | None


def adverse_excursion(trade: Trade) -> Excursion:
    return _excursion(trade, trade.mae)


def favourable_excursion(trade: Trade) -> Excursion:
    return _excursion(trade, trade.mfe)


def _excursion(trade: Trade, points: Decimal) -> Excursion:
    rupees = points * trade.quantity.value
    return Excursion(points, rupees, rupees / trade.risk_amount if trade.risk_amount else None)


# ---- equity --------------------------------------------------------------------------------------


class EquityPoint(NamedTuple):
    """What the account was worth at an instant, in rupees."""

    ts_ns: int
    equity: Decimal


class Drawdown(NamedTuple):
    """A fall from a peak of equity; `amount` and `percent` (of the peak) are zero or more."""

    peak_ns: int
    trough_ns: int
    amount: Decimal
    percent: Decimal


class EquityStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """`sharpe` and `sortino` are of daily returns, times the root of 252."""

    sessions: int
    max_drawdown: Drawdown
    current_drawdown: Drawdown
    sharpe: float | None  # tidy-ok: a ratio
    sortino: float | None  # tidy-ok: a ratio


def equity_statistics(
    points: Sequence[EquityPoint],
    starting: Decimal,
    *,
    risk_free_pct: Decimal = ZERO,
) -> EquityStatistics:
    """Of points in time order, after `starting` capital; `risk_free_pct` is a year's rate.

    A session counts at its last point. Drawdown looks at every point; while equity has not been
    above the starting capital, the peak is dated at the first point.
    """
    require(bool(points), "statistics of equity need a point of it")
    returns = _daily_returns(points, starting)
    excess = [change - float(risk_free_pct) / 100 / SESSIONS_A_YEAR for change in returns]
    deepest, current = _drawdowns(points, starting)
    return EquityStatistics(
        sessions=len(returns),
        max_drawdown=deepest,
        current_drawdown=current,
        sharpe=_sharpe(excess),
        sortino=_sortino(excess),
    )


def _daily_returns(points: Sequence[EquityPoint], starting: Decimal) -> list[float]:
    closing = {session_date(point.ts_ns): point.equity for point in points}
    levels = [starting, *closing.values()]
    return [float(after / before) - 1 for before, after in pairwise(levels) if before > ZERO]


def _sharpe(excess: Sequence[float]) -> float | None:
    if len(excess) < 2 or (spread := stdev(excess)) < _FLAT:
        return None
    return fmean(excess) / spread * sqrt(SESSIONS_A_YEAR)


def _sortino(excess: Sequence[float]) -> float | None:
    """Against the root mean square of the returns below zero, days without loss counted as zero."""
    if len(excess) < 2:
        return None
    downside = sqrt(fmean(min(change, 0.0) ** 2 for change in excess))
    return fmean(excess) / downside * sqrt(SESSIONS_A_YEAR) if downside >= _FLAT else None


def _drawdowns(points: Sequence[EquityPoint], starting: Decimal) -> tuple[Drawdown, Drawdown]:
    """The deepest, in percent, and the one in which the last point stands."""
    peak = EquityPoint(points[0].ts_ns, starting)
    deepest = current = Drawdown(peak.ts_ns, peak.ts_ns, ZERO, ZERO)
    for point in points:
        if point.equity >= peak.equity:
            peak = point
        fall = peak.equity - point.equity
        current = Drawdown(peak.ts_ns, point.ts_ns, fall, fall / peak.equity * 100)
        if current.percent > deepest.percent:
            deepest = current
    return deepest, current
