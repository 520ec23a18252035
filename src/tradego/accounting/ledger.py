"""Fills into tranches, tranches into trades: exact, and only here."""

from decimal import Decimal

from msgspec.structs import replace

from tradego.domain.charges import Charges
from tradego.domain.errors import present, require
from tradego.domain.money import ZERO, Quantity
from tradego.domain.orders import Fill
from tradego.domain.positions import Trade, Tranche, TrancheState
from tradego.domain.signals import Side


def enter(tranche: Tranche, fill: Fill) -> Tranche:
    """The tranche with an entry fill booked; the first one opens it."""
    require(
        fill.side is tranche.direction, "{} does not enter {}", fill.fill_id, tranche.tranche_id
    )
    price, quantity = fill.price.value, fill.quantity.value
    first = not tranche.entered.value
    return replace(
        tranche,
        state=TrancheState.OPEN if tranche.state is TrancheState.ENTERING else tranche.state,
        entered=Quantity(tranche.entered.value + quantity),
        entry_value=tranche.entry_value + price * quantity,
        opened_ns=fill.ts_ns if first else tranche.opened_ns,
        high=price if first else max(price, tranche.high),
        low=price if first else min(price, tranche.low),
    )


def leave(tranche: Tranche, fill: Fill) -> Tranche:
    """The tranche with an exit fill booked; DomainError when it gives back more than is open."""
    require(fill.side is not tranche.direction, "{} adds to {}", fill.fill_id, tranche.tranche_id)
    price, quantity = fill.price.value, fill.quantity.value
    return replace(
        tranche,
        exited=Quantity(tranche.exited.value + quantity),
        exit_value=tranche.exit_value + price * quantity,
        closed_ns=fill.ts_ns,
        high=max(price, tranche.high),
        low=min(price, tranche.low),
    )


def cash_flow(fill: Fill) -> Decimal:
    """What a fill does to cash, before charges."""
    value = fill.price.value * fill.quantity.value
    return -value if fill.side is Side.BUY else value


def stretched(tranche: Tranche, high: Decimal, low: Decimal) -> Tranche:
    """The tranche with its extremes widened by what the price did since."""
    if high <= tranche.high and low >= tranche.low:
        return tranche
    return replace(tranche, high=max(high, tranche.high), low=min(low, tranche.low))


def trade_of(tranche: Tranche, charges: Charges, capital_used: Decimal) -> Trade:
    """The journal's row of a flat tranche."""
    require(not tranche.is_open, "{} is not flat", tranche.tranche_id)
    quantity, entry = tranche.entered.value, tranche.entry_price
    up, down = tranche.high - entry, entry - tranche.low
    favour, adverse = (up, down) if tranche.direction is Side.BUY else (down, up)
    initial_risk = (entry - tranche.initial_stop.value) * tranche.sign * quantity
    return Trade(
        trade_id=tranche.tranche_id,
        number=tranche.number,
        symbol=tranche.symbol,
        strategy=tranche.strategy,
        product=tranche.product,
        direction=tranche.direction,
        quantity=tranche.entered,
        signal_ns=tranche.signal_ns,
        entry_ns=tranche.opened_ns,
        entry_price=entry,
        exit_ns=tranche.closed_ns,
        exit_price=tranche.exit_value / quantity,
        exit_reason=present(tranche.exit_reason, f"{tranche.tranche_id} is flat without a reason"),
        exit_rule=tranche.exit_rule,
        stop_loss=tranche.stop,
        initial_stop_loss=tranche.initial_stop,
        target=tranche.target,
        risk_amount=max(ZERO, initial_risk),
        capital_used=capital_used,
        gross_pnl=tranche.gained(tranche.entry_value, tranche.exit_value),
        entry_order_id=tranche.entry_order_id,
        target_order_id=tranche.target_order_id,
        sl_order_id=tranche.stop_order_id,
        exit_order_id=tranche.exit_order_id,
        mae=max(ZERO, adverse),
        mfe=max(ZERO, favour),
        charges=charges,
        confidence=tranche.confidence,
        news_score=tranche.news_score,
        tech_score=tranche.tech_score,
        reward_risk=tranche.reward_risk,
        reward_risk_net=tranche.reward_risk_net,
        conditions=tranche.conditions,
    )
