"""A strategy's word on what it has open. It may only lower what is at stake."""

from decimal import Decimal

from tradego.domain.effects import AdviceHeard
from tradego.domain.events import AdviceGiven
from tradego.domain.money import Price, Quantity
from tradego.domain.positions import ExitReason, Tranche
from tradego.domain.settings import OnAdvice, StrategyPolicy
from tradego.domain.signals import TIME_RULE, Action, Advice
from tradego.engine.exits import attend, begin_exit, give_back
from tradego.engine.protection import want_stop
from tradego.engine.state import DeskState

_DEFAULT_POLICY = StrategyPolicy()


def on_advice(state: DeskState, event: AdviceGiven) -> None:
    for advice in event.advice:
        _hear(state, advice)


def _hear(state: DeskState, advice: Advice) -> None:
    tranches = [
        tranche
        for tranche_id in state.tranches_of.get(advice.symbol, ())
        if (tranche := state.tranches[tranche_id]).strategy == advice.strategy
        and tranche.is_open
        and tranche.exit_reason is None
    ]
    if tranches:
        taken = _taken(state, tranches, advice)
        state.out.append(AdviceHeard(advice=advice, taken=taken))


def _taken(state: DeskState, tranches: list[Tranche], advice: Advice) -> str:
    """What the desk did about it."""
    if advice.action is Action.HOLD:
        return "held"
    match state.settings.strategies.get(advice.strategy, _DEFAULT_POLICY).on_advice:
        case OnAdvice.OFF:
            return "ignored"
        case OnAdvice.PROPOSE:
            return "proposed"
        case OnAdvice.ACT:
            acted = [_act(state, tranche, advice) for tranche in tranches]
            return "acted" if any(acted) else "nothing to do"


def _act(state: DeskState, tranche: Tranche, advice: Advice) -> bool:
    """Whether it changed anything."""
    if advice.action is Action.MOVE_STOP:
        stop = Price.opinion(advice.stop, state.instruments[tranche.symbol].tick)
        moves = stop is not None and want_stop(state, tranche, stop, advice.rule)
        attend(state, tranche.tranche_id)
        return moves
    reason = ExitReason.TIME if advice.rule == TIME_RULE else ExitReason.SIGNAL
    if advice.action is Action.EXIT:
        begin_exit(state, tranche, reason, advice.rule)
        return True
    part = Quantity(state.kept(tranche).value * Decimal(repr(advice.fraction)))
    return give_back(state, tranche, part, reason, advice.rule)
