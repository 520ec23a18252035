"""What headlines mean: hand-labelled examples, grammar, filings, and accuracy against people."""

import csv
import gzip
from pathlib import Path

import polars as pl
import pytest

from tradego.domain.errors import InputError
from tradego.market.lexicon import parse_lexicon, shipped_lexicon, tokenise
from tradego.market.sentiment import Accuracy, Label, Scorer, label_of, measure

SCORER = Scorer()

# Headlines in the manner of the Indian business press, labelled by hand. S1-data-6, S1-sig-1
GOOD = """
Infosys wins $1.5 billion order from European bank
KEC International secures orders worth Rs 1,304 crore
Dilip Buildcon emerges as L-1 bidder for highway project
Morgan Stanley upgrades Tata Steel to overweight
TCS beats Q2 estimates, margin expands 40 bps
HDFC Bank's gross NPAs decline to 1.2%
Maruti reports 28% rise in Q4 consolidated net profit
Company cuts debt by Rs 2,000 crore
Lupin gets USFDA approval for generic drug
Wipro announces buyback at 20% premium
Zomato swings to profit in first quarter
Net loss narrows to Rs 67 crore from Rs 345 crore
Sales more than doubled on strong demand
TVS Motor logs growth of 12% in February sales
Company raises full-year guidance
Bharti Airtel hits 52-week high
Adani Power gets clean chit from regulator
Board approves bonus issue of shares
"""
BAD = """
Asian Paints misses Q1 estimates as demand slows
CLSA downgrades Paytm to sell
RBI imposes monetary penalty on cooperative bank
SEBI probe into promoter dealings widens
Fire breaks out at Deepak Nitrite plant
Chief financial officer resigns
Sun Pharma receives warning letter from USFDA
Consolidated net profit falls 67% in Q3
Macrotech reports consolidated net loss of Rs 933 crore
Company defaults on loan repayment
Income tax department raids offices of firm
Gross NPAs rise to 4.5%
Input costs rise sharply
Margin contracted 200 basis points
Intel lays off 500 workers
Auditor resigns over accounting irregularities
US FDA issues import alert on Hyderabad unit
Operating profit fell to EUR 8.1 mn from EUR 13.4 mn
"""
NEUTRAL = """
Axis Bank informs about press release
Raymond informs about loss of share certificates
Hindustan Zinc informs about disclosure
ICICI Lombard informs about analyst meet
Cera Sanitaryware - Quaterly Results
Dr Reddys informs about issuance of duplicate share certificate
Tata Motors informs about closure of trading window
Cipla submits notice of EGM
Federal Bank informs about results presentation
Titan informs about record date for dividend
Bajaj Finance raises Rs 503 crore through NCDs
CONCOR awards contract to Blue Energy Motors
Axis Bank unveils regional office in Jharkhand
SJVN incorporates step-down subsidiary
CRISIL reaffirms credit rating of company
The company has 4,500 employees in 20 countries
"""


def lines(block: str) -> list[str]:
    return block.strip().splitlines()


@pytest.mark.parametrize("text", lines(GOOD))
def test_good_news_is_good(text: str) -> None:
    assert SCORER.score(text) > 0.3, SCORER.read(text)


@pytest.mark.parametrize("text", lines(BAD))
def test_bad_news_is_bad(text: str) -> None:
    assert SCORER.score(text) < -0.3, SCORER.read(text)


@pytest.mark.parametrize("text", lines(NEUTRAL))
def test_notices_and_routine_are_neutral(text: str) -> None:
    assert abs(SCORER.score(text)) < 0.2, SCORER.read(text)


def test_a_filing_counts_only_when_its_matter_is_grave() -> None:
    assert SCORER.score("Welspun Corp informs about fire incident at its plant") < -0.6
    assert SCORER.score("NCC informs about award of order") > 0.6
    assert SCORER.score("Lupin informs about delay in commissioning of plant") == 0.0
    assert SCORER.score("Lupin reports delay in commissioning of plant") < -0.3


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Profit rises", "Profit falls"),
        ("Costs fall", "Costs rise"),
        ("Net loss narrows", "Net loss widens"),
        ("Debt was reduced", "Debt increased"),
        ("Rise in order book", "Fall in order book"),
        ("Sales of EUR 14 mn, compared to EUR 12 mn", "Sales of EUR 12 mn, compared to EUR 14 mn"),
        ("Profit was Rs 5 crore against a loss of Rs 3 crore", "Loss of Rs 3 crore versus 1 crore"),
        ("Revenue up 12%", "Revenue down 12%"),
    ],
)
def test_a_movement_takes_its_sign_from_what_moves(good: str, bad: str) -> None:
    assert SCORER.score(good) > 0.3
    assert SCORER.score(bad) < -0.3


