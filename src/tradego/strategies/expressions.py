"""What strategies are written in: numbers, conditions, and the parameters of a strategy.

An expression says what to compute, on any bar of any symbol; nothing is computed here. It is a
graph: the same expression may be part of several others, and of several strategies.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import msgspec
import numpy as np

from tradego.domain.errors import InputError
from tradego.indicators.face import Indicator
from tradego.indicators.windows import Ago, WithinBars
from tradego.strategies import operations as op
from tradego.strategies.operations import Operation


class Node(msgspec.Struct, frozen=True, eq=False):
    """One vertex of the graph; a node is itself and no other."""


class Input(Node, frozen=True, eq=False):
    """A column handed in: a price of the bar, its volume, its time, the sentiment."""

    name: str


class Constant(Node, frozen=True, eq=False):
    value: float


class Setting(Node, frozen=True, eq=False):
    """A value its strategy decides, known by `param.name` there."""

    param: "Param | Choice"


class Map(Node, frozen=True, eq=False):
    """An operation on the same bar's values."""

    operation: Operation
    args: tuple[Node, ...]


class Step(Node, frozen=True, eq=False):
    """An indicator: `make(*options)` gives its state. `output` of a multi-valued one, else None.

    `label` is what the trader wrote; the arguments are shown with it where they are his choice.
    """

    label: str
    make: Callable[..., Indicator]
    options: tuple["float | Param", ...]
    args: tuple[Node, ...]
    output: int | None = None
    shows_args: bool = False


class _Expression:
    """What numbers and conditions have in common: neither has a truth of its own."""

    __slots__ = ()
    __array_ufunc__ = None  # numpy scalars leave arithmetic to us
    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise InputError(
            f"{self} is judged on every bar and has no truth of its own: write & | ~ for"
            " and, or, not, and two comparisons for a < b < c"
        )

    def __eq__(self, other: object) -> NoReturn:
        raise InputError(f"{self} == {other}: measured numbers are compared with > >= < <=")

    def __ne__(self, other: object) -> NoReturn:
        raise InputError(f"{self} != {other}: measured numbers are compared with > >= < <=")


class Number(_Expression):
    """A number on every bar.

    Its kinds are siblings: were one a subclass of another, Python would turn `a > b` of the two
    around, and left and right with it.
    """

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __add__(self, other: "NumberLike") -> "Number":
        return mapped(op.ADD, self, other)

    def __radd__(self, other: "NumberLike") -> "Number":
        return mapped(op.ADD, other, self)

    def __sub__(self, other: "NumberLike") -> "Number":
        return mapped(op.SUBTRACT, self, other)

    def __rsub__(self, other: "NumberLike") -> "Number":
        return mapped(op.SUBTRACT, other, self)

    def __mul__(self, other: "NumberLike") -> "Number":
        return mapped(op.MULTIPLY, self, other)

    def __rmul__(self, other: "NumberLike") -> "Number":
        return mapped(op.MULTIPLY, other, self)

    def __truediv__(self, other: "NumberLike") -> "Number":
        return mapped(op.DIVIDE, self, other)

    def __rtruediv__(self, other: "NumberLike") -> "Number":
        return mapped(op.DIVIDE, other, self)

    def __neg__(self) -> "Number":
        return mapped(op.NEGATE, self)

    def __abs__(self) -> "Number":
        return mapped(op.ABSOLUTE, self)

    def __gt__(self, other: "NumberLike") -> "Comparison":
        return compared(op.ABOVE, self, other)

    def __ge__(self, other: "NumberLike") -> "Comparison":
        return compared(op.AT_LEAST, self, other)

    def __lt__(self, other: "NumberLike") -> "Comparison":
        return compared(op.BELOW, self, other)

    def __le__(self, other: "NumberLike") -> "Comparison":
        return compared(op.AT_MOST, self, other)

    def __repr__(self) -> str:
        return text(self, {})


NumberLike = Number | float | int


class Computed(Number):
    """A number made of others."""

    __slots__ = ()


