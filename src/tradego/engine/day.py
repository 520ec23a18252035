"""The course of a session: opening, its timers, its close."""

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from tradego.domain.effects import Alarm, DayReported, ModeChanged, SetTimer, Severity, TradeClosed
from tradego.domain.effects import WatchEquity as Floor
from tradego.domain.errors import require
from tradego.domain.events import (
    DayClosed,
    EquityTouched,
    HistoryLoaded,
    SessionOpened,
    TimerFired,
    TimerKind,
)
from tradego.domain.money import ZERO, Price
from tradego.domain.orders import Role
from tradego.domain.positions import ExitReason
from tradego.domain.signals import Product
from tradego.engine.daily import daily_row
from tradego.engine.exits import (
    alarm_unless_flat,
    attend,
    begin_exit,
    exit_all,
    retry_exit,
    stopped_by,
)
from tradego.engine.order_life import call_back
from tradego.engine.state import DeskState, SessionState

HUNDRED = Decimal(100)


def on_session(state: DeskState, event: SessionOpened) -> None:
    """A new day: its limits start from the equity of the last close."""
    day = date.fromisoformat(event.date)
    require(event.date > state.session.date, f"session {event.date} after {state.session.date}")
    _forget_done_orders(state)
    state.session = SessionState(
        date=event.date,
        plain=event.plain,
        with_derivatives=event.with_derivatives,
        entry_cutoff_ns=event.entry_cutoff_ns,
        next_open_ns=event.next_open_ns,
        starting=state.equity,
        realized_before={product: state.realized(product) for product in Product},
    )
    state.daybook.begin(day)
    state.equity_changed = True
    for start_ns in sorted({w.start_ns for w in (*event.plain, *event.with_derivatives)}):
        state.out.append(SetTimer(at_ns=start_ns, timer=TimerKind.MARKET_OPEN, key=""))


def on_history(state: DeskState, event: HistoryLoaded) -> None:
    for closes in event.closes:
        state.closes.add(closes)


def on_timer(state: DeskState, event: TimerFired) -> None:
    match event.timer:
        case TimerKind.ENTRY_TIMEOUT:
            if event.key in state.orders:
                call_back(state, state.orders[event.key])
        case TimerKind.EXIT_RETRY:
            retry_exit(state, event.key)
        case TimerKind.STOP_UNFILLED:
            _on_stop_unfilled(state, event.key)
        case TimerKind.MARKET_OPEN:
            for tranche_id in list(state.tranches):
                attend(state, tranche_id)
        case TimerKind.ENTRY_CUTOFF:
            _call_back_entries(state)
        case TimerKind.SQUARE_OFF | TimerKind.FLAT_CHECK:
            rule = f"{event.timer.value} {event.key}".rstrip()
            exit_all(state, ExitReason.EOD_SQUAREOFF, rule, Product.INTRADAY)
        case TimerKind.VERIFY:
            alarm_unless_flat(state, Product.INTRADAY, "open_after_square_off")


def _on_stop_unfilled(state: DeskState, order_id: str) -> None:
    """A stop that has triggered and did not fill: the price is past its limit."""
    order = state.orders.get(order_id)
    tranche = state.tranches.get(order.tranche_id) if order and order.may_be_live else None
    if tranche is not None:
        reason, _ = stopped_by(tranche)
        begin_exit(state, tranche, reason, "stop jumped", at_market=True)


def _call_back_entries(state: DeskState) -> None:
    """No intraday entry is left working after the cut-off."""
    for order in list(state.orders.values()):
        if order.role is Role.ENTRY and order.product is Product.INTRADAY:
            call_back(state, order)


def on_equity(state: DeskState, event: EquityTouched) -> None:
    state.marks.update(event.marks)
    judge_losses(state)
    state.equity_changed = True


