"""Random days under audit: what must hold after every single event does (see `oracle.py`).

What may happen is drawn from the seed: bars of 1, 5 or 15 minutes with gaps, holes and thin volume,
long and short, intraday and delivery, several tranches, trailing stops, whims of strategies and of
people, slippage, partial fills, latency, refusals. A seed that fails is a bug report: it becomes a
named scenario in the same commit as its fix.
"""

import pytest

from oracle import AuditError, audited
from random_desk import RandomDesk
from tradego.domain.effects import Effect, SignalRefused, TradeClosed
from tradego.domain.positions import ExitReason
from tradego.domain.signals import Product, Side

SEEDS = range(60)


@pytest.mark.parametrize("first", SEEDS[::10])
def test_no_limit_is_exceeded_and_no_paisa_lost_at_any_instant(first: int) -> None:
    # S1-risk-1..10, S1-exec-8, S1-mgn-2, S1-pnl-9, S0-pos-1, I2..I17, I27, I32, I35
    for seed in range(first, first + 10):
        try:
            audited(RandomDesk(seed))
        except AuditError as found:
            raise AssertionError(f"seed={seed}: {found}") from found


@pytest.mark.slow
def test_the_seeds_cover_what_may_happen() -> None:
    # an audit of days on which nothing happens would prove nothing
    said: list[Effect] = []
    for seed in SEEDS:
        desk = RandomDesk(seed)
        desk.play(lambda _, effects: said.extend(effects))
    trades = [effect.trade for effect in said if isinstance(effect, TradeClosed)]
    assert {trade.exit_reason for trade in trades} >= set(ExitReason) - {ExitReason.TIME}
    assert {trade.direction for trade in trades} == set(Side)
    assert {trade.product for trade in trades} == set(Product)
    assert {trade.number for trade in trades} >= {0, 1}
    refusals = {effect.code.value for effect in said if isinstance(effect, SignalRefused)}
    assert refusals >= {"heat", "deployed", "pool", "max_positions", "max_sector", "too_small"}
    assert refusals >= {"daily_loss", "drawdown", "halted", "reward_risk", "low_confidence"}
    assert refusals >= {"already_open", "after_cutoff", "market_closed"}
