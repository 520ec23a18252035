"""Ticks and price bands, by hand and against the exchange's own prices."""

import csv
import gzip
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import gcd
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradego.domain.errors import DomainError, InputError
from tradego.domain.money import Price
from tradego.market.dated import TableFile
from tradego.market.ticks import TickKind, TickTable, nse_ticks, price_band

BEFORE_2024 = date(2024, 6, 7)
IN_2024 = date(2024, 6, 10)
IN_2025 = date(2025, 4, 15)


@pytest.fixture(scope="module")
def ticks() -> TickTable:
    return nse_ticks()


@pytest.mark.parametrize(
    ("on", "reference", "tick"),
    [
        (BEFORE_2024, "100", "0.05"),
        (BEFORE_2024, "25000", "0.05"),
        (IN_2024, "249.95", "0.01"),
        (IN_2024, "250", "0.05"),
        (date(2025, 4, 14), "6000", "0.05"),
        (IN_2025, "249.99", "0.01"),
        (IN_2025, "250", "0.05"),
        (IN_2025, "1000", "0.05"),
        (IN_2025, "1000.05", "0.10"),
        (IN_2025, "5000", "0.10"),
        (IN_2025, "5000.10", "0.50"),
        (IN_2025, "10000", "0.50"),
        (IN_2025, "10000.50", "1.00"),
        (IN_2025, "20000", "1.00"),
        (IN_2025, "20001", "5.00"),
        (date(2026, 11, 20), "140000", "5.00"),
    ],
)
def test_the_tick_of_a_share(ticks: TickTable, on: date, reference: str, tick: str) -> None:
    assert ticks.tick_size(on, Decimal(reference)) == Decimal(tick)


@pytest.mark.parametrize(
    ("kind", "on", "reference", "tick"),
    [
        (TickKind.STOCK_FUTURE, date(2024, 7, 5), "100", "0.05"),  # a month after the shares
        (TickKind.STOCK_FUTURE, date(2024, 7, 8), "100", "0.01"),
        (TickKind.STOCK_FUTURE, IN_2025, "1500", "0.10"),
        (TickKind.INDEX_FUTURE, date(2025, 4, 11), "22000", "0.05"),
        (TickKind.INDEX_FUTURE, IN_2025, "15000", "0.05"),
        (TickKind.INDEX_FUTURE, IN_2025, "22800", "0.10"),
        (TickKind.INDEX_FUTURE, IN_2025, "30000", "0.10"),
        (TickKind.INDEX_FUTURE, IN_2025, "51000", "0.20"),
        (TickKind.OPTION, BEFORE_2024, "22800", "0.05"),
        (TickKind.OPTION, date(2026, 11, 20), "3", "0.05"),
        (TickKind.FUND, IN_2025, "300", "0.01"),
    ],
)
def test_the_tick_of_other_contracts(
    ticks: TickTable, kind: TickKind, on: date, reference: str, tick: str
) -> None:
    assert ticks.tick_size(on, Decimal(reference), kind) == Decimal(tick)


def test_a_date_before_the_table_and_a_price_of_nothing_are_refused(ticks: TickTable) -> None:
    with pytest.raises(InputError, match=r"no tick known for share on 2009-01-01: add a \[\[tick"):
        ticks.tick_size(date(2009, 1, 1), Decimal(100))
    with pytest.raises(DomainError, match="not above zero"):
        ticks.tick_size(IN_2025, Decimal(0))


def own(steps: str) -> TickTable:
    text = f'[[tick]]\nkinds = ["share"]\nvalid_from = 2027-01-01\nsteps = {steps}\nsource = "x"'
    return nse_ticks([TableFile("mine.toml", text)])


