"""Would it have worked? The live engine over recorded bars, on the simulated exchange."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from tradego.accounting.tariffs import Tariff
from tradego.domain.bars import Bars, FloatArray
from tradego.domain.charges import NO_CHARGES
from tradego.domain.effects import (
    Alarm,
    DayReported,
    Effect,
    FillBooked,
    OrderChanged,
    Refusal,
    SignalRefused,
    SubmitOrder,
    TradeClosed,
)
from tradego.domain.events import DeskOpened, Event, HistoryLoaded
from tradego.domain.lives import OrderLife, OrderLives
from tradego.domain.ports import Dice, Journal
from tradego.domain.positions import DailyPortfolio, Trade
from tradego.engine.state import DeskState
from tradego.market.calendar import Calendar
from tradego.market.sessions import Market
from tradego.research.almanac import almanac, closes_by_day, tradeable, trading_windows
from tradego.research.results import AccountPoint, OpenTranche
from tradego.research.voices import RecordedVoice
from tradego.research.world import Observer, Voice, World
from tradego.risk.sizing import margin_of
from tradego.simulation.exchange import Conditions, Exchange
from tradego.strategies.history import HistoryEvaluator, Study
from tradego.strategies.strategy import Strategy
from tradego.strategies.verdicts import Funnel

_OF_ORDERS = frozenset({SubmitOrder, OrderChanged, FillBooked})


class Setup(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a recorded session needs. `signal_bars` are what strategies judge; `market_bars` what
    orders meet, finer where finer ones are given. `sentiment` is a score per signal bar by symbol;
    `unfit` names bars, by symbol and row, on which no entry may be made, with the reason. Trading
    begins with the session of `from_ns`; what lies before it only warms up indicators and
    correlation.
    """

    opening: DeskOpened
    signal_bars: Sequence[Bars]
    market_bars: Sequence[Bars]
    strategies: Sequence[Strategy]
    calendar: Calendar
    tariff: Tariff
    conditions: Conditions
    dice: Dice
    sentiment: Mapping[str, FloatArray] = {}
    unfit: Mapping[str, Mapping[int, str]] = {}
    every_bar: bool = False
    from_ns: int = 0


@dataclass(slots=True)
class Record:
    """What a run leaves behind, gathered as it happens."""

    trades: dict[str, Trade] = field(default_factory=dict)
    days: list[DailyPortfolio] = field(default_factory=list)
    day_ends: list[int] = field(default_factory=list)
    refusals: dict[Refusal, int] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    orders: OrderLives = field(default_factory=OrderLives)
    events: int = 0

    def observe(self, event: Event, effects: list[Effect]) -> None:
        self.events += 1
        for effect in effects:
            if type(effect) in _OF_ORDERS:
                self.orders.hear(effect, event.ts_ns)
            elif isinstance(effect, SignalRefused):
                self.refusals[effect.code] = self.refusals.get(effect.code, 0) + 1
            elif isinstance(effect, TradeClosed):
                self.trades[effect.trade.trade_id] = effect.trade
            elif isinstance(effect, DayReported):
                self.days.append(effect.day)
                self.day_ends.append(event.ts_ns)
            elif isinstance(effect, Alarm):
                self.alarms.append(effect)

    def lives(self) -> list[OrderLife]:
        return self.orders.told()

    def equity(self) -> list[AccountPoint]:
        return [
            AccountPoint(ts_ns, day.ending, day.cash, day.unrealized)
            for ts_ns, day in zip(self.day_ends, self.days, strict=True)
        ]


class Backtest(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A finished run."""

    record: Record
    still_open: Sequence[OpenTranche]
    funnels: Sequence[Funnel]
    bars: int


def backtest(setup: Setup, journal: Journal) -> Backtest:
    """Run to the end of the bars."""
    studies = study_all(setup)
    record = Record()
    voice = RecordedVoice(studies, setup.unfit, setup.from_ns)
    world = build(setup, voice, journal, record.observe)
    world.feed(setup.opening)
    world.feed(history(setup))
    world.run()
    return Backtest(
        record=record,
        still_open=open_tranches(world.state),
        funnels=add_up(study.funnel for study in studies),
        bars=sum(bars.count for bars in setup.market_bars),
    )


def study_all(setup: Setup) -> list[Study]:
    """Every strategy over every symbol's history."""
    evaluator = HistoryEvaluator(setup.strategies)
    return [
        study
        for bars in setup.signal_bars
        for study in evaluator.study(bars, setup.sentiment.get(bars.symbol))
    ]


def build(setup: Setup, voice: Voice, journal: Journal, observe: Observer) -> World:
    """Engine, exchange, schedule and voice, joined; nothing has happened yet."""
    instruments = {listed.symbol: listed for listed in setup.opening.instruments}
    windows = trading_windows(setup.market_bars, setup.calendar)
    market = [
        tradeable(since(b, setup.from_ns), windows[Market.of(instruments[b.symbol])])
        for b in setup.market_bars
    ]
    exchange = Exchange(
        market, instruments, setup.conditions, setup.dice, every_bar=setup.every_bar
    )
    plan = almanac(market, setup.calendar)
    state = DeskState(tariff=setup.tariff)
    return World(state, exchange, voice, plan.schedule, journal, observe)


def history(setup: Setup) -> HistoryLoaded:
    """Daily closes of the sessions before trading begins."""
    before = [b.rows(0, b.count - since(b, setup.from_ns).count) for b in setup.market_bars]
    closes = closes_by_day(before)
    rows = tuple(tuple(closes[day]) for day in sorted(closes))
    return HistoryLoaded(ts_ns=setup.opening.ts_ns, closes=rows)


def since(bars: Bars, from_ns: int) -> Bars:
    """The bars that start at or after an instant."""
    return bars.rows(int(bars.ts_ns.searchsorted(from_ns)), bars.count)


def open_tranches(state: DeskState) -> list[OpenTranche]:
    """What is still held, at its last mark, with what it was charged so far."""
    return [
        OpenTranche(
            tranche=tranche,
            mark=state.mark_of(tranche),
            mark_ns=state.now,
            charges=tranche.charges
            + state.daybook.shares(tranche.symbol, tranche.product).get(
                tranche.tranche_id, NO_CHARGES
            ),
            capital_used=margin_of(
                tranche.entry_value, tranche.product, state.instruments[tranche.symbol]
            ),
        )
        for tranche in state.tranches.values()
        if tranche.is_open
    ]


def add_up(funnels: Iterator[Funnel]) -> list[Funnel]:
    """One funnel a strategy, over all symbols."""
    total: dict[str, Funnel] = {}
    for funnel in funnels:
        known = total.get(funnel.strategy)
        total[funnel.strategy] = funnel if known is None else known + funnel
    return list(total.values())
