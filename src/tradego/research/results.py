"""What a run leaves behind for other programs: rows whose names and meanings stay.

Money and prices are exact decimals (JSON strings, "1234.50"), times carry their offset, quantities
are numbers where whole. What holds to the paisa:

    ending_equity = starting_capital + sum(trades.net_pnl) + sum(open.net_pnl + open.unrealized_pnl)
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

import msgspec

from tradego.domain.charges import Charges
from tradego.domain.lives import OrderLife
from tradego.domain.money import PAISA, Price, Quantity
from tradego.domain.orders import Fill
from tradego.domain.positions import Trade, Tranche
from tradego.domain.signals import Condition
from tradego.domain.times import IST, MICROSECOND

Units = int | Decimal

_EPOCH = datetime.fromtimestamp(0, IST)
_FINEST = Decimal("1e-10")


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """Decimals in a row have two to ten places, so that equal values are equal bytes."""


class ConditionRow(_Row, frozen=True, kw_only=True):
    name: str
    left: float
    right: float
    passed: bool


class ChargesRow(_Row, frozen=True, kw_only=True):
    brokerage: Decimal
    stt: Decimal
    exchange: Decimal
    ipft: Decimal
    sebi: Decimal
    stamp: Decimal
    gst: Decimal
    dp: Decimal
    total: Decimal


class TradeRow(_Row, frozen=True, kw_only=True):
    """One closed tranche, or, with its exit empty, one still open. `mae` and `mfe` are price
    distances per unit; the ratios are plain numbers.
    """

    trade_id: str
    symbol: str
    strategy: str
    product: str
    direction: str
    quantity: Units
    signal_time: datetime
    entry_time: datetime
    entry_price: Decimal
    exit_time: datetime | None
    exit_price: Decimal | None
    exit_reason: str | None
    stop_loss: Decimal
    target: Decimal | None
    risk_amount: Decimal
    confidence: float
    gross_pnl: Decimal
    charges: ChargesRow
    net_pnl: Decimal
    pnl_percent: float | None
    news_score: float
    tech_score: float
    entry_order_id: str
    target_order_id: str
    sl_order_id: str
    initial_stop_loss: Decimal
    r_multiple: float | None
    mae: Decimal
    mfe: Decimal
    holding_minutes: float | None
    number: int
    exit_rule: str
    exit_order_id: str
    capital_used: Decimal
    reward_risk: float | None
    reward_risk_net: float | None
    conditions: tuple[ConditionRow, ...]


class OpenRow(TradeRow, frozen=True, kw_only=True):
    """A tranche still open at the end, marked. `quantity` is what is open; `gross_pnl` and
    `net_pnl` are of what was already given back and charged, `unrealized_pnl` of the rest.
    """

    mark: Decimal
    mark_time: datetime
    unrealized_pnl: Decimal


class StateRow(_Row, frozen=True, kw_only=True):
    time: datetime
    state: str


class FillRow(_Row, frozen=True, kw_only=True):
    time: datetime
    price: Decimal
    quantity: Units


class RepriceRow(_Row, frozen=True, kw_only=True):
    time: datetime
    price: Decimal | None
    trigger: Decimal | None


class OrderRow(_Row, frozen=True, kw_only=True):
    """An order with its life; `price` and `trigger` as first sent, `moves` what they became."""

    order_id: str
    tag: str
    trade_id: str
    role: str
    symbol: str
    side: str
    quantity: Units
    type: str
    price: Decimal | None
    trigger: Decimal | None
    states: tuple[StateRow, ...]
    fills: tuple[FillRow, ...]
    product: str
    validity: str
    state: str
    filled_quantity: Units
    average_price: Decimal | None
    venue_order_id: str
    reason: str
    moves: tuple[RepriceRow, ...]


class AccountPoint(NamedTuple):
    """The account at one instant: `equity` is `cash` plus the value of what is held."""

    ts_ns: int
    equity: Decimal
    cash: Decimal
    unrealized: Decimal


class ExecutionRow(_Row, frozen=True, kw_only=True):
    """A fill on its own, for a table of fills."""

    fill_id: str
    time: datetime
    symbol: str
    side: str
    quantity: Units
    price: Decimal
    order_id: str
    trade_id: str


class EquityRow(_Row, frozen=True, kw_only=True):
    time: datetime
    equity: Decimal
    cash: Decimal
    unrealized: Decimal


class OpenTranche(NamedTuple):
    """What is still held at the end, with its last price and all it was charged so far."""

    tranche: Tranche
    mark: Decimal
    mark_ns: int
    charges: Charges
    capital_used: Decimal


def trade_row(trade: Trade) -> TradeRow:
    """The row of a closed tranche."""
    return TradeRow(
        trade_id=trade.trade_id,
        symbol=trade.symbol,
        strategy=trade.strategy,
        product=trade.product.value,
        direction=trade.direction.value,
        quantity=units(trade.quantity),
        signal_time=time_of(trade.signal_ns),
        entry_time=time_of(trade.entry_ns),
        entry_price=exact(trade.entry_price),
        exit_time=time_of(trade.exit_ns),
        exit_price=exact(trade.exit_price),
        exit_reason=trade.exit_reason.value,
        stop_loss=exact(trade.stop_loss.value),
        target=_level(trade.target),
        risk_amount=exact(trade.risk_amount),
        confidence=trade.confidence,
        gross_pnl=exact(trade.gross_pnl),
        charges=_charges(trade.charges),
        net_pnl=exact(trade.net_pnl),
        pnl_percent=ratio(trade.pnl_percent),
        news_score=trade.news_score,
        tech_score=trade.tech_score,
        entry_order_id=trade.entry_order_id,
        target_order_id=trade.target_order_id,
        sl_order_id=trade.sl_order_id,
        initial_stop_loss=exact(trade.initial_stop_loss.value),
        r_multiple=ratio(trade.r_multiple) if trade.risk_amount else None,
        mae=exact(trade.mae),
        mfe=exact(trade.mfe),
        holding_minutes=ratio(trade.holding_minutes),
        number=trade.number,
        exit_rule=trade.exit_rule,
        exit_order_id=trade.exit_order_id,
        capital_used=exact(trade.capital_used),
        reward_risk=ratio(trade.reward_risk),
        reward_risk_net=ratio(trade.reward_risk_net),
        conditions=tuple(map(_condition, trade.conditions)),
    )


def open_row(held: OpenTranche) -> OpenRow:
    """The row of a tranche that is still open."""
    tranche, mark = held.tranche, held.mark
    entry = tranche.entry_price
    up, down = tranche.high - entry, entry - tranche.low
    favour, adverse = (up, down) if tranche.sign > 0 else (down, up)
    risk = (entry - tranche.initial_stop.value) * tranche.sign * tranche.entered.value
    return OpenRow(
        trade_id=tranche.tranche_id,
        symbol=tranche.symbol,
        strategy=tranche.strategy,
        product=tranche.product.value,
        direction=tranche.direction.value,
        quantity=units(tranche.quantity),
        signal_time=time_of(tranche.signal_ns),
        entry_time=time_of(tranche.opened_ns),
        entry_price=exact(entry),
        exit_time=None,
        exit_price=None,
        exit_reason=None,
        stop_loss=exact(tranche.stop.value),
        target=_level(tranche.target),
        risk_amount=exact(max(Decimal(0), risk)),
        confidence=tranche.confidence,
        gross_pnl=exact(tranche.realized_gross),
        charges=_charges(held.charges),
        net_pnl=exact(tranche.realized_gross - held.charges.total),
        pnl_percent=None,
        news_score=tranche.news_score,
        tech_score=tranche.tech_score,
        entry_order_id=tranche.entry_order_id,
        target_order_id=tranche.target_order_id,
        sl_order_id=tranche.stop_order_id,
        initial_stop_loss=exact(tranche.initial_stop.value),
        r_multiple=None,
        mae=exact(max(Decimal(0), adverse)),
        mfe=exact(max(Decimal(0), favour)),
        holding_minutes=None,
        number=tranche.number,
        exit_rule=tranche.exit_rule,
        exit_order_id=tranche.exit_order_id,
        capital_used=exact(held.capital_used),
        reward_risk=ratio(tranche.reward_risk),
        reward_risk_net=ratio(tranche.reward_risk_net),
        conditions=tuple(map(_condition, tranche.conditions)),
        mark=exact(mark),
        mark_time=time_of(held.mark_ns),
        unrealized_pnl=exact(tranche.unrealized_gross(mark)),
    )


def order_row(life: OrderLife) -> OrderRow:
    """The row of an order, with its life."""
    placed, order = life.placed, life.order
    return OrderRow(
        order_id=order.order_id,
        tag=order.tag,
        trade_id=order.tranche_id,
        role=order.role.value,
        symbol=order.symbol,
        side=order.side.value,
        quantity=units(order.quantity),
        type=order.type.value,
        price=_level(placed.limit),
        trigger=_level(placed.trigger),
        states=tuple(StateRow(time=time_of(at), state=state.value) for at, state in life.states),
        fills=tuple(
            FillRow(
                time=time_of(fill.ts_ns),
                price=exact(fill.price.value),
                quantity=units(fill.quantity),
            )
            for fill in life.fills
        ),
        product=order.product.value,
        validity=order.validity.value,
        state=order.state.value,
        filled_quantity=units(order.filled),
        average_price=None if order.average_price is None else exact(order.average_price),
        venue_order_id=order.venue_order_id,
        reason=order.reason,
        moves=tuple(
            RepriceRow(time=time_of(at), price=_level(limit), trigger=_level(trigger))
            for at, limit, trigger in life.moves
        ),
    )


def execution_row(fill: Fill) -> ExecutionRow:
    """The row of a fill."""
    return ExecutionRow(
        fill_id=fill.fill_id,
        time=time_of(fill.ts_ns),
        symbol=fill.symbol,
        side=fill.side.value,
        quantity=units(fill.quantity),
        price=exact(fill.price.value),
        order_id=fill.order_id,
        trade_id=fill.tranche_id,
    )


def equity_row(point: AccountPoint) -> EquityRow:
    """The account at one instant, as a row."""
    return EquityRow(
        time=time_of(point.ts_ns),
        equity=exact(point.equity),
        cash=exact(point.cash),
        unrealized=exact(point.unrealized),
    )


def encoded(rows: Sequence[msgspec.Struct] | msgspec.Struct) -> bytes:
    """JSON of rows, one line a row where there are several; the same rows make the same bytes."""
    if isinstance(rows, msgspec.Struct):
        return msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n"
    lines = b",\n".join(msgspec.json.encode(row) for row in rows)
    return b"[\n" + lines + b"\n]\n" if lines else b"[]\n"


# ---- values --------------------------------------------------------------------------------------


def exact(value: Decimal) -> Decimal:
    """At least two decimals, at most ten (an average over fills may have no end)."""
    paise = value.quantize(PAISA, ROUND_HALF_EVEN) + 0  # no "-0"
    if paise == value:
        return paise
    trimmed = value.quantize(_FINEST, ROUND_HALF_EVEN).normalize() + 0
    exponent = trimmed.as_tuple().exponent
    return trimmed if isinstance(exponent, int) and exponent <= -2 else trimmed.quantize(PAISA)


def units(quantity: Quantity) -> Units:
    """A whole number where it is one, so that JSON has a number; else exact."""
    value = quantity.value
    return int(value) if value == value.to_integral_value() else value.normalize()


def time_of(ts_ns: int) -> datetime:
    """An instant in Indian time, to the microsecond."""
    return _EPOCH + timedelta(microseconds=ts_ns // MICROSECOND)


def _level(price: Price | None) -> Decimal | None:
    return None if price is None else exact(price.value)


def ratio(value: Decimal) -> float | None:
    """A statistic to six places; None where it has no bound (no target, so no reward to name)."""
    return round(float(value), 6) if value.is_finite() else None


def _charges(charges: Charges) -> ChargesRow:
    lines = {name: exact(getattr(charges, name)) for name in charges.__struct_fields__}
    return ChargesRow(**lines, total=exact(charges.total))


def _condition(it: Condition) -> ConditionRow:
    return ConditionRow(name=it.name, left=it.left, right=it.right, passed=it.passed)
