"""What is asked of each figure, and what others need for the same work.

The peers were measured on one machine of two cores (CPython 3.11, November 2026), loading counted.
"""

from typing import NamedTuple


class Target(NamedTuple):
    """At most `value`, or at least; `of`: times another figure of the same work and run."""

    value: float
    of: str = ""
    at_least: bool = False


class Line(NamedTuple):
    """A figure on the page: `key` is its name in what the work reports."""

    work: str
    key: str
    says: str
    unit: str
    target: Target | None = None
    peers: tuple[tuple[str, float], ...] = ()


FREQTRADE_S, NAUTILUS_S = 18.2 + 22.7, 29.9 + 4.4

PAGE = (
    Line(
        "W1",
        "cpu_s",
        "one symbol, 47,250 bars: one backtest",
        "s",
        Target(0.1),
        (
            ("vectorbt numba", 0.0105),
            ("backtesting.py", 0.32),
            ("nautilus", 0.74),
            ("freqtrade", 0.87),
            ("backtrader", 3.8),
        ),
    ),
    Line(
        "W2",
        "cpu_s",
        "50 symbols, 2.36 M bars: the whole command, files written",
        "CPU s",
        Target(1.5),
        (("nautilus", NAUTILUS_S), ("freqtrade", FREQTRADE_S)),
    ),
    Line(
        "W2",
        "cpu_s",
        "the same, at a 25th of the best peer",
        "CPU s",
        Target(round(NAUTILUS_S / 25, 2)),
    ),
    Line(
        "W2",
        "peak_mb",
        "the same: memory at its peak",
        "MB",
        Target(400),
        (("nautilus", 1200), ("freqtrade", 2600)),
    ),
    Line("W2+report", "cpu_s", "the same with the report", "CPU s"),
    Line(
        "W4",
        "p50_us",
        "signal to position, not durable: half of all",
        "us",
        Target(0.25 * 196),
        (("nautilus", 196),),
    ),
    Line("W4", "p99_us", "the same: 99 of 100", "us", None, (("nautilus", 336),)),
    Line(
        "W4", "commit_us", "the same, durable: each of its commits", "us", Target(2, "fdatasync_us")
    ),
    Line(
        "W5",
        "import_s",
        "importing the desk",
        "CPU s",
        Target(0.4),
        (("nautilus", 0.45), ("freqtrade", 1.4)),
    ),
    Line(
        "W5",
        "peak_mb",
        "its memory with 200 positions",
        "MB",
        Target(100),
        (("nautilus", 238), ("freqtrade", 294)),
    ),
    Line("W6", "p50_us", "one durable append: half of all", "us", Target(2, "fdatasync_us")),
    Line("W7", "p50_ms", "500 symbols x 3 strategies at a bar close", "ms", Target(20)),
    Line(
        "replay",
        "events_per_s",
        "events of a journal taken in again",
        "/s",
        Target(100_000, at_least=True),
    ),
    Line("replay", "steps_per_s", "the same, once decoded", "/s"),
)


class Judged(NamedTuple):
    """A line with our figure. `met` is None where nothing is asked; `ratios` say how many times
    less than each peer ours is.
    """

    line: Line
    value: float
    limit: float | None
    met: bool | None
    ratios: dict[str, float]


def judge(figures: dict[str, dict[str, float]]) -> list[Judged]:
    """Every line of the page whose work was done; `figures` by work and name."""
    return [_judged(line, figures[line.work]) for line in PAGE if line.work in figures]


def _judged(line: Line, figures: dict[str, float]) -> Judged:
    value = figures[line.key]
    ratios = {name: theirs / value for name, theirs in line.peers}
    if line.target is None:
        return Judged(line, value, None, None, ratios)
    limit = line.target.value * (figures[line.target.of] if line.target.of else 1)
    met = value >= limit if line.target.at_least else value <= limit
    return Judged(line, value, limit, met, ratios)
