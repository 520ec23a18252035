"""Every "no" is said in words, with its two numbers."""

from decimal import Decimal

import pytest

from tradego.domain import wording
from tradego.domain.effects import Refusal, SignalRefused
from tradego.domain.formats import THIN
from tradego.domain.orders import OrderState, Role
from tradego.domain.positions import ExitReason
from tradego.domain.signals import Condition, Product, Side


def refused(
    code: Refusal, value: Decimal | float = 0.0, limit: Decimal | float = 0.0, detail: str = ""
) -> str:
    it = SignalRefused(
        signal_id="s1",
        symbol="BAJFINANCE",
        strategy="technical_breakout",
        code=code,
        value=value,
        limit=limit,
        detail=detail,
    )
    return wording.refusal(it)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            refused(Refusal.CORRELATION, 0.7801, 0.7, "HDFCBANK"),
            "Correlation with HDFCBANK 0.78, limit 0.70",
        ),
        (
            refused(Refusal.REWARD_RISK, Decimal("1.312"), Decimal("1.5")),
            "Reward to risk 1.31, needs 1.50",
        ),
        (
            refused(Refusal.HEAT, Decimal("3.04"), Decimal(3)),
            "Heat would be 3.04~%, limit 3.00~%",
        ),
        (refused(Refusal.MAX_POSITIONS, 5.0, 5), "5 positions open, limit 5"),
        (refused(Refusal.MAX_SECTOR, 2.0, 2, "Banks"), "2 positions in Banks, limit 2"),
        (refused(Refusal.STALE_DATA, 914.2, 600.0), "Signal 15 min old, limit 10 min"),
        (
            refused(Refusal.OUTRANKED, 0.71, 0.84, "mean_reversion"),
            "Confidence 0.71, Mean reversion has 0.84",
        ),
        (
            refused(Refusal.ALREADY_OPEN, 1.0, 0.0, "mean_reversion"),
            "Already held by Mean reversion",
        ),
        (
            refused(Refusal.DAILY_LOSS, limit=Decimal(2)),
            "The daily loss limit of 2.00~% is reached",
        ),
        (
            refused(Refusal.NO_STOP, Decimal("1502.5"), Decimal("1500")),
            "The stop 1,502.50 is not on the losing side of 1,500.00",
        ),
        (
            refused(Refusal.TOO_SMALL, Decimal("98450"), Decimal("500"), "position"),
            "Not one lot at ₹98,450.00: bound by position",
        ),
        (
            refused(Refusal.HALTED, detail="drawdown past 10 %"),
            "Entries are halted: drawdown past 10 %",
        ),
    ],
)
def test_a_refusal_says_why_with_its_two_numbers(said: str, words: str) -> None:  # S1-risk-10
    assert said == words.replace("~", THIN)


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_has_a_label_and_a_sentence(code: Refusal) -> None:  # S1-risk-10
    sentence = refused(code, 1.0, 2.0, "INFY")
    assert not sentence[0].islower()
    assert "{" not in sentence
    assert wording.refusals_named(code)


def test_no_two_refusals_share_a_label() -> None:
    assert len({wording.refusals_named(code) for code in Refusal}) == len(Refusal)


def test_every_name_a_person_may_see_has_a_word() -> None:
    assert wording.EXITS.keys() == set(ExitReason)
    assert wording.ROLES.keys() == set(Role)
    assert wording.PRODUCTS.keys() == set(Product)
    assert wording.HELD.keys() == wording.ORDERED.keys() == wording.TRADED.keys() == set(Side)


def test_names_from_the_code_become_words() -> None:
    assert wording.named("technical_breakout") == "Technical breakout"
    assert wording.state(OrderState.NOT_SENT) == "Not sent"
    assert wording.state(OrderState.WORKING) == "Working"


def test_a_condition_is_told_with_both_values() -> None:
    volume = Condition("volume_ratio", 1.7, 2.0, passed=False)
    assert wording.condition(volume) == "volume ratio 1.7 against 2, does not hold"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.03124, "0.0312"),
        (33.412, "33.41"),
        (25.0, "25"),
        (1548.9, "1,548.9"),
        (235880.4, "2,35,880"),
        (-3.2, "−3.2"),
        (0.0, "0"),
    ],
)
def test_a_measurement_keeps_the_decimals_that_matter(value: float, text: str) -> None:
    assert wording.measure(value) == text
