"""Strategies laid out as one list of operations, each computed once.

Expressions that say the same with the same parameters share a slot, within a strategy and across
strategies. Arguments come before what uses them.
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from tradego.domain.errors import DomainError, InputError
from tradego.domain.signals import Action, Side
from tradego.indicators.face import Indicator
from tradego.strategies import operations as op
from tradego.strategies.exits import ExitRule
from tradego.strategies.expressions import (
    Choice,
    Computed,
    Condition,
    Constant,
    Input,
    Map,
    Node,
    Number,
    Param,
    Setting,
    SettingValue,
    Step,
    mapped,
    mean_strength,
    number,
)
from tradego.strategies.operations import Operation
from tradego.strategies.strategy import Strategy, entry_conditions
from tradego.strategies.vocabulary import close, sentiment


class TakeInput(msgspec.Struct, frozen=True):
    name: str


class TakeConstant(msgspec.Struct, frozen=True):
    value: float | bool


class Apply(msgspec.Struct, frozen=True):
    operation: Operation
    args: tuple[int, ...]


class Advance(msgspec.Struct, frozen=True):
    """Move an indicator by one bar."""

    make: Callable[..., Indicator]
    options: tuple[float, ...]
    args: tuple[int, ...]

    def begin(self) -> Indicator:
        return self.make(*self.options)


class TakeOutput(msgspec.Struct, frozen=True):
    of: int
    output: int


_FIRST = (Action.EXIT, Action.REDUCE, Action.MOVE_STOP, Action.HOLD)
"""Of several exit rules that hold, the one heard."""

Instruction = TakeInput | TakeConstant | Apply | Advance | TakeOutput


class Judged(msgspec.Struct, frozen=True):
    """Slots of a condition's verdict and of the two numbers compared."""

    name: str
    test: int
    left: int
    right: int


class Leaving(msgspec.Struct, frozen=True):
    """Slots of an exit rule."""

    rule: ExitRule
    judged: Judged
    level: int


class Rules(msgspec.Struct, frozen=True):
    """Slots of one strategy. `sound` tells whether its levels make sense; `exits` are in the
    order in which they are heard.
    """

    strategy: Strategy
    conditions: tuple[Judged, ...]
    enter: int
    sound: int
    entry: int
    stop: int
    target: int
    trail: int
    volatility: int
    confidence: int
    news_score: int
    tech_score: int
    exits: tuple[Leaving, ...]


class Plan:
    """All strategies of a run, on whatever symbol."""

    def __init__(self, strategies: Sequence[Strategy]) -> None:
        self.instructions: list[Instruction] = []
        self._slots: dict[Instruction, int] = {}
        self.rules = tuple(_Layout(self, strategy).rules() for strategy in strategies)
        self.indicators = {
            slot: this for slot, this in enumerate(self.instructions) if isinstance(this, Advance)
        }

    def slot(self, instruction: Instruction) -> int:
        """The slot of an instruction; of the same instruction always the same."""
        if isinstance(instruction, Apply):
            instruction = self._folded(instruction)
        known = self._slots.get(instruction)
        if known is not None:
            return known
        self._slots[instruction] = len(self.instructions)
        self.instructions.append(instruction)
        return len(self.instructions) - 1

    def states(self) -> dict[int, Indicator]:
        """Fresh indicators of one symbol, by slot."""
        return {slot: indicator.begin() for slot, indicator in self.indicators.items()}

    def _folded(self, apply: Apply) -> Apply | TakeConstant:
        args = [self.instructions[arg] for arg in apply.args]
        constants = [arg.value for arg in args if isinstance(arg, TakeConstant)]
        if len(constants) < len(args):
            return apply
        value = np.asarray(apply.operation.apply(*constants)).item()
        return TakeConstant(value)


