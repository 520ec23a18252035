"""A strategy's word on what it has open. It may only lower what is at stake."""

from decimal import Decimal

from tradego.domain.effects import AdviceHeard
from tradego.domain.events import AdviceGiven
from tradego.domain.money import Price, Quantity
from tradego.domain.positions import ExitReason, Tranche
from tradego.domain.settings import OnAdvice, StrategyPolicy
from tradego.domain.signals import Action, Advice
from tradego.engine.exits import attend, begin_exit, give_back
from tradego.engine.protection import want_stop
from tradego.engine.state import DeskState

_DEFAULT_POLICY = StrategyPolicy()


def on_advice(state: DeskState, event: AdviceGiven) -> None:
    for advice in event.advice:
        _hear(state, advice)


def _hear(state: DeskState, advice: Advice) -> None:
    policy = state.settings.strategies.get(advice.strategy, _DEFAULT_POLICY).on_advice
    tranches = [
        tranche
        for tranche_id in state.tranches_of.get(advice.symbol, ())
        if (tranche := state.tranches[tranche_id]).strategy == advice.strategy
        and tranche.is_open
        and tranche.exit_reason is None
    ]
    if not tranches:
        return
    taken = {OnAdvice.OFF: "ignored", OnAdvice.PROPOSE: "proposed"}.get(policy, "acted")
    if policy is OnAdvice.ACT:
        for tranche in tranches:
            _act(state, tranche, advice)
    if advice.action is Action.HOLD:
        taken = "held"
    state.out.append(AdviceHeard(advice=advice, taken=taken))


def _act(state: DeskState, tranche: Tranche, advice: Advice) -> None:
    match advice.action:
        case Action.HOLD:
            pass
        case Action.EXIT:
            begin_exit(state, tranche, ExitReason.SIGNAL, advice.rule)
        case Action.REDUCE:
            part = state.kept(tranche).value * Decimal(repr(advice.fraction))
            give_back(state, tranche, Quantity(part), ExitReason.SIGNAL, advice.rule)
        case Action.MOVE_STOP:
            tick = state.instruments[tranche.symbol].tick
            stop = Price.opinion(advice.stop, tick)
            if stop is not None and want_stop(state, tranche, stop, advice.rule):
                attend(state, tranche.tranche_id)
