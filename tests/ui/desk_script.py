"""A short session written out by hand, as the journal of a desk would tell it.

Monday: INFY is bought (40 at 1500.10, stop 1491.10), its stop is raised to the entry, it leaves at
its target for 600.00 gross, 47.29 charges. BAJFINANCE is refused. HDFCBANK is bought for delivery,
10 at 1004.00, and closes at 1010.00. Tuesday: HDFCBANK opens and is sold at 1008.00.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from sample_trades import ENTRY_FILL, ENTRY_ORDER, HDFCBANK, INFY
from tradego.domain.charges import Charges
from tradego.domain.effects import (
    DayReported,
    Effect,
    FillBooked,
    OrderChanged,
    Refusal,
    SignalApproved,
    SignalRefused,
    StopMoved,
    SubmitOrder,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.events import (
    DayClosed,
    DeskOpened,
    Event,
    Filled,
    Marked,
    Mode,
    Outcome,
    SendAnswered,
    SessionOpened,
    SignalsRaised,
    TimerFired,
    TimerKind,
    Touched,
    Window,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Fill, Order, OrderState, OrderType, Role
from tradego.domain.positions import DailyPortfolio, ExitReason, Trade, Tranche, TrancheState
from tradego.domain.settings import EngineSettings
from tradego.domain.signals import Condition, Product, Side, Signal
from tradego.domain.times import MILLISECOND, at

D = Decimal
MONDAY, TUESDAY = date(2025, 3, 3), date(2025, 3, 4)
CAPITAL = D(1_000_000)
Step = tuple[Event, list[Effect]]


def on(day: date, clock: str, ms: int = 0) -> int:
    return at(day, clock) + ms * MILLISECOND


def price(text: str) -> Price:
    return Price(D(text))


def units(count: int) -> Quantity:
    return Quantity(D(count))


SIGNAL = Signal(
    signal_id="technical_breakout:INFY:1",
    ts_ns=on(MONDAY, "10:15"),
    symbol="INFY",
    strategy="technical_breakout",
    product=Product.INTRADAY,
    direction=Side.BUY,
    entry=1500.0,
    stop=1491.1,
    target=1515.1,
    confidence=0.78,
    conditions=(
        Condition("new_high", 1500.0, 1496.5, passed=True),
        Condition("on_volume", 2.6, 2.0, passed=True),
    ),
)
OTHER = replace(
    SIGNAL, signal_id="technical_breakout:BAJFINANCE:1", symbol="BAJFINANCE", confidence=0.7
)

STOP_ORDER = Order(
    order_id="BO0000002",
    tag="TB00100000000280R2SC",
    intent_id="BT000001:STOP:2",
    tranche_id="BT000001",
    symbol="INFY",
    product=Product.INTRADAY,
    role=Role.STOP,
    side=Side.SELL,
    type=OrderType.STOP_LIMIT,
    quantity=units(40),
    limit=price("1488.1"),
    trigger=price("1491.1"),
    state=OrderState.SENDING,
)
TARGET_ORDER = replace(
    STOP_ORDER,
    order_id="BO0000003",
    role=Role.TARGET,
    type=OrderType.LIMIT,
    limit=price("1512.1"),
    trigger=None,
)

INFY_WANTED = Tranche(
    tranche_id="BT000001",
    number=0,
    symbol="INFY",
    product=Product.INTRADAY,
    direction=Side.BUY,
    strategy="technical_breakout",
    signal_id=SIGNAL.signal_id,
    signal_ns=SIGNAL.ts_ns,
    initial_stop=price("1491.1"),
    stop=price("1491.1"),
    target=price("1515.1"),
    confidence=0.78,
    conditions=SIGNAL.conditions,
)
INFY_HELD = replace(
    INFY_WANTED,
    state=TrancheState.OPEN,
    entered=units(40),
    entry_value=D("60004.0"),
    opened_ns=on(MONDAY, "10:15:01"),
    high=D("1500.1"),
    low=D("1500.1"),
)
INFY_LEFT = replace(
    INFY_HELD,
    state=TrancheState.CLOSED,
    stop=price("1500.1"),
    exited=units(40),
    exit_value=D("60604.0"),
    exit_reason=ExitReason.TARGET,
    exit_rule="target",
    closed_ns=on(MONDAY, "11:07:01"),
    high=D("1515.1"),
    low=D("1496.5"),
)
HDFCBANK_HELD = Tranche(
    tranche_id="BT000002",
    number=0,
    symbol="HDFCBANK",
    product=Product.DELIVERY,
    direction=Side.BUY,
    strategy="news_momentum",
    signal_id="news_momentum:HDFCBANK:1",
    signal_ns=on(MONDAY, "14:00"),
    initial_stop=price("994.0"),
    stop=price("994.0"),
    target=price("1030.0"),
    state=TrancheState.OPEN,
    entered=units(10),
    entry_value=D("10040.0"),
    opened_ns=on(MONDAY, "14:00:01"),
    high=D("1004.0"),
    low=D("1004.0"),
)
# 40.00 gross; of its 12.00 charges 5.00 were booked on Monday.
HDFCBANK_SOLD: Trade = replace(
    HDFCBANK,
    quantity=units(10),
    entry_ns=on(MONDAY, "14:00:01"),
    entry_price=D("1004.0"),
    exit_ns=on(TUESDAY, "10:00"),
    exit_price=D("1008.0"),
    exit_reason=ExitReason.SIGNAL,
    exit_rule="ema9_cross",
    gross_pnl=D("40.0"),
    risk_amount=D("100.0"),
    capital_used=D("10040.0"),
    charges=Charges(stt=D("12.00")),
)


def monday() -> Iterator[Step]:
    """Up to the close."""
    yield from opening()
    yield from infy_bought()
    yield from infy_sold()
    yield from hdfcbank_bought()
    yield (
        DayClosed(ts_ns=on(MONDAY, "15:30"), date="2025-03-03", closes=(("HDFCBANK", 1010.0),)),
        [DayReported(day=MONDAY_ROW)],
    )


def tuesday() -> Iterator[Step]:
    """From the open to the sale."""
    yield session(TUESDAY), []
    yield marked("HDFCBANK", "1008.0", on(TUESDAY, "09:30")), []
    leaving = replace(
        HDFCBANK_HELD,
        state=TrancheState.EXITING,
        exit_reason=ExitReason.SIGNAL,
        exit_rule="ema9_cross",
        charges=Charges(stt=D("5.00")),
    )
    yield heard(on(TUESDAY, "09:59")), [TrancheChanged(tranche=leaving)]
    left = replace(leaving, state=TrancheState.CLOSED, exited=units(10), exit_value=D("10080.0"))
    yield (
        heard(on(TUESDAY, "10:00")),
        [TradeClosed(trade=HDFCBANK_SOLD), TrancheChanged(tranche=left)],
    )


def opening() -> Iterator[Step]:
    opened = DeskOpened(
        ts_ns=on(MONDAY, "09:00"),
        run_id="r1",
        mode=Mode.PAPER,
        account="demo",
        epoch=0,
        capital=CAPITAL,
        settings=EngineSettings(),
        instruments=(
            Instrument(symbol="INFY", margin_pct=D(20)),
            Instrument(symbol="HDFCBANK"),
            Instrument(symbol="BAJFINANCE"),
        ),
        code_version="1",
        config_hash="c",
    )
    yield opened, []
    yield session(MONDAY), []


def session(day: date) -> SessionOpened:
    whole = (Window(on(day, "09:15"), on(day, "15:30")),)
    return SessionOpened(
        ts_ns=on(day, "09:15"),
        date=day.isoformat(),
        plain=whole,
        with_derivatives=whole,
        entry_cutoff_ns=on(day, "14:45"),
    )


def infy_bought() -> Iterator[Step]:
    ten = "10:15"
    yield (
        SignalsRaised(ts_ns=on(MONDAY, ten), signals=(SIGNAL, OTHER)),
        [
            SubmitOrder(order=ENTRY_ORDER),
            SignalApproved(
                signal_id=SIGNAL.signal_id,
                tranche_id="BT000001",
                symbol="INFY",
                strategy="technical_breakout",
                quantity=units(40),
                limit=price("1501.6"),
                risk_wanted=D("6857.14"),
                risk_amount=D("420.0"),
                sized_by="position",
                reward_risk=D("1.70"),
                reward_risk_net=D("1.25"),
            ),
            TrancheChanged(tranche=INFY_WANTED),
            SignalRefused(
                signal_id=OTHER.signal_id,
                symbol="BAJFINANCE",
                strategy="technical_breakout",
                code=Refusal.CORRELATION,
                value=0.78,
                limit=0.7,
                detail="HDFCBANK",
            ),
        ],
    )
    acked = replace(ENTRY_ORDER, state=OrderState.ACKED, venue_order_id="V77")
    yield (
        SendAnswered(ts_ns=on(MONDAY, ten, 94), order_id="BO0000001", outcome=Outcome.ACCEPTED),
        [OrderChanged(order=acked)],
    )
    filled = replace(acked, state=OrderState.FILLED, filled=units(40), filled_value=D("60004.0"))
    yield (
        Filled(ts_ns=on(MONDAY, "10:15:01"), fill=ENTRY_FILL),
        [
            OrderChanged(order=filled),
            FillBooked(fill=ENTRY_FILL),
            TrancheChanged(tranche=INFY_HELD),
            SubmitOrder(order=STOP_ORDER),
        ],
    )
    yield (
        heard(on(MONDAY, "10:15:01", 190)),
        [OrderChanged(order=replace(STOP_ORDER, state=OrderState.WORKING))],
    )


def infy_sold() -> Iterator[Step]:
    yield marked("INFY", "1509.1", on(MONDAY, "10:45")), []
    raised = replace(
        STOP_ORDER, state=OrderState.WORKING, trigger=price("1500.1"), limit=price("1497.1")
    )
    yield (
        heard(on(MONDAY, "10:46")),
        [
            OrderChanged(order=raised),
            StopMoved(
                tranche_id="BT000001",
                symbol="INFY",
                from_price=price("1491.1"),
                to_price=price("1500.1"),
                reason="breakeven",
            ),
        ],
    )
    leaving = replace(
        INFY_HELD,
        state=TrancheState.EXITING,
        stop=price("1500.1"),
        exit_reason=ExitReason.TARGET,
        exit_rule="target",
    )
    touched = Touched(
        ts_ns=on(MONDAY, "11:07"), watch_id="BT000001:target", symbol="INFY", price=price("1515.1")
    )
    gone = replace(raised, state=OrderState.CANCELLED)
    yield touched, [TrancheChanged(tranche=leaving)]
    yield (
        heard(on(MONDAY, "11:07", 50)),
        [OrderChanged(order=gone), SubmitOrder(order=TARGET_ORDER)],
    )
    sale = Fill(
        fill_id="X3",
        order_id="BO0000003",
        tranche_id="BT000001",
        symbol="INFY",
        side=Side.SELL,
        price=price("1515.1"),
        quantity=units(40),
        ts_ns=on(MONDAY, "11:07:01"),
    )
    sold = replace(
        TARGET_ORDER, state=OrderState.FILLED, filled=units(40), filled_value=D("60604.0")
    )
    yield (
        Filled(ts_ns=on(MONDAY, "11:07:01"), fill=sale),
        [
            OrderChanged(order=sold),
            FillBooked(fill=sale),
            TradeClosed(trade=INFY),
            TrancheChanged(tranche=INFY_LEFT),
        ],
    )


def hdfcbank_bought() -> Iterator[Step]:
    yield (
        heard(on(MONDAY, "14:00:01")),
        [
            TrancheChanged(tranche=HDFCBANK_HELD),
            SubmitOrder(
                order=replace(
                    STOP_ORDER,
                    order_id="BO0000005",
                    tranche_id="BT000002",
                    symbol="HDFCBANK",
                    quantity=units(10),
                    trigger=price("994.0"),
                    state=OrderState.WORKING,
                )
            ),
        ],
    )


def marked(symbol: str, last: str, ts_ns: int) -> Marked:
    return Marked(ts_ns=ts_ns, symbol=symbol, high=D(last), low=D(last), last=D(last))


def heard(ts_ns: int) -> TimerFired:
    """Something came in that is told by its effects alone."""
    return TimerFired(ts_ns=ts_ns, timer=TimerKind.VERIFY)


# 552.71 from INFY, 60.00 on HDFCBANK, 5.00 charges for buying it
MONDAY_ROW = DailyPortfolio(
    date="2025-03-03",
    starting=CAPITAL,
    ending=D("1000607.71"),
    cash=D("990507.71"),
    deployed=D("10040.0"),
    available=D("989960.0"),
    realized=D("547.71"),
    unrealized=D("60.0"),
    charges=D("52.29"),
    heat_pct=D("0.01"),
    peak=D("1000607.71"),
    drawdown_pct=D(0),
)
