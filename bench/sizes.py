"""How much work: as the peers were measured, or just enough to see that it runs."""

from typing import NamedTuple


class Size(NamedTuple):
    """`symbols` and `sessions` of the backtests; the rest as often as the name says."""

    symbols: int
    sessions: int
    repeats: int
    trades: int
    positions: int
    appends: int
    scanned: int
    closes: int


FULL = Size(
    symbols=50,
    sessions=126,
    repeats=5,
    trades=2_000,
    positions=200,
    appends=2_000,
    scanned=500,
    closes=100,
)
TINY = Size(
    symbols=2,
    sessions=3,
    repeats=1,
    trades=20,
    positions=10,
    appends=5,
    scanned=3,
    closes=3,
)
