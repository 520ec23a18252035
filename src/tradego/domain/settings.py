"""What a trader may set, with the range each setting may have. One source of truth for the
configuration file, the engine and the documentation.

Percentages are of the session's starting capital unless a name says otherwise.
"""

from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, get_type_hints

import msgspec
from msgspec import Meta


def _within(low: str, high: str) -> Meta:
    """A range for an exact number (msgspec's own bounds know only int and float)."""
    return Meta(extra={"low": Decimal(low), "high": Decimal(high)})


Percent = Annotated[Decimal, _within("0", "100")]
Ratio = Annotated[Decimal, _within("0", "20")]
Rupees = Annotated[Decimal, _within("0", "1e12")]
Count = Annotated[int, Meta(ge=1, le=1000)]
Seconds = Annotated[int, Meta(ge=1, le=86_400)]
Score = Annotated[float, Meta(ge=0, le=1)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the configuration file; a key it does not know is refused, a value too."""

    def __post_init__(self) -> None:
        for name, low, high in _ranges(type(self)):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} = {value} is outside {low} to {high}")


@cache
def _ranges(section: type[Section]) -> tuple[tuple[str, Decimal, Decimal], ...]:
    found = []
    for name, hint in get_type_hints(section, include_extras=True).items():
        for part in (hint, *getattr(hint, "__args__", ())):
            for meta in getattr(part, "__metadata__", ()):
                if meta.extra:
                    found.append((name, meta.extra["low"], meta.extra["high"]))
    return tuple(dict.fromkeys(found))


class Sizing(StrEnum):
    CONFIDENCE = "confidence"  # risk % grows with confidence
    VOLATILITY = "volatility"  # risk % over k x ATR, where the stop is nearer than that
    FIXED = "fixed"  # a fixed amount per trade


class RiskSettings(Section, frozen=True, kw_only=True):
    sizing: Sizing = Sizing.CONFIDENCE
    risk_min_pct: Percent = Decimal("0.5")
    risk_max_pct: Percent = Decimal("1.0")
    confidence_low: Score = 0.65
    confidence_high: Score = 1.0
    min_confidence: Score = 0.65
    fixed_amount: Rupees = Decimal(100_000)
    volatility_factor: Ratio = Decimal(2)
    position_pct: Percent = Decimal(10)
    min_reward_risk: Ratio = Decimal("1.5")
    max_positions: Count = 5
    max_heat_pct: Percent = Decimal(3)
    max_per_sector: Count = 2
    max_deployed_pct: Percent = Decimal(50)
    daily_loss_pct: Percent = Decimal(2)
    drawdown_pct: Percent = Decimal(10)
    flatten_on_breach: bool = False
    max_correlation: Score = 0.7
    correlation_sessions: Annotated[int, Meta(ge=5, le=250)] = 30
    refuse_short_history: bool = False
    intraday_pool_pct: Percent = Decimal(70)
    max_order_value: Rupees = Decimal(10_000_000)
    max_signal_age_s: Seconds = 600
    max_tranches_per_symbol_side: Count = 5
    tranche_pnl_increment_pct: Percent = Decimal(5)
    max_orders_per_tranche: Count = 20


class ExecutionSettings(Section, frozen=True, kw_only=True):
    entry_buffer_pct: Percent = Decimal("0.1")
    entry_timeout_s: Seconds = 60
    stop_limit_gap_pct: Percent = Decimal("0.2")
    stop_unfilled_s: Seconds = 2
    exit_buffer_pct: Percent = Decimal("0.2")
    exit_retry_s: Seconds = 15
    breakeven_at_r: Ratio = Decimal(1)
    trail_step_pct: Percent = Decimal(25)  # of the trailing distance
    flatten_on_kill: bool = True


class OnAdvice(StrEnum):
    """What the desk does with a strategy's recommendation for an open position."""

    ACT = "act"
    PROPOSE = "propose"
    OFF = "off"


class StrategyPolicy(Section, frozen=True, kw_only=True):
    """How the desk treats one source of signals."""

    enabled: bool = True
    min_reward_risk: Ratio | None = None
    on_advice: OnAdvice = OnAdvice.ACT
    may_add_tranche: bool = False


class EngineSettings(Section, frozen=True, kw_only=True):
    risk: RiskSettings = RiskSettings()
    execution: ExecutionSettings = ExecutionSettings()
    strategies: dict[str, StrategyPolicy] = {}
    broker: str = "zerodha"
