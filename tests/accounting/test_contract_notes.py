"""Contract notes against worked examples of regulators' and brokers' pages, and by hand."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradego.accounting.charges import (
    ContractNote,
    ExecutedOrder,
    Turnover,
    allot_charges,
    closing_cost,
    contract_note,
    estimate,
    note_lines,
)
from tradego.accounting.tariffs import Rates, Tariff, TariffSegment, shipped_tables
from tradego.domain.charges import NO_CHARGES
from tradego.domain.errors import DomainError, InputError
from tradego.domain.instruments import Exchange
from tradego.domain.money import Money, Price, Quantity
from tradego.domain.signals import Side
from tradego.market.dated import TableFile

D = Decimal
INTRADAY, DELIVERY = TariffSegment.EQUITY_INTRADAY, TariffSegment.EQUITY_DELIVERY
FUTURES, OPTIONS = TariffSegment.FUTURES, TariffSegment.OPTIONS
TARIFF = Tariff(shipped_tables())


def rates(
    segment: TariffSegment, on: str, plan: str = "zerodha", exchange: Exchange = Exchange.NSE
) -> Rates:
    return TARIFF.rates(plan=plan, segment=segment, exchange=exchange, on=date.fromisoformat(on))


def executed(text: str) -> ExecutedOrder:
    """ "buy 500 @ 1000" """
    side, quantity, _, price = text.split()
    return ExecutedOrder.at(Side(side.upper()), Quantity.of(quantity), Price.of(price))


def note(
    segment: TariffSegment,
    on: str,
    *orders: str,
    plan: str = "zerodha",
    exchange: Exchange = Exchange.NSE,
    lot: int | None = None,
) -> ContractNote:
    size = None if lot is None else D(lot)
    return contract_note(
        [executed(order) for order in orders], rates(segment, on, plan, exchange), lot=size
    )


def lines(made: ContractNote) -> str:
    """brokerage stt exchange ipft sebi stamp gst dp"""
    return " ".join(f"{getattr(made.charges, name):.2f}" for name in NO_CHARGES.__struct_fields__)


ROUND_TRIP = ("buy 500 @ 1000", "sell 500 @ 1000")


# ---- published examples: A-tax-1, S1-pnl-4 -------------------------------------------------------


def test_c1_intraday_round_trip_of_five_lakh():  # A-tax-1
    made = note(INTRADAY, "2026-03-02", *ROUND_TRIP)
    assert lines(made) == "40.00 125.00 29.70 1.00 1.00 15.00 12.91 0.00"
    assert made.printed_total == made.total == D("224.61")


def test_c2_delivery_round_trip_of_five_lakh_has_the_depository_beside_the_note():  # A-tax-1
    made = note(DELIVERY, "2026-03-02", *ROUND_TRIP)
    assert lines(made) == "0.00 1000.00 29.70 1.00 1.00 75.00 5.71 15.34"
    assert made.printed_total == D("1112.41")
    assert made.total == D("1127.75")


@pytest.mark.parametrize("on", ["2024-10-01", "2026-03-31"])
def test_c3_futures_between_october_2024_and_march_2026(on):  # A-tax-1
    made = note(FUTURES, on, *ROUND_TRIP)
    assert lines(made) == "40.00 100.00 17.30 1.00 1.00 10.00 10.67 0.00"
    assert made.printed_total == D("179.97")


def test_c6a_intraday_tax_is_on_the_average_of_buys_and_sells():
    made = note(INTRADAY, "2026-03-02", "buy 500 @ 100", "sell 500 @ 105")
    assert made.charges.stt == 13  # 500 x 102.50 x 0.025 % = 12.8125


def test_intraday_tax_is_not_on_the_price_sold_at():
    """The average of 100 and 110 gives 13.125; what was sold alone would give 13.75."""
    made = note(INTRADAY, "2026-03-02", "buy 500 @ 100", "sell 500 @ 110")
    assert made.charges.stt == 13


def test_c6b_delivery_tax_is_rounded_for_buys_and_sells_apart():
    assert note(DELIVERY, "2026-03-02", "buy 500 @ 100").charges.stt == 50
    assert note(DELIVERY, "2026-03-02", "sell 500 @ 105").charges.stt == 53  # 52.50
    assert note(DELIVERY, "2026-03-02", "buy 500 @ 100", "sell 500 @ 105").charges.stt == 103


def test_c7_tax_on_futures_sold_more_than_doubles_in_april_2026():
    assert note(FUTURES, "2026-03-31", "sell 100 @ 20000").charges.stt == 400
    assert note(FUTURES, "2026-04-01", "sell 100 @ 20000").charges.stt == 1000


def test_c8_sharekhan_takes_a_share_of_the_value():
    assert note(DELIVERY, "2026-03-02", "buy 50 @ 100", plan="sharekhan").charges.brokerage == 15
    assert note(INTRADAY, "2026-03-02", "buy 50 @ 100", plan="sharekhan").charges.brokerage == 1


# ---- worked by hand ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected", "total"),
    [
        pytest.param(
            note(INTRADAY, "2016-08-16", "buy 100 @ 500", "sell 100 @ 510"),
            "10.10 13.00 3.28 0.00 0.20 2.02 2.01 0.00",
            "30.61",
            id="2016: service tax 15 %, stamp on both sides, SEBI Rs 20 a crore",
        ),
        pytest.param(
            note(DELIVERY, "2020-12-15", "buy 10 @ 2000"),
            "0.00 20.00 0.65 0.00 0.01 3.00 0.12 0.00",
            "23.78",
            id="2020: half the SEBI fee, and no GST on it",
        ),
        pytest.param(
            note(DELIVERY, "2025-03-03", "buy 100 @ 250.55", plan="upstox"),
            "20.00 25.00 0.74 0.03 0.03 3.76 3.74 0.00",
            "53.30",
            id="upstox: Rs 20 an order; nothing to the depository on a purchase",
        ),
        pytest.param(
            note(OPTIONS, "2025-01-10", "buy 75 @ 100", "sell 75 @ 110"),
            "40.00 8.00 5.52 0.08 0.02 0.23 8.21 0.00",
            "62.06",
            id="options: everything on the premium",
        ),
        pytest.param(
            note(INTRADAY, "2025-03-03", *ROUND_TRIP, exchange=Exchange.BSE),
            "40.00 125.00 37.50 0.00 1.00 15.00 14.13 0.00",
            "232.63",
            id="BSE: Rs 375 a crore, no protection fund",
        ),
        pytest.param(
            note(DELIVERY, "2025-03-03", "sell 100 @ 1000", plan="kotak_neo"),
            "250.00 100.00 2.97 0.10 0.10 0.00 45.57 47.20",
            "445.94",
            id="kotak: 0.04 % and GST to the depository",
        ),
    ],
)
def test_notes_worked_by_hand(made, expected, total):  # A-tax-1
    assert lines(made) == expected
    assert made.total == D(total)


def test_the_cap_is_per_executed_order_however_many_fills_it_had():
    fills = [(Quantity.of(20), Price.of("1000")), (Quantity.of(80), Price.of("1000"))]
    one = contract_note([ExecutedOrder.of_fills(Side.BUY, fills)], rates(INTRADAY, "2025-03-03"))
    two = note(INTRADAY, "2025-03-03", "buy 20 @ 1000", "buy 80 @ 1000")
    assert one.charges.brokerage == 20  # 0.03 % of 1,00,000 is 30
    assert two.charges.brokerage == 26  # 6 and 20


def test_fills_of_one_order_at_several_prices_are_taken_at_their_exact_value():
    order = ExecutedOrder.of_fills(
        Side.SELL, [(Quantity.of(1), Price.of("100.05")), (Quantity.of(2), Price.of("100.10"))]
    )
    assert order == ExecutedOrder(Side.SELL, D(3), D("300.25"))


def test_a_low_priced_share_pays_the_minimum_per_share():
    made = note(INTRADAY, "2025-03-03", "buy 1000 @ 2", plan="sharekhan")
    assert made.charges.brokerage == 10  # 0.02 % of 2,000 is 0.40; one paisa a share is 10


def test_a_small_sale_pays_the_depositorys_minimum():
    made = note(DELIVERY, "2025-03-03", "sell 10 @ 100", plan="kotak_neo")
    assert made.charges.dp == D("23.60")  # 0.04 % of 1,000 is 0.40; the least is 20, and GST


def test_a_plan_with_a_minimum_takes_at_least_that():
    text = """
        [[brokerage]]
        plan = "mine"
        segments = ["equity_intraday"]
        percent = 0.1
        minimum = 25
        valid_from = 2025-01-01
        source = "letter"
        """
    tariff = Tariff((*shipped_tables(), TableFile("mine.toml", text)))
    day = tariff.rates(plan="mine", segment=INTRADAY, exchange=Exchange.NSE, on=date(2025, 3, 3))
    small, large = executed("buy 10 @ 100"), executed("buy 1000 @ 100")
    assert contract_note([small, large], day).charges.brokerage == 125


def test_a_plan_that_charges_by_the_lot_asks_for_the_lot():
    made = note(OPTIONS, "2025-03-03", "buy 150 @ 20", plan="sharekhan", lot=75)
    assert made.charges.brokerage == 78
    with pytest.raises(InputError, match="sharekhan charges by the lot"):
        note(OPTIONS, "2025-03-03", "buy 150 @ 20", plan="sharekhan")


def test_the_depository_is_paid_once_however_many_orders_sold():
    made = note(DELIVERY, "2025-03-03", "sell 10 @ 100", "sell 20 @ 100", "sell 30 @ 100")
    assert made.charges.dp == D("15.34")


def test_a_short_sale_squared_the_same_day_costs_what_a_long_one_does():
    long = note(INTRADAY, "2025-03-03", "buy 500 @ 100", "sell 500 @ 105")
    short = note(INTRADAY, "2025-03-03", "sell 500 @ 105", "buy 500 @ 100")
    assert short.charges == long.charges


def test_a_note_without_an_order_is_a_bug():
    with pytest.raises(DomainError):
        contract_note([], rates(INTRADAY, "2025-03-03"))


# ---- breakeven, estimates ------------------------------------------------------------------------


def test_breakeven_points_pay_the_charges():
    made = note(INTRADAY, "2026-03-02", *ROUND_TRIP)
    assert made.breakeven_points == D("0.45")  # 224.61 / 500 = 0.44922
    assert made.breakeven_points * 500 >= made.total


def test_an_estimated_round_trip_is_the_note_it_will_become():
    quantity, price = Quantity.of(500), Price.of("1000")
    for side in Side:
        cost = estimate(rates(INTRADAY, "2026-03-02"), side, quantity, price, price)
        assert cost == Money(D("224.61"))
    delivery = estimate(rates(DELIVERY, "2026-03-02"), Side.BUY, quantity, price, price)
    assert delivery == Money(D("1127.75"))


def test_closing_now_costs_what_the_exit_adds_to_the_days_note():  # S0-pos-4
    entry, exit_ = executed("buy 500 @ 1000"), executed("sell 500 @ 1000")
    day = rates(INTRADAY, "2026-03-02")
    assert contract_note([entry], day).total == D("57.30")
    assert closing_cost([entry], day, exit_) == Money(D("167.31"))  # 224.61 - 57.30
    overnight = closing_cost([], rates(DELIVERY, "2026-03-02"), exit_)
    assert overnight == Money(D("534.04"))  # 500 + 14.85 + 0.50 + 0.50 + 2.85 + 15.34


# ---- allotment -----------------------------------------------------------------------------------


def test_charges_are_divided_by_turnover_to_the_last_paisa():
    made = note(INTRADAY, "2026-03-02", *ROUND_TRIP)
    first, second = allot_charges(
        made, [Turnover(D(300_000), D(300_000)), Turnover(D(200_000), D(200_000))]
    )
    assert (first.brokerage, first.stt, first.gst) == (24, 75, D("7.75"))  # gst 7.746 and 5.164
    assert (first.total, second.total) == (D("134.77"), D("89.84"))


def test_who_only_bought_pays_no_depository_and_who_only_sold_no_stamp():
    made = note(DELIVERY, "2026-03-02", "buy 100 @ 1000", "sell 100 @ 1000")
    buyer, seller = allot_charges(made, [Turnover(D(100_000), D(0)), Turnover(D(0), D(100_000))])
    assert (buyer.dp, buyer.stamp) == (0, 15)
    assert (seller.dp, seller.stamp) == (D("15.34"), 0)
    assert buyer.stt == seller.stt == 100


def test_parts_that_are_not_the_whole_are_a_bug():
    made = note(INTRADAY, "2026-03-02", *ROUND_TRIP)
    with pytest.raises(DomainError, match="do not sum"):
        allot_charges(made, [Turnover(D(500_000), D(499_999))])


amounts = st.decimals("0.05", "50000", places=2)
orders = st.lists(
    st.builds(
        lambda side, quantity, price: ExecutedOrder(side, D(quantity), quantity * price),
        st.sampled_from(Side),
        st.integers(1, 5000),
        amounts,
    ),
    min_size=1,
    max_size=6,
)
days = st.dates(date(2016, 1, 1), date(2027, 12, 31))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    orders,
    days,
    st.sampled_from(TariffSegment),
    st.sampled_from(Exchange),
    st.sampled_from(TARIFF.plans),
)
def test_every_note_since_2016_adds_up(placed, on, segment, exchange, plan):
    """I16: the lines shown sum to the total, and so do the parts allotted to the trades."""
    made = contract_note(
        placed, TARIFF.rates(plan=plan, segment=segment, exchange=exchange, on=on), lot=D(1)
    )
    assert sum(line.amount for line in note_lines(made)) == made.total
    parts = [
        Turnover(order.value, D(0)) if order.side is Side.BUY else Turnover(D(0), order.value)
        for order in placed
    ]
    assert sum(allot_charges(made, parts), NO_CHARGES) == made.charges
    for name in made.charges.__struct_fields__:
        amount = getattr(made.charges, name)
        assert amount >= 0
        assert amount == amount.quantize(D("0.01"))
    assert made.charges.stt == made.charges.stt.to_integral_value()


def test_lines_say_basis_rate_and_source():
    shown = note_lines(note(DELIVERY, "2026-03-02", "buy 500 @ 100", "sell 500 @ 105"))
    assert [(line.charge, line.basis, line.rate, line.amount) for line in shown[:4]] == [
        ("brokerage", D("102500.00"), "free", D("0.00")),
        ("stt", D("50000.00"), "0.1 %", D("50.00")),
        ("stt", D("52500.00"), "0.1 %", D("53.00")),
        ("exchange", D("102500.00"), "0.00297 %", D("3.04")),
    ]
    assert all(line.source for line in shown)
    assert shown[-1].charge == "dp"


def test_a_line_is_shown_only_where_it_may_be_due():
    shown = note_lines(note(INTRADAY, "2026-03-02", *ROUND_TRIP))
    assert [line.name for line in shown if line.charge in {"stt", "dp"}] == [
        "Securities transaction tax on the sell"
    ]
