"""Exact numbers refuse what is no number, at the moment they are made: F39, I27."""

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradego.domain.errors import DomainError, InputError
from tradego.domain.instruments import Instrument
from tradego.domain.money import PAISA, Currency, Money, Price, Quantity, allot

D = Decimal
QUIET = settings(max_examples=120, derandomize=True, deadline=None, database=None)
NOT_NUMBERS = [D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity")]
finite = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=D("-1e15"), max_value=D("1e15")
)
above_zero = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=D("0.01"), max_value=D("1e9"), places=4
)
ticks = st.sampled_from([D("0.01"), D("0.05"), D("0.10"), D("1"), D("0.0001"), D("5")])
floats = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize("bad", [*NOT_NUMBERS, D(0), D("-0"), D("-0.01"), D("1e15")])
def test_a_price_is_a_finite_number_above_zero(bad: Decimal) -> None:
    with pytest.raises(DomainError):
        Price(bad)


@pytest.mark.parametrize("bad", [*NOT_NUMBERS, D("-1"), D("1e15")])
def test_a_quantity_is_zero_or_more(bad: Decimal) -> None:
    with pytest.raises(DomainError):
        Quantity(bad)


@pytest.mark.parametrize("bad", NOT_NUMBERS)
def test_money_is_a_finite_number(bad: Decimal) -> None:
    with pytest.raises(DomainError):
        Money(bad)


def test_less_than_nothing_cannot_be_left() -> None:
    with pytest.raises(DomainError):
        Quantity.of(3) - Quantity.of(4)
    assert not Quantity.of(4) - Quantity.of(4)


@QUIET
@given(floats, ticks)
def test_a_float_becomes_a_price_on_the_tick_or_is_refused(value: float, tick: Decimal) -> None:
    for make in (Price.nearest_tick, Price.tick_below, Price.tick_above):
        try:
            price = make(value, tick)
        except DomainError:
            continue
        assert price.is_on(tick)
        assert abs(price.value - D(repr(value))) <= tick
    assert math.isfinite(value) or Price.opinion(value, tick) is None


@QUIET
@given(floats, ticks)
def test_an_opinion_is_the_nearest_tick_or_none_and_never_an_error(
    value: float, tick: Decimal
) -> None:
    price = Price.opinion(value, tick)
    if price is None:
        assert not float(tick) / 2 <= value < 1e15 - 10
    else:
        assert price == Price.nearest_tick(value, tick)


@QUIET
@given(above_zero, ticks)
def test_the_three_roundings_embrace_the_value(value: Decimal, tick: Decimal) -> None:
    if value < tick:
        return
    low, high = Price.tick_below(value, tick), Price.tick_above(value, tick)
    assert low.value <= value <= high.value
    assert high.value - low.value in (0, tick)
    nearest = Price.nearest_tick(value, tick)
    assert abs(nearest.value - value) * 2 <= tick
    assert nearest in (low, high)


def test_halves_round_up_and_what_is_meant_counts() -> None:
    # 1500.1 is 1500.0999999999999 in binary; 100.025 lies between two ticks
    assert Price.nearest_tick(1500.1, D("0.05")) == Price.of("1500.10")
    assert Price.nearest_tick(100.025, D("0.05")) == Price.of("100.05")
    assert Price.nearest_tick(100, D("0.05")) == Price.of("100")


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "nan", "inf", "--1", "0x10", "0", "-5", "1e15"]
)
def test_what_a_person_writes_is_a_price_or_one_clear_line(text: str) -> None:
    with pytest.raises(InputError, match="price"):
        Price.of(text)


def test_a_price_may_be_written_with_commas_and_spaces() -> None:
    assert Price.of(" 1,500.05 ") == Price(D("1500.05"))


@QUIET
@given(above_zero, ticks)
def test_an_instrument_takes_only_prices_on_its_tick(value: Decimal, tick: Decimal) -> None:
    listed = Instrument(symbol="INFY", tick=tick)
    if value % tick:
        with pytest.raises(DomainError, match="not on the tick"):
            listed.price(value)
    else:
        assert listed.price(value) == Price(value)


def test_an_instrument_takes_only_prices_inside_its_band() -> None:
    listed = Instrument(
        symbol="INFY", tick=D(1), lower_band=Price.of("90"), upper_band=Price.of("110")
    )
    assert [listed.is_in_band(Price.of(p)) for p in ("89", "90", "110", "111")] == [
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(DomainError, match="band"):
        listed.price(D(111))


@pytest.mark.parametrize(
    "terms",
    [
        {"tick": D(0)},
        {"tick": D("-0.05")},
        {"lot": D(0)},
        {"margin_pct": D(0)},
        {"margin_pct": D(101)},
    ],
)
def test_an_instrument_with_impossible_terms_is_refused(terms: dict[str, Decimal]) -> None:
    with pytest.raises(DomainError):
        Instrument(symbol="INFY", **terms)


@QUIET
@given(
    st.decimals(min_value=0, max_value=D("1e9"), places=3),
    st.sampled_from([D(1), D(25), D("0.001")]),
)
def test_lots_round_only_down(units: Decimal, lot: Decimal) -> None:  # F41
    whole = Quantity(units).in_lots(lot)
    assert whole.value % lot == 0
    assert 0 <= units - whole.value < lot


def test_two_currencies_never_meet() -> None:
    rupees, dollars = Money(D(1)), Money(D(1), Currency.USD)
    for meet in (rupees.__add__, rupees.__sub__, rupees.__lt__, rupees.__le__):
        with pytest.raises(DomainError, match="one currency at a time"):
            meet(dollars)


def test_money_adds_compares_and_rounds_half_up_to_the_paisa() -> None:
    one, two = Money(D("1.005")), Money(D(2))
    assert one + two - one == two
    assert -one < one <= two
    assert one.rounded() == Money(D("1.01"))
    assert one.times(D(2)) == Money(D("2.010"))


weights = st.lists(st.decimals(min_value=0, max_value=D("1e9"), places=2), min_size=1, max_size=12)
paise = st.integers(min_value=-(10**11), max_value=10**12).map(lambda n: D(n) * PAISA)


@QUIET
@given(paise, weights)
def test_what_is_allotted_sums_exactly_and_no_part_is_a_paisa_off(
    total: Decimal, shares: list[Decimal]
) -> None:  # contract.md
    parts = allot(total, shares)
    assert sum(parts) == total
    whole = sum(shares)
    for part, share in zip(parts, shares, strict=True):
        assert part % PAISA == 0
        fair = total * share / whole if whole else total / len(shares)
        assert abs(part - fair) < PAISA + D("1e-12")


def test_the_largest_remainder_gets_the_paisa_and_of_equals_the_earlier() -> None:
    # 1.00 over 1 : 1 : 1 is 0.34, 0.33, 0.33; 0.05 over 10 : 20 : 30 is 0.833, 1.667, 2.5 paise
    assert allot(D("1.00"), [D(1), D(1), D(1)]) == [D("0.34"), D("0.33"), D("0.33")]
    assert allot(D("0.05"), [D(10), D(20), D(30)]) == [D("0.01"), D("0.02"), D("0.02")]
    assert allot(D("0.03"), [D(0), D(0)]) == [D("0.02"), D("0.01")]


def test_nothing_is_allotted_to_nobody_nor_half_a_paisa() -> None:
    with pytest.raises(DomainError, match="nothing to allot to"):
        allot(D(1), [])
    with pytest.raises(DomainError, match="not a multiple"):
        allot(D("0.005"), [D(1)])
