"""One instrument or none: by symbol, ISIN, name, former name or a typing mistake. S1-data-10"""

import csv
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tradego.domain.errors import InputError
from tradego.domain.instruments import Instrument
from tradego.market.symbols import (
    Directory,
    Listing,
    Match,
    Rename,
    parse_aliases,
    parse_listings,
    parse_renames,
    shipped_directory,
)

NSE = shipped_directory()
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "match", "symbol"),
    [
        ("RELIANCE", Match.SYMBOL, "RELIANCE"),
        (" reliance ", Match.SYMBOL, "RELIANCE"),
        ("M&M", Match.SYMBOL, "M&M"),
        ("BAJAJ-AUTO", Match.SYMBOL, "BAJAJ-AUTO"),
        ("NSE:INFY", Match.SYMBOL, "INFY"),
        ("HSCL-BE", Match.SYMBOL, "HSCL"),
        ("TCS.NS", Match.SYMBOL, "TCS"),
        ("INE002A01018", Match.ISIN, "RELIANCE"),
        ("INE296A01024", Match.ISIN, "BAJFINANCE"),  # before its split
        ("INE296A01032", Match.ISIN, "BAJFINANCE"),  # and after
        ("TATAMOTORS", Match.FORMER_SYMBOL, "TMPV"),
        ("ZOMATO", Match.FORMER_SYMBOL, "ETERNAL"),
        ("LTI", Match.FORMER_SYMBOL, "LTM"),  # renamed twice
        ("Infosys Ltd.", Match.NAME, "INFY"),
        ("infosys limited", Match.NAME, "INFY"),
        ("Zomato", Match.FORMER_SYMBOL, "ETERNAL"),
        ("Zomato Ltd", Match.NAME, "ETERNAL"),
        ("Motherson Sumi Systems", Match.NAME, "MOTHERSON"),
        ("Larsen and Toubro", Match.NAME, "LT"),
        ("Dr Reddys", Match.NAME, "DRREDDY"),
        ("State Bank of India", Match.NAME, "SBIN"),
        ("SBI", Match.NAME, "SBIN"),
        ("L&T", Match.NAME, "LT"),
    ],
)
def test_exact_words_are_understood(text: str, match: Match, symbol: str) -> None:
    resolution = NSE.resolve(text)
    assert (resolution.match, resolution.required().symbol) == (match, symbol)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("Infosis", "INFY"),
        ("RELAINCE", "RELIANCE"),
        ("TATASTEL", "TATASTEEL"),
        ("Bajaj Finanse", "BAJFINANCE"),
        ("Bharat Petrolium", "BPCL"),
        ("Adani Powr", "ADANIPOWER"),
        ("Zommato Limited", "ETERNAL"),
    ],
)
def test_a_typing_mistake_is_understood(text: str, symbol: str) -> None:
    resolution = NSE.resolve(text)
    assert (resolution.match, resolution.required().symbol) == (Match.FUZZY, symbol)


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("HDFC", {"HDFCBANK", "HDFCLIFE", "HDFCAMC"}),
        ("ICICI", {"ICICIBANK", "ICICIGI", "ICICIPRULI"}),
        ("Tata Motors", {"TMPV", "TMCV"}),  # the name moved to the demerged company
        ("Motherson Sumi", {"MOTHERSON", "MSUMI"}),
        ("Crompton Greaves", {"CGPOWER", "CROMPTON"}),
        ("ITX", {"ITC", "ITI"}),
    ],
)
def test_what_could_be_several_gives_candidates_and_never_a_guess(
    text: str, among: set[str]
) -> None:
    resolution = NSE.resolve(text)
    assert (resolution.match, resolution.company) == (Match.AMBIGUOUS, None)
    assert among <= {candidate.symbol for candidate in resolution.candidates}
    with pytest.raises(InputError, match=r"may mean .*; give the symbol or ISIN"):
        resolution.required()


