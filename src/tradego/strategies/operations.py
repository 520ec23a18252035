"""Arithmetic of the graph: each operation works on one bar's numbers of many symbols as it does on
one symbol's history.

NaN is "not known": arithmetic carries it on, and no comparison with it holds. Only operations that
IEEE 754 rounds exactly are here (no exp, log, power), so that array length changes no bit.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import BoolArray, FloatArray
from tradego.indicators.face import Column

Values = Column | float
"""A column, or a constant that stands for one."""


class Operation(NamedTuple):
    """`symbol` is an infix operator, or a name when it is written as a function."""

    symbol: str
    apply: Callable[..., Values]

    @property
    def is_infix(self) -> bool:
        return not self.symbol.isidentifier()


def _divide(a: FloatArray, b: FloatArray) -> FloatArray:
    """NaN where the divisor is zero."""
    return np.where(np.equal(b, 0), np.nan, np.true_divide(a, b))


def _known(*values: FloatArray) -> BoolArray:
    """Where none of the values is NaN."""
    known = np.equal(values[0], values[0])
    for column in values[1:]:
        known = known & np.equal(column, column)
    return np.asarray(known)


def _graded(value: FloatArray) -> FloatArray:
    """Held to 0..1; unknown is 0."""
    return np.where(np.greater(value, 0), np.minimum(value, 1.0), 0.0)


def _nearer(close: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    return np.where(_same_side(close, a, b) & (abs(b - close) < abs(a - close)), b, a)


def _farther(close: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    return np.where(_same_side(close, a, b) & (abs(b - close) > abs(a - close)), b, a)


def _same_side(close: FloatArray, a: FloatArray, b: FloatArray) -> BoolArray:
    return ((a > close) & (b > close)) | ((a < close) & (b < close))


ADD = Operation("+", np.add)
SUBTRACT = Operation("-", np.subtract)
MULTIPLY = Operation("*", np.multiply)
DIVIDE = Operation("/", _divide)
NEGATE = Operation("negative", np.negative)
ABSOLUTE = Operation("abs", np.abs)
MINIMUM = Operation("minimum", np.minimum)
MAXIMUM = Operation("maximum", np.maximum)
NEARER = Operation("nearer", _nearer)
FARTHER = Operation("farther", _farther)
GRADED = Operation("graded", _graded)
CHOOSE = Operation("choose", np.where)

ABOVE = Operation(">", np.greater)
AT_LEAST = Operation(">=", np.greater_equal)
BELOW = Operation("<", np.less)
AT_MOST = Operation("<=", np.less_equal)
KNOWN = Operation("known", _known)
AND = Operation("&", np.logical_and)
OR = Operation("|", np.logical_or)
NOT = Operation("not_", np.logical_not)
