"""Random days under audit: what must hold after every single event does (see `oracle.py`).

What may happen is drawn from the seed: bars of 1, 5 or 15 minutes with gaps, holes and thin volume,
long and short, intraday and delivery, several tranches, trailing stops, whims of strategies and of
people, slippage, partial fills, latency, refusals. A seed that fails is a bug report: it becomes a
named scenario in the same commit as its fix.
"""

import pytest
from oracle import AuditError, audited
from random_desk import RandomDesk

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


def test_the_seeds_cover_what_may_happen() -> None:
    # an audit of days on which nothing happens would prove nothing
    trades = [trade for seed in range(12) for trade in audited(RandomDesk(seed)).values()]
    assert {trade.exit_reason for trade in trades} >= {
        ExitReason.TARGET,
        ExitReason.STOP_LOSS,
        ExitReason.TRAILING_STOP,
        ExitReason.SIGNAL,
        ExitReason.EOD_SQUAREOFF,
        ExitReason.RISK,
    }
    assert {trade.direction for trade in trades} == set(Side)
    assert {trade.product for trade in trades} == set(Product)
    assert max(trade.number for trade in trades) >= 1
