"""How much: the quantity that risks the wanted amount, cut by every cap that binds."""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from tradego.domain.instruments import Instrument
from tradego.domain.money import ONE, ZERO, Quantity
from tradego.domain.settings import RiskSettings, Sizing
from tradego.domain.signals import Product
from tradego.risk.exposure import Exposure

HUNDRED = Decimal(100)


class Plan(msgspec.Struct, frozen=True, gc=False):
    """What an entry would cost and risk per unit, in rupees; `entry` is the worst price paid."""

    instrument: Instrument
    product: Product
    entry: Decimal
    risk_per_unit: Decimal
    confidence: float  # tidy-ok: a score
    volatility: Decimal = ZERO  # ATR in price units, where the signal gave one


class Sized(NamedTuple):
    """`bound_by` names what decided the quantity: "risk", "position", "pool", "order value",
    "freeze" (the exchange's most in one order) or "asked".
    """

    quantity: Quantity
    risk_wanted: Decimal
    bound_by: str


def risk_budget(confidence: float, capital: Decimal, risk: RiskSettings) -> Decimal:
    """Rupees to risk: linear from the least at the low confidence to the most at the high one,
    clamped outside; of total capital, never of margin.
    """
    scores = (confidence, risk.confidence_low, risk.confidence_high)
    at, low, high = (Decimal(repr(score)) for score in scores)  # 0.825 is meant, not its binary
    share = min(ONE, max(ZERO, (at - low) / (high - low))) if high > low else ONE
    percent = risk.risk_min_pct + share * (risk.risk_max_pct - risk.risk_min_pct)
    return capital * percent / HUNDRED


def margin_of(value: Decimal, product: Product, instrument: Instrument) -> Decimal:
    """What the position ties up: margin for intraday, full value for delivery."""
    if product is Product.INTRADAY:
        return value * instrument.margin_pct / HUNDRED
    return value


def size(
    plan: Plan,
    capital: Decimal,
    exposure: Exposure,
    risk: RiskSettings,
    at_most: Quantity | None = None,
) -> Sized:
    """Whole lots, rounded down; zero where a cap leaves no room. `at_most` is what was asked for,
    where somebody did.
    """
    wanted = risk_budget(plan.confidence, capital, risk)
    rooms = {
        "risk": _units_wanted(plan, wanted, risk),
        "position": _position_room(plan, capital, exposure, risk) / plan.entry,
        "pool": _pool_room(plan, capital, exposure, risk) / _margin_per_unit(plan),
        "order value": risk.max_order_value / plan.entry,
    }
    if plan.instrument.freeze is not None:
        rooms["freeze"] = plan.instrument.freeze.value
    if at_most is not None:
        rooms["asked"] = at_most.value
    bound_by = min(rooms, key=rooms.__getitem__)
    units = max(ZERO, rooms[bound_by])
    return Sized(Quantity(units).in_lots(plan.instrument.lot), wanted, bound_by)


def _units_wanted(plan: Plan, wanted: Decimal, risk: RiskSettings) -> Decimal:
    if risk.sizing is Sizing.FIXED:
        return risk.fixed_amount / plan.entry
    if risk.sizing is Sizing.VOLATILITY and plan.volatility > 0:
        return wanted / max(plan.risk_per_unit, risk.volatility_factor * plan.volatility)
    return wanted / plan.risk_per_unit


def _position_room(plan: Plan, capital: Decimal, exposure: Exposure, risk: RiskSettings) -> Decimal:
    """Up to the share of what is not deployed yet, less what the position is worth already."""
    held = exposure.values.get(plan.instrument.symbol, ZERO)
    return (capital - exposure.deployed) * risk.position_pct / HUNDRED - held


def _pool_room(plan: Plan, capital: Decimal, exposure: Exposure, risk: RiskSettings) -> Decimal:
    """Free margin in the product's pool; the pools never lend to each other."""
    if plan.product is Product.INTRADAY:
        return capital * risk.intraday_pool_pct / HUNDRED - exposure.intraday
    return capital * (HUNDRED - risk.intraday_pool_pct) / HUNDRED - exposure.swing


def _margin_per_unit(plan: Plan) -> Decimal:
    return margin_of(plan.entry, plan.product, plan.instrument)
