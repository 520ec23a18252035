"""The charges of one day, scrip by scrip, and how they are divided among tranches: contract.md."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from random_desk import tariff
from tradego.accounting.charges import ExecutedOrder
from tradego.accounting.daybook import DayBook
from tradego.domain.charges import NO_CHARGES, Charges
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Fill
from tradego.domain.signals import Product, Side

D = Decimal
INFY, TCS = Instrument(symbol="INFY"), Instrument(symbol="TCS")
QUIET = settings(max_examples=60, derandomize=True, deadline=None, database=None)


def opened() -> DayBook:
    book = DayBook(tariff(), "zerodha")
    book.begin(date(2025, 3, 3))
    return book


def book_fill(
    book: DayBook,
    side: str,
    units: int,
    price: str,
    *,
    order: str = "o1",
    tranche: str = "T1",
    instrument: Instrument = INFY,
    product: Product = Product.INTRADAY,
) -> None:
    fill = Fill(
        fill_id="f",
        order_id=order,
        tranche_id=tranche,
        symbol=instrument.symbol,
        side=Side(side.upper()),
        price=Price.of(price),
        quantity=Quantity.of(units),
        ts_ns=0,
    )
    book.book(instrument, product, fill)


def test_a_part_filled_order_pays_its_cap_once() -> None:
    # 0.03 % of 2,00,000 is 60, capped at 20 an order, in however many fills
    one, two = opened(), opened()
    book_fill(one, "buy", 2000, "100")
    for _ in range(4):
        book_fill(two, "buy", 500, "100")
    assert one.total(Product.INTRADAY) == two.total(Product.INTRADAY)
    assert one.total(Product.INTRADAY).brokerage == D("20.00")


def test_two_orders_pay_it_twice_and_two_products_have_two_notes() -> None:
    book = opened()
    book_fill(book, "buy", 2000, "100")
    book_fill(book, "sell", 2000, "100", order="o2")
    book_fill(book, "buy", 10, "100", order="o3", product=Product.DELIVERY)
    book_fill(book, "buy", 10, "100", order="o4", instrument=TCS)
    assert book.total(Product.INTRADAY).brokerage == D("40.30")  # 20 + 20 + 0.30
    assert book.total(Product.DELIVERY).stt == D("1.00")  # 0.1 % of 1,000
    assert book.scrips() == [
        ("INFY", Product.INTRADAY),
        ("INFY", Product.DELIVERY),
        ("TCS", Product.INTRADAY),
    ]


def test_the_amount_follows_every_fill_and_starts_anew_each_day() -> None:
    book = opened()
    assert book.amount() == 0
    book_fill(book, "buy", 100, "100")
    first = book.amount()
    book_fill(book, "sell", 100, "101", order="o2")
    second = book.amount()
    assert 0 < first < second == book.total(Product.INTRADAY).total
    assert book.amount() == second  # asked again, the same
    assert book.close() == second
    assert (book.amount(), book.scrips(), book.close()) == (0, [], 0)


def test_what_one_more_order_would_cost() -> None:
    book = opened()
    closing = ExecutedOrder(Side.SELL, D(100), D(10_100))
    alone = book.cost_of(INFY, Product.INTRADAY, closing)
    book_fill(book, "buy", 100, "100")
    before = book.amount()
    more = book.cost_of(INFY, Product.INTRADAY, closing)
    assert book.amount() == before  # to ask is not to trade
    book_fill(book, "sell", 100, "101", order="o2")
    assert book.amount() - before == more
    assert alone > 0


def test_a_scrip_not_traded_has_nothing_to_divide() -> None:
    assert opened().shares("INFY", Product.INTRADAY) == {}


trades = st.lists(
    st.tuples(
        st.sampled_from(["T1", "T2", "T3"]),
        st.sampled_from(["buy", "sell"]),
        st.integers(min_value=1, max_value=5000),
        st.integers(min_value=2000, max_value=60_000).map(lambda ticks: D(ticks) / 20),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("product", Product)
@QUIET
@given(made=trades)
def test_the_parts_sum_to_the_note_line_by_line(
    product: Product, made: list[tuple[str, str, int, Decimal]]
) -> None:
    book = opened()
    for number, (tranche, side, units, price) in enumerate(made):
        book_fill(
            book, side, units, str(price), order=f"o{number}", tranche=tranche, product=product
        )
    shares = book.shares("INFY", product)
    assert set(shares) == {tranche for tranche, *_ in made}
    assert sum(shares.values(), NO_CHARGES) == book.total(product)
    for share in shares.values():
        for line in Charges.__struct_fields__:
            amount = getattr(share, line)
            assert amount >= 0
            assert amount == amount.quantize(D("0.01"))
