"""Recorded headlines out of a file: Parquet or CSV, rows counted from 1."""

from pathlib import Path

from tradego.domain.errors import InputError
from tradego.market.news import Headline, parse_headline
from tradego.storage.bars import scan, tried

_TIMES = ("published_ist", "published_at")


def read_news(path: Path) -> list[Headline]:
    """In the order of the file. InputError names the file, and the row where there is one."""
    import polars as pl

    frame = scan(path)
    schema = tried(path, frame.collect_schema)
    columns = schema.names()
    times = [name for name in _TIMES if name in columns]
    absent = [name for name in ("symbol", "headline") if name not in columns]
    if absent or not times:
        wanted = absent[0] if absent else " or ".join(_TIMES)
        raise InputError(f"{path.name} has no column {wanted}; it has {', '.join(columns)}")
    names = ["symbol", "headline", times[0], *(["source"] if "source" in columns else [])]
    texts = [
        pl.col(name).dt.to_string("iso") if schema[name].is_temporal() else pl.col(name)
        for name in names
    ]
    cells = frame.select(text.cast(pl.String).fill_null("") for text in texts)
    try:
        return [
            parse_headline(row, *given)
            for row, given in enumerate(tried(path, cells.collect).iter_rows(), 1)
        ]
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
