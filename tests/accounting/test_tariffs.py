"""Dated rates: what is shipped, what a trader lays over it, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from tradego.accounting.tariffs import Rates, Tariff, TariffSegment, shipped_tables
from tradego.domain.errors import InputError
from tradego.domain.instruments import Exchange, Segment
from tradego.domain.signals import Product
from tradego.market.dated import TableFile

D = Decimal
NSE, BSE = Exchange.NSE, Exchange.BSE
INTRADAY, DELIVERY = TariffSegment.EQUITY_INTRADAY, TariffSegment.EQUITY_DELIVERY
FUTURES, OPTIONS = TariffSegment.FUTURES, TariffSegment.OPTIONS
SHIPPED = Tariff(shipped_tables())


def rates(
    segment: TariffSegment,
    on: str,
    *,
    plan: str = "zerodha",
    exchange: Exchange = NSE,
    tariff: Tariff = SHIPPED,
) -> Rates:
    return tariff.rates(plan=plan, segment=segment, exchange=exchange, on=date.fromisoformat(on))


def with_own(text: str) -> Tariff:
    return Tariff((*shipped_tables(), TableFile("mine.toml", text)))


CHANGES = [
    # charge, segment, exchange, first day, percent before and from then on
    ("stt", FUTURES, NSE, "2023-04-01", "0.01", "0.0125"),
    ("stt", FUTURES, NSE, "2024-10-01", "0.0125", "0.02"),
    ("stt", FUTURES, NSE, "2026-04-01", "0.02", "0.05"),
    ("stt", OPTIONS, NSE, "2023-04-01", "0.05", "0.0625"),
    ("stt", OPTIONS, NSE, "2024-10-01", "0.0625", "0.1"),
    ("stt", OPTIONS, BSE, "2026-04-01", "0.1", "0.15"),
    ("transaction", INTRADAY, NSE, "2023-04-01", "0.00345", "0.00335"),
    ("transaction", DELIVERY, NSE, "2024-04-01", "0.00335", "0.00322"),
    ("transaction", INTRADAY, NSE, "2024-10-01", "0.00322", "0.00297"),
    ("transaction", FUTURES, NSE, "2024-10-01", "0.00183", "0.00173"),
    ("transaction", OPTIONS, NSE, "2024-10-01", "0.0495", "0.03503"),
    ("transaction", OPTIONS, BSE, "2024-10-01", "0.0495", "0.0325"),
    ("sebi", INTRADAY, NSE, "2019-04-01", "0.00015", "0.0001"),
    ("sebi", INTRADAY, NSE, "2020-06-01", "0.0001", "0.00005"),
    ("sebi", INTRADAY, NSE, "2021-04-01", "0.00005", "0.0001"),
    ("stamp", DELIVERY, NSE, "2020-07-01", "0.01", "0.015"),
    ("gst", INTRADAY, NSE, "2017-07-01", "15", "18"),
]


@pytest.mark.parametrize(("charge", "segment", "exchange", "first", "before", "after"), CHANGES)
def test_a_rate_changes_on_its_day(charge, segment, exchange, first, before, after):  # A-tax-1
    eve = str(date.fromisoformat(first) - timedelta(days=1))
    assert getattr(rates(segment, eve, exchange=exchange), charge).percent == D(before)
    assert getattr(rates(segment, first, exchange=exchange), charge).percent == D(after)


def test_rates_in_force_in_november_2026():  # A-tax-1
    """Percent, as the market's own tables print them."""
    expected = {
        # segment: stt, NSE transaction, protection fund, SEBI, stamp
        INTRADAY: ("0.025", "0.00297", "0.0001", "0.0001", "0.003"),
        DELIVERY: ("0.1", "0.00297", "0.0001", "0.0001", "0.015"),
        FUTURES: ("0.05", "0.00173", "0.0001", "0.0001", "0.002"),
        OPTIONS: ("0.15", "0.03503", "0.0005", "0.0001", "0.003"),
    }
    for segment, row in expected.items():
        held = rates(segment, "2026-11-20")
        found = (held.stt, held.transaction, held.ipft, held.sebi, held.stamp)
        assert tuple(levy.percent for levy in found) == tuple(D(text) for text in row), segment
        assert held.gst.percent == 18
    assert rates(INTRADAY, "2026-11-20", exchange=BSE).transaction.percent == D("0.00375")
    assert rates(FUTURES, "2026-11-20", exchange=BSE).transaction.percent == 0


def test_transaction_charge_and_protection_fund_together_are_what_brokers_show_as_one():
    for segment, shown in ((INTRADAY, "0.00307"), (FUTURES, "0.00183"), (OPTIONS, "0.03553")):
        held = rates(segment, "2026-11-20")
        assert held.transaction.percent + held.ipft.percent == D(shown)


