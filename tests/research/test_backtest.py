"""The live engine over recorded bars: whole strategies, whole sessions. S1-sig-10, S1-arch-5."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import pytest

from random_bars import random_bars
from random_desk import NoJournal, calendar, tariff
from tradego.domain.bars import Bars
from tradego.domain.effects import AdviceHeard
from tradego.domain.events import AdviceGiven, DeskOpened, Mode, SignalsRaised
from tradego.domain.instruments import Instrument
from tradego.domain.positions import Trade
from tradego.domain.settings import EngineSettings, RiskSettings, StrategyPolicy
from tradego.domain.signals import Product, Side
from tradego.domain.times import DAY, IST_OFFSET, session_date
from tradego.research.backtest import Backtest, Setup, backtest
from tradego.simulation.dice import SplitMix
from tradego.simulation.exchange import Conditions
from tradego.strategies.language import (
    Strategy,
    atr,
    close,
    ema_cross,
    highest,
    reduce,
    rsi,
    rsi_exit,
    sma,
    swing_trail,
    time_exit,
)

D = Decimal
SESSIONS = 24  # from 1 January 2025, of which some fall on weekends: nobody trades then


class Dip(Strategy):
    """Buys weakness for the day, gives half of it back, leaves on strength or late."""

    weak = rsi(14) < 40
    below = close < sma(close, 20)

    enter = weak & below
    stop = 0.992 * close
    target = 1.015 * close
    exits = (reduce(rsi_exit(45), 0.5), rsi_exit(55), time_exit("14:30"))


class Swing(Strategy):
    """Buys strength to hold, under a stop that trails and follows swings."""

    product = Product.DELIVERY
    strong = close >= highest(close, 10)
    above = close > sma(close, 20)

    enter = strong & above
    stop = close - 2 * atr(14)
    target = close + 6 * atr(14)
    trail = 1.5 * atr(14)
    exits = (swing_trail(3), ema_cross(9))


class Fade(Strategy):
    """Sells strength for the day."""

    direction = Side.SELL
    hot = rsi(14) > 62
    above = close > sma(close, 20)

    enter = hot & above
    stop = 1.008 * close
    target = 0.985 * close


STRATEGIES = (Dip(), Swing(), Fade())


def policy_of(strategy: Strategy) -> StrategyPolicy:
    known = strategy.policy
    return msgspec.structs.replace(known, may_add_tranche=True)


@dataclass
class Run:
    """One backtest and what it wrote down."""

    seed: int
    every_bar: bool = False
    sessions: int = SESSIONS
    backwards: bool = False
    journal: NoJournal = field(default_factory=NoJournal)

    def bars(self) -> list[Bars]:
        made = [random_bars(self.seed * 10 + i, SESSIONS, symbol=f"S{i}") for i in range(4)]
        first = (int(made[0].ts_ns[0]) + IST_OFFSET) // DAY
        end = (first + self.sessions) * DAY - IST_OFFSET
        made = [bars.rows(0, int(bars.ts_ns.searchsorted(end))) for bars in made]
        return made[::-1] if self.backwards else made

    def play(self) -> Backtest:
        bars = self.bars()
        return backtest(
            Setup(
                opening=DeskOpened(
                    ts_ns=0,
                    run_id="run",
                    mode=Mode.BACKTEST,
                    account="paper",
                    epoch=0,
                    capital=D(1_000_000),
                    settings=EngineSettings(
                        risk=RiskSettings(
                            tranche_pnl_increment_pct=D("0.5"),
                            position_pct=D(25),
                            min_confidence=0.0,
                        ),
                        strategies={s.name: policy_of(s) for s in STRATEGIES},
                    ),
                    instruments=tuple(Instrument(symbol=b.symbol) for b in bars),
                    code_version="0",
                    config_hash="0",
                ),
                signal_bars=bars,
                market_bars=bars,
                strategies=STRATEGIES,
                calendar=calendar(),
                tariff=tariff(),
                conditions=Conditions(slippage_bps=D(self.seed % 3 * 4)),
                dice=SplitMix(self.seed),
                every_bar=self.every_bar,
            ),
            self.journal,
        )


def by_signal(trades: Sequence[Trade]) -> list[tuple[object, ...]]:
    """Trades without the numbers of orders, which depend on who came first at one instant."""
    told = [
        (
            t.symbol,
            t.strategy,
            t.entry_ns,
            t.entry_price,
            t.exit_ns,
            t.exit_price,
            t.exit_rule,
            t.quantity,
            t.charges,
            t.mae,
            t.mfe,
        )
        for t in trades
    ]
    return sorted(told, key=str)


@pytest.mark.parametrize("seed", range(6))
def test_sparse_equals_bar_by_bar_with_whole_strategies(seed: int) -> None:
    sparse, dense = Run(seed).play().record, Run(seed, every_bar=True).play().record
    assert sparse.trades == dense.trades
    assert sparse.lives() == dense.lives()
    assert sparse.days == dense.days
    assert len(sparse.trades) > 20


@pytest.mark.parametrize("seed", range(2))
def test_cutting_the_bars_at_any_day_leaves_the_trades_before_it_unchanged(seed: int) -> None:
    whole = Run(seed)
    trades = whole.play().record.trades
    end = {n: int(Run(seed, sessions=n).bars()[0].ts_ns[-1]) for n in range(2, SESSIONS, 3)}
    for sessions, last_ns in end.items():
        cut = Run(seed, sessions=sessions).play().record.trades
        before = {tid: t for tid, t in trades.items() if t.exit_ns <= last_ns + 15 * 60 * 10**9}
        assert cut == before, f"{sessions} days"


def test_the_order_in_which_symbols_are_given_does_not_matter() -> None:  # S1-arch-5
    one, other = Run(3).play().record, Run(3, backwards=True).play().record
    assert by_signal(list(one.trades.values())) == by_signal(list(other.trades.values()))
    assert [day.ending for day in one.days] == [day.ending for day in other.days]


def test_every_price_lies_in_its_bar_and_nothing_intraday_sleeps() -> None:
    run = Run(4)
    record = run.play().record
    bars = {b.symbol: b for b in run.bars()}
    for life in record.lives():
        for fill in life.fills:
            b = bars[fill.symbol]
            row = int(b.ts_ns.searchsorted(fill.ts_ns, side="right")) - 1
            assert b.low[row] <= float(fill.price.value) <= b.high[row]
    for trade in record.trades.values():
        if trade.product is Product.INTRADAY:
            assert session_date(trade.entry_ns) == session_date(trade.exit_ns)


def test_the_sum_of_the_trades_and_of_what_is_open_is_the_change_of_equity() -> None:
    done = Run(1).play()
    closed = sum(trade.net_pnl for trade in done.record.trades.values())
    held = sum(
        it.tranche.realized_gross + it.tranche.unrealized_gross(it.mark) - it.charges.total
        for it in done.still_open
    )
    assert done.record.days[-1].ending == 1_000_000 + closed + held
    assert all(it.capital_used >= it.tranche.open_cost for it in done.still_open)


def test_a_rule_speaks_once_of_a_bar_however_often_the_position_was_opened() -> None:
    # opened, left and opened again before a rule fires: it still fires once
    for seed in range(4):
        run = Run(seed)
        run.play()
        for event, _ in run.journal.rows:
            if isinstance(event, AdviceGiven):
                named = [(advice.symbol, advice.strategy) for advice in event.advice]
                assert len(named) == len(set(named))


def test_advice_is_given_only_for_what_is_held_and_signals_at_their_close() -> None:
    run = Run(2)
    run.play()
    for event, effects in run.journal.rows:
        if isinstance(event, AdviceGiven):
            assert len([e for e in effects if isinstance(e, AdviceHeard)]) == len(event.advice)
        if isinstance(event, SignalsRaised):
            assert {signal.ts_ns for signal in event.signals} == {event.ts_ns}


def test_the_funnel_adds_up_over_the_symbols() -> None:  # S1-sig-10
    run = Run(5)
    done = run.play()
    bars = sum(b.count for b in run.bars())
    assert done.bars == bars
    assert [funnel.strategy for funnel in done.funnels] == ["dip", "swing", "fade"]
    for funnel in done.funnels:
        assert funnel.bars == bars
        assert funnel.signals <= funnel.steps[-1].in_turn <= funnel.steps[0].in_turn
    raised = sum(len(e.signals) for e, _ in run.journal.rows if isinstance(e, SignalsRaised))
    assert raised == sum(funnel.signals for funnel in done.funnels)
