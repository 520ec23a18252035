"""Margin by tier: five times is a ceiling, not a rule."""

from decimal import Decimal

import pytest

from tradego.domain.errors import DomainError
from tradego.risk.margin import intraday_leverage, intraday_margin_pct


# S1-mgn-1: exchange margin <= 20 % 5x, <= 30 % 3x, <= 50 % 2x, above 1x
@pytest.mark.parametrize(
    ("exchange", "times"),
    [("12.5", 5), ("20", 5), ("20.01", 3), ("30", 3), ("30.01", 2), ("50", 2), ("50.01", 1)],
)
def test_leverage_falls_with_the_exchange_s_margin(exchange: str, times: int) -> None:
    assert intraday_leverage(Decimal(exchange)) == times


def test_the_margin_asked_is_the_value_over_the_leverage() -> None:
    assert intraday_margin_pct(Decimal(15)) == 20
    assert intraday_margin_pct(Decimal(40)) == 50
    assert intraday_margin_pct(Decimal(80)) == 100


@pytest.mark.parametrize("exchange", ["0", "-1", "101", "NaN"])
def test_a_margin_that_cannot_be_is_a_bug(exchange: str) -> None:
    with pytest.raises((DomainError, ArithmeticError)):
        intraday_leverage(Decimal(exchange))
