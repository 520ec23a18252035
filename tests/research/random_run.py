"""A seeded run that looks like a real one: walks of prices, trades on them, an account."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec
import numpy as np
from numpy.random import Generator

from random_bars import random_bars
from tradego.domain.bars import Bars
from tradego.domain.charges import Charges
from tradego.domain.effects import OrderChanged, Refusal, SubmitOrder
from tradego.domain.events import TimerFired, TimerKind
from tradego.domain.lives import order_lives
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.orders import Order, OrderState, OrderType, Role
from tradego.domain.positions import ExitReason, Trade
from tradego.domain.signals import Condition, Product, Side
from tradego.domain.times import DAY, IST_OFFSET, minute_of_day, session_date
from tradego.research.report import ReportData
from tradego.research.results import AccountPoint
from tradego.research.summary import RunFacts, RunResult
from tradego.strategies.verdicts import Funnel, FunnelStep

D = Decimal
CAPITAL = D(1_000_000)
SYMBOLS = [
    "RELIANCE",
    "HDFCBANK",
    "INFY",
    "TCS",
    "SUNPHARMA",
    "M&M",
    "LT",
    "ITC",
    "SBIN",
    "TITAN",
    "WIPRO",
    "NTPC",
    "CIPLA",
    "MARUTI",
    "AXISBANK",
    "BAJFINANCE",
    "TATASTEEL",
    "HINDALCO",
    "POWERGRID",
    "BHARTIARTL",
]
CONDITIONS = ("new_high", "on_volume", "trending", "momentum", "above_50", "rising")


def report_data(trades: int, seed: int = 7, sessions: int = 250) -> ReportData:
    """A run of about `trades` trades over `sessions` weekdays of 20 symbols."""
    dice = np.random.default_rng(seed)
    bars = {
        name: _on_weekdays(random_bars(seed + i, sessions, symbol=name))
        for i, name in enumerate(SYMBOLS)
    }
    made: list[Trade] = []
    while len(made) < trades:
        made.append(_trade(dice, bars[SYMBOLS[dice.integers(len(SYMBOLS))]], len(made)))
    made.sort(key=lambda trade: (trade.exit_ns, trade.trade_id))
    some = next(iter(bars.values()))
    facts = RunFacts(
        run_id="b7c1f0",
        code_version="0.1.0",
        config_hash="5a1c9e",
        starting_capital=CAPITAL,
        bars=sum(series.count for series in bars.values()),
        seconds=0.9,
    )
    result = RunResult(
        facts=facts,
        trades=made,
        orders=order_lives(_stops(made)),
        still_open=(),
        equity=list(_equity(made, some)),
        refusals={
            Refusal.CORRELATION: 312,
            Refusal.MAX_POSITIONS: 208,
            Refusal.LOW_CONFIDENCE: 148,
            Refusal.REWARD_RISK: 61,
            Refusal.HEAT: 0,
        },
    )
    return ReportData(
        result=result,
        strategies=("technical_breakout", "mean_reversion"),
        symbols=len(SYMBOLS),
        interval="15 min",
        funnels=(_funnel("technical_breakout", dice), _funnel("mean_reversion", dice)),
        settings=(("capital", "₹10,00,000.00"), ("risk.max_positions", "5"), ("broker", "zerodha")),
        notes=(
            "Within a bar the adverse path comes first: a stop is hit before a target.",
            "Entries are limits 0.1 % through the signal price, filled at the next bar's open.",
            "No slippage beyond the bar's prices; partial fills above 10 % of a bar's volume.",
        ),
        bars=bars,
    )


def _on_weekdays(bars: Bars) -> Bars:
    """Shift sessions so that none falls on a weekend; the first is Wednesday, 1 January 2025."""
    day = (bars.ts_ns + IST_OFFSET) // DAY
    number = day - day[0] + 2
    ts_ns = bars.ts_ns - (day - day[0]) * DAY + (number + number // 5 * 2 - 2) * DAY
    return msgspec.structs.replace(bars, ts_ns=ts_ns)


def _trade(dice: Generator, bars: Bars, number: int) -> Trade:
    """In at a bar's open, out at the stop, the target or the end of its time."""
    delivery = bool(dice.random() < 0.4)
    start = int(dice.integers(30, bars.count - 200))
    while not 585 <= minute_of_day(bars.ts_ns[start]) <= 840:
        start += 1
    sign = 1 if delivery or dice.random() < 0.8 else -1
    entry = D(repr(float(bars.open[start])))
    stop, target = _tick(entry * D(1 - 0.012 * sign)), _tick(entry * D(1 + 0.025 * sign))
    last, reason, left = _walk(bars, start, sign, float(stop), float(target), delivery)
    quantity = max(D(1), D(int(95_000 / entry)))
    gross = (left - entry) * sign * quantity
    turnover = (left + entry) * quantity
    high = D(repr(float(bars.high[start : last + 1].max())))
    low = D(repr(float(bars.low[start : last + 1].min())))
    up, down = max(ZERO, high - entry), max(ZERO, entry - low)
    conditions = tuple(
        Condition(name, float(dice.normal(30, 4)), 25.0, passed=True) for name in CONDITIONS
    )
    return Trade(
        trade_id=f"BT{number:06d}",
        number=0,
        symbol=bars.symbol,
        strategy="technical_breakout" if delivery or dice.random() < 0.5 else "mean_reversion",
        product=Product.DELIVERY if delivery else Product.INTRADAY,
        direction=Side.BUY if sign > 0 else Side.SELL,
        quantity=Quantity(quantity),
        signal_ns=int(bars.ts_ns[start]),
        entry_ns=int(bars.ts_ns[start]),
        entry_price=entry,
        exit_ns=int(bars.ts_ns[last]),
        exit_price=left,
        exit_reason=reason,
        exit_rule="",
        stop_loss=Price(stop),
        initial_stop_loss=Price(stop),
        target=Price(target),
        risk_amount=abs(entry - stop) * quantity,
        capital_used=entry * quantity / (1 if delivery else 5),
        gross_pnl=gross,
        entry_order_id=f"BO{number:06d}1",
        target_order_id="",
        sl_order_id=f"BO{number:06d}2",
        exit_order_id=f"BO{number:06d}3",
        mae=down if sign > 0 else up,
        mfe=up if sign > 0 else down,
        charges=_charges(turnover, delivery),
        confidence=round(0.66 + 0.3 * float(dice.random()), 3),
        tech_score=round(float(dice.random()), 3),
        reward_risk=D("2.08"),
        reward_risk_net=D("1.61"),
        conditions=conditions,
    )


