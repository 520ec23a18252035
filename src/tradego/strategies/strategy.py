"""What every strategy is: a class whose attributes are expressions.

    class Breakout(Strategy):
        period = Param(20, 5, 60)

        new_high = close > ago(highest(high, period), 1)
        trending = (adx() > 25).strong(40)

        enter = new_high & trending
        stop = 0.988 * close
        target = 1.025 * close

`Breakout(period=30)` is one setting of it, ready for the drivers.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from math import isfinite
from typing import ClassVar, TypeVar

from tradego.domain.errors import InputError
from tradego.domain.settings import OnAdvice, StrategyPolicy
from tradego.domain.signals import Product, Side
from tradego.strategies.exits import ExitRule, exit_rules
from tradego.strategies.expressions import Choice, Condition, Number, Param, SettingValue, text
from tradego.strategies.vocabulary import atr

Given = float | str | Decimal | tuple[ExitRule, ...]
Word = TypeVar("Word", bound=StrEnum)


class Strategy:
    """Enter at the close of a bar on which `enter` holds, with the stop and target of that bar.

    `enter` is an & of conditions that have names: they are the reasons of a signal. `trail`, where
    given, is the distance in price units at which the stop follows; `volatility` is what sizing by
    volatility takes for the usual range of a bar. `exits` are judged on every
    closed bar for positions of this strategy; what the desk then does is `on_advice`.
    """

    name: ClassVar[str]
    direction: ClassVar[Side] = Side.BUY
    product: Product = Product.INTRADAY
    min_reward_risk: Decimal = Decimal("1.5")
    on_advice: OnAdvice = OnAdvice.ACT
    exits: tuple[ExitRule, ...] = ()
    enter: ClassVar[Condition]
    stop: ClassVar[Number]
    target: ClassVar[Number]
    trail: ClassVar[Number | None] = None
    volatility: ClassVar[Number] = atr(14)

    def __init_subclass__(cls) -> None:
        if "name" not in vars(cls):
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, **settings: Given) -> None:
        """Settings are the class's parameters and choices, and product, exits, min_reward_risk,
        on_advice; as values or as text. InputError names the strategy, the key and its range.
        """
        cls = validate(type(self))
        tunable = parameters(cls)
        self.values: dict[str, SettingValue] = {}
        for key, param in tunable.items():
            default = next(iter(param.options)) if isinstance(param, Choice) else param.default
            given = settings.pop(key, default)
            where = f"{cls.name}.{key}"
            if isinstance(param, Choice):
                self.values[key] = _one_of(where, given, param.options)
            else:
                self.values[key] = _in_range(where, given, param)
        self._take_terms(settings)
        if settings:
            raise InputError(_unknown_key(cls.name, next(iter(settings)), [*tunable, *_TERMS]))

    def _take_terms(self, settings: dict[str, Given]) -> None:
        if "product" in settings:
            given = settings.pop("product")
            self.product = _word(f"{self.name}.product", given, Product)
        if "on_advice" in settings:
            given = settings.pop("on_advice")
            self.on_advice = _word(f"{self.name}.on_advice", given, OnAdvice)
        if "min_reward_risk" in settings:
            given = settings.pop("min_reward_risk")
            self.min_reward_risk = _ratio(f"{self.name}.min_reward_risk", given)
        if "exits" in settings:
            given = settings.pop("exits")
            self.exits = given if isinstance(given, tuple) else exit_rules(str(given))

    @property
    def policy(self) -> StrategyPolicy:
        """What the engine needs to know of this strategy."""
        return StrategyPolicy(min_reward_risk=self.min_reward_risk, on_advice=self.on_advice)

    def rules(self) -> dict[str, str]:
        """Each condition, the levels and the exits, in words, with this strategy's values."""
        conditions = entry_conditions(type(self))
        levels = {"stop": self.stop, "target": self.target}
        return {
            **{name: text(condition, self.values) for name, condition in conditions.items()},
            **{name: text(level, self.values) for name, level in levels.items()},
            **{f"exit {rule.name}": text(rule.when, self.values) for rule in self.exits},
        }


_TERMS = ("product", "exits", "min_reward_risk", "on_advice")
_MUST_BE = {
    "enter": (Condition, "a condition, such as close > sma(close, 50)"),
    "stop": (Number, "a number, such as 0.99 * close"),
    "target": (Number, "a number, such as 1.02 * close"),
    "trail": (Number | None, "a number, such as 2 * atr(), or None"),
    "volatility": (Number, "a number, such as atr(14)"),
    "direction": (Side, "Side.BUY or Side.SELL"),
    "product": (Product, "Product.INTRADAY or Product.DELIVERY"),
    "min_reward_risk": (Decimal, 'a Decimal, such as Decimal("1.5")'),
    "on_advice": (OnAdvice, "OnAdvice.ACT, .PROPOSE or .OFF"),
    "exits": (tuple, "a tuple of exit rules, such as (vwap_break(),)"),
}


