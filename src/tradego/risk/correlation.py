"""Do two instruments move together? Pearson on daily returns of the sessions both have."""

from collections import deque
from itertools import islice, pairwise
from math import sqrt
from operator import mul


class DailyCloses:
    """The last closes of every instrument, one row a session.

    Twice the sessions asked for are kept, so that a day missed here and there does not silence
    the rule.
    """

    def __init__(self, sessions: int) -> None:
        self._rows: deque[dict[str, float]] = deque(maxlen=2 * sessions + 1)
        self._sessions = sessions
        self._pairs: dict[tuple[str, str], float | None] = {}
        self._whole: dict[str, list[float] | None] = {}

    def add(self, closes: tuple[tuple[str, float], ...]) -> None:
        self._rows.append(dict(closes))
        self._pairs.clear()
        self._whole.clear()

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
        if len(self._rows) <= self._sessions:
            return None
        x, y = self._unbroken(one), self._unbroken(other)
        if x is not None and y is not None:
            return float(sum(map(mul, x, y)))
        common = [(row[one], row[other]) for row in self._rows if one in row and other in row]
        common = common[-self._sessions - 1 :]
        if len(common) <= self._sessions:
            return None
        x, y = _unit([pair[0] for pair in common]), _unit([pair[1] for pair in common])
        return float(sum(map(mul, x, y)))

    def _unbroken(self, symbol: str) -> list[float] | None:
        """Unit returns over the newest sessions; None where one of them is missing."""
        if symbol not in self._whole:
            newest = islice(reversed(self._rows), self._sessions + 1)
            closes = [row[symbol] for row in newest if symbol in row]
            whole = len(closes) == self._sessions + 1
            self._whole[symbol] = _unit(closes[::-1]) if whole else None
        return self._whole[symbol]


def _unit(closes: list[float]) -> list[float]:
    """Daily returns less their mean, scaled to length one: their products sum to Pearson's r.

    All zero where the price does not move at all.
    """
    returns = [now / before - 1 for before, now in pairwise(closes)]
    mean = sum(returns) / len(returns)
    away = [r - mean for r in returns]
    length = sqrt(sum(map(mul, away, away)))
    return [d / length for d in away] if length else away
