"""Seeded bars that look like a market's: gaps overnight, ties on the tick, dull and dead bars."""

import numpy as np

from tradego.domain.bars import Bars, FloatArray
from tradego.domain.times import DAY, MINUTE, at, session_date

OPEN = at(session_date(1_735_700_000_000_000_000), "09:15")  # 1 January 2025


def random_bars(
    seed: int, sessions: int = 40, per_session: int = 25, minutes: int = 15, symbol: str = "INFY"
) -> Bars:
    """Some bars are missing, some have no volume, prices sit on a 0.05 tick."""
    dice = np.random.default_rng(seed)
    day = np.repeat(np.arange(sessions), per_session)
    slot = np.tile(np.arange(per_session), sessions)
    kept = dice.random(len(day)) > 0.01
    day, slot = day[kept], slot[kept]
    count = len(day)
    steps = dice.standard_normal(count) * 0.004 + np.sin(np.arange(count) / 30) * 0.001
    steps[1:] += np.where(np.diff(day) > 0, dice.standard_normal(count - 1) * 0.01, 0.0)
    close = 500 * np.exp(np.cumsum(steps))
    opened = close * (1 + dice.standard_normal(count) * 0.002)
    high = np.maximum(opened, close) * (1 + np.abs(dice.standard_normal(count)) * 0.001)
    low = np.minimum(opened, close) * (1 - np.abs(dice.standard_normal(count)) * 0.001)
    volume = np.round(dice.lognormal(9, 1, count))
    volume[dice.random(count) < 0.02] = 0.0
    dull = slice(count // 2, count // 2 + 20)
    for column in (opened, high, low, close):
        column[dull] = close[dull.start]
    return Bars(
        symbol=symbol,
        interval_ns=minutes * MINUTE,
        ts_ns=OPEN + day * DAY + slot * minutes * MINUTE,
        open=_on_tick(opened),
        high=_on_tick(high),
        low=_on_tick(low),
        close=_on_tick(close),
        volume=volume,
    ).check()


def random_sentiment(seed: int, count: int) -> FloatArray:
    """Mostly unknown, sometimes strong, as news is."""
    dice = np.random.default_rng(seed)
    scores = np.clip(dice.normal(0.3, 0.5, count), -1, 1)
    scores[dice.random(count) < 0.3] = np.nan
    return scores


def _on_tick(prices: FloatArray) -> FloatArray:
    return np.round(np.round(prices / 0.05) * 0.05, 2)
