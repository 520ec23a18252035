"""May this signal become an order, and of what size? Limits in a fixed order, the first hit wins.

The cheap questions are asked first: on a busy day nearly every signal is refused, and before any
exact arithmetic. Each limit is judged at the worst price the entry can pay.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import msgspec

from tradego.domain.effects import Refusal
from tradego.domain.instruments import Instrument
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.settings import ExecutionSettings, RiskSettings
from tradego.domain.signals import Product, Side, Signal
from tradego.risk.correlation import DailyCloses
from tradego.risk.exposure import Exposure
from tradego.risk.sizing import HUNDRED, Plan, Sized, margin_of, size


class Refused(NamedTuple):
    code: Refusal
    value: Decimal | float = 0.0  # tidy-ok: a score or a correlation may be refused
    limit: Decimal | float = 0.0  # tidy-ok: as value
    detail: str = ""


class Approved(msgspec.Struct, frozen=True, gc=False):
    """Levels on the instrument's tick; `limit` is the worst price the entry may pay."""

    quantity: Quantity
    limit: Price
    stop: Price
    target: Price | None
    reward_risk: Decimal
    risk_wanted: Decimal
    risk_amount: Decimal
    sized_by: str
    note: str


class Levels(msgspec.Struct, frozen=True, gc=False):
    entry: Price
    limit: Price
    stop: Price
    target: Price | None


class Account(msgspec.Struct, frozen=True, gc=False):
    """What risk must know of the account: `capital` is the session's starting equity."""

    capital: Decimal
    exposure: Exposure
    closes: DailyCloses


def levels_of(
    signal: Signal, instrument: Instrument, execution: ExecutionSettings
) -> Levels | None:
    """The signal's opinion on the exchange's grid; the limit never goes past the buffer. None
    where one of its levels is no price: a missing one must not become an order without it.
    """
    tick, buffer = instrument.tick, execution.entry_buffer_pct / HUNDRED
    entry, stop = Price.opinion(signal.entry, tick), Price.opinion(signal.stop, tick)
    target = Price.opinion(signal.target, tick) if signal.target else None
    if entry is None or stop is None or (target is None and signal.target):
        return None
    if signal.direction is Side.BUY:
        limit = Price.tick_below(entry.value * (1 + buffer), tick)
        limit = max(limit, entry)
    else:
        limit = Price.tick_above(entry.value * (1 - buffer), tick)
        limit = min(limit, entry)
    return Levels(entry, limit, stop, target)


def review(
    signal: Signal,
    instrument: Instrument,
    account: Account,
    risk: RiskSettings,
    execution: ExecutionSettings,
    min_reward_risk: Decimal,
    at_most: Quantity | None = None,
) -> Approved | Refused:
    """Everything after the cheap questions: levels, reward, sector, correlation, size, totals."""
    if signal.direction is Side.SELL and signal.product is Product.DELIVERY:
        return Refused(Refusal.SHORT_DELIVERY)
    levels = levels_of(signal, instrument, execution)
    if levels is None:
        detail = f"entry {signal.entry}, stop {signal.stop}, target {signal.target}"
        return Refused(Refusal.NO_PRICE, detail=detail)
    sign = 1 if signal.direction is Side.BUY else -1
    per_unit = (levels.limit.value - levels.stop.value) * sign
    if (levels.entry.value - levels.stop.value) * sign <= 0 or per_unit <= 0:
        return Refused(Refusal.NO_STOP, levels.stop.value, levels.entry.value)
    reward_risk = _reward_risk(levels, sign)
    if reward_risk < min_reward_risk:
        return Refused(Refusal.REWARD_RISK, reward_risk, min_reward_risk)
    for price in (levels.limit, levels.stop):
        if not instrument.is_in_band(price):
            return Refused(Refusal.BAND, price.value)
    company = _company(signal.symbol, instrument, account, risk)
    if isinstance(company, Refused):
        return company
    volatility = Decimal(repr(signal.volatility)) if signal.volatility > 0 else ZERO
    plan = Plan(
        instrument, signal.product, levels.limit.value, per_unit, signal.confidence, volatility
    )
    sized = size(plan, account.capital, account.exposure, risk, at_most)
    total = _totals(plan, sized, account, risk)
    if total is not None:
        return total
    return Approved(
        sized.quantity,
        levels.limit,
        levels.stop,
        levels.target,
        reward_risk,
        sized.risk_wanted,
        sized.quantity.value * per_unit,
        sized.bound_by,
        company,
    )


def _reward_risk(levels: Levels, sign: int) -> Decimal:
    """At the signal price; without a target the reward is not bounded and never refused."""
    if levels.target is None:
        return Decimal("Infinity")
    entry = levels.entry.value
    return (levels.target.value - entry) * sign / ((entry - levels.stop.value) * sign)


def _company(
    symbol: str, instrument: Instrument, account: Account, risk: RiskSettings
) -> Refused | str:
    """Sector and correlation with what is held; a note where history was too short to tell."""
    others = account.exposure.values.keys() - {symbol}
    in_sector = account.exposure.sectors.get(instrument.sector_key, 0)
    in_sector -= symbol in account.exposure.values
    if in_sector >= risk.max_per_sector:
        return Refused(
            Refusal.MAX_SECTOR, float(in_sector), risk.max_per_sector, instrument.sector_key
        )
    return _moves_alone(symbol, sorted(others), account.closes, risk)


def _moves_alone(
    symbol: str, others: Iterable[str], closes: DailyCloses, risk: RiskSettings
) -> Refused | str:
    unknown = []
    for other in others:
        correlation = closes.correlation(symbol, other)
        if correlation is None:
            unknown.append(other)
        elif correlation > risk.max_correlation:
            return Refused(Refusal.CORRELATION, correlation, risk.max_correlation, other)
    if not unknown:
        return ""
    detail = f"under {risk.correlation_sessions} common sessions with {', '.join(unknown)}"
    if risk.refuse_short_history:
        return Refused(Refusal.SHORT_HISTORY, 0, risk.correlation_sessions, detail)
    return f"correlation not judged: {detail}"


def _totals(plan: Plan, sized: Sized, account: Account, risk: RiskSettings) -> Refused | None:
    """The limits on the sum of everything, with this entry in it."""
    units = sized.quantity.value
    if units <= 0:
        code = Refusal.POOL if sized.bound_by == "pool" else Refusal.TOO_SMALL
        return Refused(code, plan.entry, sized.risk_wanted, sized.bound_by)
    heat = account.exposure.heat + units * plan.risk_per_unit
    if heat > account.capital * risk.max_heat_pct / HUNDRED:
        return Refused(Refusal.HEAT, heat / account.capital * HUNDRED, risk.max_heat_pct)
    margin = margin_of(units * plan.entry, plan.product, plan.instrument)
    deployed = account.exposure.deployed + margin
    if deployed > account.capital * risk.max_deployed_pct / HUNDRED:
        return Refused(
            Refusal.DEPLOYED, deployed / account.capital * HUNDRED, risk.max_deployed_pct
        )
    return None
