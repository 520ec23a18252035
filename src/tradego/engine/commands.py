"""What a person may ask of the desk, each command once, through the same gate as everything."""

from typing import NamedTuple

from msgspec.structs import replace

from tradego.domain.effects import CommandAnswered, ModeChanged
from tradego.domain.events import CommandKind, CommandReceived
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.orders import Role
from tradego.domain.positions import ExitReason, Tranche
from tradego.domain.signals import Side, Signal
from tradego.domain.wording import refusal
from tradego.engine.exits import attend, begin_exit, exit_all, give_back
from tradego.engine.order_life import call_back
from tradego.engine.protection import want_stop
from tradego.engine.rounds import consider, may_enter, say_refused
from tradego.engine.state import DeskState


def on_command(state: DeskState, event: CommandReceived) -> None:
    """Do it and say so; the same command again gets the first answer and does nothing."""
    answered = state.commands.get(event.command_id)
    if answered is None:
        answer = _do(state, event)
        answered = CommandAnswered(
            command_id=event.command_id,
            accepted=not isinstance(answer, _No),
            answer=answer if isinstance(answer, str) else answer.why,
        )
        state.commands[event.command_id] = answered
    state.out.append(answered)


class _No(NamedTuple):
    """What was asked for is not done, and why."""

    why: str


def _do(state: DeskState, event: CommandReceived) -> str | _No:
    match event.command:
        case CommandKind.HALT:
            return _halt(state, f"halted by {event.actor}", "halted")
        case CommandKind.RESUME:
            return _resume(state, event.actor)
        case CommandKind.KILL:
            return _kill(state, event)
        case CommandKind.ENTER:
            return _enter(state, event)
        case CommandKind.ENABLE | CommandKind.DISABLE:
            return _switch(state, event)
        case CommandKind.CLOSE | CommandKind.REDUCE | CommandKind.MOVE_STOP:
            return _on_position(state, event)


def _halt(state: DeskState, reason: str, word: str) -> str:
    state.halted = reason
    state.out.append(ModeChanged(state=word, reason=reason))
    return reason


def _resume(state: DeskState, actor: str) -> str:
    """Entries are allowed again everywhere; a drawdown limit counts anew from here."""
    state.halted = ""
    state.frozen.clear()
    if state.drawdown_hit:
        state.drawdown_hit = False
        state.cash.peak = state.equity
        state.equity_changed = True
    state.out.append(ModeChanged(state="ready", reason=f"resumed by {actor}"))
    return "ready"


def _switch(state: DeskState, event: CommandReceived) -> str | _No:
    """A strategy on or off: what it has open stays protected and goes on being judged."""
    strategies = state.settings.strategies
    if event.strategy not in strategies:
        return _No(f"unknown strategy {event.strategy!r}; there are {', '.join(strategies)}")
    on = event.command is CommandKind.ENABLE
    policy = replace(strategies[event.strategy], enabled=on)
    state.settings = replace(state.settings, strategies={**strategies, event.strategy: policy})
    return f"{event.strategy} is {'on' if on else 'off'}"


def _kill(state: DeskState, event: CommandReceived) -> str:
    """Halt, call back every entry, and close everything if asked or so configured."""
    _halt(state, f"killed by {event.actor}", "killed")
    for order in list(state.orders.values()):
        if order.role is Role.ENTRY:
            call_back(state, order)
    flatten = state.settings.execution.flatten_on_kill if event.flatten is None else event.flatten
    if not flatten:
        return "killed; stops stay until flat"
    exit_all(state, ExitReason.KILL, f"kill by {event.actor}", at_market=True)
    return "killed; closing everything"


def _enter(state: DeskState, event: CommandReceived) -> str | _No:
    """A person's trade is reviewed like any other; only confidence is not asked of it, and of a
    quantity that was asked for no more is taken.
    """
    if event.side is None or event.price is None or event.stop is None:
        return _No("a trade needs a side, a price and a stop")
    signal = Signal(
        signal_id=f"manual:{event.command_id}",
        ts_ns=event.ts_ns,
        symbol=event.symbol,
        strategy="manual",
        product=event.product,
        direction=event.side,
        entry=float(event.price.value),
        stop=float(event.stop.value),
        target=float(event.target.value) if event.target else 0.0,
        confidence=1.0,
    )
    refused = may_enter(state, signal) or consider(state, signal, event.quantity)
    if refused is None:
        return f"{'buying' if event.side is Side.BUY else 'selling'} {event.symbol}"
    return _No(refusal(say_refused(state, signal, refused)))


def _on_position(state: DeskState, event: CommandReceived) -> str | _No:
    held = [state.tranches[tid] for tid in state.tranches_of.get(event.symbol, ())]
    if not held:
        return _No(f"nothing is open in {event.symbol!r}")
    rule = f"{event.command.value} by {event.actor}"
    if event.command is CommandKind.CLOSE:
        for tranche in held:
            begin_exit(state, tranche, ExitReason.MANUAL, rule, at_market=True)
        return f"closing {event.symbol}"
    if event.command is CommandKind.REDUCE:
        return _reduce(state, held, event.quantity, rule)
    if event.stop is None:
        return _No("moving a stop needs a price")
    return _move_stop(state, held, event.stop, rule)


def _move_stop(state: DeskState, held: list[Tranche], stop: Price, rule: str) -> str | _No:
    """Not past the price: the venue refuses that, the old stop stays, and the person hears."""
    symbol = held[-1].symbol
    if not stop.is_on(state.instruments[symbol].tick):
        return _No(f"{stop.value} is not on the tick {state.instruments[symbol].tick}")
    wanted = [want_stop(state, tranche, stop, rule, or_leave=False) for tranche in held]
    if not any(wanted):
        return _No(f"a stop moves only in favour; {symbol} has {held[-1].stop.value}")
    for tranche in held:
        attend(state, tranche.tranche_id)
    return f"moving the stop of {symbol} to {stop.value}"


def _reduce(
    state: DeskState, held: list[Tranche], quantity: Quantity | None, rule: str
) -> str | _No:
    """Newest tranche first."""
    open_now = sum((state.kept(t).value for t in held if t.exit_reason is None), ZERO)
    if quantity is None or not 0 < quantity.value <= open_now:
        return _No(f"reduce by more than 0 and at most {open_now}")
    left = quantity.value
    for tranche in reversed(held):
        part = min(left, state.kept(tranche).value) if tranche.exit_reason is None else ZERO
        if part > 0:
            give_back(state, tranche, Quantity(part), ExitReason.MANUAL, rule, at_market=True)
            left -= part
    return f"reducing by {quantity.value}"
