"""Every open tranche has a working stop for all it holds, and its target is watched.

One stop rests at the venue, the target is only watched: two resting exits could both fill.
Protection is a wish about the state, not a reaction: after anything that touches a tranche, what is
missing is placed. It counts what is sent, so nothing is placed twice while an answer is out.
"""

from decimal import Decimal

from msgspec.structs import replace

from tradego.domain.effects import StopMoved, Unwatch, Watch
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Order, OrderType, Role
from tradego.domain.positions import StopWish, Tranche
from tradego.engine.order_life import can_modify, modify, parts, send, working
from tradego.engine.state import DeskState

HUNDRED = Decimal(100)


def protect(state: DeskState, tranche: Tranche, live: list[Order], wanted: Quantity) -> None:
    """Place a stop for whatever of `wanted` is not covered by one. A stop called back still covers:
    until its end is known it may fill.
    """
    missing = wanted.value - working(live, Role.STOP)
    if missing <= 0:
        return
    for part in parts(Quantity(missing), state.instruments[tranche.symbol]):
        order = send(
            state,
            tranche,
            Role.STOP,
            part,
            kind=OrderType.STOP_LIMIT,
            limit=_stop_limit(state, tranche, tranche.stop),
            trigger=tranche.stop,
        )
        state.put(replace(state.tranches[tranche.tranche_id], stop_order_id=order.order_id))


def watch_levels(state: DeskState, tranche: Tranche) -> None:
    """After an entry fill: watch the target, the breakeven level, the first trailing step."""
    if tranche.target is not None:
        _watch(state, tranche, "target", tranche.target)
    at_r = state.settings.execution.breakeven_at_r
    risk = (tranche.entry_price - tranche.initial_stop.value) * tranche.sign
    if at_r > 0 and risk > 0:
        _watch(state, tranche, "breakeven", _beyond(state, tranche, risk * at_r))
    if tranche.trail:
        watch_trail(state, tranche, tranche.entry_price)


def watch_trail(state: DeskState, tranche: Tranche, best: Decimal) -> None:
    """Ask for the close one trailing step beyond the best so far."""
    step = tranche.trail * state.settings.execution.trail_step_pct / HUNDRED
    level = _beyond(state, tranche, step, best)
    _watch(state, tranche, "trail", level, at_close=True)


def _beyond(
    state: DeskState, tranche: Tranche, distance: Decimal, start: Decimal | None = None
) -> Price | None:
    """The first tick at or past a distance to the winning side of the entry, or of `start`; None
    where that side ends before.
    """
    tick = state.instruments[tranche.symbol].tick
    level = (tranche.entry_price if start is None else start) + distance * tranche.sign
    if level < tick:
        return None
    return (Price.tick_above if tranche.sign > 0 else Price.tick_below)(level, tick)


def _watch(
    state: DeskState, tranche: Tranche, name: str, level: Price | None, *, at_close: bool = False
) -> None:
    if level is not None:
        state.out.append(
            Watch(
                watch_id=f"{tranche.tranche_id}:{name}",
                symbol=tranche.symbol,
                level=level,
                above=tranche.sign > 0,
                at_close=at_close,
            )
        )


def unwatch_levels(state: DeskState, tranche: Tranche) -> None:
    for name, wanted in (
        ("target", tranche.target is not None),
        ("breakeven", state.settings.execution.breakeven_at_r > 0),
        ("trail", bool(tranche.trail)),
    ):
        if wanted:
            state.out.append(Unwatch(watch_id=f"{tranche.tranche_id}:{name}"))


def to_breakeven(state: DeskState, tranche: Tranche) -> None:
    tick = state.instruments[tranche.symbol].tick
    want_stop(state, tranche, Price.nearest_tick(tranche.entry_price, tick), "breakeven")


def trail(state: DeskState, tranche: Tranche, close: Price) -> None:
    """Follow a close beyond the last step, and watch for the next."""
    tick = state.instruments[tranche.symbol].tick
    stop = Price.opinion(close.value - tranche.trail * tranche.sign, tick)
    if stop is not None:
        want_stop(state, tranche, stop, "trail")
    watch_trail(state, tranche, close.value)


def want_stop(
    state: DeskState, tranche: Tranche, stop: Price, rule: str, *, or_leave: bool = True
) -> bool:
    """Wish the stop elsewhere, only in favour, also of a wish not yet fulfilled."""
    nearest = wanted_stop(tranche)
    if tranche.exit_reason is not None or (stop.value - nearest.value) * tranche.sign <= 0:
        return False
    state.put(replace(tranche, stop_wanted=StopWish(stop, rule, or_leave)))
    return True


def wanted_stop(tranche: Tranche) -> Price:
    """Where the stop is to be, whether it is there yet or not."""
    return tranche.stop if tranche.stop_wanted is None else tranche.stop_wanted.level


def move_stops(state: DeskState, tranche: Tranche, live: list[Order]) -> None:
    """Ask the venue for the level wanted, one change of an order at a time."""
    level = wanted_stop(tranche)
    for order in live:
        if order.role is Role.STOP and order.trigger != level and can_modify(order):
            modify(state, order, _stop_limit(state, tranche, level), level)


def stop_confirmed(state: DeskState, tranche: Tranche, stop: Price) -> None:
    """The venue holds the new trigger: now it is true in the book."""
    wish = tranche.stop_wanted
    if stop == tranche.stop:
        return
    rule = tranche.exit_rule if wish is None else wish.rule
    left = None if wish is None or wish.level == stop else wish
    state.put(replace(tranche, stop=stop, stop_wanted=left, exit_rule=rule))
    state.out.append(
        StopMoved(
            tranche_id=tranche.tranche_id,
            symbol=tranche.symbol,
            from_price=tranche.stop,
            to_price=stop,
            reason=rule,
        )
    )


def _stop_limit(state: DeskState, tranche: Tranche, trigger: Price) -> Price:
    """The worst price the stop may pay once triggered; never outside the day's band."""
    listed = state.instruments[tranche.symbol]
    gap = trigger.value * state.settings.execution.stop_limit_gap_pct / HUNDRED
    worst = max(trigger.value - gap * tranche.sign, listed.tick)
    limit = (Price.tick_below if tranche.sign > 0 else Price.tick_above)(worst, listed.tick)
    return listed.in_band(limit)
