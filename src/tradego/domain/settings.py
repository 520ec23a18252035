"""What a trader may set, with the range each setting may have. One source of truth for the
configuration file, the engine and the documentation.

Percentages are of the session's starting capital unless a setting says otherwise.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, get_type_hints

import msgspec
from msgspec import Meta


def within(low: str, high: str) -> Meta:
    """A range for an exact number (msgspec's own bounds know only int and float)."""
    return Meta(extra={"low": Decimal(low), "high": Decimal(high)})


def says(meaning: str) -> Meta:
    """What a setting does, in the words of the configuration file and the documentation."""
    return Meta(description=meaning)


Percent = Annotated[Decimal, within("0", "100")]
Ratio = Annotated[Decimal, within("0", "20")]
Rupees = Annotated[Decimal, within("0", "1e12")]
Count = Annotated[int, Meta(ge=1, le=1000)]
Seconds = Annotated[int, Meta(ge=1, le=86_400)]
Score = Annotated[float, Meta(ge=0, le=1)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the configuration file; a key it does not know is refused, a value too."""

    def __post_init__(self) -> None:
        for name, low, high in _ranges(type(self)):
            held = getattr(self, name)
            for value in held.values() if isinstance(held, dict) else (held,):
                if value is not None and not (value.is_finite() and low <= value <= high):
                    raise ValueError(f"{name} = {value} is outside {low:f} to {high:f}")


@cache
def _ranges(section: type[Section]) -> tuple[tuple[str, Decimal, Decimal], ...]:
    found = []
    for name, hint in get_type_hints(section, include_extras=True).items():
        for part in _parts(hint):
            for meta in getattr(part, "__metadata__", ()):
                if meta.extra:
                    found.append((name, meta.extra["low"], meta.extra["high"]))
    return tuple(dict.fromkeys(found))


def _parts(hint: object) -> Iterator[object]:
    """A type and everything it is made of: `Annotated[Percent | None, ...]` holds a Percent."""
    yield hint
    for part in getattr(hint, "__args__", ()):
        yield from _parts(part)


class Sizing(StrEnum):
    CONFIDENCE = "confidence"
    VOLATILITY = "volatility"
    FIXED = "fixed"


class RiskSettings(Section, frozen=True, kw_only=True):
    """How much, if at all. Caps that hold whatever a strategy asks for."""

    sizing: Annotated[
        Sizing,
        says(
            "how a quantity is found: the risk grows with confidence; the same but over "
            "volatility_factor x ATR where the stop is nearer; or fixed_amount a trade"
        ),
    ] = Sizing.CONFIDENCE
    risk_min_pct: Annotated[Percent, says("risked on a trade at confidence_low")] = Decimal("0.5")
    risk_max_pct: Annotated[Percent, says("risked on a trade at confidence_high")] = Decimal("1.0")
    confidence_low: Annotated[Score, says("confidence that risks the least")] = 0.65
    confidence_high: Annotated[Score, says("confidence that risks the most")] = 1.0
    min_confidence: Annotated[Score, says("a signal must be above this")] = 0.65
    fixed_amount: Annotated[Rupees, says("rupees a trade with sizing fixed")] = Decimal(100_000)
    volatility_factor: Annotated[
        Ratio, says("ATRs between entry and an imagined stop, with sizing volatility")
    ] = Decimal(2)
    position_pct: Annotated[
        Decimal,
        within("0", "1000"),
        says(
            "most of the capital still free that one position may be worth; "
            "above 100 only intraday, on margin"
        ),
    ] = Decimal(10)
    min_reward_risk: Annotated[
        Ratio, says("least distance to target over distance to stop; a strategy may have its own")
    ] = Decimal("1.5")
    max_positions: Annotated[Count, says("open positions and pending entries")] = 5
    max_heat_pct: Annotated[Percent, says("lost if every stop were hit, the new one included")] = (
        Decimal(3)
    )
    max_per_sector: Annotated[Count, says("positions in one sector; unknown ones stand alone")] = 2
    max_deployed_pct: Annotated[
        Percent, says("margin of intraday and value of delivery positions together")
    ] = Decimal(50)
    daily_loss_pct: Annotated[
        Percent, says("a day's loss, open positions included, that ends its entries")
    ] = Decimal(2)
    drawdown_pct: Annotated[
        Percent, says("fall from the highest equity that ends entries until a person resumes")
    ] = Decimal(10)
    flatten_on_breach: Annotated[
        bool, says("also close everything when one of these two is reached")
    ] = False
    max_correlation: Annotated[
        Score, says("of daily returns with anything held; above it is refused")
    ] = 0.7
    correlation_sessions: Annotated[
        int, Meta(ge=5, le=250), says("common sessions over which it is judged")
    ] = 30
    refuse_short_history: Annotated[
        bool, says("refuse where there are fewer; otherwise enter with a note")
    ] = False
    intraday_pool_pct: Annotated[
        Percent, says("of the capital for intraday; the rest is for delivery, and neither lends")
    ] = Decimal(70)
    max_order_value: Annotated[Rupees, says("rupees in one order")] = Decimal(10_000_000)
    max_signal_age_s: Annotated[Seconds, says("an older signal is refused")] = 600
    max_tranches_per_symbol_side: Annotated[Count, says("slices of one position")] = 5
    tranche_pnl_increment_pct: Annotated[
        Percent, says("loss on the position's price at which a new entry opens a new slice")
    ] = Decimal(5)
    max_orders_per_tranche: Annotated[
        Count, says("orders a slice may have; protection is never refused")
    ] = 20


class ExecutionSettings(Section, frozen=True, kw_only=True):
    """How orders are placed, protected and called back."""

    entry_buffer_pct: Annotated[
        Percent, says("how far past the signal's price the entry limit is set")
    ] = Decimal("0.1")
    entry_timeout_s: Annotated[
        Seconds, says("an entry not filled by then is called back; what filled is kept")
    ] = 60
    stop_limit_gap_pct: Annotated[Percent, says("between the trigger of a stop and its limit")] = (
        Decimal("0.2")
    )
    stop_unfilled_s: Annotated[Seconds, says("a triggered stop not filled by then is chased")] = 2
    exit_buffer_pct: Annotated[
        Percent, says("how far past the last price an exit limit is set")
    ] = Decimal("0.2")
    exit_retry_s: Annotated[Seconds, says("between two prices of an exit that does not fill")] = 15
    breakeven_at_r: Annotated[
        Ratio, says("profit in units of the risk at which the stop goes to the entry; 0 is never")
    ] = Decimal(1)
    trail_step_pct: Annotated[
        Percent, says("of the trailing distance: a stop moves in steps of this")
    ] = Decimal(25)
    flatten_on_kill: Annotated[bool, says("close everything on kill; stops stay otherwise")] = True


class OnAdvice(StrEnum):
    """What the desk does with a strategy's recommendation for an open position."""

    ACT = "act"
    PROPOSE = "propose"
    OFF = "off"


class StrategyPolicy(Section, frozen=True, kw_only=True):
    """How the desk treats one source of signals."""

    enabled: Annotated[bool, says("whether its signals may enter")] = True
    min_reward_risk: Annotated[Ratio | None, says("its own, in place of that of [risk]")] = None
    on_advice: Annotated[
        OnAdvice, says("act on its exits for open positions, only propose them, or neither")
    ] = OnAdvice.ACT
    may_add_tranche: Annotated[
        bool, says("may enter a symbol again while it is held, as a further slice")
    ] = False


class EngineSettings(Section, frozen=True, kw_only=True):
    """All that the engine itself goes by."""

    risk: RiskSettings = RiskSettings()
    execution: ExecutionSettings = ExecutionSettings()
    strategies: dict[str, StrategyPolicy] = {}
    broker: Annotated[str, says("brokerage plan by which trades are charged")] = "zerodha"
