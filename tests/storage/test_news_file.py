"""Recorded headlines: the columns of the contract, and a row for every refusal."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tradego.domain.errors import InputError
from tradego.domain.times import at
from tradego.market.news import Stamp
from tradego.storage.news_file import read_news

FRIDAY = date(2024, 1, 5)


def csv(folder: Path, *lines: str) -> Path:
    path = folder / "news.csv"
    path.write_text("".join(line + "\n" for line in lines))
    return path


def test_headlines_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "symbol,headline,published_ist,source",
        "INFY,Infosys wins a deal,2024-01-05 10:30,Mint",
        'TCS,"TCS, too",2024-01-05,',
    )
    infy, tcs = read_news(path)
    assert (infy.symbol, infy.text, infy.source) == ("INFY", "Infosys wins a deal", "Mint")
    assert infy.published_ns == at(FRIDAY, "10:30")
    assert (tcs.text, tcs.stamp) == ("TCS, too", Stamp.DATE_ONLY)


def test_published_at_carries_its_zone(tmp_path: Path) -> None:
    path = csv(
        tmp_path, "symbol,headline,published_at", "INFY,Infosys wins,2024-01-05T05:00:00+00:00"
    )
    assert [item.published_ns for item in read_news(path)] == [at(FRIDAY, "10:30")]


def test_times_of_a_parquet_file_may_be_times(tmp_path: Path) -> None:
    path = tmp_path / "news.parquet"
    pl.DataFrame({"symbol": ["INFY"], "headline": ["Infosys wins"]}).with_columns(
        pl.lit("2024-01-05T10:30:00+05:30").str.to_datetime(time_zone="UTC").alias("published_at")
    ).write_parquet(path)
    assert [item.published_ns for item in read_news(path)] == [at(FRIDAY, "10:30")]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("symbol,published_ist",), "has no column headline; it has symbol, published_ist"),
        (
            ("symbol,headline",),
            "has no column published_ist or published_at; it has symbol, headline",
        ),
        (
            ("symbol,headline,published_ist", "INFY,a,2024-01-05", "INFY,b,yesterday"),
            "news row 2: published time 'yesterday' is not",
        ),
        (("symbol,headline,published_ist", "INFY,,2024-01-05"), "news row 1: INFY: headline"),
    ],
)
def test_what_cannot_be_read_is_said_with_file_and_row(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_news(csv(tmp_path, *lines))
    assert str(refused.value).startswith("news.csv")
    assert said in str(refused.value)
