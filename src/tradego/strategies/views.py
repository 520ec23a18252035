"""What a plan's slots hold, over one symbol's history or over many symbols' newest bars.

Rows are bars in the one case and symbols in the other; the arithmetic is the same code, which is
why research and live agree. It is done when asked for, and only on the rows asked for; indicators,
which remember, see every row.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import call

import numpy as np

from tradego.domain.bars import Bar, Bars, BoolArray, FloatArray, IntArray
from tradego.domain.errors import DomainError, require
from tradego.domain.times import DAY
from tradego.indicators.face import Column, Columns, Indicator, Value
from tradego.indicators.sessions import minute_of, session_of
from tradego.strategies.operations import Values
from tradego.strategies.plan import Advance, Apply, Plan, TakeConstant, TakeInput, TakeOutput

HOLE_NS = 10 * DAY
"""Longer than an exchange stays closed. After such a hole in the bars, indicators begin afresh."""


States = dict[int, Indicator]
"""The streaming indicators of one symbol, by slot."""

Steps = dict[int, list[Callable[..., Value]]]
"""By slot, the step of each symbol's indicator, in the order of the rows."""


class View(ABC):
    """Slots as columns; arithmetic on the unknown warns, so use inside `numpy.errstate`."""

    def __init__(self, plan: Plan, count: int) -> None:
        self.plan = plan
        self.count = count
        self._columns: dict[int, Values] = {}
        self._advanced: dict[int, Columns] = {}
        self._rows: IntArray | None = None
        self._picked: dict[int, Values] = {}

    def column(self, slot: int) -> Values:
        """All rows of a slot; a plain number stands for a column of it."""
        found = self._columns.get(slot)
        if found is None:
            found = self._columns[slot] = self._computed(slot)
        return found

    def at(self, slot: int, rows: IntArray) -> Values:
        """Some rows of a slot, computing no more than them; asking for the same rows is cheap."""
        if rows is not self._rows:
            self._rows, self._picked = rows, {}
        found = self._picked.get(slot)
        if found is None:
            found = self._picked[slot] = self._pick(slot, rows)
        return found

    def _pick(self, slot: int, rows: IntArray) -> Values:
        instruction = self.plan.instructions[slot]
        if slot not in self._columns and isinstance(instruction, Apply):
            return instruction.operation.apply(*(self.at(arg, rows) for arg in instruction.args))
        column = self.column(slot)
        return column[rows] if isinstance(column, np.ndarray) else column

    def numbers(self, slot: int, rows: IntArray) -> FloatArray:
        """Some rows of a slot, as floats."""
        return np.array(np.broadcast_to(self.at(slot, rows), rows.shape), dtype=np.float64)

    def verdicts(self, slot: int, rows: IntArray | None = None) -> BoolArray:
        """Some or all rows of a condition."""
        values = self.column(slot) if rows is None else self.at(slot, rows)
        count = self.count if rows is None else len(rows)
        return np.broadcast_to(np.asarray(values, dtype=np.bool_), (count,))

    def advanced(self, slot: int) -> Columns:
        """What an indicator says on every row."""
        found = self._advanced.get(slot)
        if found is None:
            args = [self._full(arg) for arg in self.plan.indicators[slot].args]
            found = self._advanced[slot] = self._advance(slot, args)
        return found

    def _computed(self, slot: int) -> Values:
        match self.plan.instructions[slot]:
            case TakeInput(name=name):
                return self._input(name)
            case TakeConstant(value=value):
                return value
            case Apply(operation=operation, args=args):
                return operation.apply(*(self.column(arg) for arg in args))
            case TakeOutput(of=of, output=output):
                outputs = self.advanced(of)
                if not isinstance(outputs, tuple):
                    raise DomainError(f"slot {of} has one output")
                return outputs[output]
            case Advance():
                said = self.advanced(slot)
                if isinstance(said, tuple):
                    raise DomainError(f"slot {slot} has several outputs")
                return said

    def _full(self, slot: int) -> Column:
        values = self.column(slot)
        return values if isinstance(values, np.ndarray) else np.full(self.count, values)

    @abstractmethod
    def _input(self, name: str) -> Column: ...

    @abstractmethod
    def _advance(self, slot: int, args: Sequence[Column]) -> Columns: ...


