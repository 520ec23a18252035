"""Recorded headlines on their way in, and the score they make for each bar of a symbol."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tradego.domain.bars import Bars, FloatArray
from tradego.domain.errors import InputError
from tradego.market.news import Headline, parse_headline
from tradego.market.news_flow import Fading, sentiment_series
from tradego.market.sentiment import Scorer
from tradego.market.symbols import Directory

_TIMES = ("published_ist", "published_at")


class Told(NamedTuple):
    """A score a bar by symbol, and how many headlines were about symbols that have bars."""

    sentiment: dict[str, FloatArray]
    headlines: int
    others: int


def read_headlines(path: Path) -> list[Headline]:
    """InputError naming file and row for a missing column, an empty text or an unknown time."""
    frame = _table(path)
    time = next((name for name in _TIMES if name in frame.columns), None)
    missing = [name for name in ("symbol", "headline") if name not in frame.columns]
    if time is None:
        missing.append(" or ".join(_TIMES))
    if missing or time is None:
        raise InputError(
            f"{path}: column {missing[0]} is missing; it has {', '.join(frame.columns)}"
        )
    rows = frame.select("symbol", "headline", time).iter_rows()
    try:
        return [
            parse_headline(row, symbol or "", text or "", _written(published))
            for row, (symbol, text, published) in enumerate(rows, 1)
        ]
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _table(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise InputError(f"news file {path} not found")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} cannot be read as news: {reason}") from None


def _written(published: object) -> str:
    if isinstance(published, datetime):
        return published.isoformat(sep=" ")
    return "" if published is None else str(published)


def sentiment_of(
    headlines: Iterable[Headline], all_bars: Sequence[Bars], directory: Directory, fading: Fading
) -> Told:
    """Each symbol's news at the close of each of its bars. A company's headlines count under every
    name it has had.
    """
    by_company: dict[str, list[Headline]] = {}
    for item in headlines:
        by_company.setdefault(_company(item.symbol, directory), []).append(item)
    total = sum(map(len, by_company.values()))
    scorer, sentiment, used = Scorer(), {}, 0
    for bars in all_bars:
        about = by_company.get(_company(bars.symbol, directory))
        if about:
            used += len(about)
            sentiment[bars.symbol] = sentiment_series(about, bars.close_ns, scorer, fading)
    return Told(sentiment, used, total - used)


def _company(symbol: str, directory: Directory) -> str:
    company = directory.find(symbol)
    return company.symbol if company else symbol
