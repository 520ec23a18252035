"""A market made up from a seed: invented companies, believable days, headlines that move prices.

Minute bars follow a random walk with the volume and volatility of an Indian session (loud at the
open and the close), overnight gaps, and episodes: moves on volume with a headline before them, and
sell-offs that find support.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from tradego.domain.bars import Bars, FloatArray, IntArray
from tradego.domain.times import MINUTE
from tradego.market.calendar import Calendar
from tradego.market.sessions import Market


class Company(NamedTuple):
    """`price` in rupees at the start, `volatility` a year, `turnover` shares a usual minute."""

    symbol: str
    sector: str
    price: float
    volatility: float
    turnover: float


COMPANIES = (
    Company("ASHOKA", "Financial Services", 1640.0, 0.24, 21_000),
    Company("BANYAN", "Financial Services", 742.0, 0.28, 34_000),
    Company("CHAMPA", "Information Technology", 1512.0, 0.27, 15_000),
    Company("DEODAR", "Construction", 3480.0, 0.25, 6_000),
    Company("GULMOHAR", "Consumer Goods", 2310.0, 0.22, 7_500),
    Company("JAMUN", "Healthcare", 1188.0, 0.29, 11_000),
    Company("KADAMBA", "Metals", 148.5, 0.38, 120_000),
    Company("MAHUA", "Oil and Gas", 262.0, 0.31, 64_000),
    Company("NEEM", "Healthcare", 5475.0, 0.26, 2_600),
    Company("PALASH", "Power", 341.0, 0.30, 52_000),
    Company("PEEPAL", "Information Technology", 3905.0, 0.24, 5_200),
    Company("SANDAL", "Consumer Goods", 512.0, 0.23, 28_000),
    Company("SEMAL", "Automobiles", 768.0, 0.33, 31_000),
    Company("SHISHAM", "Metals", 905.0, 0.36, 24_000),
    Company("TEAK", "Automobiles", 11_240.0, 0.27, 1_100),
    Company("TULSI", "Telecommunication", 1596.0, 0.25, 12_500),
)

_GOOD = ("{name} wins record order", "{name} profit beats estimates", "Brokerage upgrades {name}")
_BAD = ("{name} misses estimates", "Brokerage downgrades {name}", "Regulator penalises {name}")


class Story(NamedTuple):
    """A headline at an instant, in the form of the news files."""

    symbol: str
    headline: str
    published_ns: int


class BuiltInMarket(NamedTuple):
    bars: list[Bars]
    news: list[Story]


def built_in_market(
    calendar: Calendar,
    days: Sequence[date],
    *,
    seed: int = 7,
    companies: Sequence[Company] = COMPANIES,
) -> BuiltInMarket:
    """Minute bars and headlines of the given sessions; the same seed makes the same market."""
    starts = [calendar.bar_starts(day, MINUTE, Market.EQUITY_WITH_DERIVATIVES) for day in days]
    bars, news = [], []
    for number, company in enumerate(companies):
        rng = np.random.default_rng((seed, number))
        made, told = _life(company, [np.asarray(s, dtype=np.int64) for s in starts], rng)
        bars.append(made)
        news += told
    return BuiltInMarket(bars, sorted(news, key=lambda story: (story.published_ns, story.symbol)))


def _life(
    company: Company, days: Sequence[IntArray], rng: np.random.Generator
) -> tuple[Bars, list[Story]]:
    log_price = np.log(company.price)
    columns: list[list[FloatArray]] = [[], [], [], [], []]
    news: list[Story] = []
    for ts in days:
        steps, loudness, told = _day(company, ts, rng)
        path = log_price + np.cumsum(steps, axis=None).reshape(steps.shape)
        log_price = float(path[-1, -1])
        prices = np.round(np.exp(path) / 0.05) * 0.05
        volume = company.turnover * loudness * rng.lognormal(0, 0.5, len(ts))
        for column, values in zip(
            columns,
            (prices[:, 0], prices.max(1), prices.min(1), prices[:, -1], np.round(volume)),
            strict=True,
        ):
            column.append(values)
        news += told
    opens, highs, lows, closes, volumes = (np.concatenate(column) for column in columns)
    bars = Bars(
        symbol=company.symbol,
        interval_ns=MINUTE,
        ts_ns=np.concatenate(list(days)),
        open=np.round(opens, 2),
        high=np.round(highs, 2),
        low=np.round(lows, 2),
        close=np.round(closes, 2),
        volume=volumes,
    )
    return bars, news


def _day(
    company: Company, ts: IntArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, list[Story]]:
    """Log steps (minutes x 5), the loudness of each minute, the day's headlines."""
    minutes = len(ts)
    clock = np.linspace(-1, 1, minutes)
    loudness = 0.55 + 1.5 * clock**2
    sigma = company.volatility / np.sqrt(252 * minutes * 5)
    steps = rng.standard_normal((minutes, 5)) * sigma * (0.75 + 0.5 * clock**2)[:, None]
    steps[0, 0] += rng.standard_normal() * company.volatility / np.sqrt(252) * 0.3
    steps += rng.standard_normal() * sigma * 0.05
    news = []
    usual_day = company.volatility / np.sqrt(252)
    for _ in range(int(rng.poisson(0.6))):  # a headline, and the move it makes
        at, up = int(rng.integers(20, minutes - 90)), rng.uniform() < 0.62
        length = int(rng.integers(25, 80))
        push = usual_day * rng.uniform(0.7, 1.9) * (1 if up else -1)
        steps[at : at + length] += push / (length * 5)
        loudness[at : at + length] *= rng.uniform(2.5, 5.0)
        words = (_GOOD if up else _BAD)[int(rng.integers(0, 3))]
        news.append(Story(company.symbol, words.format(name=company.symbol.title()), int(ts[at])))
    if rng.uniform() < 0.3:  # sold off without a reason, and bought back in two steps
        at, depth = int(rng.integers(30, minutes - 150)), usual_day * rng.uniform(0.5, 1.1)
        steps[at : at + 45] -= depth / (45 * 5)
        steps[at + 60 : at + 75] -= depth * 0.15 / (15 * 5)
        steps[at + 75 : at + 140] += depth / (65 * 5)
    return steps, loudness, news
