"""Two trades that can be checked by hand, for tests of everything that shows or writes trades.

INFY, intraday long: 40 bought at 1500.10 and sold at 1515.10, so 600.00 gross; charges 47.29; net
552.71. 40 x (1500.10 - 1491.10) = 360.00 was at risk: 1.535 R. A fifth of 60,004.00 was used.
HDFCBANK, swing long: 54 at 1004.20 and 42 at 1004.40 bought, sold at 986.10 four days later:
1746.00 lost, which is all that was at risk, and 220.80 charges.
"""

from datetime import date
from decimal import Decimal

from tradego.domain.charges import Charges
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Fill, Order, OrderState, OrderType, Role
from tradego.domain.positions import ExitReason, Trade, Tranche, TrancheState
from tradego.domain.signals import Condition, Product, Side
from tradego.domain.times import SECOND, at

D = Decimal
MONDAY = date(2025, 3, 3)
FRIDAY = date(2025, 3, 7)


def price(text: str) -> Price:
    return Price(D(text))


INFY = Trade(
    trade_id="BT000001",
    number=0,
    symbol="INFY",
    strategy="technical_breakout",
    product=Product.INTRADAY,
    direction=Side.BUY,
    quantity=Quantity(D(40)),
    signal_ns=at(MONDAY, "10:15"),
    entry_ns=at(MONDAY, "10:15:01"),
    entry_price=D("1500.1"),
    exit_ns=at(MONDAY, "11:07:01"),
    exit_price=D("1515.10"),
    exit_reason=ExitReason.TARGET,
    exit_rule="target",
    stop_loss=price("1500.1"),
    initial_stop_loss=price("1491.1"),
    target=price("1515.1"),
    risk_amount=D("360.0"),
    capital_used=D("12000.80"),
    gross_pnl=D("600.0"),
    entry_order_id="BO0000001",
    target_order_id="BO0000003",
    sl_order_id="BO0000002",
    exit_order_id="BO0000003",
    mae=D("3.6"),
    mfe=D("15.0"),
    charges=Charges(
        brokerage=D("18.18"),
        stt=D("15.00"),
        exchange=D("3.58"),
        ipft=D("0.12"),
        sebi=D("0.12"),
        stamp=D("1.80"),
        gst=D("3.96"),
        dp=D("4.53"),
    ),
    confidence=0.78,
    tech_score=0.8,
    reward_risk=D("1.6666666666666666667"),
    reward_risk_net=D("1.25"),
    conditions=(Condition("on_volume", 2.6, 2.0, passed=True),),
)

HDFCBANK = Trade(
    trade_id="BT000002",
    number=0,
    symbol="HDFCBANK",
    strategy="news_momentum",
    product=Product.DELIVERY,
    direction=Side.BUY,
    quantity=Quantity(D(96)),
    signal_ns=at(MONDAY, "10:30"),
    entry_ns=at(MONDAY, "10:30:02"),
    entry_price=D("96411.6") / 96,  # 54 at 1004.20 and 42 at 1004.40
    exit_ns=at(FRIDAY, "09:15"),
    exit_price=D("986.1"),
    exit_reason=ExitReason.STOP_LOSS,
    exit_rule="",
    stop_loss=price("986.1"),
    initial_stop_loss=price("986.1"),
    target=None,
    risk_amount=D("1746.0"),
    capital_used=D("96411.6"),
    gross_pnl=D("-1746.0"),
    entry_order_id="BO0000004",
    target_order_id="",
    sl_order_id="BO0000005",
    exit_order_id="",
    mae=D("18.1875"),
    mfe=D("0.9125"),
    charges=Charges(stt=D("191.00"), stamp=D("14.46"), dp=D("15.34")),
    confidence=0.71,
    news_score=0.64,
    reward_risk=D("Infinity"),
    reward_risk_net=D("Infinity"),
)

# Bought 60, of which 20 are already given back at 1742.50; 40 are held at 1739.10.
SUNPHARMA = Tranche(
    tranche_id="BT000003",
    number=0,
    symbol="SUNPHARMA",
    product=Product.DELIVERY,
    direction=Side.BUY,
    strategy="technical_breakout",
    signal_id="technical_breakout:SUNPHARMA:1",
    signal_ns=at(FRIDAY, "13:15"),
    initial_stop=price("1721.6"),
    stop=price("1721.6"),
    target=price("1773.9"),
    state=TrancheState.OPEN,
    entered=Quantity(D(60)),
    exited=Quantity(D(20)),
    entry_value=D("104400.0"),  # 60 at 1740.00
    exit_value=D("34850.0"),
    opened_ns=at(FRIDAY, "13:20:31"),
    high=D("1744.0"),
    low=D("1738.0"),
    entry_order_id="BO0000006",
    stop_order_id="BO0000007",
    confidence=0.7,
    reward_risk=D("1.84"),
    reward_risk_net=D("1.2"),
)

ENTRY_ORDER = Order(
    order_id="BO0000001",
    tag="TB0010000000017Y3QE5",
    intent_id="BT000001:ENTRY:1",
    tranche_id="BT000001",
    symbol="INFY",
    product=Product.INTRADAY,
    role=Role.ENTRY,
    side=Side.BUY,
    type=OrderType.LIMIT,
    quantity=Quantity(D(40)),
    limit=price("1501.6"),
    state=OrderState.SENDING,
)

ENTRY_FILL = Fill(
    fill_id="X1",
    order_id="BO0000001",
    tranche_id="BT000001",
    symbol="INFY",
    side=Side.BUY,
    price=price("1500.1"),
    quantity=Quantity(D(40)),
    ts_ns=at(MONDAY, "10:15") + SECOND,
)
