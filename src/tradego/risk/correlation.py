"""Do two instruments move together? Pearson on daily returns of the sessions both have."""

from collections import deque
from itertools import pairwise
from math import sqrt


class DailyCloses:
    """The last closes of every instrument, one row a session.

    Twice the sessions asked for are kept, so that a day missed here and there does not silence
    the rule.
    """

    def __init__(self, sessions: int) -> None:
        self._rows: deque[dict[str, float]] = deque(maxlen=2 * sessions + 1)
        self._pairs: dict[tuple[str, str], float | None] = {}
        self._sessions = sessions

    def add(self, closes: tuple[tuple[str, float], ...]) -> None:
        self._rows.append(dict(closes))
        self._pairs.clear()

    def correlation(self, one: str, other: str) -> float | None:
        """Of the last `sessions` common daily returns; None where there are fewer."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._pairs:
            self._pairs[pair] = self._measure(*pair)
        return self._pairs[pair]

    def rows(self) -> list[dict[str, float]]:
        """Oldest first, as kept."""
        return [dict(row) for row in self._rows]

    def _measure(self, one: str, other: str) -> float | None:
        common = [(row[one], row[other]) for row in self._rows if one in row and other in row]
        common = common[-self._sessions - 1 :]
        if len(common) < self._sessions + 1:
            return None
        returns = [(b[0] / a[0] - 1, b[1] / a[1] - 1) for a, b in pairwise(common)]
        return _pearson([x for x, _ in returns], [y for _, y in returns])


def _pearson(x: list[float], y: list[float]) -> float:
    """Zero where one of them does not move at all."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    dx, dy = [v - mean_x for v in x], [v - mean_y for v in y]
    spread = sqrt(sum(v * v for v in dx) * sum(v * v for v in dy))
    return sum(a * b for a, b in zip(dx, dy, strict=True)) / spread if spread else 0.0
