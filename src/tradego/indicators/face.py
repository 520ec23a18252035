"""What every indicator is: one number a bar, computed over a whole history or one bar at a time.

The two faces of an indicator agree bit for bit when they begin at the same bar. An indicator that
remembers its whole past (averages kept as running sums or exponentially) differs in its last digits
when begun elsewhere, so what is compared must begin together.

Unknown is NaN: while warming up, and wherever nothing can be said. Nothing looks ahead: the value
of a bar is final when the bar closes, and a longer history does not change it.
"""

from abc import ABC
from collections.abc import Callable

import numpy as np

from tradego.domain.bars import BoolArray, FloatArray, IntArray

Column = FloatArray | IntArray | BoolArray
Columns = Column | tuple[FloatArray, ...]
Value = float | bool | tuple[float, ...]


class Indicator(ABC):
    """`batch(*columns)` over arrays; `step(*values)` for the bar that just closed.

    An object is the state of one streaming indicator of one symbol; `batch` leaves it untouched.
    Multi-valued indicators answer with a tuple, in both faces.
    """

    __slots__ = ()

    batch: Callable[..., Columns]
    step: Callable[..., Value]

    def catch_up(self, *columns: Column) -> Columns:
        """Step over a history and return what was said on the way."""
        values = [self.step(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]
        if not values:
            return self.batch(*columns)
        if isinstance(values[0], tuple):
            return tuple(np.array(output) for output in zip(*values, strict=True))
        return np.array(values)
