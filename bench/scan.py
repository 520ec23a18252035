"""W7: many symbols close a bar at once, and every strategy has its say."""

from pathlib import Path
from statistics import median
from time import process_time_ns

from bench.market import made_up
from bench.sizes import Size
from tradego.domain.bars import Bar, Bars
from tradego.domain.times import MINUTE
from tradego.market.aggregate import aggregate
from tradego.strategies.live import PanelEvaluator
from tradego.strategies.shipped import SHIPPED

SESSIONS = 25  # what the longest rule looks back on, and a little
ALL_THREE = 3


def bar_close(_folder: Path, size: Size) -> dict[str, float]:
    """The shipped strategies on fifteen-minute bars, each bar of each symbol seen once."""
    strategies = [strategy() for strategy in SHIPPED.values()]
    assert len(strategies) == ALL_THREE
    market = [aggregate(bars, 15 * MINUTE) for bars in made_up(size.scanned, SESSIONS)]
    panel = PanelEvaluator(strategies)
    first = market[0].count - size.closes
    for bars in market:
        panel.warm_up(bars.rows(0, first))
    scores = dict.fromkeys((bars.symbol for bars in market), 0.5)
    times, signals = [], 0
    for row in range(first, market[0].count):
        closed = [_bar(bars, row) for bars in market]
        started = process_time_ns()
        signals += len(panel.close(closed, scores))
        times.append((process_time_ns() - started) / 1e6)
    return {"p50_ms": median(times), "worst_ms": max(times), "signals": signals}


def _bar(bars: Bars, row: int) -> Bar:
    return Bar(
        bars.symbol,
        bars.interval_ns,
        int(bars.ts_ns[row]),
        float(bars.open[row]),
        float(bars.high[row]),
        float(bars.low[row]),
        float(bars.close[row]),
        float(bars.volume[row]),
    )
