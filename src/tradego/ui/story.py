"""What happened, one line at a time: from an effect to words a person reads in passing."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tradego.domain import formats, wording
from tradego.domain.effects import (
    AdviceHeard,
    Alarm,
    CommandAnswered,
    DayReported,
    Effect,
    FillBooked,
    ModeChanged,
    Severity,
    SignalApproved,
    SignalRefused,
    StopMoved,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.instruments import Instrument
from tradego.domain.orders import Fill, Order, Role
from tradego.domain.positions import ExitReason, Trade, Tranche, TrancheState
from tradego.domain.signals import Action
from tradego.ui.desk_view import Activity, Topic

_SAYS_ITS_RULE = frozenset({ExitReason.SIGNAL, ExitReason.MANUAL, ExitReason.TRAILING_STOP})
_CAPS = {
    "position": "cut by the cap on one position",
    "pool": "cut by the pool",
    "order value": "cut by the cap on one order",
}


class Known:
    """What the lines before have told: by id, tranches, orders and instruments."""

    def __init__(
        self,
        tranches: Mapping[str, Tranche],
        orders: Mapping[str, Order],
        instruments: Mapping[str, Instrument],
    ) -> None:
        self.tranches, self.orders, self.instruments = tranches, orders, instruments

    def price(self, symbol: str, value: Decimal) -> str:
        """With the decimals of the symbol's tick."""
        listed = self.instruments.get(symbol)
        return formats.price(value, listed.tick) if listed else formats.plain(value)


def told(effect: Effect, ts_ns: int, known: Known) -> Activity | None:
    """The line of an effect; None for what a person need not see in passing."""
    match effect:
        case SignalRefused():
            return _refused(effect, ts_ns)
        case SignalApproved():
            return _approved(effect, ts_ns, known)
        case FillBooked(fill=fill):
            return _filled(fill, ts_ns, known)
        case TradeClosed(trade=trade):
            return _closed(trade, ts_ns)
        case TrancheChanged(tranche=tranche):
            return _abandoned(tranche, ts_ns)
        case StopMoved():
            return _stop_moved(effect, ts_ns, known)
        case AdviceHeard():
            return _advised(effect, ts_ns)
        case _:
            return _of_the_desk(effect, ts_ns)


def _of_the_desk(effect: Effect, ts_ns: int) -> Activity | None:
    match effect:
        case Alarm():
            topic = Topic.ALARM if effect.severity is Severity.CRITICAL else Topic.DESK
            return Activity(ts_ns=ts_ns, topic=topic, subject="Alarm", verb="", detail=effect.text)
        case ModeChanged():
            verb = {"ready": "allowed"}.get(effect.state, effect.state)
            return Activity(
                ts_ns=ts_ns, topic=Topic.DESK, subject="Entries", verb=verb, detail=effect.reason
            )
        case CommandAnswered():
            verb = "done" if effect.accepted else "refused"
            return Activity(
                ts_ns=ts_ns, topic=Topic.DESK, subject="Command", verb=verb, detail=effect.answer
            )
        case DayReported(day=day):
            change = day.ending - day.starting
            return Activity(
                ts_ns=ts_ns,
                topic=Topic.DESK,
                subject="Session",
                verb="closed",
                figure=formats.plain(change, signed=True),
                gain=change,
                detail=f"Equity {formats.rupees(day.ending)}",
            )
        case _:
            return None


def session_opened(day: str, ts_ns: int) -> Activity:
    """The line that begins a trading day."""
    words = formats.day(date.fromisoformat(day), year=True, weekday=True)
    return Activity(ts_ns=ts_ns, topic=Topic.DESK, subject="Session", verb="opened", detail=words)


def _refused(effect: SignalRefused, ts_ns: int) -> Activity:
    return Activity(
        ts_ns=ts_ns,
        topic=Topic.SIGNAL,
        subject=effect.symbol,
        verb="refused",
        figure="no order",
        detail=wording.refusal(effect),
    )


def _approved(effect: SignalApproved, ts_ns: int, known: Known) -> Activity:
    risks = f"risks {formats.rupees(effect.risk_amount)}"
    cut = _CAPS.get(effect.sized_by, "")
    parts = [wording.named(effect.strategy), risks, cut, effect.note]
    return Activity(
        ts_ns=ts_ns,
        topic=Topic.SIGNAL,
        subject=effect.symbol,
        verb=f"order for {formats.quantity(effect.quantity.value)}",
        figure=known.price(effect.symbol, effect.limit.value),
        detail=", ".join(part for part in parts if part),
    )


def _filled(fill: Fill, ts_ns: int, known: Known) -> Activity | None:
    """An entry as it fills; how a tranche was left, its closing tells."""
    order, tranche = known.orders.get(fill.order_id), known.tranches.get(fill.tranche_id)
    if order is None or tranche is None or order.role is not Role.ENTRY:
        return None
    held = [c.name.replace("_", " ") for c in tranche.conditions if c.passed]
    why = ", ".join(held) or wording.named(tranche.strategy)
    return Activity(
        ts_ns=ts_ns,
        topic=Topic.TRADE,
        subject=fill.symbol,
        verb=f"{wording.TRADED[fill.side]} {formats.quantity(fill.quantity.value)}",
        figure=known.price(fill.symbol, fill.price.value),
        detail=why[:1].upper() + why[1:],
    )


def _closed(trade: Trade, ts_ns: int) -> Activity:
    return Activity(
        ts_ns=ts_ns,
        topic=Topic.TRADE,
        subject=trade.symbol,
        verb="closed",
        figure=formats.plain(trade.net_pnl, signed=True),
        gain=trade.net_pnl,
        detail=(
            f"{way_out(trade.exit_reason, trade.exit_rule)}, "
            f"after {formats.age(trade.exit_ns - trade.entry_ns)}, "
            f"{formats.multiple(trade.r_multiple)}"
        ),
    )


def way_out(reason: ExitReason, rule: str) -> str:
    """`Target`; with the rule where the reason alone does not say enough: `Signal (ema9 cross)`."""
    words = wording.EXITS[reason]
    return f"{words} ({rule.replace('_', ' ')})" if rule and reason in _SAYS_ITS_RULE else words


def _abandoned(tranche: Tranche, ts_ns: int) -> Activity | None:
    if tranche.state is not TrancheState.ABANDONED:
        return None
    return Activity(
        ts_ns=ts_ns,
        topic=Topic.TRADE,
        subject=tranche.symbol,
        verb="not filled",
        figure="no position",
        detail="The price went away from the entry before it filled",
    )


def _stop_moved(effect: StopMoved, ts_ns: int, known: Known) -> Activity:
    up = effect.to_price > effect.from_price
    before = known.price(effect.symbol, effect.from_price.value)
    reason = effect.reason.replace("_", " ") or "moved"
    return Activity(
        ts_ns=ts_ns,
        topic=Topic.PROTECTION,
        subject=effect.symbol,
        verb=f"stop {'raised' if up else 'lowered'}",
        figure=known.price(effect.symbol, effect.to_price.value),
        detail=f"{reason[:1].upper()}{reason[1:]}; was {before}",
    )


def _advised(effect: AdviceHeard, ts_ns: int) -> Activity | None:
    """A recommendation that asks for something; holding on is no news."""
    advice = effect.advice
    if advice.action is Action.HOLD:
        return None
    rule = advice.rule.replace("_", " ")
    return Activity(
        ts_ns=ts_ns,
        topic=Topic.SIGNAL,
        subject=advice.symbol,
        verb=advice.action.value.replace("_", " "),
        figure=effect.taken,
        detail=f"{wording.named(advice.strategy)}: {rule}",
    )