def _walk(
    bars: Bars, start: int, sign: int, stop: float, target: float, delivery: bool
) -> tuple[int, ExitReason, Decimal]:
    for i in range(start, min(start + (180 if delivery else 25), bars.count)):
        low, high = float(bars.low[i]), float(bars.high[i])
        worst, best = (low, high) if sign > 0 else (high, low)
        if (worst - stop) * sign <= 0:
            return i, ExitReason.STOP_LOSS, D(repr(stop))
        if (best - target) * sign >= 0:
            return i, ExitReason.TARGET, D(repr(target))
        if not delivery and minute_of_day(int(bars.ts_ns[i])) >= 900:
            break
    reason = ExitReason.SIGNAL if delivery else ExitReason.EOD_SQUAREOFF
    return i, reason, D(repr(float(bars.close[i])))


def _tick(value: Decimal) -> Decimal:
    return Price.nearest_tick(value, D("0.05")).value


def _charges(turnover: Decimal, delivery: bool) -> Charges:
    def share(rate: str) -> Decimal:
        return (turnover * D(rate)).quantize(D("0.01"))

    brokerage = ZERO if delivery else min(D(40), share("0.0003"))
    exchange = share("0.0000297")
    return Charges(
        brokerage=brokerage,
        stt=share("0.001") if delivery else share("0.000125"),
        exchange=exchange,
        ipft=share("0.000001"),
        sebi=share("0.000001"),
        stamp=share("0.000075") if delivery else share("0.000015"),
        gst=((brokerage + exchange) * D("0.18")).quantize(D("0.01")),
        dp=D("15.34") if delivery else ZERO,
    )


def _equity(trades: list[Trade], bars: Bars) -> Iterator[AccountPoint]:
    """One point at the end of every session, from the trades closed until then."""
    closes = {session_date(int(ts)): int(ts) for ts in bars.ts_ns}
    worth, rest = CAPITAL, iter(trades)
    pending = next(rest, None)
    for day, ts_ns in closes.items():
        while pending is not None and session_date(pending.exit_ns) <= day:
            worth += pending.net_pnl
            pending = next(rest, None)
        yield AccountPoint(ts_ns, worth, worth, ZERO)


def _stops(trades: list[Trade]) -> Iterator[tuple[TimerFired, list[SubmitOrder | OrderChanged]]]:
    """Every stop is sent at the entry; every third is raised to the entry half way through."""
    for number, trade in enumerate(trades):
        stop = Order(
            order_id=trade.sl_order_id,
            tag="",
            intent_id="",
            tranche_id=trade.trade_id,
            symbol=trade.symbol,
            product=trade.product,
            role=Role.STOP,
            side=trade.direction.opposite,
            type=OrderType.STOP_LIMIT,
            quantity=trade.quantity,
            trigger=trade.initial_stop_loss,
            state=OrderState.WORKING,
        )
        yield _heard(trade.entry_ns), [SubmitOrder(order=stop)]
        if number % 3 == 0:
            raised = msgspec.structs.replace(stop, trigger=Price(trade.entry_price))
            half = (trade.entry_ns + trade.exit_ns) // 2
            yield _heard(half), [OrderChanged(order=raised)]


def _heard(ts_ns: int) -> TimerFired:
    return TimerFired(ts_ns=ts_ns, timer=TimerKind.EXIT_RETRY)


def _funnel(strategy: str, dice: Generator) -> Funnel:
    """Conditions that know nothing of each other; the last one never holds in mean_reversion."""
    bars, left = 153_848, 153_848.0
    steps = []
    for name in CONDITIONS:
        share = float(dice.uniform(0.05, 0.6))
        if (strategy, name) == ("mean_reversion", CONDITIONS[-1]):
            share = 0.0
        left *= share
        steps.append(FunnelStep(name, int(bars * share), int(left)))
    return Funnel(strategy, bars, tuple(steps), steps[-1].in_turn)