def validate(cls: object) -> type[Strategy]:
    """The class itself; InputError naming the part that is missing or of the wrong kind."""
    if not (isinstance(cls, type) and issubclass(cls, Strategy) and cls is not Strategy):
        raise InputError(f"{cls!r} is not a class made from Strategy")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", cls.name):
        raise InputError(f"strategy name {cls.name!r} is not made of a-z, 0-9 and _")
    for part, (kind, example) in _MUST_BE.items():
        if not hasattr(cls, part):
            raise InputError(f"strategy {cls.name} lacks {part!r}: {example}")
        if not isinstance(value := getattr(cls, part), kind):
            raise InputError(f"strategy {cls.name}: {part!r} is {value!r}, it must be {example}")
    for rule in cls.exits:
        if not isinstance(rule, ExitRule):
            raise InputError(f"strategy {cls.name}: {rule!r} in 'exits' is not an exit rule")
    _validate_parameters(cls)
    return cls


def _validate_parameters(cls: type[Strategy]) -> None:
    for key, param in parameters(cls).items():
        if isinstance(param, Param):
            _in_range(f"{cls.name}.{key}", param.default, param)
        elif not param.options:
            raise InputError(f"{cls.name}.{key}: a choice of nothing")


def parameters(cls: type[Strategy]) -> dict[str, Param | Choice]:
    """What may be tuned, by name, in the order declared."""
    found = _attributes(cls).items()
    return {key: value for key, value in found if isinstance(value, Param | Choice)}


def entry_conditions(cls: type[Strategy]) -> dict[str, Condition]:
    """The conditions that `enter` joins by &, in the order declared; those without a name last,
    under their wording.
    """
    named = {
        id(value): key
        for key, value in _attributes(cls).items()
        if isinstance(value, Condition) and key != "enter"
    }
    parts = {named.get(id(part), text(part, {})): part for part in _conjuncts(cls.enter, named)}
    order = {key: place for place, key in enumerate(named.values())}
    return dict(sorted(parts.items(), key=lambda item: order.get(item[0], len(order))))


def overrides(texts: Iterator[str] | list[str]) -> dict[str, dict[str, str]]:
    """Settings by strategy from "NAME.KEY=VALUE" texts, the later of two winning."""
    found: dict[str, dict[str, str]] = {}
    for given in texts:
        match = re.fullmatch(r"\s*([^.=\s]+)\.([^.=\s]+)\s*=(.*)", given)
        if match is None:
            raise InputError(f"parameter {given!r} is not NAME.KEY=VALUE")
        found.setdefault(match[1], {})[match[2]] = match[3].strip()
    return found


def _attributes(cls: type[Strategy]) -> dict[str, object]:
    found: dict[str, object] = {}
    for owner in reversed(cls.__mro__):
        found.update(vars(owner))
    return found


def _conjuncts(condition: Condition, named: Mapping[int, str]) -> Iterator[Condition]:
    if id(condition) in named or not condition.parts:
        yield condition
        return
    for part in condition.parts:
        yield from _conjuncts(part, named)


def _in_range(where: str, given: Given, param: Param) -> float:
    try:
        value = float(given)  # type: ignore[arg-type]  # a tuple is refused just below
    except (TypeError, ValueError):
        value = float("nan")
    if not (isfinite(value) and param.low <= value <= param.high):
        raise InputError(f"{where} = {given} is not a number from {param.low:g} to {param.high:g}")
    if not param.is_whole:
        return value
    if value != int(value):
        raise InputError(
            f"{where} = {given} is not a whole number from {param.low:g} to {param.high:g}"
        )
    return int(value)


def _one_of(where: str, given: Given, options: Mapping[str, Number]) -> str:
    if given not in options:
        raise InputError(f"{where} = {given} is not one of {', '.join(options)}")
    return str(given)


def _word(where: str, given: Given, kind: type[Word]) -> Word:
    try:
        return kind(str(given))
    except ValueError:
        raise InputError(f"{where} = {given} is not one of {', '.join(kind)}") from None


def _ratio(where: str, given: Given) -> Decimal:
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        value = Decimal(-1)
    if not Decimal(0) <= value <= Decimal(20):
        raise InputError(f"{where} = {given} is not a number from 0 to 20")
    return value


def _unknown_key(name: str, key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, 1)
    hint = f"; {close[0]}?" if close else ""
    return f"strategy {name} has no setting {key!r}{hint} (it has {', '.join(known)})"
