"""Every indicator: both faces agree bit for bit, and no value of the past depends on the future."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from random_bars import random_bars, random_sentiment
from tradego.domain.bars import Bars
from tradego.domain.times import MINUTE
from tradego.indicators.elementary import (
    adx,
    atr,
    bollinger,
    correlation,
    ema,
    highest,
    lowest,
    macd,
    rsi,
    sma,
)
from tradego.indicators.face import Column, Columns, Indicator
from tradego.indicators.sessions import (
    SessionHigh,
    SessionLow,
    SessionOpen,
    SessionVwap,
    UsualVolume,
    minute_of,
    session_of,
)
from tradego.indicators.swings import (
    BearishDivergence,
    BullishDivergence,
    Resistance,
    Support,
    SwingHigh,
    SwingLow,
)
from tradego.indicators.windows import Ago, WithinBars

Case = tuple[Callable[[], Indicator], Callable[[Bars], Sequence[Column]]]


def patchy(bars: Bars) -> Column:
    """A series with holes, as sentiment has."""
    return random_sentiment(1, bars.count)


def sessions(bars: Bars) -> Column:
    session: Column = session_of(bars.ts_ns)
    return session


CASES: dict[str, Case] = {  # S1-data-3, S1-sig-6, S1-sig-7
    "sma20": (lambda: sma(20), lambda b: [b.close]),
    "sma50": (lambda: sma(50), lambda b: [b.close]),
    "sma200": (lambda: sma(200), lambda b: [b.close]),
    "volume sma20": (lambda: sma(20), lambda b: [b.volume]),
    "sma of a patchy series": (lambda: sma(3), lambda b: [patchy(b)]),
    "ema9": (lambda: ema(9), lambda b: [b.close]),
    "ema21": (lambda: ema(21), lambda b: [b.close]),
    "ema of a patchy series": (lambda: ema(2), lambda b: [patchy(b)]),
    "rsi14": (lambda: rsi(14), lambda b: [b.close]),
    "macd": (lambda: macd(12, 26, 9), lambda b: [b.close]),
    "bollinger": (lambda: bollinger(20, 2.0), lambda b: [b.close]),
    "atr14": (lambda: atr(14), lambda b: [b.high, b.low, b.close]),
    "adx14": (lambda: adx(14), lambda b: [b.high, b.low, b.close]),
    "adx of patchy bars": (lambda: adx(2), lambda b: [patchy(b), b.low, b.close]),
    "highest": (lambda: highest(20), lambda b: [b.high]),
    "lowest": (lambda: lowest(20), lambda b: [b.low]),
    "correlation": (lambda: correlation(30), lambda b: [b.close, b.volume]),
    "bollinger of a patchy series": (lambda: bollinger(2, 1.5), lambda b: [patchy(b)]),
    "ago": (lambda: Ago(3), lambda b: [b.close]),
    "within": (lambda: WithinBars(4), lambda b: [b.close > b.open + 1]),
    "session vwap": (
        SessionVwap,
        lambda b: [sessions(b), b.high, b.low, b.close, b.volume],
    ),
    "session open": (SessionOpen, lambda b: [sessions(b), b.open]),
    "session high": (lambda: SessionHigh(5), lambda b: [sessions(b), b.high]),
    "session low": (lambda: SessionLow(5), lambda b: [sessions(b), b.low]),
    "usual volume": (lambda: UsualVolume(7), lambda b: [minute_of(b.ts_ns), b.volume]),
    "usual volume, fractional": (
        lambda: UsualVolume(7),
        lambda b: [minute_of(b.ts_ns), b.volume / 7],
    ),
    "swing high": (lambda: SwingHigh(3), lambda b: [b.high]),
    "swing low": (lambda: SwingLow(1), lambda b: [b.low]),
    "bullish divergence": (lambda: BullishDivergence(2, 30), lambda b: [b.low, patchy(b)]),
    "bearish divergence": (lambda: BearishDivergence(2, 30), lambda b: [b.high, patchy(b)]),
    "support": (lambda: Support(2, 0.3, 200), lambda b: [b.low, b.close]),
    "resistance": (lambda: Resistance(2, 1.0, 60, 5), lambda b: [b.high, b.close]),
}


def columns_of(result: Columns) -> list[Column]:
    return list(result) if isinstance(result, tuple) else [result]


def assert_same(got: Columns, wanted: Columns, start: int = 0, stop: int | None = None) -> None:
    """Equal to the last bit; NaN where the other has NaN."""
    for ours, theirs in zip(columns_of(got), columns_of(wanted), strict=True):
        part = theirs[start:stop]
        assert ours.dtype == part.dtype
        assert np.array_equal(ours, part, equal_nan=ours.dtype.kind == "f")


def stepped(indicator: Indicator, columns: Sequence[Column]) -> Columns:
    """What the streaming face says, bar by bar."""
    return Indicator.catch_up(indicator, *columns)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(4))
def test_batch_and_streaming_agree_bit_for_bit(name: str, seed: int) -> None:
    make, inputs = CASES[name]
    columns = inputs(random_bars(seed))
    batch = make().batch(*columns)
    assert_same(stepped(make(), columns), batch)
    said = columns_of(batch)[0]
    assert said.any(), "the case says nothing at all"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("cut", [0, 1, 5, 137, 600])
def test_a_prefix_gives_the_same_values(name: str, cut: int) -> None:
    make, inputs = CASES[name]
    columns = inputs(random_bars(9))
    whole = make().batch(*columns)
    assert_same(make().batch(*(column[:cut] for column in columns)), whole, 0, cut)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("cut", [0, 3, 250, 700])
def test_catching_up_with_a_history_leaves_the_state_of_having_lived_it(
    name: str, cut: int
) -> None:
    make, inputs = CASES[name]
    columns = inputs(random_bars(3))
    whole = make().batch(*columns)
    indicator = make()
    assert_same(indicator.catch_up(*(column[:cut] for column in columns)), whole, 0, cut)
    assert_same(stepped(indicator, [column[cut:] for column in columns]), whole, cut)


@pytest.mark.shared_data
@pytest.mark.parametrize("symbol", ["RELIANCE", "IDEA"])
def test_both_faces_agree_on_real_bars(shared_data: Path, symbol: str) -> None:
    table = (
        pl.scan_parquet(shared_data / "nse_equity_15min_2025_adjusted.parquet")
        .filter(pl.col("symbol") == symbol)
        .sort("ts_utc_ns")
        .collect()
    )
    bars = Bars(
        symbol=symbol,
        interval_ns=15 * MINUTE,
        ts_ns=table["ts_utc_ns"].to_numpy(),
        open=table["open"].to_numpy(),
        high=table["high"].to_numpy(),
        low=table["low"].to_numpy(),
        close=table["close"].to_numpy(),
        volume=table["volume"].to_numpy().astype(np.float64),
    ).check()
    assert bars.count > 6_000
    for make, inputs in CASES.values():
        columns = inputs(bars)
        assert_same(stepped(make(), columns), make().batch(*columns))