class Param(Number):
    """A number of a strategy that may be tuned from `low` to `high`; whole where all three are."""

    __slots__ = ("default", "high", "low", "name")

    def __init__(self, default: float, low: float, high: float) -> None:
        super().__init__(Setting(self))
        self.name = "?"
        self.default, self.low, self.high = default, low, high

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def is_whole(self) -> bool:
        return all(isinstance(value, int) for value in (self.default, self.low, self.high))


class Choice(Number):
    """One of several named numbers, the first unless the strategy is told otherwise."""

    __slots__ = ("name", "options")

    def __init__(self, **options: Number) -> None:
        super().__init__(Setting(self))
        self.name = "?"
        self.options = options

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Condition(_Expression):
    """A verdict on every bar, with what led to it.

    `test` is the verdict. `left` and `right` are the numbers compared; of several comparisons,
    those of the one that decided. `known` says whether every number it rests on is known, so that
    `~` can mean "known not to hold". `strength` runs from 0 at the threshold to 1 where the
    condition holds strongly; None where nothing says what strong is. `parts` are the two sides of
    an `&`.
    """

    __slots__ = ("known", "left", "parts", "right", "strength", "test", "weight", "words")

    def __init__(
        self,
        *,
        test: Node,
        left: Number,
        right: Number,
        known: Node,
        words: tuple["str | Node | Condition", ...],
        strength: Number | None = None,
        weight: float = 1.0,
        parts: "tuple[Condition, ...]" = (),
    ) -> None:
        self.test, self.known, self.words, self.parts = test, known, words, parts
        self.left, self.right = left, right
        self.strength, self.weight = strength, weight

    def __and__(self, other: "Condition") -> "Condition":
        other_decides = Map(op.AND, (self.test, Map(op.NOT, (other.test,))))
        return self._joined(op.AND, other, other_decides, mean_strength([self, other]))

    def __or__(self, other: "Condition") -> "Condition":
        other_decides = Map(op.AND, (Map(op.NOT, (self.test,)), other.test))
        return self._joined(op.OR, other, other_decides, _best_strength(self, other))

    def __invert__(self) -> "Condition":
        return Condition(
            test=Map(op.AND, (self.known, Map(op.NOT, (self.test,)))),
            left=self.left,
            right=self.right,
            known=self.known,
            words=("~(", self, ")"),
        )

    def within(self, bars: "int | Param") -> "Condition":
        """Whether it held on any of the last `bars` bars, the newest included."""

        def within(test: Node) -> Node:
            return Step("within", WithinBars, (window(bars),), (test,))

        return Condition(
            test=within(self.test),
            left=self.left,
            right=self.right,
            known=Map(op.NOT, (within(Map(op.NOT, (self.known,))),)),
            words=(self, ".within(", number(bars).node, ")"),
            strength=self.strength,
            weight=self.weight,
        )

    def begins(self) -> "Condition":
        """Whether it holds on this bar and did not on the one before."""
        as_number = Map(op.CHOOSE, (self.test, Constant(1.0), Constant(0.0)))
        before = Step("ago", Ago, (1,), (as_number,))
        held = Map(op.ABOVE, (before, Constant(0.5)))
        return Condition(
            test=Map(op.AND, (self.test, Map(op.NOT, (held,)))),
            left=self.left,
            right=self.right,
            known=self.known,
            words=(self, ".begins()"),
            strength=self.strength,
            weight=self.weight,
        )

    def _joined(
        self, how: Operation, other: "Condition", other_decides: Node, strength: Number | None
    ) -> "Condition":
        return Condition(
            test=Map(how, (self.test, other.test)),
            left=mapped(op.CHOOSE, Computed(other_decides), other.left, self.left),
            right=mapped(op.CHOOSE, Computed(other_decides), other.right, self.right),
            known=Map(op.AND, (self.known, other.known)),
            words=("(", self, f" {how.symbol} ", other, ")"),
            strength=strength,
            weight=max(self.weight, other.weight),
            parts=(self, other) if how is op.AND else (),
        )

    def __repr__(self) -> str:
        return text(self, {})


