"""A round: all signals of one moment, ranked, each reviewed on the state the one before it left."""

from decimal import Decimal
from math import isnan

from msgspec.structs import replace

from tradego.accounting.charges import estimate
from tradego.domain.effects import Refusal, SetTimer, SignalApproved, SignalRefused, TrancheChanged
from tradego.domain.events import SignalsRaised, TimerKind
from tradego.domain.instruments import Instrument
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.orders import OrderType, Role
from tradego.domain.positions import Tranche
from tradego.domain.settings import StrategyPolicy
from tradego.domain.signals import Product, Signal
from tradego.domain.tags import MODE_LETTERS
from tradego.domain.times import SECOND, iso
from tradego.engine.order_life import send
from tradego.engine.state import DeskState
from tradego.risk.review import Account, Approved, Refused, review

_DEFAULT_POLICY = StrategyPolicy()


def on_signals(state: DeskState, event: SignalsRaised) -> None:
    """Best confidence first; of two signals for one symbol only the better is considered."""
    flagged = dict(event.flagged)
    taken: dict[str, Signal] = {}
    ranked = sorted(event.signals, key=_rank)
    for signal in ranked:
        refused = _quick_no(state, signal, taken.get(signal.symbol), flagged)
        if refused is None:
            taken[signal.symbol] = signal
            refused = consider(state, signal)
        if refused is not None:
            say_refused(state, signal, refused)


def _rank(signal: Signal) -> tuple[float, str, str]:
    """Ties broken by name; what is not a number comes last."""
    confidence = 0.0 if isnan(signal.confidence) else signal.confidence
    return -confidence, signal.strategy, signal.symbol


def say_refused(state: DeskState, signal: Signal, refused: Refused) -> SignalRefused:
    said = SignalRefused(
        signal_id=signal.signal_id,
        symbol=signal.symbol,
        strategy=signal.strategy,
        code=refused.code,
        value=refused.value,
        limit=refused.limit,
        detail=refused.detail,
    )
    state.out.append(said)
    return said


def _quick_no(
    state: DeskState, signal: Signal, better: Signal | None, flagged: dict[str, str]
) -> Refused | None:
    """What needs no arithmetic on money."""
    risk = state.settings.risk
    if not signal.confidence > risk.min_confidence:
        return Refused(Refusal.LOW_CONFIDENCE, signal.confidence, risk.min_confidence)
    if better is not None:
        return Refused(Refusal.OUTRANKED, signal.confidence, better.confidence, better.strategy)
    if signal.symbol in flagged:
        return Refused(Refusal.DATA_FLAGGED, detail=flagged[signal.symbol])
    return may_enter(state, signal)


def may_enter(state: DeskState, signal: Signal) -> Refused | None:
    """Whether the desk takes entries now, from this source, in this instrument, so late."""
    policy = state.settings.strategies.get(signal.strategy, _DEFAULT_POLICY)
    if state.halted:
        return Refused(Refusal.HALTED, detail=state.halted)
    if not policy.enabled:
        return Refused(Refusal.STRATEGY_OFF)
    if signal.symbol not in state.instruments:
        return Refused(Refusal.UNKNOWN_SYMBOL, detail=signal.symbol)
    if signal.symbol in state.frozen:
        return Refused(Refusal.FROZEN, detail=state.frozen[signal.symbol])
    age, limit = (state.now - signal.ts_ns) / SECOND, state.settings.risk.max_signal_age_s
    if age > limit:
        return Refused(Refusal.STALE_DATA, age, limit)
    return _slot(state, signal, policy) or _hours(state, signal)


def _slot(state: DeskState, signal: Signal, policy: StrategyPolicy) -> Refused | None:
    """One position a symbol, and so many positions; more of it only where the policy allows."""
    risk, held = state.settings.risk, state.tranches_of.get(signal.symbol)
    if held:
        return _more(state, signal, policy, held)
    positions = len(state.tranches_of)
    if positions >= risk.max_positions:
        return Refused(Refusal.MAX_POSITIONS, positions, risk.max_positions)
    return None


def _more(
    state: DeskState, signal: Signal, policy: StrategyPolicy, held: list[str]
) -> Refused | None:
    """A position grows by one entry at a time, in its own direction and product."""
    risk, newest = state.settings.risk, state.tranches[held[-1]]
    same = (newest.direction, newest.product) == (signal.direction, signal.product)
    entering = any(o.role is Role.ENTRY for tid in held for o in state.live_orders(tid))
    if entering or not (policy.may_add_tranche and same and newest.exit_reason is None):
        return Refused(Refusal.ALREADY_OPEN, len(held), 0.0, newest.strategy)
    if joins(state, signal) is None:
        most = risk.max_tranches_per_symbol_side
        return Refused(Refusal.MAX_TRANCHES, len(held), most) if len(held) >= most else None
    orders, most = len(state.orders_of[newest.tranche_id]), risk.max_orders_per_tranche
    return Refused(Refusal.MAX_ORDERS, orders, most) if orders >= most else None


def joins(state: DeskState, signal: Signal) -> Tranche | None:
    """The newest tranche, unless the position is so far under water that a new one is due.

    Decided before the order, by price P&L in percent of the average entry at the expected price.
    """
    held = [state.tranches[tid] for tid in state.tranches_of.get(signal.symbol, ())]
    entered = [tranche for tranche in held if tranche.is_open]
    if not entered:
        return None
    units = sum((t.units for t in entered), ZERO)
    average = sum((t.open_cost for t in entered), ZERO) / units
    expected = Decimal(repr(signal.entry))
    pnl_pct = (expected - average) / average * 100 * entered[-1].sign
    due = pnl_pct <= -state.settings.risk.tranche_pnl_increment_pct
    return None if due else entered[-1]