class History(View):
    """One row a bar of one symbol, indicators in their batch face."""

    def __init__(self, plan: Plan, bars: Bars, sentiment: FloatArray | None = None) -> None:
        super().__init__(plan, bars.count)
        fits = sentiment is None or len(sentiment) == bars.count
        require(fits, f"{bars.symbol}: sentiment and bars differ in length")
        self.bars = bars
        self._sentiment = sentiment
        breaks = np.flatnonzero(np.diff(bars.ts_ns) > HOLE_NS) + 1
        edges = [0, *breaks.tolist(), bars.count]
        self._unbroken = [slice(start, stop) for start, stop in pairwise(edges)]

    def _input(self, name: str) -> Column:
        bars = self.bars
        match name:
            case "sentiment":
                none = np.full(bars.count, np.nan)
                return none if self._sentiment is None else self._sentiment
            case "session":
                return session_of(bars.ts_ns)
            case "slot":
                return minute_of(bars.ts_ns)
            case "minute":
                return minute_of(bars.close_ns)
            case _:
                column: FloatArray = getattr(bars, name)
                return column

    def _advance(self, slot: int, args: Sequence[Column]) -> Columns:
        runs = [self._run(slot, [a[part] for a in args]) for part in self._unbroken]
        if len(runs) == 1:
            return runs[0]
        several = [run for run in runs if isinstance(run, tuple)]
        if several:
            return tuple(np.concatenate(parts) for parts in zip(*several, strict=True))
        single: FloatArray = np.concatenate([run for run in runs if not isinstance(run, tuple)])
        return single

    def _run(self, slot: int, args: Sequence[Column]) -> Columns:
        return self.plan.indicators[slot].begin().batch(*args)


class CatchUp(History):
    """A history over which the given streaming indicators live, to go on from its last bar."""

    def __init__(
        self, plan: Plan, bars: Bars, sentiment: FloatArray | None, states: States
    ) -> None:
        super().__init__(plan, bars, sentiment)
        self._states = states
        for slot in plan.indicators:
            self.advanced(slot)

    def _run(self, slot: int, args: Sequence[Column]) -> Columns:
        self._states[slot] = self.plan.indicators[slot].begin()
        return self._states[slot].catch_up(*args)


class Newest(View):
    """One row a symbol: the bar that just closed, indicators stepped by it."""

    def __init__(
        self,
        plan: Plan,
        bars: Sequence[Bar],
        sentiment: Sequence[float],
        steps: Steps,
    ) -> None:
        super().__init__(plan, len(bars))
        self.bars = bars
        self._by_name = dict(zip(Bar._fields, zip(*bars, strict=True), strict=True))
        self._sentiment = sentiment
        self._steps = steps
        for slot in plan.indicators:
            self.advanced(slot)

    def _input(self, name: str) -> Column:
        match name:
            case "sentiment":
                return np.array(self._sentiment, dtype=np.float64)
            case "session":
                return session_of(np.array(self._by_name["ts_ns"]))
            case "slot":
                return minute_of(np.array(self._by_name["ts_ns"]))
            case "minute":
                return minute_of(np.array([bar.close_ns for bar in self.bars]))
            case _:
                return np.array(self._by_name[name], dtype=np.float64)

    def _advance(self, slot: int, args: Sequence[Column]) -> Columns:
        said = list(map(call, self._steps[slot], *(arg.tolist() for arg in args)))
        if isinstance(said[0], tuple):
            return tuple(np.array(said).T)
        return np.array(said)
