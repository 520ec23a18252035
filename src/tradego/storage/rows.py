"""Domain values as the cells of table rows. Pure: the same value makes the same row."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import msgspec

from tradego.domain.charges import Charges
from tradego.domain.effects import (
    AdviceHeard,
    Alarm,
    Reconciled,
    SignalApproved,
    SignalRefused,
    StopMoved,
)
from tradego.domain.money import NONE, ONE, ZERO, Price
from tradego.domain.orders import Fill, Order, OrderState
from tradego.domain.positions import DailyPortfolio, Slice, Trade, Tranche, TrancheState
from tradego.domain.signals import Signal
from tradego.domain.times import iso, session_date

Cell = str | int | float | Decimal | None
Cells = dict[str, Cell]

_DAY = ("starting", "ending", "cash", "deployed", "available", "realized", "unrealized", "charges")
_SLICE = ("realized", "unrealized", "charges", "deployed")


class Happened(NamedTuple):
    """One thing that happened to a tranche; `price` where it was a fill."""

    kind: str
    quantity: Decimal
    price: Decimal | None = None
    reason: str = ""


def trade_cells(trade: Trade) -> Cells:
    """A row of `trades`. A trade is one tranche from flat to flat, and carries its id."""
    return {
        "trade_id": trade.trade_id,
        "tranche_id": trade.trade_id,
        "date": session_date(trade.exit_ns).isoformat(),
        "symbol": trade.symbol,
        "strategy": trade.strategy,
        "product": trade.product.value,
        "direction": trade.direction.value,
        "quantity": trade.quantity.value,
        "signal_time": iso(trade.signal_ns),
        "entry_time": iso(trade.entry_ns),
        "entry_price": trade.entry_price,
        "exit_time": iso(trade.exit_ns),
        "exit_price": trade.exit_price,
        "exit_reason": trade.exit_reason.value,
        "exit_rule": trade.exit_rule,
        "stop_loss": trade.stop_loss.value,
        "initial_stop_loss": trade.initial_stop_loss.value,
        "target": _level(trade.target),
        "pnl_percent": trade.pnl_percent,
        "r_multiple": trade.r_multiple if trade.risk_amount else None,
        "mae": trade.mae,
        "mfe": trade.mfe,
        "holding_minutes": trade.holding_minutes,
        "reward_risk": _bounded(trade.reward_risk),
        "reward_risk_net": _bounded(trade.reward_risk_net),
        "confidence": trade.confidence,
        "news_score": trade.news_score,
        "tech_score": trade.tech_score,
        "entry_order_id": trade.entry_order_id,
        "target_order_id": trade.target_order_id,
        "sl_order_id": trade.sl_order_id,
        "exit_order_id": trade.exit_order_id,
        "number": trade.number,
        "body": json_text(trade),
        **_paise(trade, ("risk_amount", "capital_used", "gross_pnl", "net_pnl")),
        **_paise(trade.charges, Charges.__struct_fields__),
        "charges_paise": _whole_paise(trade.charges.total),
    }


def order_cells(order: Order, placed: str, changed: str) -> Cells:
    """A row of `orders`; the times are those of its first and its newest word."""
    return {
        "order_id": order.order_id,
        "tag": order.tag,
        "intent_id": order.intent_id,
        "tranche_id": order.tranche_id,
        "symbol": order.symbol,
        "product": order.product.value,
        "role": order.role.value,
        "side": order.side.value,
        "type": order.type.value,
        "quantity": order.quantity.value,
        "price": _level(order.limit),
        "trigger": _level(order.trigger),
        "validity": order.validity.value,
        "state": order.state.value,
        "filled_quantity": order.filled.value,
        "average_price": order.average_price,
        "venue_order_id": order.venue_order_id,
        "cancel_requested": order.cancel_requested,
        "reason": order.reason,
        "placed_time": placed,
        "changed_time": changed,
        "body": json_text(order),
    }


def order_state_cells(order: Order, state: OrderState) -> Cells:
    """A row of `order_states`."""
    return {
        "order_id": order.order_id,
        "state": state.value,
        "filled_quantity": order.filled.value,
        "price": _level(order.limit),
        "trigger": _level(order.trigger),
        "reason": order.reason,
    }


def fill_cells(fill: Fill) -> Cells:
    """A row of `fills`."""
    return {
        "order_id": fill.order_id,
        "fill_id": fill.fill_id,
        "tranche_id": fill.tranche_id,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "time": iso(fill.ts_ns),
        "price": fill.price.value,
        "quantity": fill.quantity.value,
        "body": json_text(fill),
    }


def tranche_cells(tranche: Tranche) -> Cells:
    """A row of `position_tranches`."""
    return {
        "tranche_id": tranche.tranche_id,
        "number": tranche.number,
        "symbol": tranche.symbol,
        "product": tranche.product.value,
        "direction": tranche.direction.value,
        "strategy": tranche.strategy,
        "signal_id": tranche.signal_id,
        "state": tranche.state.value,
        "quantity": tranche.quantity.value,
        "entered": tranche.entered.value,
        "exited": tranche.exited.value,
        "entry_price": _average(tranche.entry_value, tranche.entered.value),
        "exit_price": _average(tranche.exit_value, tranche.exited.value),
        "open_cost": tranche.open_cost,
        "stop": tranche.stop.value,
        "initial_stop": tranche.initial_stop.value,
        "target": _level(tranche.target),
        "opened_time": iso(tranche.opened_ns) if tranche.opened_ns else None,
        "closed_time": iso(tranche.closed_ns) if tranche.closed_ns else None,
        "exit_reason": tranche.exit_reason.value if tranche.exit_reason else None,
        "exit_rule": tranche.exit_rule,
        "entry_order_id": tranche.entry_order_id,
        "stop_order_id": tranche.stop_order_id,
        "exit_order_id": tranche.exit_order_id,
        "target_order_id": tranche.target_order_id,
        "body": json_text(tranche),
    }


def happened(before: Tranche | None, now: Tranche) -> Iterator[Happened]:
    """What became of a tranche since it was last spoken of."""
    entered, entry_value = (before.entered, before.entry_value) if before else (NONE, ZERO)
    exited, exit_value = (before.exited, before.exit_value) if before else (NONE, ZERO)
    if before is None:
        yield Happened("created", ZERO)
    if now.entered > entered:
        more = now.entered.value - entered.value
        yield Happened("entered", more, _average(now.entry_value - entry_value, more))
    if now.exited > exited:
        less = now.exited.value - exited.value
        yield Happened("exited", less, _average(now.exit_value - exit_value, less))
    state = before.state if before else TrancheState.ENTERING
    if now.state is not state:
        yield Happened(now.state.value, now.quantity.value, None, now.exit_reason or "")


def history_cells(tranche: Tranche, it: Happened) -> Cells:
    """A row of `tranche_history`; parents and child are those of a merger."""
    return {
        "tranche_id": tranche.tranche_id,
        "kind": it.kind,
        "parents": "",
        "child": None,
        "quantity": it.quantity,
        "price": it.price,
        "reason": it.reason,
    }


def stop_move_cells(moved: StopMoved) -> Cells:
    """A row of `stop_moves`."""
    return {
        "tranche_id": moved.tranche_id,
        "symbol": moved.symbol,
        "from_price": moved.from_price.value,
        "to_price": moved.to_price.value,
        "reason": moved.reason,
    }


def day_cells(day: DailyPortfolio) -> Cells:
    """A row of `daily_portfolio`."""
    return {
        "date": day.date,
        "heat_pct": day.heat_pct,
        "drawdown_pct": day.drawdown_pct,
        "body": json_text(day),
        **_paise(day, (*_DAY, "peak")),
        **_slice_cells("intraday_", day.intraday),
        **_slice_cells("swing_", day.swing),
    }


def _slice_cells(prefix: str, part: Slice) -> Cells:
    money = {f"{prefix}{name}": cell for name, cell in _paise(part, _SLICE).items()}
    return {**money, f"{prefix}trades": part.trades, f"{prefix}wins": part.wins}


def signal_cells(signal: Signal) -> Cells:
    """A row of `signals`."""
    return {
        "signal_id": signal.signal_id,
        "time": iso(signal.ts_ns),
        "symbol": signal.symbol,
        "strategy": signal.strategy,
        "product": signal.product.value,
        "direction": signal.direction.value,
        "entry": signal.entry,
        "stop": signal.stop,
        "target": signal.target,
        "confidence": signal.confidence,
        "news_score": signal.news_score,
        "tech_score": signal.tech_score,
        "conditions": json_text(signal.conditions),
        "body": json_text(signal),
    }


def approval_cells(approved: SignalApproved) -> Cells:
    """A row of `approvals`."""
    return {
        "signal_id": approved.signal_id,
        "tranche_id": approved.tranche_id,
        "symbol": approved.symbol,
        "strategy": approved.strategy,
        "quantity": approved.quantity.value,
        "price": approved.limit.value,
        "risk_wanted": approved.risk_wanted,
        "risk_amount": approved.risk_amount,
        "sized_by": approved.sized_by,
        "reward_risk": _bounded(approved.reward_risk),
        "reward_risk_net": _bounded(approved.reward_risk_net),
        "note": approved.note,
    }


def refusal_cells(refused: SignalRefused) -> Cells:
    """A row of `refusals`; `bound` is the limit of the rule (LIMIT is a word of SQL)."""
    return {
        "signal_id": refused.signal_id,
        "symbol": refused.symbol,
        "strategy": refused.strategy,
        "code": refused.code.value,
        "value": _bounded(refused.value),
        "bound": _bounded(refused.limit),
        "detail": refused.detail,
    }


def advice_cells(heard: AdviceHeard) -> Cells:
    """A row of `advice`."""
    advice = heard.advice
    return {
        "symbol": advice.symbol,
        "strategy": advice.strategy,
        "action": advice.action.value,
        "rule": advice.rule,
        "stop": advice.stop,
        "fraction": advice.fraction,
        "taken": heard.taken,
        "conditions": json_text(advice.conditions),
        "body": json_text(advice),
    }


def alarm_cells(alarm: Alarm) -> Cells:
    """A row of `alarms`."""
    return {"key": alarm.key, "severity": alarm.severity.value, "text": alarm.text}


def reconciled_cells(seen: Reconciled) -> Cells:
    """A row of `reconciliation_log`."""
    return {
        "symbol": seen.symbol,
        "product": seen.product.value,
        "our_quantity": seen.our_quantity,
        "broker_quantity": seen.broker_quantity,
        "our_average": seen.our_average,
        "broker_average": seen.broker_average,
        "our_pnl": seen.our_pnl,
        "broker_pnl": seen.broker_pnl,
        "difference": seen.our_quantity - seen.broker_quantity,
        "cause": seen.cause,
        "decision": seen.decision,
    }


# ---- cells ---------------------------------------------------------------------------------------


def _paise(source: msgspec.Struct, names: tuple[str, ...]) -> Cells:
    """Amounts of a value, for the columns of paise."""
    return {f"{name}_paise": _whole_paise(getattr(source, name)) for name in names}


def _whole_paise(rupees: Decimal) -> int:
    """To the nearest paisa, half up; what is exact to the paisa stays what it is."""
    return int((rupees * 100).quantize(ONE, rounding=ROUND_HALF_UP))


def _level(price: Price | None) -> Decimal | None:
    return None if price is None else price.value


def _average(value: Decimal, quantity: Decimal) -> Decimal | None:
    return value / quantity if quantity else None


def _bounded(value: Decimal | float) -> Decimal | float | None:
    """None for what has no bound: no target, so no reward to name."""
    return value if Decimal(value).is_finite() else None


def json_text(value: object) -> str:
    """The exact form of a value, as the journal has it."""
    return msgspec.json.encode(value).decode()