def test_a_scale_word_is_part_of_the_figure() -> None:
    assert SCORER.score("Turnover was Rs 1.2 billion against Rs 900 million") > 0.3
    assert SCORER.score("Turnover was Rs 900 million against Rs 1.2 billion") < -0.3


def test_years_are_not_figures_to_compare() -> None:
    assert SCORER.score("Sales of the segment in 2008 compared to 2007") == 0.0


def test_equal_figures_are_no_movement() -> None:
    assert SCORER.score("Turnover was Rs 5 crore against Rs 5 crore") == 0.0


def test_set_up_and_up_to_are_no_movements() -> None:
    assert SCORER.score("The firm lined up, and waited") == 0.0
    assert SCORER.score("Waiting for the firm to wake up") == 0.0
    assert SCORER.score("Firm to set up 5 plants") == 0.0
    assert SCORER.score("Offer of up to 5 shares in subsidiary") == 0.0


def test_negation_turns_and_denial_removes() -> None:
    assert SCORER.score("The business is profitable") > 0.3
    assert SCORER.score("The business is not profitable") < -0.2
    assert SCORER.score("Company wins order") > 0.6
    assert SCORER.score("Company did not win order") < -0.3
    assert SCORER.score("Adani denies fraud") == 0.0


def test_degree_and_size_matter() -> None:
    slight, plain, sharp = (
        SCORER.score(f"Profit {how}") for how in ("rose slightly", "rose", "rose sharply")
    )
    assert 0 < slight < plain < sharp
    one, five, thirty = (SCORER.score(f"Profit rose {p}%") for p in (1, 5, 30))
    assert 0 < one < five < thirty


def test_more_evidence_says_more_and_never_passes_one() -> None:
    once = SCORER.score("Infosys wins order")
    twice = SCORER.score("Infosys wins order; profit rises 30%")
    many = SCORER.score("Wins order. Upgraded. Beats estimates. Profit rises 50%. Record revenue.")
    assert 0.6 < once < twice < many < 1
    # 1 - 0.3 x 0.23: an order (0.70) and a rise of 30 % (0.55 x 1.4 = 0.77)
    assert twice == pytest.approx(1 - 0.3 * 0.23)


def test_good_and_bad_news_together_are_weighed_against_each_other() -> None:
    assert SCORER.score("Infosys wins order; fined by regulator") == pytest.approx(0.70 - 0.65)


def test_a_score_has_its_reasons() -> None:
    reading = SCORER.read("Infosys wins large order, CFO resigns")
    assert [(e.words, round(e.weight, 2)) for e in reading.evidence] == [
        ("wins large order", 0.70),
        ("resigns", -0.50),
    ]
    assert reading.score == pytest.approx(0.2)


def test_case_quotes_and_hyphens_do_not_matter() -> None:
    assert SCORER.score("BHEL EMERGES L-1 BIDDER") == SCORER.score("Bhel emerges L1 bidder") > 0.6
    assert SCORER.score("Company\u2019s all-time high") == SCORER.score("company's all time high")


@pytest.mark.parametrize(
    "text", ["", " ", "...", "%", "\u0928\u092e\u0938\u094d\u0924\u0947", "12,345"]
)
def test_text_without_words_says_nothing(text: str) -> None:
    assert SCORER.score(text) == 0.0


def test_tokens_of_a_headline() -> None:
    words = [
        (t.word, t.number, t.is_percent) for t in tokenise("L&T's Q1 up 3.5 per cent to 1,200")
    ]
    assert words == [
        ("l&t", None, False),
        ("q1", None, False),
        ("up", None, False),
        ("3.5", 3.5, True),
        ("to", None, False),
        ("1,200", 1200.0, False),
    ]


# --- the lexicon as a file ------------------------------------------------------------------------

