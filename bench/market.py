"""The market the work is done on: made from a seed, the same bars for everybody.

Minute bars follow a geometric random walk, four steps a minute. Volume and volatility are high at
the open and the close and low at noon. A few times a day, for twenty minutes, a symbol drifts one
way on more volume: without that no breakout would carry any.
"""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from bench.sizes import Size
from tradego.domain.bars import Bars, FloatArray, IntArray
from tradego.domain.times import MINUTE
from tradego.market.calendar import Calendar
from tradego.market.calendar_tables import nse_calendar

FIRST_DAY = date(2024, 1, 1)
MINUTES = 375
STEPS = 4
BURST = 20
TICK = 0.05
YEAR = 252


def made_up(symbols: int, sessions: int, seed: int = 11) -> list[Bars]:
    """Minute bars of so many symbols over the first whole sessions from 2024 on."""
    ts_ns = _minutes(nse_calendar(), sessions)
    return [
        _bars(f"SYM{number:03d}", ts_ns, np.random.default_rng((seed, number)))
        for number in range(symbols)
    ]


def _minutes(calendar: Calendar, sessions: int) -> IntArray:
    """Bar starts of ordinary sessions only: those of half an hour now and then are left out."""
    days = calendar.sessions_between(FIRST_DAY, calendar.last)
    starts = (np.asarray(calendar.bar_starts(day, MINUTE), dtype=np.int64) for day in days)
    return np.concatenate(list(islice((s for s in starts if len(s) == MINUTES), sessions)))


def _bars(symbol: str, ts_ns: IntArray, rng: np.random.Generator) -> Bars:
    days = len(ts_ns) // MINUTES
    volatility = rng.uniform(0.2, 0.9)
    minute = np.linspace(-1, 1, MINUTES)
    restless = 0.75 + 0.5 * minute**2
    step = volatility / np.sqrt(YEAR * MINUTES * STEPS)
    stir, drift = _bursts(days, rng)
    moves = rng.standard_normal((days, MINUTES, STEPS)) * (restless * np.sqrt(stir))[:, :, None]
    moves = (moves + drift[:, :, None]) * step
    moves[:, 0, 0] += rng.standard_normal(days) * volatility / np.sqrt(YEAR) / 3  # over night
    path = np.exp(np.log(rng.uniform(80, 3000)) + np.cumsum(moves)).reshape(-1, STEPS)
    prices = np.round(np.round(np.maximum(path, TICK) / TICK) * TICK, 2)
    usual = rng.uniform(500, 20_000) * (0.6 + 1.5 * minute**2)
    volume = rng.lognormal(0, 0.6, (days, MINUTES)) * usual * stir
    return Bars(
        symbol=symbol,
        interval_ns=MINUTE,
        ts_ns=ts_ns,
        open=prices[:, 0].copy(),
        high=prices.max(axis=1),
        low=prices.min(axis=1),
        close=prices[:, -1].copy(),
        volume=np.maximum(1.0, np.round(volume)).reshape(-1),
    )


def _bursts(days: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Per minute: by how much trading is livelier, and where to it drifts, in standard steps."""
    stir, drift = np.ones((days, MINUTES)), np.zeros((days, MINUTES))
    for day, count in enumerate(rng.poisson(3, days).tolist()):
        for at in rng.integers(0, MINUTES - BURST, count).tolist():
            stir[day, at : at + BURST] *= rng.uniform(1.8, 3.6)
            drift[day, at : at + BURST] += rng.choice((-1, 1)) * rng.uniform(0.3, 0.8)
    return stir, drift


def write_parquet(bars: Sequence[Bars], path: Path) -> None:
    """One file, symbol by symbol."""
    import polars as pl

    values = ("open", "high", "low", "close", "volume")
    columns = {name: np.concatenate([getattr(b, name) for b in bars]) for name in values}
    symbol = pl.Series([b.symbol for b in bars]).gather(
        np.repeat(np.arange(len(bars)), [b.count for b in bars])
    )
    ts_ns = np.concatenate([b.ts_ns for b in bars])
    pl.DataFrame({"ts_utc_ns": ts_ns, "symbol": symbol, **columns}).write_parquet(path)


def on_disk(folder: Path, size: Size) -> dict[str, float]:
    """The market of W2 as a file."""
    bars = made_up(size.symbols, size.sessions)
    write_parquet(bars, folder / "market.parquet")
    return {"bars": sum(b.count for b in bars)}
