"""One order, one trade or one refused signal from first cause to last charge, on one page of words.

Built from the journal alone: what is not in it did not happen.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from tradego.domain import formats, wording
from tradego.domain.effects import (
    AdviceHeard,
    DayReported,
    OrderChanged,
    SignalApproved,
    SignalRefused,
    StopMoved,
    SubmitOrder,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.errors import InputError
from tradego.domain.events import DeskOpened, SignalsRaised
from tradego.domain.lives import OrderLife, Row, order_lives
from tradego.domain.money import ZERO
from tradego.domain.orders import Order, OrderState
from tradego.domain.positions import Trade, Tranche, TrancheState
from tradego.domain.signals import Action, Side, Signal
from tradego.domain.times import MILLISECOND, session_date
from tradego.ui.story import way_out

HUNDRED = Decimal(100)


class Step(msgspec.Struct, frozen=True):
    """One thing that happened; `ts_ns` is 0 for what has no instant of its own."""

    ts_ns: int
    what: str
    words: str


class Part(msgspec.Struct, frozen=True):
    heading: str
    steps: tuple[Step, ...]


class Explanation(msgspec.Struct, frozen=True):
    """The page: a sentence that says it all, then part by part how it came."""

    summary: str
    parts: tuple[Part, ...]

    def page(self) -> str:
        """As text; an instant that repeats the one above is left out."""
        lines = [self.summary]
        for part in self.parts:
            lines += ["", part.heading]
            before = ""
            for step in part.steps:
                when = _when(step.ts_ns) if step.ts_ns else before
                shown = "" if when == before else when
                before = when
                lines.append(f"  {shown:<19} {step.what:<14} {step.words}".rstrip())
        return "\n".join(lines) + "\n"


def explain(name: str, journal: Iterable[Row]) -> Explanation:
    """What the journal tells of an order (our id, its tag or the venue's id), a trade or a signal.

    InputError when nothing in it bears that name.
    """
    rows = list(journal)
    tranche_id, signal_id = _found(name, rows)
    if not tranche_id:
        return _refused_signal(signal_id, rows)
    return _tranche(tranche_id, rows)


def _found(name: str, rows: Sequence[Row]) -> tuple[str, str]:
    """The tranche a name belongs to, or the signal that came to nothing."""
    last_order = last_trade = ""
    refused = ""
    for _, effects in rows:
        for effect in effects:
            match effect:
                case SubmitOrder(order=order) | OrderChanged(order=order):
                    last_order = order.order_id
                    if name in (order.order_id, order.tag, order.venue_order_id):
                        return order.tranche_id, ""
                case TrancheChanged(tranche=tranche):
                    last_trade = tranche.tranche_id
                    if name in (tranche.tranche_id, tranche.signal_id):
                        return tranche.tranche_id, tranche.signal_id
                case SignalApproved(signal_id=approved) if approved == name:
                    return effect.tranche_id, approved
                case SignalRefused(signal_id=said) if said == name:
                    refused = said
                case _:
                    pass
    if refused:
        return "", refused
    like = f"; names look like {last_order} (an order) or {last_trade} (a trade)"
    raise InputError(f"nothing in this journal is called {name!r}{like if last_order else ''}")


# ---- a signal that was refused -------------------------------------------------------------------


def _refused_signal(signal_id: str, rows: Sequence[Row]) -> Explanation:
    signal, _ = _signal(signal_id, rows)
    steps = [
        Step(event.ts_ns, "Refused", wording.refusal(effect))
        for event, effects in rows
        for effect in effects
        if isinstance(effect, SignalRefused) and effect.signal_id == signal_id
    ]
    who = f"{signal.symbol}, {wording.named(signal.strategy)}" if signal else signal_id
    parts = [Part("Signal", tuple(_of_signal(signal)))] if signal else []
    return Explanation(
        f"{who}: refused, no order was sent. {steps[-1].words}.",
        (*parts, Part("Risk review", tuple(steps))),
    )


def _signal(signal_id: str, rows: Sequence[Row]) -> tuple[Signal | None, Decimal]:
    """A signal with the equity of its session's start; None for one a person gave."""
    equity = starting = ZERO
    for event, effects in rows:
        match event:
            case DeskOpened(capital=capital):
                equity = starting = capital
            case SignalsRaised(signals=signals):
                for signal in signals:
                    if signal.signal_id == signal_id:
                        return signal, starting
            case _:
                starting = equity
        for effect in effects:
            if isinstance(effect, DayReported):
                equity = effect.day.ending
    return None, starting


def _of_signal(signal: Signal) -> Iterator[Step]:
    wish = (
        f"{wording.named(signal.strategy)} wants to {wording.ORDERED[signal.direction].lower()} "
        f"{signal.symbol} at {formats.plain(signal.entry)}, stop {formats.plain(signal.stop)}"
    )
    if signal.target > 0:
        wish += f", target {formats.plain(signal.target)}"
    yield Step(signal.ts_ns, "Signal", f"{wish}, confidence {formats.ratio(signal.confidence)}")
    for it in signal.conditions:
        yield Step(0, "✓" if it.passed else "✗", wording.condition(it))


# ---- a tranche -----------------------------------------------------------------------------------


def _tranche(tranche_id: str, rows: Sequence[Row]) -> Explanation:
    mine = _effects_of(tranche_id, rows)
    last = next(
        effect.tranche for _, effect in reversed(mine) if isinstance(effect, TrancheChanged)
    )
    trade = next(
        (effect.trade for _, effect in reversed(mine) if isinstance(effect, TradeClosed)), None
    )
    signal, starting = _signal(last.signal_id, rows)
    lives = [life for life in order_lives(rows) if life.order.tranche_id == tranche_id]
    parts = [
        Part("Signal", tuple(_of_signal(signal)) if signal else _by_hand(last)),
        Part("Risk review and size", tuple(_sizing(mine, starting, last.confidence))),
        *(Part(_order_name(life.placed), tuple(_life(life))) for life in lives),
        Part("While it was open", tuple(_while_open(last, mine))),
    ]
    if trade is not None:
        parts += [
            Part("The way out", tuple(_way_out(trade))),
            Part("From gross to net, ₹", tuple(_charges(trade))),
        ]
    shown = tuple(part for part in parts if part.steps)
    return Explanation(_summary(last, trade), shown)


Mine = list[tuple[int, "SignalApproved | TrancheChanged | StopMoved | AdviceHeard | TradeClosed"]]


def _effects_of(tranche_id: str, rows: Sequence[Row]) -> Mine:
    """What was said of one tranche, with its instants; advice counts while the tranche is open."""
    found: Mine = []
    symbol = strategy = ""
    for event, effects in rows:
        for effect in effects:
            match effect:
                case SignalApproved(tranche_id=of) | StopMoved(tranche_id=of) if of == tranche_id:
                    found.append((event.ts_ns, effect))
                case TrancheChanged(tranche=tranche) if tranche.tranche_id == tranche_id:
                    found.append((event.ts_ns, effect))
                    over = tranche.state in (TrancheState.CLOSED, TrancheState.ABANDONED)
                    symbol, strategy = ("", "") if over else (tranche.symbol, tranche.strategy)
                case TradeClosed(trade=trade) if trade.trade_id == tranche_id:
                    found.append((event.ts_ns, effect))
                case AdviceHeard(advice=advice) if advice.symbol == symbol:
                    if advice.strategy == strategy:
                        found.append((event.ts_ns, effect))
                case _:
                    pass
    return found


def _summary(tranche: Tranche, trade: Trade | None) -> str:
    units = trade.quantity if trade else tranche.entered
    held = f"{wording.HELD[tranche.direction].lower()} {formats.quantity(units.value)}"
    who = f"{tranche.symbol} {held}, {wording.named(tranche.strategy)}, "
    signalled = formats.day(session_date(tranche.signal_ns), year=True)
    who += f"{wording.PRODUCTS[tranche.product].lower()} ({tranche.tranche_id}, {signalled}): "
    if trade is not None:
        net = formats.rupees(trade.net_pnl, signed=True)
        return f"{who}closed, net {net}, {formats.multiple(trade.r_multiple)}."
    if tranche.state is TrancheState.ABANDONED:
        return f"{who}the entry did not fill, nothing was bought."
    return f"{who}{tranche.state.value}."


def _by_hand(tranche: Tranche) -> tuple[Step, ...]:
    return (Step(tranche.signal_ns, "By hand", f"A person asked for it ({tranche.signal_id})"),)


def _sizing(mine: Mine, starting: Decimal, confidence: float) -> Iterator[Step]:
    for ts_ns, effect in mine:
        if not isinstance(effect, SignalApproved):
            continue
        units, limit = effect.quantity.value, effect.limit.value
        worst = f"{formats.quantity(units)} at {formats.plain(limit)} or better"
        yield Step(ts_ns, "Allowed", f"every limit holds; {worst}")
        wanted, risked = effect.risk_wanted, effect.risk_amount
        sure = f"at confidence {formats.ratio(confidence)}"
        yield Step(0, "Wanted risk", f"{formats.rupees(wanted)}{_of(wanted, starting)}, {sure}")
        why = "as wanted" if effect.sized_by == "risk" else f"bound by the {effect.sized_by} cap"
        yield Step(0, "Risk taken", f"{formats.rupees(risked)}{_of(risked, starting)}, {why}")
        value = units * limit
        yield Step(0, "Value", f"{formats.rupees(value)}{_of(value, starting)}")
        ratios = f"{formats.ratio(effect.reward_risk)} at the signal price"
        ratios += f", {formats.ratio(effect.reward_risk_net)} after charges"
        yield Step(0, "Reward to risk", ratios)
        if effect.note:
            yield Step(0, "Note", effect.note)


def _of(amount: Decimal, whole: Decimal) -> str:
    return f", {formats.percent(amount / whole * HUNDRED)} of capital" if whole else ""


def _order_name(order: Order) -> str:
    """`Entry BO0000001: buy 40 limit 1,501.60`."""
    limit = f"limit {formats.plain(order.limit.value)}" if order.limit else "at market"
    stop = f"stop {formats.plain(order.trigger.value)}" if order.trigger else ""
    terms = " ".join(part for part in (stop, limit) if part)
    what = f"{wording.ORDERED[order.side].lower()} {formats.quantity(order.quantity.value)}"
    return f"{wording.ROLES[order.role]} {order.order_id}: {what} {terms}, tag {order.tag}"


def _life(life: OrderLife) -> Iterator[Step]:
    """States, fills and changes of price in the order they came, with the time between them."""
    steps: list[tuple[int, int, str, str]] = []
    for at, state in life.states:
        reason = life.order.reason if state in (OrderState.REJECTED, OrderState.NOT_SENT) else ""
        steps.append((at, 0, wording.state(state), reason))
    for fill in life.fills:
        words = f"{formats.quantity(fill.quantity.value)} at {formats.plain(fill.price.value)}"
        steps.append((fill.ts_ns, 1, "Fill", words))
    for at, limit, trigger in life.moves:
        price = trigger or limit
        steps.append((at, 1, "New price", formats.plain(price.value) if price else ""))
    steps.sort(key=lambda step: step[:2])
    before = steps[0][0]
    for at, _, what, words in steps:
        gone = formats.since(at - before) if at - before >= MILLISECOND else ""
        yield Step(at, what, "  ".join(part for part in (words, gone) if part))
        before = at


def _while_open(tranche: Tranche, mine: Mine) -> Iterator[Step]:
    for ts_ns, effect in mine:
        match effect:
            case StopMoved(from_price=before, to_price=after, reason=reason):
                words = f"{formats.plain(before.value)} to {formats.plain(after.value)}"
                yield Step(ts_ns, "Stop moved", f"{words}, {reason.replace('_', ' ')}")
            case AdviceHeard(advice=advice, taken=taken) if advice.action is not Action.HOLD:
                rule = advice.rule.replace("_", " ")
                words = f"{advice.action.value.replace('_', ' ')} ({rule}), {taken}"
                yield Step(ts_ns, "Advice", words)
            case _:
                pass
    if tranche.entered and tranche.high:
        entry = tranche.entry_price
        up, down = tranche.high - entry, entry - tranche.low
        best, worst = (up, down) if tranche.direction is Side.BUY else (down, up)
        units = tranche.entered.value
        for name, reached in (("Best moment", best), ("Worst moment", -worst)):
            words = f"{formats.plain(reached, signed=True)} a share"
            yield Step(0, name, f"{words}, {formats.rupees(reached * units, signed=True)}")


def _way_out(trade: Trade) -> Iterator[Step]:
    yield Step(
        trade.exit_ns,
        wording.TRADED[trade.direction.opposite].capitalize(),
        f"{formats.quantity(trade.quantity.value)} at {formats.plain(trade.exit_price)}, "
        f"{way_out(trade.exit_reason, trade.exit_rule).lower()}, "
        f"after {formats.age(trade.exit_ns - trade.entry_ns)}",
    )


def _charges(trade: Trade) -> Iterator[Step]:
    per_unit = (trade.gross_pnl / trade.quantity.value) if trade.quantity else ZERO
    units = formats.quantity(trade.quantity.value)
    yield Step(
        0,
        "Gross",
        f"{formats.plain(trade.gross_pnl, signed=True):>14}   "
        f"{units} × {formats.plain(per_unit, signed=True)}",
    )
    for name, words in wording.CHARGES.items():
        amount: Decimal = getattr(trade.charges, name)
        if amount:
            yield Step(0, words, f"{formats.plain(-amount):>14}")
    yield Step(0, "Charges", f"{formats.plain(-trade.charges.total):>14}")
    share = formats.percent(trade.pnl_percent, signed=True)
    yield Step(
        0,
        "Net",
        f"{formats.plain(trade.net_pnl, signed=True):>14}   "
        f"{share} of {formats.rupees(trade.capital_used)} used, "
        f"{formats.multiple(trade.r_multiple)} of {formats.rupees(trade.risk_amount)} at risk",
    )


def _when(ts_ns: int) -> str:
    return f"{formats.day(session_date(ts_ns))} {formats.instant(ts_ns)}"