TINY = """
version = "test"
events = [{ weight = 0.9, phrases = ["moon*"] }]
direction = { up = ["rise*"], down = ["drop*"], up_with_figure = [], down_with_figure = [],
              sharply = [], slightly = [] }
things = { good = ["bananas"], bad = ["worms"] }
turning = { negators = ["not"], doubters = [] }
neutral = { phrases = [] }
filing = { floor = 0.5, phrases = [] }
""".replace("\n              ", " ")


def test_a_lexicon_of_ones_own_replaces_the_shipped_one() -> None:
    mine = Scorer(parse_lexicon(TINY))
    assert mine.score("Shares are mooning") == pytest.approx(0.9)
    assert mine.score("not mooning") == pytest.approx(-0.54)
    assert mine.score("worms drop") == pytest.approx(0.55)
    assert mine.score("Infosys wins order") == 0.0


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("weight = 0.9", "weight = 9", "weight 9.0 of an event is not within -1..1"),
        ('"moon*"', '"~ moon"', "phrase '~ moon' must begin with a word"),
        ('"moon*"', '"mo*"', "stem of 3 letters"),
        ("bad =", "worse =", "worse"),
        ("version", "version version", "compare with the shipped lexicon"),
    ],
)
def test_a_broken_lexicon_is_one_clear_line(old: str, new: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        parse_lexicon(TINY.replace(old, new), "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")


def test_the_shipped_lexicon_is_dated() -> None:
    assert shipped_lexicon().version >= "2026-11-01"


# --- accuracy -------------------------------------------------------------------------------------


def test_the_neutral_band_includes_its_edges() -> None:
    labels = [label_of(score, 0.1) for score in (-0.11, -0.1, 0.0, 0.1, 0.11)]
    assert labels == [Label.NEGATIVE, *[Label.NEUTRAL] * 3, Label.POSITIVE]


def test_accuracy_is_counted_by_hand() -> None:
    right, wrong = "Company wins order", "Company resigns order"
    labelled = [
        *[(Label.POSITIVE, right)] * 3,
        (Label.POSITIVE, wrong),
        *[(Label.NEUTRAL, "Company meets")] * 4,
        *[(Label.NEGATIVE, wrong)] * 1,
        *[(Label.NEGATIVE, right)] * 1,
    ]
    result = measure(SCORER, labelled)
    assert result.sentences == 10
    assert result.accuracy == pytest.approx(0.8)  # 3 + 4 + 1 of 10
    assert result.balanced == pytest.approx((3 / 4 + 1 + 1 / 2) / 3)
    assert result.table().splitlines() == [
        "people / ours   positive   neutral  negative",
        "positive               3         0         1",
        "neutral                0         4         0",
        "negative               1         0         1",
        "10 sentences: accuracy 80.0%, balanced 75.0%",
    ]


def test_balanced_accuracy_passes_over_labels_nobody_gave() -> None:
    assert Accuracy({(Label.NEUTRAL, Label.NEUTRAL): 5}).balanced == 1.0


def test_nothing_to_measure_against_is_refused() -> None:
    with pytest.raises(InputError, match="no labelled sentences"):
        measure(SCORER, [])


@pytest.mark.shared_data
def test_accuracy_against_sentences_labelled_by_people(shared_data: Path) -> None:
    # S1-data-6. Measured: 76.6 %, balanced 73.2 %, of 2,902 sentences of European news, where
    # always answering "neutral" gets 59 % and 33 %.
    file = shared_data / "sentiment_labelled_financial_sentences_dev.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8") as text:
        labelled = [(Label(row["label"]), row["sentence"]) for row in csv.DictReader(text)]
    result = measure(SCORER, labelled)
    print(f"\n{result.table()}")
    assert result.sentences == 2902
    assert result.accuracy > 0.74
    assert result.balanced > 0.70


@pytest.mark.shared_data
def test_of_the_recorded_filing_notices_hardly_any_has_an_opinion(shared_data: Path) -> None:
    frame = pl.read_parquet(shared_data / "news_nse_headlines_to_2024_03.parquet")
    notices = [text for text in frame["headline"] if " informs about " in text.casefold()]
    assert len(notices) > 14_000
    spoken = sum(SCORER.score(text) != 0 for text in set(notices))
    assert spoken / len(set(notices)) < 0.02
