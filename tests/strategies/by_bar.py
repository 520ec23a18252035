"""Strategies asked one bar at a time, and tables of bars written by hand."""

from collections.abc import Iterator, Sequence

import numpy as np

from tradego.domain.bars import Bar, Bars, FloatArray
from tradego.domain.signals import Signal
from tradego.domain.times import DAY, MINUTE, at, session_date
from tradego.strategies.live import PanelEvaluator, StreamEvaluator
from tradego.strategies.strategy import Strategy

MORNING = at(session_date(20_000 * DAY), "09:15")


def each(bars: Bars) -> Iterator[Bar]:
    """The rows of a history, as they would close."""
    columns = (bars.ts_ns, bars.open, bars.high, bars.low, bars.close, bars.volume)
    for ts_ns, *values in zip(*(column.tolist() for column in columns), strict=True):
        yield Bar(bars.symbol, bars.interval_ns, ts_ns, *values)


def streamed(
    strategies: Sequence[Strategy], bars: Bars, sentiment: FloatArray | None = None
) -> list[Signal]:
    """Signals of the newest-bar driver, bar by bar."""
    stream = StreamEvaluator(strategies, bars.symbol)
    scores = np.full(bars.count, np.nan) if sentiment is None else sentiment
    return [
        signal
        for bar, score in zip(each(bars), scores.tolist(), strict=True)
        for signal in stream.close(bar, score)
    ]


def paneled(
    strategies: Sequence[Strategy], market: Sequence[Bars], sentiment: Sequence[FloatArray]
) -> list[Signal]:
    """Signals of the panel driver: at each moment, whichever symbols have a bar then."""
    panel = PanelEvaluator(strategies)
    moments: dict[int, list[tuple[Bar, float]]] = {}
    for bars, scores in zip(market, sentiment, strict=True):
        for bar, score in zip(each(bars), scores.tolist(), strict=True):
            moments.setdefault(bar.ts_ns, []).append((bar, score))
    return [
        signal
        for _, rows in sorted(moments.items())
        for signal in panel.close(
            [bar for bar, _ in rows], {bar.symbol: score for bar, score in rows}
        )
    ]


def table(
    close: Sequence[float],
    *,
    high: Sequence[float] | None = None,
    low: Sequence[float] | None = None,
    volume: Sequence[float] | None = None,
    per_session: int = 25,
) -> Bars:
    """15-minute bars from their closes; each opens where it closes unless its range says more."""
    count = len(close)
    rows = np.arange(count)
    closes = np.array(close, dtype=np.float64)
    return Bars(
        symbol="INFY",
        interval_ns=15 * MINUTE,
        ts_ns=MORNING + rows // per_session * DAY + rows % per_session * 15 * MINUTE,
        open=closes,
        high=closes if high is None else np.array(high, dtype=np.float64),
        low=closes if low is None else np.array(low, dtype=np.float64),
        close=closes,
        volume=np.full(count, 100.0) if volume is None else np.array(volume, dtype=np.float64),
    ).check()
