"""A desk on a made-up market, everything drawn from one seed: bars, signals, advice, commands."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np

from tradego.accounting.tariffs import Tariff, shipped_tables
from tradego.domain.bars import Bars
from tradego.domain.effects import Effect, TrancheChanged
from tradego.domain.events import (
    AdviceGiven,
    CommandKind,
    CommandReceived,
    DeskOpened,
    Event,
    Mode,
    SignalsRaised,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.positions import TrancheState
from tradego.domain.settings import (
    EngineSettings,
    ExecutionSettings,
    RiskSettings,
    Sizing,
    StrategyPolicy,
)
from tradego.domain.signals import Action, Advice, Product, Side, Signal
from tradego.domain.times import MINUTE, at
from tradego.engine.state import DeskState
from tradego.market.calendar import Calendar
from tradego.market.calendar_tables import nse_calendar
from tradego.research.backtest import Setup, build
from tradego.research.world import AT_ADVICE, AT_SIGNALS, Observer, World
from tradego.simulation.dice import SplitMix
from tradego.simulation.exchange import Conditions

D = Decimal
DAYS = [date(2025, 3, day) for day in (3, 4, 5, 6, 7)]  # Monday to Friday, no holiday
TICK = D("0.05")


@cache
def calendar() -> Calendar:
    return nse_calendar()


@cache
def tariff() -> Tariff:
    return Tariff(shipped_tables())


class Temper(NamedTuple):
    """What kind of run it is; each seed has its own."""

    days: int
    minutes: int
    symbols: int
    conditions: Conditions
    settings: EngineSettings
    busy: float  # how often a symbol has a signal
    bossy: float  # how often a person says something
    thin: bool  # little volume


def temper(seed: int, *, faults: bool = True) -> Temper:
    dice = Random(f"temper {seed}")
    minutes = dice.choice((15, 15, 5, 1))
    risk = RiskSettings(
        position_pct=D(dice.choice((10, 10, 25, 60))),
        sizing=dice.choice((Sizing.CONFIDENCE, Sizing.FIXED)),
        fixed_amount=D(12_000),
        tranche_pnl_increment_pct=D(dice.choice(("5", "0.4"))),
        max_tranches_per_symbol_side=dice.choice((5, 2)),
        flatten_on_breach=dice.random() < 0.4,
        daily_loss_pct=D(dice.choice(("2", "2", "0.5", "0.2"))),
        drawdown_pct=D(dice.choice(("10", "10", "0.6"))),
        max_heat_pct=D(dice.choice(("3", "0.6"))),
        max_deployed_pct=D(dice.choice((50, 12))),
        intraday_pool_pct=D(dice.choice((70, 8))),
        max_correlation=dice.choice((0.7, 1.0)),
        max_order_value=D(dice.choice((10_000_000, 40_000))),
    )
    execution = ExecutionSettings(
        breakeven_at_r=D(dice.choice(("1", "0", "0.5"))),
        flatten_on_kill=dice.random() < 0.5,
    )
    conditions = Conditions(
        latency_ms=dice.choice((50, 0, 400)),
        jitter_ms=dice.choice((0, 0, 300)),
        slippage_bps=D(dice.choice((0, 0, 3, 20))),
        participation_pct=D(dice.choice((10, 10, 2))),
        reject_rate=dice.choice((0.0, 0.0, 0.15)) if faults else 0.0,
    )
    policies = {
        name: StrategyPolicy(may_add_tranche=dice.random() < 0.8)
        for name in ("one", "two", "manual")
    }
    return Temper(
        days=dice.choice((1, 2, 4)) if minutes > 1 else 1,
        minutes=minutes,
        symbols=dice.choice((2, 6, 9)),
        conditions=conditions,
        settings=EngineSettings(risk=risk, execution=execution, strategies=policies),
        busy=dice.choice((0.02, 0.1, 0.3)) * minutes / 15,
        bossy=dice.choice((0.0, 0.0, 0.05, 0.3)) * minutes / 15,
        thin=dice.random() < 0.4,
    )


def bars_of(symbol: str, seed: int, kind: Temper) -> Bars:
    dice = np.random.default_rng([seed, sum(symbol.encode())])
    slots = 375 // kind.minutes
    day = np.repeat(np.arange(kind.days), slots)
    slot = np.tile(np.arange(slots), kind.days)
    kept = dice.random(len(day)) > 0.03
    if dice.random() < 0.3:  # nothing more is heard of it on the first afternoon
        kept &= ~((day == 0) & (slot > slots * 0.8))
    day, slot = day[kept], slot[kept]
    count = len(day)
    wild = float(dice.choice([0.002, 0.004, 0.008])) * np.sqrt(kind.minutes / 15)
    steps = dice.standard_normal(count) * wild
    steps[1:] += np.where(np.diff(day) > 0, dice.standard_normal(count - 1) * 0.02, 0.0)
    close = 500 * np.exp(np.cumsum(steps))
    gap = dice.standard_normal(count) * np.where(dice.random(count) < 0.1, 3 * wild, wild / 3)
    opened = np.append(close[:1], close[:-1]) * (1 + gap)
    high = np.maximum(opened, close) * (1 + np.abs(dice.standard_normal(count)) * wild / 2)
    low = np.minimum(opened, close) * (1 - np.abs(dice.standard_normal(count)) * wild / 2)
    volume = np.round(dice.lognormal(5 if kind.thin else 11, 1, count))
    volume[dice.random(count) < 0.03] = 0
    starts = np.array([at(DAYS[d], "09:15") for d in range(kind.days)], dtype=np.int64)
    return Bars(
        symbol=symbol,
        interval_ns=kind.minutes * MINUTE,
        ts_ns=starts[day] + slot * kind.minutes * MINUTE,
        open=_on_tick(opened),
        high=_on_tick(high),
        low=_on_tick(low),
        close=_on_tick(close),
        volume=volume,
    ).check()


def _on_tick(prices: np.ndarray) -> np.ndarray:
    return np.round(np.round(prices / 0.05) * 0.05, 2)


class RandomVoice:
    """Opinions at every bar close. What is said at an instant hangs on the seed, the instant and
    what is open then: on nothing else.
    """

    def __init__(self, seed: int, kind: Temper, bars: list[Bars]) -> None:
        self._seed, self._kind, self._bars = seed, kind, bars
        times = sorted({int(ts) for b in bars for ts in b.close_ns})
        self._script = [(ts, phase) for ts in times for phase in (AT_ADVICE, AT_SIGNALS)]
        self._script = [
            row
            for ts, phase in self._script
            for row in ([(ts, phase)] if phase == AT_ADVICE else [(ts, phase), (ts, phase)])
        ]
        self._at = 0
        self._open: dict[str, tuple[str, str]] = {}

    def peek(self) -> tuple[int, int] | None:
        return self._script[self._at] if self._at < len(self._script) else None

    def speak(self) -> Event | None:
        ts_ns, phase = self._script[self._at]
        again = self._at > 0 and self._script[self._at - 1] == (ts_ns, phase)
        self._at += 1
        dice = Random(f"{self._seed} {ts_ns} {phase} {again}")
        if phase == AT_ADVICE:
            return self._advise(ts_ns, dice)
        return self._command(ts_ns, dice) if again else self._raise(ts_ns, dice)

    def hear(self, effect: Effect, now_ns: int) -> None:
        if isinstance(effect, TrancheChanged):
            tranche = effect.tranche
            if tranche.state in (TrancheState.CLOSED, TrancheState.ABANDONED):
                self._open.pop(tranche.tranche_id, None)
            elif tranche.quantity:
                self._open[tranche.tranche_id] = (tranche.symbol, tranche.strategy)

    def _closing(self, ts_ns: int) -> Iterator[tuple[str, float]]:
        for b in self._bars:
            row = int(b.close_ns.searchsorted(ts_ns))
            if row < b.count and int(b.close_ns[row]) == ts_ns:
                yield b.symbol, float(b.close[row])

    def _advise(self, ts_ns: int, dice: Random) -> Event | None:
        given = []
        closes = dict(self._closing(ts_ns))
        for symbol, strategy in sorted(set(self._open.values())):
            if dice.random() < 0.12 and symbol in closes:
                given.append(
                    Advice(
                        ts_ns=ts_ns,
                        symbol=symbol,
                        strategy=strategy,
                        action=dice.choice(list(Action)),
                        rule="whim",
                        stop=closes[symbol] * dice.uniform(0.99, 1.01),
                        fraction=dice.choice((0.1, 0.5, 1.0)),
                    )
                )
        return AdviceGiven(ts_ns=ts_ns, advice=tuple(given)) if given else None

    def _raise(self, ts_ns: int, dice: Random) -> Event | None:
        raised = []
        for symbol, close in self._closing(ts_ns):
            if dice.random() < self._kind.busy:
                raised.append(self._signal(ts_ns, symbol, close, dice))
        return SignalsRaised(ts_ns=ts_ns, signals=tuple(raised)) if raised else None

    def _signal(self, ts_ns: int, symbol: str, close: float, dice: Random) -> Signal:
        leaning = Random(f"{self._seed} {symbol}")  # most of a symbol's signals are alike
        chance = dice if dice.random() < 0.1 else leaning
        side = Side.BUY if chance.random() < 0.6 else Side.SELL
        product = chance.choice(list(Product)) if side is Side.BUY else Product.INTRADAY
        sign = 1 if side is Side.BUY else -1
        risk = close * dice.uniform(0.002, 0.02)
        return Signal(
            signal_id=f"{symbol}:{ts_ns}",
            ts_ns=ts_ns,
            symbol=symbol,
            strategy=dice.choice(("one", "two")),
            product=product,
            direction=side,
            entry=close,
            stop=close - sign * risk,
            target=close + sign * risk * dice.uniform(1.4, 4),
            confidence=dice.uniform(0.6, 1.0),
            trail=risk * dice.choice((0, 0, 0.5, 1)),
        )

    def _command(self, ts_ns: int, dice: Random) -> Event | None:
        if dice.random() >= self._kind.bossy:
            return None
        closes = dict(self._closing(ts_ns))
        held = sorted({symbol for symbol, _ in self._open.values()} & closes.keys())
        symbol = dice.choice(held or sorted(closes))
        close = closes[symbol]
        kind = dice.choice([*CommandKind, CommandKind.RESUME, CommandKind.CLOSE])
        side = dice.choice(list(Side))
        sign = 1 if side is Side.BUY else -1
        return CommandReceived(
            ts_ns=ts_ns,
            command_id=f"c{ts_ns}",
            actor="ada",
            command=kind,
            symbol=symbol,
            side=side,
            quantity=Quantity.of(dice.choice((1, 10, 50))),
            price=Price.nearest_tick(close, TICK),
            stop=Price.nearest_tick(close * (1 - 0.01 * sign), TICK),
            target=Price.nearest_tick(close * (1 + 0.02 * sign), TICK),
        )


class NoJournal:
    """Keeps what it is told, in memory."""

    def __init__(self) -> None:
        self.rows: list[tuple[Event, list[Effect]]] = []

    def record(self, event: Event, effects: list[Effect]) -> int:
        self.rows.append((event, list(effects)))
        return len(self.rows)

    def commit(self) -> None:
        pass


class RandomDesk:
    """One run: `play()` lives it to the end of the bars."""

    def __init__(
        self, seed: int, *, every_bar: bool = False, days: int | None = None, faults: bool = True
    ) -> None:
        self.kind = temper(seed, faults=faults)
        names = [f"S{i}" for i in range(self.kind.symbols)]
        dice = Random(f"instruments {seed}")
        self.instruments = tuple(
            Instrument(
                symbol=name,
                tick=TICK,
                sector=dice.choice(("", "", "", "bank", "metal")),
                margin_pct=D(dice.choice((20, 30, 100))),
                has_derivatives=dice.random() < 0.5,
                freeze=dice.choice((None, None, Quantity.of(40))),
            )
            for name in names
        )
        whole = [bars_of(name, seed, self.kind) for name in names]
        self.bars = whole if days is None else [_first_days(b, days) for b in whole]
        self.opening = DeskOpened(
            ts_ns=at(DAYS[0], "08:00"),
            run_id=f"r{seed}",
            mode=Mode.BACKTEST,
            account="paper",
            epoch=0,
            capital=D(dice.choice((1_000_000, 137_000))),
            settings=self.kind.settings,
            instruments=self.instruments,
            code_version="0",
            config_hash="0",
        )
        self._seed, self._every_bar = seed, every_bar
        self.journal = NoJournal()
        self.world: World

    def play(self, observe: Observer | None = None) -> DeskState:
        setup = Setup(
            opening=self.opening,
            signal_bars=self.bars,
            market_bars=self.bars,
            strategies=(),
            calendar=calendar(),
            tariff=tariff(),
            conditions=self.kind.conditions,
            dice=SplitMix(self._seed),
            every_bar=self._every_bar,
        )
        voice = RandomVoice(self._seed, self.kind, self.bars)
        self.world = build(setup, voice, self.journal, observe or _look_away)
        self.world.feed(self.opening)
        self.world.run()
        return self.world.state


def _look_away(event: Event, effects: list[Effect]) -> None:
    pass


def _first_days(bars: Bars, days: int) -> Bars:
    return bars.rows(0, int(bars.ts_ns.searchsorted(at(DAYS[days], "00:00"))))