def test_a_user_adds_a_ladder_from_a_date() -> None:
    ticks = own('["up to 500: 0.02", "above: 0.25"]')
    assert ticks.tick_size(date(2027, 1, 1), Decimal(500)) == Decimal("0.02")
    assert ticks.tick_size(date(2027, 1, 1), Decimal("500.02")) == Decimal("0.25")
    assert ticks.tick_size(date(2026, 12, 31), Decimal(500)) == Decimal("0.05")
    assert ticks.tick_size(date(2027, 1, 1), Decimal(1500), TickKind.STOCK_FUTURE) == Decimal("0.1")


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ("[]", "mine.toml: tick row 1: the last step must be 'above: TICK'"),
        ('["up to 500: 0.05"]', "the last step must be 'above: TICK'"),
        ('["above: 0.05", "up to 500: 0.01"]', "'up to 500: 0.01' does not lie above"),
        ('["below 500: 0.05", "up to 250: 0.01", "above: 1"]', "does not lie above"),
        ('["over 500: 0.05"]', "'over 500: 0.05' is not a step such as"),
        ('["above: 0.00"]', "'above: 0.00' is not a step such as"),
        ('["above: -1"]', "'above: -1' is not a step such as"),
    ],
)
def test_a_bad_ladder_is_refused(steps: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        own(steps)


@pytest.mark.shared_data
def test_every_price_printed_since_2019_lies_on_its_tick(
    ticks: TickTable, shared_data: Path
) -> None:
    """458,000 share-days of unadjusted prices; the tick comes from the month before."""
    prices = pl.read_parquet(
        shared_data / "nse_equity_daily_2019_2025_unadjusted.parquet",
        columns=["date", "symbol", "open", "high", "low", "last", "close"],
    ).with_columns(month=pl.col("date").str.slice(0, 7))
    months = prices["month"].unique().sort().to_list()
    follows = {month: after for month, after in pairwise(months) if after != "2024-09"}
    references = (
        prices.sort("date")
        .group_by("symbol", "month")
        .agg(reference=pl.col("close").last())
        .with_columns(pl.col("month").replace_strict(follows, default=None))
    )
    dated = prices.join(references, on=["symbol", "month"]).filter(pl.col("month") > "2019-10")
    assert len(dated) > 450_000
    # Between the dates of change the tick depends on the reference alone.
    dated = dated.with_columns(
        era=pl.when(pl.col("date") < "2024-06-10")
        .then(pl.lit(BEFORE_2024))
        .when(pl.col("date") < "2025-04-15")
        .then(pl.lit(IN_2024))
        .otherwise(pl.lit(IN_2025)),
        kind=pl.when(pl.col("symbol").str.ends_with("BEES"))
        .then(pl.lit(TickKind.FUND.value))
        .otherwise(pl.lit(TickKind.SHARE.value)),
    )
    keys = dated.select("era", "kind", "reference").unique()
    paise = [
        int(100 * ticks.tick_size(era, Decimal(repr(reference)), TickKind(kind)))
        for era, kind, reference in keys.iter_rows()
    ]
    columns = ["open", "high", "low", "last"]
    dated = dated.join(
        keys.with_columns(tick=pl.Series(paise)), on=["era", "kind", "reference"]
    ).with_columns((pl.col(columns) * 100).round(0).cast(pl.Int64))
    off = dated.filter(
        pl.any_horizontal(pl.col(column) % pl.col("tick") != 0 for column in columns)
    )
    assert off.select("date", "symbol", "tick", *columns).head(3).rows() == []
    # Nor is any tick finer than it should be: the prices of each step share no larger divisor.
    for (_, tick), group in dated.group_by("era", "tick"):
        assert gcd(*group["open"].to_list()) == tick


# --- price bands -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("close", "pct", "tick", "band"),
    [
        ("100", "20", "0.05", ("80", "120")),
        ("126.15", "20", "0.05", ("100.95", "151.35")),  # 100.92 up, 151.38 down
        ("547.25", "10", "0.05", ("492.55", "601.95")),  # 492.525 up, 601.975 down
        ("1692.45", "10", "0.05", ("1523.20", "1861.65")),  # 1523.205 is cut to 1523.20
        ("20350", "5", "5", ("19335", "21365")),  # 19332.50 up, 21367.50 down
        ("0.05", "5", "0.05", ("0.05", "0.05")),  # a price that cannot move
        ("0.01", "20", "0.01", ("0.01", "0.01")),
    ],
)
def test_a_price_band_is_rounded_inwards(
    close: str, pct: str, tick: str, band: tuple[str, str]
) -> None:
    low, high = price_band(Price.of(close), Decimal(pct), Decimal(tick))
    assert (low, high) == (Price.of(band[0]), Price.of(band[1]))


@given(
    paise=st.integers(1, 20_000_000),
    pct=st.sampled_from([2, 5, 10, 20]),
    tick=st.sampled_from(["0.01", "0.05", "0.10", "0.50", "1", "5"]),
)
def test_a_band_holds_the_close_and_lies_on_the_tick_within_the_percentage(
    paise: int, pct: int, tick: str
) -> None:
    step = Decimal(tick)
    close = Price.nearest_tick(max(Decimal(paise) / 100, step), step)
    low, high = price_band(close, Decimal(pct), step)
    assert low <= close <= high
    assert low.is_on(step)
    assert high.is_on(step)
    reach = close.value * pct / 100
    assert close.value - reach - Decimal("0.01") < low.value
    assert low.value < close.value - reach + step
    assert close.value + reach - step < high.value <= close.value + reach


def test_a_band_without_a_price_in_it_is_a_bug() -> None:
    with pytest.raises(DomainError, match="no price on the tick"):
        price_band(Price.of("12"), Decimal(2), Decimal(5))
    with pytest.raises(DomainError, match="between 0 and 100"):
        price_band(Price.of("12"), Decimal(100), Decimal("0.05"))


@pytest.mark.shared_data
def test_bands_are_those_of_a_real_instrument_file(shared_data: Path) -> None:
    daily = pl.read_parquet(shared_data / "nse_equity_daily_2019_2025_unadjusted.parquet")
    closes = dict(daily.filter(pl.col("date") == "2023-04-13")["symbol", "close"].iter_rows())
    path = shared_data / "reference/kotak_neo_scrip_master_nse_cm_subset.csv.gz"
    with gzip.open(path, "rt") as file:
        shares = [
            row
            for row in csv.DictReader(file)
            if row["pGroup"] == "EQ" and not row["pTrdSymbol"].endswith("BEES-EQ")
        ]
    compared = 0
    for row in shares:
        close = closes.get(row["pTrdSymbol"].removesuffix("-EQ"))
        if close is None or close > 10_000:  # the file keeps six digits
            continue
        listed = tuple(Decimal(row[key]) / 100 for key in ("dLowPriceRange ", "dHighPriceRange "))
        bands = [
            price_band(Price.nearest_tick(close, Decimal("0.05")), Decimal(pct), Decimal("0.05"))
            for pct in (2, 5, 10, 20)
        ]
        assert listed in [(low.value, high.value) for low, high in bands], row["pTrdSymbol"]
        compared += 1
    assert compared > 300