def _hours(state: DeskState, signal: Signal) -> Refused | None:
    session, risk = state.session, state.settings.risk
    if not state.is_trading(signal.symbol):
        return Refused(Refusal.MARKET_CLOSED, detail=_next_open(state, signal.symbol))
    if signal.product is Product.INTRADAY and state.now >= session.entry_cutoff_ns:
        return Refused(Refusal.AFTER_CUTOFF)
    if session.loss_limit_hit:
        return Refused(Refusal.DAILY_LOSS, limit=risk.daily_loss_pct)
    if state.drawdown_hit:
        return Refused(Refusal.DRAWDOWN, limit=risk.drawdown_pct)
    return None


def _next_open(state: DeskState, symbol: str) -> str:
    """When continuous trading begins again, in words."""
    later = [w.start_ns for w in state.windows(symbol) if w.start_ns > state.now]
    opens = min(later, default=state.session.next_open_ns)
    return f"next open {iso(opens)}" if opens else "next open unknown"


def consider(state: DeskState, signal: Signal, at_most: Quantity | None = None) -> Refused | None:
    """Review a signal that may be traded, and enter on it where every limit allows. What joins a
    tranche is judged at that tranche's stop and target: it will have no others.
    """
    policy = state.settings.strategies.get(signal.strategy, _DEFAULT_POLICY)
    risk, execution = state.settings.risk, state.settings.execution
    instrument = state.instruments[signal.symbol]
    minimum = policy.min_reward_risk
    if minimum is None:
        minimum = risk.min_reward_risk
    joined = joins(state, signal)
    if joined is not None:
        target = float(joined.target.value) if joined.target else 0.0
        signal = replace(signal, stop=float(joined.stop.value), target=target)
    account = Account(state.session.starting, state.exposure, state.closes)
    answer = review(signal, instrument, account, risk, execution, minimum, at_most)
    if isinstance(answer, Refused):
        return answer
    _enter(state, signal, instrument, answer, joined)
    return None


def _enter(
    state: DeskState,
    signal: Signal,
    instrument: Instrument,
    plan: Approved,
    joined: Tranche | None,
) -> None:
    net = _reward_risk_net(state, signal, instrument, plan)
    tranche = joined or _new_tranche(state, signal, instrument, plan, net)
    order = send(state, tranche, Role.ENTRY, plan.quantity, kind=OrderType.LIMIT, limit=plan.limit)
    tranche = replace(tranche, entry_order_id=tranche.entry_order_id or order.order_id)
    state.put(tranche)
    state.out.append(
        SignalApproved(
            signal_id=signal.signal_id,
            tranche_id=tranche.tranche_id,
            symbol=signal.symbol,
            strategy=signal.strategy,
            quantity=plan.quantity,
            limit=plan.limit,
            risk_wanted=plan.risk_wanted,
            risk_amount=plan.risk_amount,
            sized_by=plan.sized_by,
            reward_risk=plan.reward_risk,
            reward_risk_net=net,
            note=plan.note,
        )
    )
    state.out.append(TrancheChanged(tranche=tranche))
    expires = state.now + state.settings.execution.entry_timeout_s * SECOND
    state.out.append(SetTimer(at_ns=expires, timer=TimerKind.ENTRY_TIMEOUT, key=order.order_id))


def _new_tranche(
    state: DeskState, signal: Signal, instrument: Instrument, plan: Approved, net: Decimal
) -> Tranche:
    state.tranches_made += 1
    held = state.tranches_of.setdefault(signal.symbol, [])
    number = state.tranches[held[-1]].number + 1 if held else 0
    tranche = Tranche(
        tranche_id=f"{MODE_LETTERS[state.mode]}T{state.tranches_made:06d}",
        number=number,
        symbol=signal.symbol,
        product=signal.product,
        direction=signal.direction,
        strategy=signal.strategy,
        signal_id=signal.signal_id,
        signal_ns=signal.ts_ns,
        initial_stop=plan.stop,
        stop=plan.stop,
        target=plan.target,
        trail=_trail(signal, instrument),
        confidence=signal.confidence,
        news_score=signal.news_score,
        tech_score=signal.tech_score,
        reward_risk=plan.reward_risk,
        reward_risk_net=net,
        conditions=signal.conditions,
    )
    held.append(tranche.tranche_id)
    return tranche


def _trail(signal: Signal, instrument: Instrument) -> Decimal:
    if signal.trail <= 0:
        return ZERO
    return Price.nearest_tick(max(signal.trail, float(instrument.tick)), instrument.tick).value


def _reward_risk_net(
    state: DeskState, signal: Signal, instrument: Instrument, plan: Approved
) -> Decimal:
    """Reward over risk when both ends pay their charges, at the limit price."""
    if plan.target is None:
        return plan.reward_risk
    rates = state.daybook.rates(instrument, signal.product)
    side, units, limit = signal.direction, plan.quantity, plan.limit
    won = estimate(rates, side, units, limit, plan.target, lot=instrument.lot).amount
    lost = estimate(rates, side, units, limit, plan.stop, lot=instrument.lot).amount
    gain = abs(plan.target.value - limit.value) * units.value
    return (gain - won) / (plan.risk_amount + lost)