@pytest.mark.parametrize("plan", SHIPPED.plans)
def test_a_plan_has_rates_for_all_that_is_traded_since_2016(plan):
    months = [f"{year}-{month:02d}-01" for year in range(2016, 2028) for month in range(1, 13)]
    for segment, exchange in product(TariffSegment, Exchange):
        for on in months:
            assert rates(segment, on, plan=plan, exchange=exchange).stt.source


def test_every_shipped_row_says_how_sure_it_is():
    for file in shipped_tables():
        facts = [line for line in file.text.splitlines() if "valid_from = " in line]
        assert len(facts) > 15
        assert all('source = "[' in line for line in facts), file.name


def test_a_day_before_the_first_rate_is_refused_by_name():
    with pytest.raises(InputError) as refused:
        rates(OPTIONS, "2015-12-31")
    assert "brokerage of zerodha for options" in str(refused.value)
    assert "the first holds from 2016-01-01" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_plan_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'zerodah'.*kotak_neo, sharekhan, upstox, zerodha"):
        rates(INTRADAY, "2025-03-03", plan="zerodah")


def test_the_segment_follows_the_instrument_and_the_product():
    assert TariffSegment.of(Segment.EQUITY, Product.INTRADAY) is INTRADAY
    assert TariffSegment.of(Segment.EQUITY, Product.DELIVERY) is DELIVERY
    assert TariffSegment.of(Segment.FUTURES, Product.INTRADAY) is FUTURES
    assert TariffSegment.of(Segment.OPTIONS, Product.DELIVERY) is OPTIONS


# ---- a trader's own file -------------------------------------------------------------------------


def test_a_traders_rate_wins_on_the_days_it_covers_and_nowhere_else():
    tariff = with_own(
        """
        [[levy]]
        charge = "stamp"
        segments = ["equity_delivery"]
        side = "buy"
        percent = 0.02
        valid_from = 2025-01-01
        valid_to = 2025-01-31
        source = "my contract note"
        """
    )
    for on, percent in (("2024-12-31", "0.015"), ("2025-01-31", "0.02"), ("2025-02-01", "0.015")):
        assert rates(DELIVERY, on, tariff=tariff).stamp.percent == D(percent)


def test_a_traders_own_plan():
    tariff = with_own(
        """
        [[brokerage]]
        plan = "family_office"
        segments = ["equity_intraday"]
        percent = 0.01
        minimum = 5
        valid_from = 2025-01-01
        source = "letter of 3 January 2025"
        """
    )
    fee = rates(INTRADAY, "2025-03-03", plan="family_office", tariff=tariff).brokerage
    assert (fee.percent, fee.minimum, fee.cap) == (D("0.01"), 5, None)
    with pytest.raises(
        InputError, match="brokerage of family_office for futures: no rate is known"
    ):
        rates(FUTURES, "2025-03-03", plan="family_office", tariff=tariff)


def test_selling_delivery_on_a_plan_without_a_depository_fee_is_refused_not_free():
    tariff = with_own(
        """
        [[brokerage]]
        plan = "mine"
        segments = ["equity_delivery"]
        valid_from = 2025-01-01
        source = "me"
        """
    )
    with pytest.raises(InputError, match="dp of mine: no rate is known"):
        rates(DELIVERY, "2025-03-03", plan="mine", tariff=tariff)


def levy(**changes: str) -> str:
    keys = {
        "charge": '"sebi"',
        "segments": '["futures"]',
        "percent": "0.1",
        "valid_from": "2025-01-01",
        "source": '"x"',
    } | changes
    return "[[levy]]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items()) + "\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (levy(percnt="0.2"), "mine.toml: levy row 1: unknown key `percnt`"),
        (levy(charge='"stampp"'), r"mine.toml: levy row 1: Invalid enum value 'stampp'.*charge"),
        (levy(percent="nan"), "mine.toml: levy row 1: percent = NaN is not zero or more"),
        (levy(percent="-0.1"), "mine.toml: levy row 1: percent = -0.1 is not zero or more"),
        (levy(percent='"much"'), r"mine.toml: levy row 1: Invalid decimal.*percent"),
        (levy(source='""'), "mine.toml: levy row 1: .*source"),
        (levy() + levy(percent="0.2"), "mine.toml: levy row 2: .*mine.toml: levy row 1"),
        (
            levy(valid_to="2025-06-30") + levy(valid_from="2025-06-30"),
            "levy row 2: valid from 2025-06-30, but mine.toml: levy row 1 holds until 2025-06-30",
        ),
        ("[[levies]]\nx = 1\n", "mine.toml: unknown table .*levies"),
        ("levy = 3\n", "mine.toml: levy must be a list of rows"),
        ("[[levy\n", "mine.toml: not valid TOML"),
    ],
)
def test_a_bad_row_is_refused_by_file_row_and_key(text, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        with_own(text)
    assert "\n" not in str(refused.value)
