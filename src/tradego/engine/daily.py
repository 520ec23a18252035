"""The day in one row: what was earned, what is open, what is at stake; intraday and swing apart."""

from decimal import Decimal

from tradego.domain.money import ZERO
from tradego.domain.positions import DailyPortfolio, Slice
from tradego.domain.signals import Product
from tradego.engine.state import DeskState

HUNDRED = Decimal(100)


def daily_row(state: DeskState) -> DailyPortfolio:
    """At the close, before the day's charges are put away.

    Realized results of all days plus what is open now is what equity has changed since the start.
    """
    session, exposure, equity = state.session, state.exposure, state.equity
    intraday, swing = _slice(state, Product.INTRADAY), _slice(state, Product.DELIVERY)
    peak = max(state.cash.peak, equity)
    return DailyPortfolio(
        date=session.date,
        starting=session.starting,
        ending=equity,
        cash=state.cash_balance,
        deployed=exposure.deployed,
        available=session.starting - exposure.deployed,
        realized=intraday.realized + swing.realized,
        unrealized=intraday.unrealized + swing.unrealized,
        charges=intraday.charges + swing.charges,
        heat_pct=exposure.heat / session.starting * HUNDRED,
        peak=peak,
        drawdown_pct=(peak - equity) / peak * HUNDRED,
        intraday=intraday,
        swing=swing,
    )


def _slice(state: DeskState, product: Product) -> Slice:
    closed = [c.trade for c in state.session.trades.values() if c.trade.product is product]
    charges = state.daybook.total(product).total
    gross = state.realized(product) - state.session.realized_before.get(product, ZERO)
    exposure = state.exposure
    return Slice(
        realized=gross - charges,
        unrealized=state.unrealized(product),
        charges=charges,
        trades=len(closed),
        wins=sum(1 for trade in closed if trade.net_pnl > 0),
        deployed=exposure.intraday if product is Product.INTRADAY else exposure.swing,
    )