def judge_losses(state: DeskState) -> None:
    """Stop entries when the day, or the fall from the peak, has cost too much."""
    risk, session, equity = state.settings.risk, state.session, state.equity
    day_floor, peak_floor = _floors(state)
    if not session.loss_limit_hit and equity < day_floor:
        session.loss_limit_hit = True
        _breach(state, "daily_loss", equity / session.starting * HUNDRED - HUNDRED, "today")
    if not state.drawdown_hit and equity < peak_floor:
        state.drawdown_hit = True
        _breach(state, "drawdown", equity / state.cash.peak * HUNDRED - HUNDRED, "from the peak")
        state.out.append(ModeChanged(state="halted", reason=f"drawdown past {risk.drawdown_pct} %"))


def _breach(state: DeskState, key: str, percent: Decimal, since: str) -> None:
    text = f"{percent:.2f} % {since}: no more entries."
    state.out.append(
        Alarm(key=f"{key}:{state.session.date}", severity=Severity.CRITICAL, text=text)
    )
    if state.settings.risk.flatten_on_breach:
        exit_all(state, ExitReason.RISK, key)


def _floors(state: DeskState) -> tuple[Decimal, Decimal]:
    """Equity below which the day's and the peak's limit are hit."""
    risk = state.settings.risk
    day = state.session.starting * (HUNDRED - risk.daily_loss_pct) / HUNDRED
    return day, state.cash.peak * (HUNDRED - risk.drawdown_pct) / HUNDRED


def watch_equity(state: DeskState) -> None:
    """Ask to be told when the marks take equity below the nearer limit not yet hit.

    Losses are judged at bar closes, and at once when nothing is open: then cash says it all.
    """
    state.equity_changed = False
    units: dict[str, Decimal] = {}
    for tranche in state.tranches.values():
        if tranche.is_open:
            held = tranche.units * tranche.sign
            units[tranche.symbol] = units.get(tranche.symbol, ZERO) + held
    if not units:
        judge_losses(state)
    day_floor, peak_floor = _floors(state)
    pending = []
    if not state.session.loss_limit_hit:
        pending.append(day_floor)
    if not state.drawdown_hit:
        pending.append(peak_floor)
    legs = tuple(units.items()) if pending else ()
    floor = max(pending) - state.cash_balance if legs else ZERO
    state.out.append(Floor(legs=legs, floor=floor))


def on_day_closed(state: DeskState, event: DayClosed) -> None:
    """Marks at the close, charges made final, the day's row, correlation one session further."""
    require(event.date == state.session.date, f"close of {event.date} in {state.session.date}")
    for symbol, close in event.closes:
        if symbol in state.tranches_of:
            tick = state.instruments[symbol].tick
            state.marks[symbol] = Price.nearest_tick(close, tick).value
    state.closes.add(event.closes)
    alarm_unless_flat(state, Product.INTRADAY, "intraday_overnight")
    _settle_charges(state)
    judge_losses(state)
    row = daily_row(state)
    state.cash.charged += state.daybook.close()
    state.cash.peak = max(state.cash.peak, row.ending)
    state.out.append(DayReported(day=row))


def _settle_charges(state: DeskState) -> None:
    """Divide each scrip's final note; a trade whose share changed since it closed is said again."""
    session = state.session
    for symbol, product in state.daybook.scrips():
        for tranche_id, share in state.daybook.shares(symbol, product).items():
            closed = session.trades.get(tranche_id)
            if closed is not None:
                charges = closed.charged_before + share
                if charges != closed.trade.charges:
                    trade = replace(closed.trade, charges=charges)
                    state.out.append(TradeClosed(trade=trade))
                    session.trades[tranche_id] = replace(closed, trade=trade)
            else:
                tranche = state.tranches[tranche_id]
                state.put(replace(tranche, charges=tranche.charges + share))


def _forget_done_orders(state: DeskState) -> None:
    """Orders that are over, of tranches that are over, are history: the journal has them."""
    kept = {tid: ids for tid, ids in state.orders_of.items() if tid in state.tranches}
    wanted = {order_id for ids in kept.values() for order_id in ids}
    state.orders = {oid: o for oid, o in state.orders.items() if oid in wanted or o.may_be_live}
    state.orders_of = kept
