"""How much: S1-risk-1, S1-risk-2, S1-mgn-1..4, S4-p3-5..6."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradego.domain.instruments import Instrument
from tradego.domain.money import Quantity
from tradego.domain.settings import RiskSettings, Sizing
from tradego.domain.signals import Product
from tradego.risk.exposure import NOTHING, Exposure
from tradego.risk.sizing import Plan, margin_of, risk_budget, size

D = Decimal
QUIET = settings(max_examples=150, derandomize=True, deadline=None, database=None)
TEN_LAKH = D(1_000_000)
FIVEFOLD = Instrument(symbol="INFY", margin_pct=D(20))
UNCAPPED = RiskSettings(position_pct=D(1000), max_order_value=D(100_000_000))


def plan(**terms: object) -> Plan:
    """Entry 2,500, stop 2,475, full confidence: Rs 10,000 at risk of ten lakh."""
    known = {
        "instrument": FIVEFOLD,
        "product": Product.INTRADAY,
        "entry": D(2500),
        "risk_per_unit": D(25),
        "confidence": 1.0,
    }
    return Plan(**{**known, **terms})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("confidence", "rupees"),
    [("0.65", "5000"), ("1.0", "10000"), ("0.825", "7500"), ("0.5", "5000"), ("1.2", "10000")],
)
def test_risk_grows_from_half_a_percent_to_one(confidence: str, rupees: str) -> None:
    assert risk_budget(float(confidence), TEN_LAKH, RiskSettings()) == D(rupees)


def test_the_slope_is_a_setting() -> None:
    # 1 % per unit of confidence: 0.5 + 0.35 = 0.85 % at full confidence
    assert risk_budget(1.0, TEN_LAKH, RiskSettings(risk_max_pct=D("0.85"))) == D(8500)
    flat = RiskSettings(confidence_low=0.7, confidence_high=0.7)
    assert risk_budget(0.7, TEN_LAKH, flat) == D(10_000)


def test_the_quantity_that_risks_the_budget() -> None:  # S1-mgn-4, first line; S1-mgn-3
    # 10,000 / 25 = 400 shares worth 10,00,000, with 2,00,000 of margin
    assert size(plan(), TEN_LAKH, NOTHING, UNCAPPED) == (Quantity.of(400), D(10_000), "risk")
    assert margin_of(D(400) * 2500, Product.INTRADAY, FIVEFOLD) == D(200_000)
    assert margin_of(D(400) * 2500, Product.DELIVERY, FIVEFOLD) == D(1_000_000)


def test_margin_that_is_left_shrinks_the_quantity() -> None:  # S1-mgn-4
    # of the 7,00,000 for intraday 6,00,000 are in use: 1,00,000 / 500 a share
    busy = Exposure({"TCS": D(3_000_000)}, {}, D(0), D(600_000), D(0))
    assert size(plan(), TEN_LAKH, busy, UNCAPPED) == (Quantity.of(200), D(10_000), "pool")


def test_the_cap_on_a_position_shrinks_the_quantity() -> None:  # S1-mgn-4: 1,00,000 / 2,500
    assert size(plan(), TEN_LAKH, NOTHING, RiskSettings()) == (
        Quantity.of(40),
        D(10_000),
        "position",
    )


def test_the_cap_is_of_what_is_still_available_less_what_is_held_already() -> None:  # S1-risk-2
    # 10 % of 8,00,000 is 80,000: 32 shares; with 50,000 of it held, 12
    risk = RiskSettings()
    other = Exposure({"TCS": D(200_000)}, {}, D(0), D(0), D(200_000))
    assert size(plan(), TEN_LAKH, other, risk).quantity == Quantity.of(32)
    same = Exposure({"TCS": D(150_000), "INFY": D(50_000)}, {}, D(0), D(50_000), D(150_000))
    assert size(plan(), TEN_LAKH, same, risk).quantity == Quantity.of(12)
    full = Exposure({"INFY": D(100_000)}, {}, D(0), D(100_000), D(0))
    assert size(plan(), TEN_LAKH, full, risk) == (Quantity.of(0), D(10_000), "position")


def test_pools_never_lend() -> None:  # S1-mgn-2: 3,00,000 for swing, unlevered
    empty = Exposure({"TCS": D(290_000)}, {}, D(0), D(0), D(290_000))
    swing = plan(product=Product.DELIVERY)
    assert size(swing, TEN_LAKH, empty, UNCAPPED) == (Quantity.of(4), D(10_000), "pool")
    full = Exposure({"TCS": D(301_000)}, {}, D(0), D(0), D(301_000))
    assert size(swing, TEN_LAKH, full, UNCAPPED) == (Quantity.of(0), D(10_000), "pool")


def test_no_order_is_worth_more_than_the_cap_on_orders() -> None:  # F41
    risk = RiskSettings(position_pct=D(100), max_order_value=D(250_000))
    assert size(plan(), TEN_LAKH, NOTHING, risk) == (Quantity.of(100), D(10_000), "order value")


def test_no_order_is_larger_than_the_exchange_takes_or_a_person_asked() -> None:
    frozen = Instrument(symbol="INFY", margin_pct=D(20), freeze=Quantity.of(50))
    assert size(plan(instrument=frozen), TEN_LAKH, NOTHING, UNCAPPED).bound_by == "freeze"
    asked = size(plan(), TEN_LAKH, NOTHING, UNCAPPED, Quantity.of(7))
    assert asked == (Quantity.of(7), D(10_000), "asked")
    assert size(plan(), TEN_LAKH, NOTHING, UNCAPPED, Quantity.of(7000)).quantity == Quantity.of(400)


def test_volatility_widens_the_risk_where_the_stop_is_nearer() -> None:  # S4-p3-5..6
    # twice an ATR of 20 is 40: 10,000 / 40; an ATR of 10 is within the stop's 25
    risk = RiskSettings(
        sizing=Sizing.VOLATILITY, position_pct=D(100), max_order_value=D(100_000_000)
    )
    assert size(plan(volatility=D(20)), TEN_LAKH, NOTHING, risk).quantity == Quantity.of(250)
    assert size(plan(volatility=D(10)), TEN_LAKH, NOTHING, risk).quantity == Quantity.of(400)
    assert size(plan(), TEN_LAKH, NOTHING, risk).quantity == Quantity.of(400)


def test_a_fixed_amount_a_trade() -> None:
    risk = RiskSettings(sizing=Sizing.FIXED, fixed_amount=D(99_999))
    assert size(plan(), TEN_LAKH, NOTHING, risk).quantity == Quantity.of(39)


def test_lots_round_down() -> None:
    lots = Instrument(symbol="INFY", margin_pct=D(20), lot=D(75))
    assert size(plan(instrument=lots), TEN_LAKH, NOTHING, UNCAPPED).quantity == Quantity.of(375)


amounts = st.integers(min_value=0, max_value=2_000_000).map(Decimal)


@QUIET
@given(
    entry=st.integers(min_value=1, max_value=2_000_000).map(lambda paise: D(paise) / 20),
    stop_pct=st.integers(min_value=1, max_value=500).map(lambda n: D(n) / 1000),
    confidence=st.floats(min_value=0, max_value=1),
    intraday=amounts,
    swing=amounts,
    held=amounts,
    product=st.sampled_from(Product),
    margin=st.sampled_from([D(20), D("33.3"), D(100)]),
)
def test_no_cap_is_passed_whatever_the_numbers(
    entry: Decimal,
    stop_pct: Decimal,
    confidence: float,
    intraday: Decimal,
    swing: Decimal,
    held: Decimal,
    product: Product,
    margin: Decimal,
) -> None:
    listed = Instrument(symbol="INFY", margin_pct=margin)
    wanted = Plan(listed, product, entry, entry * stop_pct, confidence)
    exposure = Exposure({"INFY": held}, {}, D(0), intraday, swing)
    risk = RiskSettings()
    sized = size(wanted, TEN_LAKH, exposure, risk)
    value = sized.quantity.value * entry
    used = margin_of(value, product, listed)
    assert sized.quantity.value % listed.lot == 0
    assert sized.quantity.value * wanted.risk_per_unit <= sized.risk_wanted <= D(10_000)
    if sized.quantity:
        assert held + value <= (TEN_LAKH - intraday - swing) / 10
        pool, busy = (D(700_000), intraday) if product is Product.INTRADAY else (D(300_000), swing)
        assert busy + used <= pool
