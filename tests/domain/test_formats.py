"""Numbers and times as a person reads them. `~` stands for the thin no-break space."""

from datetime import date
from decimal import Decimal

import pytest

from tradego.domain import formats
from tradego.domain.formats import MISSING, THIN
from tradego.domain.money import Currency, Money
from tradego.domain.times import DAY, HOUR, MILLISECOND, MINUTE, SECOND, at

D = Decimal


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "₹0.00"),
        ("-0.00", "₹0.00"),
        ("-0.004", "₹0.00"),
        ("0.005", "₹0.01"),
        ("-0.005", "−₹0.01"),
        ("7", "₹7.00"),
        ("999.99", "₹999.99"),
        ("1000", "₹1,000.00"),
        ("99999.5", "₹99,999.50"),
        ("100000", "₹1,00,000.00"),
        ("1000000", "₹10,00,000.00"),
        ("1234567.89", "₹12,34,567.89"),
        ("-20000", "−₹20,000.00"),
        ("123456789012.3", "₹1,23,45,67,89,012.30"),
        ("1E+5", "₹1,00,000.00"),
    ],
)
def test_rupees_are_grouped_by_lakh_with_the_sign_first(amount: str, text: str) -> None:  # S1-ui-6
    assert formats.rupees(D(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"), [("6027.78", "+₹6,027.78"), ("-187", "−₹187.00"), ("0.001", "₹0.00")]
)
def test_a_change_bears_its_sign_and_nothing_bears_none(amount: str, text: str) -> None:
    assert formats.rupees(D(amount), signed=True) == text


def test_a_table_names_the_unit_in_its_head() -> None:  # S1-ui-6
    assert formats.plain(D("1393"), signed=True) == "+1,393.00"
    assert formats.plain(D("-1058.2")) == "−1,058.20"
    assert formats.plain(D("150000"), places=0) == "1,50,000"


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (D("0.6"), True, "+0.60~%"),
        (D("-2"), True, "−2.00~%"),
        (0.001, True, "0.00~%"),
        (71.428, False, "71.43~%"),
        (None, True, MISSING),
        (float("nan"), False, MISSING),
        (float("inf"), False, MISSING),
    ],
)
def test_percent_has_two_places_and_a_thin_space(
    value: D | float | None, signed: bool, text: str
) -> None:
    assert formats.percent(value, signed=signed) == text.replace("~", THIN)


def test_a_result_in_r_is_always_signed() -> None:
    assert formats.multiple(D("1.333")) == f"+1.33{THIN}R"
    assert formats.multiple(-0.57) == f"−0.57{THIN}R"
    assert formats.multiple(None) == MISSING


@pytest.mark.parametrize(
    ("value", "tick", "text"),
    [
        ("1538.6", "0.10", "1,538.60"),
        ("1517.1666", "0.05", "1,517.17"),
        ("3540", "1", "3,540"),
        ("125000", "0.05", "1,25,000.00"),
        ("0.0231", "0.0001", "0.0231"),
    ],
)
def test_a_price_has_the_decimals_of_its_tick(value: str, tick: str, text: str) -> None:
    assert formats.price(D(value), D(tick)) == text


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (D("40"), "40"),
        (D("40.0"), "40"),
        (D("1E+3"), "1,000"),
        (125000, "1,25,000"),
        (D("0.5"), "0.5"),
    ],
)
def test_quantities_are_whole_unless_they_are_not(units: D | int, text: str) -> None:
    assert formats.quantity(units) == text


def test_other_currencies_come_in_groups_of_three_with_the_unit_after() -> None:
    assert formats.money(Money(D("1204500.5"), Currency.USDT)) == f"1,204,500.50{THIN}USDT"
    assert formats.money(Money(D("-0.0312"), Currency.USDC)) == f"−0.0312{THIN}USDC"
    assert formats.money(Money(D("1204500.5")), signed=True) == "+₹12,04,500.50"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("95000", "95,000"),
        ("1000000", "10 lakh"),
        ("1080000", "10.8 lakh"),
        ("-150000", "−1.5 lakh"),
        ("12500000", "1.25 crore"),
        ("0", "0"),
    ],
)
def test_the_axis_of_a_chart_speaks_of_lakh_and_crore(amount: str, text: str) -> None:
    assert formats.lakhs(D(amount)) == text


def test_one_is_one_and_more_are_many() -> None:
    assert [formats.counted(n, "trade") for n in (0, 1, 1482)] == [
        "0 trades",
        "1 trade",
        "1,482 trades",
    ]


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0.0 s"),
        (640 * MILLISECOND, "0.6 s"),
        (9_990 * MILLISECOND, "9.9 s"),
        (14 * SECOND, "14 s"),
        (60 * SECOND, "1 min"),
        (48 * MINUTE, "48 min"),
        (2 * HOUR, "2 h"),
        (171 * MINUTE, "2 h 51 min"),
        (DAY, "1 day"),
        (6 * DAY + HOUR, "6 days"),
    ],
)
def test_an_age_is_as_exact_as_it_matters(span: int, text: str) -> None:
    assert formats.age(span) == text


def test_a_step_of_an_order_is_told_in_milliseconds_while_it_is_short() -> None:
    assert formats.since(94 * MILLISECOND) == "+94 ms"
    assert formats.since(1_240 * MILLISECOND) == "+1.2 s"
    assert formats.since(52 * MINUTE) == "+52 min"


def test_times_are_indian_wherever_the_machine_is() -> None:
    friday = date(2026, 11, 20)
    late = at(friday, "23:59:59")
    assert formats.clock(at(friday, "13:41:07")) == "13:41:07"
    assert formats.clock(late, zone=True) == "23:59:59 IST"
    assert formats.clock(at(friday, "00:05"), seconds=False) == "00:05"
    assert formats.instant(late + 215 * MILLISECOND + 999) == "23:59:59.215"
    assert formats.moment(late) == "20 Nov 23:59"
    assert formats.moment(late, year=True) == "20 Nov 2026 23:59"


def test_dates_are_as_long_as_asked_for() -> None:
    friday = date(2026, 11, 20)
    assert formats.day(friday) == "20 Nov"
    assert formats.day(friday, year=True) == "20 Nov 2026"
    assert formats.day(date(2026, 3, 1), year=True, weekday=True) == "Sun 1 Mar 2026"
    assert formats.month(2026, 11) == "Nov 2026"
