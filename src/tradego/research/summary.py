"""A run in one document, and the files it leaves behind as bytes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypedDict

import msgspec

from tradego.accounting.statistics import (
    EquityPoint,
    EquityStatistics,
    Grouping,
    TradeStatistics,
    equity_statistics,
    statistics_by,
    trade_statistics,
)
from tradego.domain.effects import Refusal
from tradego.domain.errors import require
from tradego.domain.lives import OrderLife
from tradego.domain.money import ZERO
from tradego.domain.positions import Trade
from tradego.research.results import (
    AccountPoint,
    OpenTranche,
    encoded,
    equity_row,
    exact,
    open_row,
    order_row,
    ratio,
    time_of,
    trade_row,
)


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Which run it was; `bars` were fed in `seconds` of wall time."""

    run_id: str
    code_version: str
    config_hash: str
    starting_capital: Decimal
    bars: int
    seconds: float


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a run leaves behind. Trades in the order of their exits, equity in time order
    with a point at the end of every session.
    """

    facts: RunFacts
    trades: Sequence[Trade]
    orders: Sequence[OrderLife]
    still_open: Sequence[OpenTranche]
    equity: Sequence[AccountPoint]
    refusals: dict[Refusal, int]

    @property
    def ending_equity(self) -> Decimal:
        return self.equity[-1].equity if self.equity else self.facts.starting_capital

    @property
    def unrealized(self) -> Decimal:
        """Of what is still open, before what closing it would cost."""
        gross = (held.tranche.unrealized_gross(held.mark) for held in self.still_open)
        return sum(gross, ZERO)

    @property
    def equity_statistics(self) -> EquityStatistics | None:
        """None for a run without a session."""
        points = [EquityPoint(point.ts_ns, point.equity) for point in self.equity]
        return equity_statistics(points, self.facts.starting_capital) if points else None


class Figures(TypedDict):
    """Of closed trades, after charges. `win_rate` is a fraction; what is undefined is null."""

    trades: int
    wins: int
    losses: int
    gross_pnl: Decimal
    charges_total: Decimal
    net_pnl: Decimal
    win_rate: float | None
    average_rr: float | None
    average_r: float | None
    average_winner: Decimal | None
    average_loser: Decimal | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    profit_factor: float | None
    average_holding_minutes: float | None


class Summary(Figures):
    """The run as a whole; `unrealized_pnl` is of what is still open, in equity but not in net."""

    starting_capital: Decimal
    ending_equity: Decimal
    unrealized_pnl: Decimal
    still_open: int
    sharpe: float | None
    sortino: float | None
    max_drawdown_pct: float | None
    max_drawdown: Decimal | None
    max_drawdown_from: datetime | None
    max_drawdown_to: datetime | None
    sessions: int
    intraday: Figures
    swing: Figures
    by_strategy: dict[str, Figures]
    refusals: dict[str, int]
    bars: int
    seconds: float
    bars_per_second: int | None
    run_id: str
    code_version: str
    config_hash: str


def result_files(result: RunResult) -> dict[str, bytes]:
    """The JSON files of a backtest by name; DomainError when their sums do not agree."""
    _check_sums(result)
    return {
        "trades.json": encoded([trade_row(trade) for trade in result.trades]),
        "orders.json": encoded([order_row(life) for life in result.orders]),
        "open.json": encoded([open_row(held) for held in result.still_open]),
        "equity.json": encoded([equity_row(point) for point in result.equity]),
        "summary.json": msgspec.json.format(msgspec.json.encode(summary(result)), indent=2) + b"\n",
    }


def _check_sums(result: RunResult) -> None:
    """The identity of results.py, from the two sides."""
    traded = sum((trade.net_pnl for trade in result.trades), ZERO)
    given_back = sum(
        (held.tranche.realized_gross - held.charges.total for held in result.still_open), ZERO
    )
    equity = result.facts.starting_capital + traded + given_back + result.unrealized
    require(
        exact(equity) == exact(result.ending_equity),
        f"trades and open tranches make {equity}, the account says {result.ending_equity}",
    )


def summary(result: RunResult) -> Summary:
    """The one document of `tradego backtest --json`."""
    facts, equity = result.facts, result.equity_statistics
    fall = equity.max_drawdown if equity else None
    by_product = statistics_by(Grouping.PRODUCT, result.trades)
    by_strategy = statistics_by(Grouping.STRATEGY, result.trades)
    nothing = trade_statistics(())
    return {
        **_figures(trade_statistics(result.trades)),
        "starting_capital": exact(facts.starting_capital),
        "ending_equity": exact(result.ending_equity),
        "unrealized_pnl": exact(result.unrealized),
        "still_open": len(result.still_open),
        "sharpe": _ratio(equity.sharpe) if equity else None,
        "sortino": _ratio(equity.sortino) if equity else None,
        "max_drawdown_pct": ratio(fall.percent) if fall else None,
        "max_drawdown": exact(fall.amount) if fall else None,
        "max_drawdown_from": time_of(fall.peak_ns) if fall else None,
        "max_drawdown_to": time_of(fall.trough_ns) if fall else None,
        "sessions": equity.sessions if equity else 0,
        "intraday": _figures(by_product.get("intraday", nothing)),
        "swing": _figures(by_product.get("swing", nothing)),
        "by_strategy": {name: _figures(figures) for name, figures in by_strategy.items()},
        "refusals": {code.value: count for code, count in result.refusals.items() if count},
        "bars": facts.bars,
        "seconds": round(facts.seconds, 3),
        "bars_per_second": round(facts.bars / facts.seconds) if facts.seconds else None,
        "run_id": facts.run_id,
        "code_version": facts.code_version,
        "config_hash": facts.config_hash,
    }


def _figures(of: TradeStatistics) -> Figures:
    return {
        "trades": of.trades,
        "wins": of.wins,
        "losses": of.losses,
        "gross_pnl": exact(of.gross_pnl),
        "charges_total": exact(of.charges),
        "net_pnl": exact(of.net_pnl),
        "win_rate": _ratio(of.win_rate),
        "average_rr": _ratio(of.average_rr),
        "average_r": _ratio(of.average_r),
        "average_winner": _amount(of.average_winner),
        "average_loser": _amount(of.average_loser),
        "largest_win": of.largest_win and exact(of.largest_win.net_pnl),
        "largest_loss": of.largest_loss and exact(of.largest_loss.net_pnl),
        "profit_factor": _ratio(of.profit_factor),
        "average_holding_minutes": _ratio(of.average_holding_minutes),
    }


def _ratio(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _amount(value: Decimal | None) -> Decimal | None:
    return None if value is None else exact(value)
