"""What an intraday position ties up: the exchange's margin says how many times over a broker lends.

Five times is the ceiling, and only for the calmest shares. Source: the tiers published by Upstox in
2026, within the regulator's peak-margin rules of 1 September 2021.
"""

from decimal import Decimal

from tradego.domain.errors import require

_TIERS = ((Decimal(20), 5), (Decimal(30), 3), (Decimal(50), 2))  # exchange margin up to: times


def intraday_leverage(exchange_margin_pct: Decimal) -> int:
    """How many times its margin an intraday position may be worth, from VaR plus ELM in percent."""
    require(0 < exchange_margin_pct <= 100, f"an exchange margin of {exchange_margin_pct} %")
    for up_to, times in _TIERS:
        if exchange_margin_pct <= up_to:
            return times
    return 1


def intraday_margin_pct(exchange_margin_pct: Decimal) -> Decimal:
    """Margin asked of an intraday position, in percent of its value: 20 at best, 100 at worst."""
    return Decimal(100) / intraday_leverage(exchange_margin_pct)
