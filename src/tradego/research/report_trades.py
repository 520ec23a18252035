"""The trades as data for the list in the page: compact, and inert until its script reads it."""

from collections.abc import Sequence

import msgspec

from tradego.domain import wording
from tradego.domain.positions import Trade
from tradego.domain.signals import Product, Side
from tradego.domain.times import SECOND
from tradego.research.report_markup import Html, data_block
from tradego.research.results import Units, exact, ratio, units


class _Listed(msgspec.Struct, frozen=True, array_like=True):
    """One trade as a row of JSON; words are places in the lists beside it. Times are Unix seconds.

    The order of the fields is what the script of the page reads.
    """

    trade_id: str
    symbol: int
    strategy: int
    swing: bool
    short: bool
    quantity: Units
    entry_s: int
    entry: float
    exit_s: int
    exit: float
    way_out: int
    rule: str
    gross: float
    charges: float
    net: float
    percent: float | None
    r: float | None
    mae: float
    mfe: float
    first_stop: float
    target: float | None
    confidence: float
    reward_risk_net: float | None
    conditions: tuple[float, ...]


class _Book(msgspec.Struct, frozen=True):
    symbols: list[str]
    strategies: list[str]
    ways_out: list[str]
    conditions: list[list[str]]
    trades: list[_Listed]


def trades_data(trades: Sequence[Trade]) -> Html:
    """All trades, for the list."""
    symbols = list(dict.fromkeys(trade.symbol for trade in trades))
    strategies = list(dict.fromkeys(trade.strategy for trade in trades))
    ways_out = [wording.EXITS[reason] for reason in dict.fromkeys(t.exit_reason for t in trades)]
    named = {trade.strategy: [c.name for c in trade.conditions] for trade in trades}
    book = _Book(
        symbols=symbols,
        strategies=[wording.named(name) for name in strategies],
        ways_out=ways_out,
        conditions=[[name.replace("_", " ") for name in named[of]] for of in strategies],
        trades=[
            _listed(
                trade,
                symbols.index(trade.symbol),
                strategies.index(trade.strategy),
                ways_out.index(wording.EXITS[trade.exit_reason]),
            )
            for trade in trades
        ],
    )
    return data_block("trades-data", book)


def _listed(trade: Trade, symbol: int, strategy: int, way_out: int) -> _Listed:
    return _Listed(
        trade_id=trade.trade_id,
        symbol=symbol,
        strategy=strategy,
        swing=trade.product is Product.DELIVERY,
        short=trade.direction is Side.SELL,
        quantity=units(trade.quantity),
        entry_s=trade.entry_ns // SECOND,
        entry=float(exact(trade.entry_price)),
        exit_s=trade.exit_ns // SECOND,
        exit=float(exact(trade.exit_price)),
        way_out=way_out,
        rule=trade.exit_rule,
        gross=float(trade.gross_pnl),
        charges=float(trade.charges.total),
        net=float(trade.net_pnl),
        percent=ratio(trade.pnl_percent),
        r=round(float(trade.r_multiple), 3) if trade.risk_amount else None,
        mae=float(exact(trade.mae)),
        mfe=float(exact(trade.mfe)),
        first_stop=float(trade.initial_stop_loss.value),
        target=float(trade.target.value) if trade.target else None,
        confidence=trade.confidence,
        reward_risk_net=ratio(trade.reward_risk_net),
        conditions=tuple(float(f"{x:.5g}") for c in trade.conditions for x in (c.left, c.right)),
    )
