"""Headlines: times that cannot look ahead, each story once, and the fading of opinions."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradego.domain.errors import DomainError, InputError
from tradego.domain.times import DAY, HOUR, MINUTE, SECOND, at, iso
from tradego.market.news import (
    Deduplicator,
    Headline,
    Stamp,
    deduplicated,
    headline,
    normalised,
    parse_headline,
    parse_published,
)
from tradego.market.news_flow import Fading, SentimentStream, sentiment_series
from tradego.market.sentiment import Scorer

MONDAY = date(2025, 3, 3)
SCORER = Scorer()


def noon(clock: str = "12:00", day: date = MONDAY) -> int:
    return at(day, clock)


# --- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-03-03 09:35", "2025-03-03T09:35:00+05:30"),
        ("2025-03-03T09:35:20", "2025-03-03T09:35:20+05:30"),
        ("2025-03-03T04:05:00Z", "2025-03-03T09:35:00+05:30"),
        ("2025-03-03T04:05:00+00:00", "2025-03-03T09:35:00+05:30"),
        (" 2025-03-03 23:00-05:00 ", "2025-03-04T09:30:00+05:30"),
    ],
)
def test_a_published_time_is_indian_unless_it_says_otherwise(text: str, instant: str) -> None:
    published = parse_published(text)
    assert published is not None
    assert (iso(published.ts_ns), published.day_only) == (instant, None)


def test_a_bad_time_is_one_clear_line_that_names_the_row() -> None:
    with pytest.raises(InputError, match=r"^news row 17: published time '3/3/2025' is not"):
        parse_headline(17, "INFY", "Infosys wins order", "3/3/2025")


def test_a_minute_is_used_as_given() -> None:
    item = parse_headline(1, " INFY ", " Infosys wins order ", "2025-03-03 12:00")
    assert (item.symbol, item.text) == ("INFY", "Infosys wins order")
    assert (item.published_ns, item.received_ns) == (noon(), noon())
    assert (item.stamp, item.has_minute) == (Stamp.MINUTE, True)


def test_news_received_late_may_not_be_used_before_receipt() -> None:
    item = headline("INFY", "x", parse_published("2025-03-03 12:00"), noon("12:07"))
    assert (item.published_ns, item.received_ns) == (noon("12:00"), noon("12:07"))


def test_a_date_alone_is_usable_when_the_day_is_over() -> None:  # no look-ahead
    item = parse_headline(1, "INFY", "Infosys wins order", "2025-03-03")
    assert iso(item.received_ns) == "2025-03-04T00:00:00+05:30"
    assert (item.stamp, item.has_minute) == (Stamp.DATE_ONLY, False)


def test_a_date_alone_with_a_receipt_is_usable_from_the_receipt() -> None:
    today = headline("INFY", "x", parse_published("2025-03-03"), noon())
    assert (today.published_ns, today.received_ns) == (noon(), noon())
    later = headline("INFY", "x", parse_published("2025-03-03"), noon(day=date(2025, 3, 7)))
    assert iso(later.published_ns) == "2025-03-04T00:00:00+05:30"  # old news stays old
    assert later.received_ns == noon(day=date(2025, 3, 7))


@pytest.mark.parametrize("text", ["2025-03-03 12:01", "2026-03-03 12:00", "2025-03-04"])
def test_a_time_in_the_future_becomes_the_receipt_and_is_marked(text: str) -> None:  # S1-data-5
    item = headline("INFY", "x", parse_published(text), noon())
    assert (item.published_ns, item.received_ns, item.stamp) == (noon(), noon(), Stamp.FUTURE)


def test_a_missing_time_becomes_the_receipt_and_is_marked() -> None:  # S1-data-5
    item = headline("INFY", "x", parse_published(""), noon())
    assert (item.published_ns, item.received_ns, item.stamp) == (noon(), noon(), Stamp.MISSING)


def test_without_any_time_or_text_a_row_is_refused() -> None:
    with pytest.raises(InputError, match="row 3: INFY: no published time"):
        parse_headline(3, "INFY", "Infosys wins order", "")
    with pytest.raises(InputError, match="row 4: INFY: headline without text"):
        parse_headline(4, "INFY", "  ", "2025-03-03 12:00")


def test_a_headline_published_after_its_receipt_cannot_be_made() -> None:
    with pytest.raises(DomainError, match="future"):
        Headline("INFY", "x", noon("12:01"), noon("12:00"))


# --- once -----------------------------------------------------------------------------------------


def news(text: str, clock: str, symbol: str = "INFY", day: date = MONDAY) -> Headline:
    return Headline(symbol, text, at(day, clock), at(day, clock))


def test_the_same_words_in_other_clothes_are_the_same() -> None:
    assert normalised("Infosys\u2019  Arm WINS order!") == normalised("infosys' arm wins order")
    assert normalised("M&M up 3.5%") != normalised("M&M up 35%")
    assert normalised("Infosys wins order") != normalised("Infosys loses order")


def test_a_story_told_again_counts_once_per_symbol() -> None:  # S1-data-5
    told = [
        news("Infosys wins order ", "09:30"),
        news("INFOSYS WINS ORDER.", "10:30"),
        news("Infosys wins order", "10:30", symbol="WIPRO"),
        news("Infosys wins another order", "10:45"),
    ]
    kept = [(item.symbol, iso(item.received_ns)[11:16]) for item in deduplicated(told)]
    assert kept == [("INFY", "09:30"), ("WIPRO", "10:30"), ("INFY", "10:45")]


def test_the_order_of_the_file_does_not_matter() -> None:
    told = [news("a wins order", f"{hour}:00") for hour in range(9, 16)]
    assert deduplicated(reversed(told)) == deduplicated(told) == told[:1]


def test_a_story_shown_for_days_is_news_once_and_told_after_a_pause_anew() -> None:
    seen = Deduplicator(window_ns=DAY)
    days = [date(2025, 3, day) for day in (3, 4, 5, 7)]  # every day, then a day's pause
    assert [seen.is_new(news("x wins order", "10:00", day=day)) for day in days] == [
        True,
        False,
        False,
        True,
    ]


def test_headlines_out_of_order_are_a_bug() -> None:
    seen = Deduplicator()
    seen.is_new(news("a", "10:00"))
    with pytest.raises(DomainError, match="order of receipt"):
        seen.is_new(news("b", "09:59"))


# --- fading ---------------------------------------------------------------------------------------

GOOD = "Infosys wins order"  # +0.70 by the shipped lexicon
BAD = "Infosys fined by regulator"  # -0.65
DULL = "Infosys informs about analyst meet"  # 0


def values(items: list[Headline], *clocks: str, fading: Fading | None = None) -> list[float]:
    moments = np.array([noon(clock) for clock in clocks])
    return [round(v, 6) for v in sentiment_series(items, moments, SCORER, fading).tolist()]


def test_the_scores_this_file_counts_with() -> None:
    assert (SCORER.score(GOOD), SCORER.score(BAD), SCORER.score(DULL)) == pytest.approx(
        (0.70, -0.65, 0.0)
    )


def test_a_headline_fades_by_half_every_half_life_and_ends_with_the_look_back() -> None:
    # S1-data-6: weight 0.5 ^ (age / 4 h)
    item = [news(GOOD, "10:00")]
    assert values(item, "09:59", "10:00", "12:00", "14:00", "14:01") == [
        0.0,  # not yet out
        0.70,
        0.494975,  # 0.7 x 0.5^0.5
        0.35,  # 0.7 x 0.5
        0.0,  # past the look-back
    ]


def test_half_life_and_look_back_are_parameters() -> None:  # S1-data-6
    item = [news(GOOD, "10:00")]
    fast = Fading(half_life_ns=HOUR, lookback_ns=2 * HOUR)
    assert values(item, "11:00", "12:00", "12:01", fading=fast) == [0.35, 0.175, 0.0]
    for wrong in ({"half_life_ns": 0}, {"lookback_ns": -1}):
        with pytest.raises(InputError, match="half-life"):
            Fading(**wrong)


def test_several_headlines_share_the_vote_the_newer_louder() -> None:
    # at 14:00: weights 0.5 and 1.0, (0.5 x 0.7 - 1 x 0.65) / 1.5 = -0.2
    assert values([news(GOOD, "10:00"), news(BAD, "14:00")], "14:00") == [-0.2]


def test_two_agreeing_headlines_do_not_exceed_the_stronger() -> None:
    items = [news(GOOD, "10:00"), news("Infosys bags contract", "10:00")]
    assert values(items, "10:00") == [0.7]


def test_filing_notices_do_not_dilute_the_news() -> None:
    assert values([news(GOOD, "10:00"), news(DULL, "10:00")], "10:00") == [0.7]


def test_without_news_there_is_no_opinion() -> None:
    assert values([], "10:00", "11:00") == [0.0, 0.0]


def test_a_repetition_neither_refreshes_nor_doubles_the_story() -> None:
    items = [news(GOOD, "10:00"), news(GOOD, "13:59")]
    assert values(items, "14:00", "14:01") == [0.35, 0.0]


def test_news_received_late_has_aged_since_its_publication() -> None:
    item = headline("INFY", GOOD, parse_published("2025-03-03 10:00"), noon("12:00"))
    assert values([item], "11:59", "12:00") == [0.0, 0.494975]


def test_stream_and_series_agree_to_the_last_bit() -> None:
    random = np.random.default_rng(11)
    texts = [
        GOOD,
        BAD,
        DULL,
        "Infosys profit rises 28%",
        "Infosys denies fraud",
        "Infosys launches x",
    ]
    published = np.sort(random.integers(noon("08:00"), noon("16:00"), 150))
    items = [
        Headline("INFY", f"{random.choice(texts)} {n % 40}", int(ts), int(ts) + int(late))
        for n, (ts, late) in enumerate(
            zip(published, random.integers(0, 90 * MINUTE, 150), strict=True)
        )
    ]
    moments = np.arange(noon("09:15"), noon("20:00"), 7 * MINUTE + 13 * SECOND)
    series = sentiment_series(items, moments, SCORER)
    assert len(set(series.tolist())) > 60

    stream = SentimentStream(SCORER)
    waiting = sorted(items, key=lambda item: (item.received_ns, item.published_ns, item.text))
    live = []
    for moment in moments.tolist():
        while waiting and waiting[0].received_ns <= moment:
            stream.add(waiting.pop(0))
        live.append(stream.value(moment))
    assert live == series.tolist()


def test_the_series_does_not_look_ahead() -> None:
    items = [news(GOOD, "10:00"), news(BAD, "11:00"), news("Infosys upgraded", "12:00")]
    moments = np.array([noon(f"{hour}:30") for hour in range(9, 15)])
    whole = sentiment_series(items, moments, SCORER).tolist()
    for known in range(4):
        upto = 1 + known  # 09:30 knows none, 10:30 one, ...
        assert sentiment_series(items[:known], moments, SCORER).tolist()[:upto] == whole[:upto]


def test_the_stream_says_which_headlines_made_its_value() -> None:
    stream = SentimentStream(SCORER)
    assert stream.add(news(GOOD, "10:00")) == pytest.approx(0.7)
    assert stream.add(news(GOOD, "10:01")) == 0.0  # told before
    stream.add(news(BAD, "14:00"))
    told = [(v.opinion.text, v.weight) for v in stream.voices(noon("14:00"))]
    assert told == [(GOOD, 0.5), (BAD, 1.0)]


def test_the_stream_is_asked_in_order_of_time() -> None:
    stream = SentimentStream(SCORER)
    stream.value(noon("12:00"))
    with pytest.raises(DomainError, match="order of time"):
        stream.value(noon("11:59"))


# --- the recorded headlines -----------------------------------------------------------------------


@pytest.mark.shared_data
def test_the_recorded_headlines_are_read_whole_and_never_early(shared_data: Path) -> None:
    frame = pl.read_parquet(shared_data / "news_nse_headlines_to_2024_03.parquet")
    columns = ("symbol", "headline", "published_ist", "source")
    items = [
        parse_headline(row, *values) for row, values in enumerate(frame.select(columns).iter_rows())
    ]
    assert len(items) == 30_446
    dates = [item for item in items if item.stamp is Stamp.DATE_ONLY]
    assert len(dates) == frame.filter(~pl.col("has_minute")).height == 10
    assert all(iso(item.received_ns)[11:19] == "00:00:00" for item in dates)
    kept = deduplicated(items)
    assert 0.9 < len(kept) / len(items) < 1.0
