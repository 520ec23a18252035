"""What to watch: lists, wishes, and what strong news brings when it trades enough."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tradego.domain.errors import InputError
from tradego.market.symbols import shipped_directory
from tradego.market.watchlist import (
    Entry,
    Liquidity,
    News,
    NotWatched,
    Origin,
    Preferences,
    Refused,
    Screen,
    from_news,
    liquid,
    parse_lists,
    shipped_lists,
    understood,
    watchlist,
)

NSE = shipped_directory()
LISTS = shipped_lists()
TODAY = date(2026, 1, 15)
BUSY = [1_000_001.0] * 20


def wanting(**wishes: frozenset[str]) -> Screen:
    return Screen(NSE, TODAY, Preferences(**wishes))


def symbols(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.symbol for entry in entries]


# --- lists ----------------------------------------------------------------------------------------


def test_nifty_50_and_midcaps_are_shipped_dated_and_known() -> None:  # S1-data-7, S1-q-3
    fifty, midcap = LISTS["nifty50"], LISTS["midcap"]
    assert (len(fifty.symbols), len(midcap.symbols)) == (50, 150)
    assert not set(fifty.symbols) & set(midcap.symbols)
    for item in (fifty, midcap):
        assert item.as_of == date(2025, 12, 20)
        assert item.source
        for symbol in item.symbols:
            assert not NSE.sector_of(symbol, TODAY).startswith("unknown")


def test_every_entry_shows_its_origin() -> None:
    entries = watchlist([LISTS["nifty50"]], wanting())
    assert len(entries) == 50
    assert entries[0] == Entry("ADANIENT", Origin.LIST, "Nifty 50 of 2025-12-20")


def test_symbols_are_those_of_the_day() -> None:
    lists = [LISTS["nifty50"]]
    now = symbols(watchlist(lists, Screen(NSE, TODAY)))
    before = symbols(watchlist(lists, Screen(NSE, date(2025, 3, 3))))
    assert {"TMPV", "ETERNAL"} <= set(now)
    assert {"TATAMOTORS", "ZOMATO"} <= set(before)


def test_a_symbol_on_two_lists_is_watched_once() -> None:
    assert len(watchlist([LISTS["nifty50"], LISTS["nifty50"]], wanting())) == 50


def test_a_list_of_ones_own_is_read_and_a_broken_one_refused() -> None:  # S1-data-7: editable
    text = """
        [[list]]
        name = "mine"
        title = "My choice"
        as_of = 2026-01-01
        source = "me"
        symbols = ["INFY", "TATAMOTORS"]
    """
    entries = watchlist([parse_lists(text, "my.toml")["mine"]], wanting())
    assert symbols(entries) == ["INFY", "TMPV"]
    with pytest.raises(InputError, match=r"^my.toml: .*`day`"):
        parse_lists(text.replace("as_of", "day"), "my.toml")
    with pytest.raises(InputError, match="'INFI' is not among"):
        watchlist([parse_lists(text.replace("INFY", "INFI"), "my.toml")["mine"]], wanting())


@pytest.mark.shared_data
def test_the_lists_agree_with_the_constituent_lists(shared_data: Path) -> None:
    def members(file: str) -> set[str]:
        with (shared_data / "reference" / file).open() as text:
            return {row["Symbol"] for row in csv.DictReader(text)}

    fifty = members("nifty50_constituents.csv")
    assert set(LISTS["nifty50"].symbols) == fifty
    rest = members("nifty200_constituents.csv") - fifty - {"DUMMYHDLVR"}
    assert set(LISTS["midcap"].symbols) == rest


# --- wishes ---------------------------------------------------------------------------------------


def test_preferred_come_first_then_preferred_sectors_then_the_rest() -> None:  # S1-q-3
    screen = wanting(
        preferred=frozenset({"IDEA", "WIPRO"}), preferred_sectors=frozenset({"Healthcare"})
    )
    entries = watchlist([LISTS["nifty50"]], screen)
    assert symbols(entries)[:3] == ["IDEA", "WIPRO", "APOLLOHOSP"]
    assert entries[0].origin is Origin.PREFERRED
    healthcare = ["APOLLOHOSP", "CIPLA", "DRREDDY", "MAXHEALTH", "SUNPHARMA"]
    assert symbols(entries)[2:7] == healthcare
    assert symbols(entries)[7] == "ADANIENT"
    assert len(entries) == 51


def test_excluded_symbols_and_sectors_are_never_watched_even_if_preferred() -> None:
    screen = wanting(
        preferred=frozenset({"WIPRO", "IDEA"}),
        excluded=frozenset({"IDEA", "TMPV"}),
        excluded_sectors=frozenset({"Information Technology"}),
    )
    watched = set(symbols(watchlist([LISTS["nifty50"]], screen)))
    assert not watched & {"IDEA", "WIPRO", "INFY", "TCS", "TMPV"}
    assert len(watched) == 50 - 5 - 1  # five of the sector (HCLTECH, TECHM too), and TMPV


def test_wishes_are_understood_by_name_and_a_misspelt_one_is_refused() -> None:
    wishes = Preferences(
        preferred=frozenset({"Infosys"}),
        excluded=frozenset({"ZOMATO"}),
        preferred_sectors=frozenset({"Power"}),
    )
    told = understood(wishes, NSE)
    assert (told.preferred, told.excluded) == (frozenset({"INFY"}), frozenset({"ETERNAL"}))
    assert told.preferred_sectors == wishes.preferred_sectors
    with pytest.raises(InputError, match="'qqqq' is not known"):
        understood(Preferences(excluded=frozenset({"qqqq"})), NSE)
    with pytest.raises(InputError, match=r"sector 'IT' is not known; known are .*Healthcare"):
        understood(Preferences(excluded_sectors=frozenset({"IT"})), NSE)


# --- liquidity ------------------------------------------------------------------------------------


def test_the_average_of_twenty_sessions_must_be_above_a_million() -> None:  # S1-data-9
    rule = Liquidity()
    assert rule.lacking(np.array(BUSY)) is None
    why, detail = rule.lacking(np.full(20, 1_000_000.0)) or (None, "")
    assert why is NotWatched.ILLIQUID
    assert detail == "1,000,000 shares a session, needs above 1,000,000"


def test_only_the_newest_twenty_sessions_count() -> None:
    assert Liquidity().lacking(np.array([0.0] * 100 + BUSY)) is None
    assert Liquidity().lacking(np.array([1e9] * 100 + [1.0] * 20)) is not None


def test_too_little_history_is_said_and_refused() -> None:
    assert Liquidity().lacking(np.array(BUSY[:19])) == (
        NotWatched.SHORT_HISTORY,
        "19 of 20 sessions",
    )


def test_the_liquidity_rule_is_a_setting() -> None:
    assert Liquidity(average_above=500.0, sessions=2).lacking(np.array([400.0, 601.0])) is None


def test_a_whole_list_can_be_held_to_liquidity() -> None:
    entries = tuple(Entry(symbol, Origin.LIST, "x") for symbol in ("INFY", "MARUTI", "NEW"))
    kept, refused = liquid(entries, {"INFY": BUSY, "MARUTI": [4e5] * 20}, Liquidity())
    assert symbols(kept) == ["INFY"]
    assert [(r.symbol, r.why) for r in refused] == [
        ("MARUTI", NotWatched.ILLIQUID),
        ("NEW", NotWatched.SHORT_HISTORY),
    ]


# --- news -----------------------------------------------------------------------------------------


def test_strong_news_about_a_liquid_symbol_joins_and_shows_its_origin() -> None:  # S1-data-8
    joined, refused = from_news(
        [News("IDEA", 0.7, "Vodafone Idea wins case")], {"INFY"}, {"IDEA": BUSY}, wanting()
    )
    assert joined == (Entry("IDEA", Origin.NEWS, "news +0.70: Vodafone Idea wins case"),)
    assert refused == ()


def test_news_that_does_not_join_says_why() -> None:
    volumes = {"IDEA": BUSY, "PVRINOX": [5e5] * 20, "SUZLON": BUSY[:3], "YESBANK": BUSY, "X": BUSY}
    news = [
        News("IDEA", 0.6, "not beyond the threshold"),
        News("PVRINOX", 0.9, "thinly traded"),
        News("SUZLON", 0.8, "young"),
        News("YESBANK", 0.7, "unwanted"),
        News("X", 0.7, "who?"),
    ]
    joined, refused = from_news(news, (), volumes, wanting(excluded=frozenset({"YESBANK"})))
    assert joined == ()
    assert [(r.symbol, r.why) for r in refused] == [
        ("PVRINOX", NotWatched.ILLIQUID),
        ("SUZLON", NotWatched.SHORT_HISTORY),
        ("X", NotWatched.UNKNOWN),
        ("YESBANK", NotWatched.EXCLUDED),
        ("IDEA", NotWatched.WEAK),
    ]
    assert refused[-1] == Refused("IDEA", NotWatched.WEAK, "+0.60, needs beyond 0.60")


def test_bad_news_is_news_and_the_strongest_comes_first() -> None:
    news = [News("IDEA", 0.7, "good"), News("YESBANK", -0.8, "bad")]
    joined, _ = from_news(news, (), {"IDEA": BUSY, "YESBANK": BUSY}, wanting())
    assert symbols(joined) == ["YESBANK", "IDEA"]


def test_what_is_watched_under_any_of_its_names_does_not_join_twice() -> None:
    news = [News("ZOMATO", 0.9, "x"), News("INFY", 0.9, "y")]
    assert from_news(news, {"ETERNAL", "INFY"}, {"ZOMATO": BUSY}, wanting()) == ((), ())


def test_an_excluded_sector_keeps_the_news_out() -> None:
    screen = wanting(excluded_sectors=frozenset({"Telecommunication"}))
    _, refused = from_news([News("IDEA", 0.9, "x")], (), {"IDEA": BUSY}, screen)
    assert refused == (Refused("IDEA", NotWatched.EXCLUDED, "Telecommunication"),)