class _Layout:
    """One strategy, with its values, put into a plan."""

    def __init__(self, plan: Plan, strategy: Strategy) -> None:
        self._plan = plan
        self._strategy = strategy
        self._done: dict[Node, int] = {}

    def rules(self) -> Rules:
        strategy = self._strategy
        conditions = entry_conditions(type(strategy))
        graded = list(conditions.values())
        technical = [condition for condition in graded if not rests_on(condition, "sentiment")]
        trail = strategy.trail if strategy.trail is not None else number(0.0)
        news = mapped(op.CHOOSE, Computed(Map(op.KNOWN, (sentiment.node,))), sentiment, 0.0)
        return Rules(
            strategy=strategy,
            conditions=tuple(self._judged(name, c) for name, c in conditions.items()),
            enter=self._slot(strategy.enter.test),
            sound=self._slot(_sound(strategy)),
            entry=self._slot(close.node),
            stop=self._slot(strategy.stop.node),
            target=self._slot(strategy.target.node),
            trail=self._slot(trail.node),
            volatility=self._slot(strategy.volatility.node),
            confidence=self._slot((0.5 + 0.5 * _strength(graded)).node),
            news_score=self._slot(news.node),
            tech_score=self._slot(_strength(technical).node),
            exits=tuple(
                self._leaving(rule)
                for rule in sorted(strategy.exits, key=lambda rule: _FIRST.index(rule.action))
            ),
        )

    def _judged(self, name: str, condition: Condition) -> Judged:
        return Judged(
            name,
            self._slot(condition.test),
            self._slot(condition.left.node),
            self._slot(condition.right.node),
        )

    def _leaving(self, rule: ExitRule) -> Leaving:
        level = rule.level if rule.level is not None else number(0.0)
        return Leaving(rule, self._judged(rule.name, rule.when), self._slot(level.node))

    def _slot(self, node: Node) -> int:
        done = self._done.get(node)
        if done is None:
            done = self._done[node] = self._laid_out(node)
        return done

    def _laid_out(self, node: Node) -> int:
        match node:
            case Input(name=name):
                return self._plan.slot(TakeInput(name))
            case Constant(value=value):
                return self._plan.slot(TakeConstant(value))
            case Setting(param=Choice(name=name, options=options)):
                return self._slot(options[str(self._value(name))].node)
            case Setting(param=Param(name=name)):
                return self._plan.slot(TakeConstant(float(self._value(name))))
            case Map(operation=operation, args=args):
                return self._plan.slot(Apply(operation, tuple(map(self._slot, args))))
            case Step():
                return self._indicator(node)
            case _:
                raise DomainError(f"{node!r} is not laid out")

    def _indicator(self, step: Step) -> int:
        options = tuple(self._option(option) for option in step.options)
        args = tuple(self._slot(arg) for arg in step.args)
        slot = self._plan.slot(Advance(step.make, options, args))
        return slot if step.output is None else self._plan.slot(TakeOutput(slot, step.output))

    def _option(self, option: float | Param) -> float:
        if not isinstance(option, Param):
            return option
        value = self._value(option.name)
        return int(value) if option.is_whole else float(value)

    def _value(self, name: str) -> SettingValue:
        values = self._strategy.values
        if name not in values:
            raise InputError(f"strategy {self._strategy.name}: parameter {name!r} is not its own")
        return values[name]


def _strength(conditions: Sequence[Condition]) -> Number:
    """Weighted mean strength, 0 where no condition states what is strong."""
    strength = mean_strength(conditions)
    return number(0.0) if strength is None else strength


def _sound(strategy: Strategy) -> Node:
    """Stop and target are known and on their sides of the entry, the trailing distance is known."""
    trail = number(0.0) if strategy.trail is None else strategy.trail
    if strategy.direction is Side.BUY:
        return ((strategy.stop < close) & (close < strategy.target) & (trail >= 0)).test
    return ((strategy.stop > close) & (close > strategy.target) & (trail >= 0)).test


def rests_on(condition: Condition, name: str) -> bool:
    """Whether an input has a part in a condition."""
    seen: set[Node] = set()
    waiting: list[Node] = [condition.test]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        match node:
            case Input(name=found) if found == name:
                return True
            case Map(args=args) | Step(args=args):
                waiting.extend(args)
            case Setting(param=Choice(options=options)):
                waiting.extend(option.node for option in options.values())
            case _:
                pass
    return False