@pytest.mark.parametrize("text", ["qwertyuiop", "INE000A01000", "", "?"])
def test_what_is_nothing_is_none(text: str) -> None:
    resolution = NSE.resolve(text)
    assert (resolution.match, resolution.company, resolution.candidates) == (Match.NONE, None, ())
    with pytest.raises(InputError, match="is not known"):
        resolution.required()


def test_the_likest_candidates_come_first_and_are_few() -> None:
    scores = [candidate.score for candidate in NSE.resolve("ITX").candidates]
    assert scores == sorted(scores, reverse=True)
    assert len(NSE.resolve("Tata").candidates) == 5


def test_without_the_extra_exact_words_work_and_a_typing_mistake_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # A-inst-1
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)  # as where it is not installed
    assert NSE.resolve("Infosys").required().symbol == "INFY"
    with pytest.raises(InputError, match=r"pip install tradego\[news\]"):
        NSE.resolve("Infosis")


def test_a_mistake_equally_like_two_is_asked_about() -> None:
    twins = CSV.replace("ABC,", "GRANITEA,") + "GRANITEB,INE000000002,B Ltd.,Power,2025-01-01\n"
    resolution = Directory(parse_listings(twins)).resolve("GRANITEX")  # 87.5 of 100 to each
    assert (resolution.match, resolution.company) == (Match.AMBIGUOUS, None)
    assert [candidate.symbol for candidate in resolution.candidates] == ["GRANITEA", "GRANITEB"]


def test_a_lone_candidate_that_is_not_like_enough_is_asked_about() -> None:
    resolution = Directory(parse_listings(CSV)).resolve("abx")
    assert (resolution.match, resolution.company) == (Match.AMBIGUOUS, None)
    assert [candidate.symbol for candidate in resolution.candidates] == ["ABC"]


# --- dates ----------------------------------------------------------------------------------------


def test_a_company_has_the_symbol_of_the_day() -> None:
    motors = NSE.company("TATAMOTORS")
    assert motors.symbols == ("TMPV", "TATAMOTORS")
    assert motors.symbol_on(date(2025, 10, 23)) == "TATAMOTORS"
    assert motors.symbol_on(date(2025, 10, 24)) == "TMPV"
    mindtree = NSE.company("LTM")
    days = (date(2022, 12, 4), date(2022, 12, 5), date(2026, 2, 26), date(2026, 2, 27))
    assert [mindtree.symbol_on(day) for day in days] == ["LTI", "LTIM", "LTIM", "LTM"]


def test_sectors_are_dated_and_an_unknown_one_stands_alone() -> None:
    assert NSE.sector_of("INFY", TODAY) == "Information Technology"
    assert NSE.sector_of("TATAMOTORS", date(2020, 1, 1)) == "Automobile and Auto Components"
    assert NSE.sector_of("EIDPARRY", date(2025, 12, 19)) == "Chemicals"
    assert NSE.sector_of("EIDPARRY", date(2025, 12, 20)) == "Fast Moving Consumer Goods"
    assert NSE.sector_of("NOSUCH", TODAY) == "unknown:NOSUCH"
    assert NSE.sector_of("TMCV", TODAY) == "unknown:TMCV"  # listed, its industry not yet known


def test_an_unknown_sector_is_spelt_as_instruments_spell_it() -> None:
    assert NSE.sector_of("NOSUCH", TODAY) == Instrument(symbol="NOSUCH").sector_key


# --- the shipped data -----------------------------------------------------------------------------


def test_every_listing_is_whole() -> None:
    listings = [listing for company in NSE.companies for listing in company.listings]
    assert len(NSE.companies) > 540
    assert all(len(listing.isin) == 12 and listing.name for listing in listings)
    assert {listing.symbol for listing in listings if not listing.industry} == {"TMCV"}


