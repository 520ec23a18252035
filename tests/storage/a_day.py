"""One paper session, small enough to check by hand, as the engine would have told it.

A signal for INFY is approved and one for TCS refused. 100 INFY are bought in two parts, 60 at
1500.00 and 40 at 1501.00: 1500.40 on average. A stop rests at 1490.00 and is raised to 1500.40. The
target takes all 100 at 1515.00: 1460.00 gross. Charges of 66.71 become 66.73 when the day's notes
are made, so the trade is said twice; 1393.27 remain. Of 30,008.00 used that is 4.643 %.
"""

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from tradego.domain.charges import Charges
from tradego.domain.effects import (
    AdviceHeard,
    Alarm,
    CommandAnswered,
    DayReported,
    Effect,
    FillBooked,
    ModeChanged,
    OrderChanged,
    Reconciled,
    Refusal,
    Severity,
    SignalApproved,
    SignalRefused,
    StopMoved,
    SubmitOrder,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.events import (
    AdviceGiven,
    CommandKind,
    CommandReceived,
    DayClosed,
    DeskOpened,
    Event,
    Filled,
    Marked,
    Mode,
    OrderModified,
    Outcome,
    SendAnswered,
    SignalsRaised,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Fill, Order, OrderState, OrderType, Role
from tradego.domain.positions import DailyPortfolio, ExitReason, Slice, Trade, Tranche, TrancheState
from tradego.domain.settings import EngineSettings
from tradego.domain.signals import Action, Advice, Condition, Product, Side, Signal
from tradego.domain.times import at
from tradego.storage.stamp import Stamp

D = Decimal
Row = tuple[Event, list[Effect]]
MONDAY = date(2025, 3, 3)
STAMP = Stamp(mode=Mode.PAPER, account="P1", lineage="run-1", created_ns=at(MONDAY, "09:00"))
OPENED = DeskOpened(
    ts_ns=at(MONDAY, "09:00"),
    run_id="run-1",
    mode=Mode.PAPER,
    account="P1",
    epoch=1,
    capital=D(1_000_000),
    settings=EngineSettings(),
    instruments=(Instrument(symbol="INFY"), Instrument(symbol="TCS")),
    code_version="test",
    config_hash="0",
)
SIGNAL = Signal(
    signal_id="news_momentum:INFY:1",
    ts_ns=at(MONDAY, "10:15"),
    symbol="INFY",
    strategy="news_momentum",
    product=Product.INTRADAY,
    direction=Side.BUY,
    entry=1500.1,
    stop=1490.0,
    target=1515.0,
    confidence=0.8,
    news_score=0.7,
    conditions=(Condition("news", 0.7, 0.6, passed=True),),
)
TRANCHE = Tranche(
    tranche_id="PT000001",
    number=0,
    symbol="INFY",
    product=Product.INTRADAY,
    direction=Side.BUY,
    strategy="news_momentum",
    signal_id=SIGNAL.signal_id,
    signal_ns=SIGNAL.ts_ns,
    initial_stop=Price.of("1490"),
    stop=Price.of("1490"),
    target=Price.of("1515"),
    entry_order_id="PO0000001",
    confidence=0.8,
    news_score=0.7,
    conditions=SIGNAL.conditions,
)
ENTRY = Order(
    order_id="PO0000001",
    tag="TP00100000000100E",
    intent_id="PT000001:ENTRY:1",
    tranche_id="PT000001",
    symbol="INFY",
    product=Product.INTRADAY,
    role=Role.ENTRY,
    side=Side.BUY,
    type=OrderType.LIMIT,
    quantity=Quantity.of(100),
    limit=Price.of("1501.60"),
    state=OrderState.SENDING,
)
STOP = replace(
    ENTRY,
    order_id="PO0000002",
    tag="TP00100000000200S",
    intent_id="PT000001:STOP:2",
    role=Role.STOP,
    side=Side.SELL,
    type=OrderType.STOP,
    limit=None,
    trigger=Price.of("1490"),
)
TARGET = replace(
    ENTRY,
    order_id="PO0000003",
    tag="TP00100000000300T",
    intent_id="PT000001:TARGET:3",
    role=Role.TARGET,
    side=Side.SELL,
    limit=Price.of("1515"),
)
CHARGES = Charges(
    brokerage=D("27.00"),
    stt=D("37.88"),
    exchange=D("0.90"),
    ipft=D("0.03"),
    sebi=D("0.30"),
    stamp=D("0.10"),
    gst=D("0.50"),
)
TRADE = Trade(
    trade_id="PT000001",
    number=0,
    symbol="INFY",
    strategy="news_momentum",
    product=Product.INTRADAY,
    direction=Side.BUY,
    quantity=Quantity.of(100),
    signal_ns=SIGNAL.ts_ns,
    entry_ns=at(MONDAY, "10:15:01"),
    entry_price=D("1500.40"),
    exit_ns=at(MONDAY, "11:00"),
    exit_price=D("1515"),
    exit_reason=ExitReason.TARGET,
    exit_rule="",
    stop_loss=Price.of("1500.40"),
    initial_stop_loss=Price.of("1490"),
    target=Price.of("1515"),
    risk_amount=D("1040"),
    capital_used=D("30008"),
    gross_pnl=D("1460"),
    entry_order_id="PO0000001",
    target_order_id="PO0000003",
    sl_order_id="PO0000002",
    exit_order_id="PO0000003",
    mae=D("0.40"),
    mfe=D("14.60"),
    charges=CHARGES,
    confidence=0.8,
    news_score=0.7,
    reward_risk=D("Infinity"),
    conditions=SIGNAL.conditions,
)
DAY = DailyPortfolio(
    date="2025-03-03",
    starting=D(1_000_000),
    ending=D("1001393.27"),
    cash=D("1001393.27"),
    deployed=D(0),
    available=D(1_000_000),
    realized=D("1393.27"),
    unrealized=D(0),
    charges=D("66.73"),
    heat_pct=D(0),
    peak=D("1001393.27"),
    drawdown_pct=D(0),
    intraday=Slice(realized=D("1393.27"), charges=D("66.73"), trades=1, wins=1),
)
HALT = CommandReceived(
    ts_ns=at(MONDAY, "11:05"),
    command_id="click-1",
    actor="asha",
    address="127.0.0.1",
    command=CommandKind.HALT,
)


def a_day() -> list[Row]:
    """Fresh lists each time; the values in them are frozen."""
    return [(OPENED, [ModeChanged(state="ready", reason="opened")]), *_entry(), *_exit(), *_end()]


def _entry() -> list[Row]:
    refused = replace(SIGNAL, signal_id="news_momentum:TCS:1", symbol="TCS")
    approved = SignalApproved(
        signal_id=SIGNAL.signal_id,
        tranche_id="PT000001",
        symbol="INFY",
        strategy="news_momentum",
        quantity=Quantity.of(100),
        limit=Price.of("1501.60"),
        risk_wanted=D(7142),
        risk_amount=D(1160),
        sized_by="position_pct",
        reward_risk=D("1.475"),
        reward_risk_net=D("1.2"),
    )
    half = replace(TRANCHE, state=TrancheState.OPEN, entered=Quantity.of(60), entry_value=D(90_000))
    half = replace(half, opened_ns=at(MONDAY, "10:15:01"), high=D(1500), low=D(1500))
    whole = replace(
        half, entered=Quantity.of(100), entry_value=D(150_040), stop_order_id="PO0000002"
    )
    part = replace(ENTRY, state=OrderState.PARTIAL, filled=Quantity.of(60), filled_value=D(90_000))
    full = replace(ENTRY, state=OrderState.FILLED, filled=Quantity.of(100), filled_value=D(150_040))
    first, second = _fill("f1", ENTRY, "1500", 60), _fill("f2", ENTRY, "1501", 40)
    return [
        (
            SignalsRaised(ts_ns=SIGNAL.ts_ns, signals=(SIGNAL, refused)),
            [
                SubmitOrder(order=ENTRY),  # said before its tranche, as the engine does
                approved,
                TrancheChanged(tranche=TRANCHE),
                SignalRefused(
                    signal_id=refused.signal_id,
                    symbol="TCS",
                    strategy="news_momentum",
                    code=Refusal.HEAT,
                    value=D("3.2"),
                    limit=D(3),
                ),
            ],
        ),
        (
            SendAnswered(
                ts_ns=SIGNAL.ts_ns,
                order_id="PO0000001",
                outcome=Outcome.ACCEPTED,
                venue_order_id="v1",
            ),
            [OrderChanged(order=replace(ENTRY, state=OrderState.ACKED, venue_order_id="v1"))],
        ),
        (
            Filled(ts_ns=first.ts_ns, fill=first),
            [OrderChanged(order=part), FillBooked(fill=first), TrancheChanged(tranche=half)],
        ),
        (
            Filled(ts_ns=second.ts_ns, fill=second),
            [
                OrderChanged(order=full),
                FillBooked(fill=second),
                SubmitOrder(order=STOP),
                TrancheChanged(tranche=whole),
            ],
        ),
    ]


def _exit() -> list[Row]:
    advice = Advice(
        ts_ns=at(MONDAY, "10:45"),
        symbol="INFY",
        strategy="news_momentum",
        action=Action.MOVE_STOP,
        rule="breakeven",
        stop=1500.4,
    )
    moved = replace(STOP, state=OrderState.WORKING, trigger=Price.of("1500.40"))
    last = _fill("f3", TARGET, "1515", 100, "11:00")
    open_ = replace(
        TRANCHE, state=TrancheState.OPEN, entered=Quantity.of(100), entry_value=D(150_040)
    )
    closed = replace(
        open_,
        state=TrancheState.CLOSED,
        exited=Quantity.of(100),
        exit_value=D(151_500),
        exit_reason=ExitReason.TARGET,
        opened_ns=at(MONDAY, "10:15:01"),
        closed_ns=last.ts_ns,
        stop=Price.of("1500.40"),
    )
    sold = replace(
        TARGET, state=OrderState.FILLED, filled=Quantity.of(100), filled_value=D(151_500)
    )
    return [
        (
            Marked(
                ts_ns=at(MONDAY, "10:30"), symbol="INFY", high=D(1512), low=D(1500), last=D(1511)
            ),
            [],
        ),
        (
            AdviceGiven(ts_ns=advice.ts_ns, advice=(advice,)),
            [
                AdviceHeard(advice=advice, taken="acted"),
                StopMoved(
                    tranche_id="PT000001",
                    symbol="INFY",
                    from_price=Price.of("1490"),
                    to_price=Price.of("1500.40"),
                    reason="breakeven",
                ),
            ],
        ),
        (
            OrderModified(
                ts_ns=advice.ts_ns, order_id="PO0000002", limit=None, trigger=Price.of("1500.40")
            ),
            [OrderChanged(order=moved), SubmitOrder(order=TARGET)],
        ),
        (
            Filled(ts_ns=last.ts_ns, fill=last),
            [
                OrderChanged(order=sold),
                FillBooked(fill=last),
                OrderChanged(order=replace(moved, state=OrderState.CANCELLED)),
                TrancheChanged(tranche=closed),
                TradeClosed(trade=TRADE),
            ],
        ),
    ]


def _end() -> list[Row]:
    final = replace(TRADE, charges=replace(CHARGES, gst=D("0.52")))
    seen = Reconciled(
        symbol="INFY",
        product=Product.INTRADAY,
        our_quantity=D(0),
        broker_quantity=D(5),
        our_average=None,
        broker_average=D("1500.40"),
        our_pnl=D("1393.27"),
        broker_pnl=None,
        cause="a manual trade",
        decision="left alone",
    )
    return [
        (
            HALT,
            [
                ModeChanged(state="halted", reason="halted by asha"),
                CommandAnswered(command_id="click-1", accepted=True, answer="halted by asha"),
                Alarm(key="halt", severity=Severity.WARNING, text="halted by asha"),
            ],
        ),
        (
            DayClosed(ts_ns=at(MONDAY, "15:30"), date="2025-03-03", closes=(("INFY", 1514.2),)),
            [TradeClosed(trade=final), DayReported(day=DAY), seen],
        ),
    ]


def _fill(fill_id: str, order: Order, price: str, units: int, clock: str = "10:15:01") -> Fill:
    return Fill(
        fill_id=fill_id,
        order_id=order.order_id,
        tranche_id=order.tranche_id,
        symbol=order.symbol,
        side=order.side,
        price=Price.of(price),
        quantity=Quantity.of(units),
        ts_ns=at(MONDAY, clock),
    )