class Comparison(Condition):
    """One number against another."""

    __slots__ = ()

    def strong(self, at: NumberLike, weight: float = 1.0) -> "Comparison":
        """The same, fully strong when its left value reaches `at`; `weight` against the others."""
        excess = (self.left - self.right) / (at - self.right)
        return Comparison(
            test=self.test,
            left=self.left,
            right=self.right,
            known=self.known,
            words=(self,),
            strength=mapped(op.GRADED, excess),
            weight=weight,
        )


def number(value: NumberLike) -> Number:
    """A number as an expression; InputError for anything else."""
    if isinstance(value, Number):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise InputError(f"{value!r} is not a number")
    return Computed(Constant(float(value)))


def mapped(operation: Operation, *args: NumberLike) -> Number:
    """An operation on numbers of the same bar."""
    return Computed(Map(operation, tuple(number(arg).node for arg in args)))


def compared(operation: Operation, left: NumberLike, right: NumberLike) -> Comparison:
    """One number against another on the same bar."""
    a, b = number(left), number(right)
    return Comparison(
        test=Map(operation, (a.node, b.node)),
        left=a,
        right=b,
        known=Map(op.KNOWN, (a.node, b.node)),
        words=(a.node, f" {operation.symbol} ", b.node),
    )


def window(bars: "int | Param", at_least: int = 1) -> "int | Param":
    """A length in bars or sessions, checked; a parameter over its whole range."""
    low = bars.low if isinstance(bars, Param) else bars
    whole = bars.is_whole if isinstance(bars, Param) else isinstance(bars, int)
    if not whole or low < at_least:
        raise InputError(f"{bars!r} is not a length: whole numbers from {at_least}")
    return bars


def mean_strength(conditions: Sequence[Condition]) -> Number | None:
    """Weighted mean of the strengths that are stated; None where none is."""
    graded = [c for c in conditions if c.strength is not None]
    if not graded:
        return None
    total = sum((c.weight * c.strength for c in graded if c.strength is not None), number(0.0))
    return total / sum(c.weight for c in graded)


def _best_strength(one: Condition, other: Condition) -> Number | None:
    if one.strength is None or other.strength is None:
        return other.strength if one.strength is None else one.strength
    return mapped(op.MAXIMUM, one.strength, other.strength)


SettingValue = float | str


def text(part: "Number | Condition | Node | str", values: Mapping[str, SettingValue]) -> str:
    """An expression as a trader would write it, with the given values of its parameters."""
    match part:
        case str():
            return part
        case Number():
            return text(part.node, values)
        case Condition():
            return "".join(text(word, values) for word in part.words)
        case Input(name=name):
            return name
        case Constant(value=value):
            return f"{value:g}"
        case Setting(param=param):
            return _setting_text(param, values)
        case Map(operation=operation, args=args):
            return _map_text(operation, args, values)
        case Step():
            shown = [text(arg, values) for arg in part.args if part.shows_args]
            shown += [text(number(option), values) for option in part.options]
            return f"{part.label}({', '.join(shown)})"
        case _:
            raise InputError(f"{type(part).__name__} is not an expression")


def _setting_text(param: Param | Choice, values: Mapping[str, SettingValue]) -> str:
    value = values.get(param.name)
    if value is None:
        return param.name
    if isinstance(param, Choice):
        return text(param.options[str(value)], values)
    return f"{value:g}"


def _map_text(
    operation: Operation, args: Sequence[Node], values: Mapping[str, SettingValue]
) -> str:
    if operation in (op.NEARER, op.FARTHER):
        args = args[1:]  # the close, which the trader did not write
    words = [text(arg, values) for arg in args]
    if not operation.is_infix:
        return f"{operation.symbol}({', '.join(words)})"
    binds = operation in (op.MULTIPLY, op.DIVIDE)
    for place, arg in enumerate(args):
        infix = isinstance(arg, Map) and arg.operation.is_infix
        if infix and (binds or place > 0):
            words[place] = f"({words[place]})"
    return f" {operation.symbol} ".join(words)