@pytest.mark.shared_data
def test_renames_agree_with_the_days_traded(shared_data: Path) -> None:
    """The daily file holds each symbol only while it traded, so it dates the renames itself."""
    span = {
        symbol: (first, last)
        for symbol, first, last in pl.read_parquet(
            shared_data / "nse_equity_daily_2019_2025_unadjusted.parquet",
            columns=["symbol", "date"],
        )
        .group_by("symbol")
        .agg(first=pl.col("date").min(), last=pl.col("date").max())
        .iter_rows()
    }
    checked = 0
    for company in NSE.companies:
        for rename in company.renames:
            if rename.former in span:
                assert span[rename.former][1] < rename.on.isoformat(), rename
                checked += 1
            if rename.symbol in span and rename.former in span:
                assert span[rename.symbol][0] >= rename.on.isoformat(), rename
    assert checked >= 14


@pytest.mark.shared_data
def test_listings_agree_with_the_constituent_lists(shared_data: Path) -> None:
    for file, seen in (("a", date(2025, 12, 20)), ("b", date(2024, 11, 18))):
        path = shared_data / "reference" / f"nifty500_constituents_{file}.csv"
        with path.open() as text:
            for row in csv.DictReader(text):
                listing = NSE.company(row["Symbol"]).listing_on(seen)
                given = (row["Symbol"], row["ISIN Code"], row["Company Name"], row["Industry"])
                facts = (listing.symbol, listing.isin, listing.name, listing.industry)
                assert facts == given


# --- files of one's own ---------------------------------------------------------------------------

CSV = "# mine\nsymbol,isin,name,industry,seen\nABC,INE000000001,Abc Ltd.,Textiles,2025-01-01\n"


def test_a_directory_of_ones_own() -> None:
    listings = parse_listings(CSV)
    assert listings == (Listing(date(2025, 1, 1), "ABC", "INE000000001", "Abc Ltd.", "Textiles"),)
    renames = parse_renames("former,symbol,on,former_name\nOLD,ABC,2024-05-01,Old Mills\n")
    mine = Directory(listings, renames, parse_aliases("alias,symbol\nalphabet,OLD\n"))
    for text in ("OLD", "Old Mills", "alphabet", "abc"):
        assert mine.resolve(text).required().symbol == "ABC"
    assert mine.company("ABC").symbol_on(date(2024, 4, 30)) == "OLD"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CSV.replace("2025-01-01", "1/1/2025"), "mine.csv: .* in row ABC,INE000000001"),
        (CSV.replace("isin", "code"), "mine.csv: .*isin"),
    ],
)
def test_a_broken_row_is_named(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse_listings(text, "mine.csv")


def test_renames_and_aliases_must_lead_somewhere() -> None:
    listings = parse_listings(CSV)
    with pytest.raises(InputError, match="rename to XYZ: no such listing"):
        Directory(listings, [Rename(date(2024, 1, 1), "OLD", "XYZ")])
    with pytest.raises(InputError, match="'XYZ' is not among the 1 listed"):
        Directory(listings, (), {"x": "XYZ"})


def test_a_symbol_given_to_another_company_means_the_present_one() -> None:
    text = """symbol,isin,name,industry,seen
        KPIT,INE000000001,Kpit Technologies Ltd.,Information Technology,2018-01-01
        KPIT,INE000000002,Kerala Pits Ltd.,Metals & Mining,2025-01-01
    """.replace("        ", "")
    both = Directory(parse_listings(text), [Rename(date(2019, 2, 26), "KPIT", "BSOFT")])
    assert both.resolve("KPIT").required().name == "Kerala Pits Ltd."
    assert both.resolve("INE000000001").required().symbols == ("BSOFT", "KPIT")


def test_a_company_may_take_its_old_symbol_back() -> None:
    renames = [Rename(date(2024, 1, 1), "ABC", "XYZ"), Rename(date(2025, 1, 1), "XYZ", "ABC")]
    company = Directory(parse_listings(CSV), renames).company("ABC")
    days = (date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1))
    assert [company.symbol_on(day) for day in days] == ["ABC", "XYZ", "XYZ", "ABC"]
