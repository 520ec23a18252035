"""Lots, first in, first out, as broker and taxman count them."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tradego.accounting.lots import Dealing, Lot, Match, Term, fifo
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Fill
from tradego.domain.signals import Side
from tradego.domain.times import at

D = Decimal


def dealings(text: str) -> list[Dealing]:
    """One a line: "2025-03-03 buy 10 @ 100"."""
    found = []
    for line in text.strip().splitlines():
        day, side, quantity, _, price = line.split()
        lot = Lot(date.fromisoformat(day), D(quantity), D(price))
        found.append(Dealing(Side(side.upper()), lot))
    return found


def test_the_oldest_lot_is_sold_first():
    book = fifo(
        dealings("""
            2025-03-03 buy  10 @ 100
            2025-03-04 buy  10 @ 120
            2025-03-05 sell 15 @ 130
        """)
    )
    assert book.realized == 10 * 30 + 5 * 10
    assert book.open == (Lot(date(2025, 3, 4), D(5), D(120)),)
    assert book.uncovered == ()


def test_a_sale_is_squared_with_the_same_days_purchase_before_older_lots():
    book = fifo(
        dealings("""
            2025-03-03 buy  10 @ 100
            2025-03-05 buy  10 @ 120
            2025-03-05 sell 15 @ 130
        """)
    )
    assert book.realized_by_term() == {Term.INTRADAY: 100, Term.SHORT: 150, Term.LONG: 0}
    assert book.open == (Lot(date(2025, 3, 3), D(5), D(100)),)


def test_a_short_sale_bought_back_the_same_day_is_intraday():
    book = fifo(
        dealings("""
            2025-03-05 sell 10 @ 130
            2025-03-05 buy  10 @ 120
        """)
    )
    assert book.realized_by_term()[Term.INTRADAY] == 100
    assert book.open == book.uncovered == ()


def test_a_sale_without_a_lot_is_flagged_and_earns_nothing():
    book = fifo(
        dealings("""
            2025-03-03 buy  4 @ 100
            2025-03-05 sell 10 @ 130
            2025-03-06 buy  6 @ 90
        """)
    )
    assert book.realized == 120
    assert book.uncovered == (Lot(date(2025, 3, 5), D(6), D(130)),)
    assert book.uncovered_quantity == 6
    assert book.open == (Lot(date(2025, 3, 6), D(6), D(90)),), "a later purchase is a new lot"


def test_opening_lots_come_first():
    book = fifo(
        dealings("""
            2025-03-03 buy  10 @ 100
            2025-03-05 sell 10 @ 130
        """),
        opening=[Lot(date(2024, 1, 1), D(10), D(50))],
    )
    assert book.realized_by_term() == {Term.INTRADAY: 0, Term.SHORT: 0, Term.LONG: 800}


def test_long_term_begins_the_day_after_twelve_months():
    def term(bought: str, sold: str) -> Term:
        days = date.fromisoformat(bought), date.fromisoformat(sold)
        return Match(*days, D(1), D(1), D(1)).term

    assert term("2024-04-10", "2025-04-10") is Term.SHORT
    assert term("2024-04-10", "2025-04-11") is Term.LONG
    assert term("2024-02-29", "2025-02-28") is Term.SHORT
    assert term("2024-02-29", "2025-03-01") is Term.LONG
    assert term("2024-04-10", "2024-04-10") is Term.INTRADAY


def test_a_fill_is_dealt_on_its_indian_date():
    late = Fill(
        fill_id="X1",
        order_id="O1",
        tranche_id="T1",
        symbol="INFY",
        side=Side.BUY,
        price=Price.of("1500.10"),
        quantity=Quantity.of(40),
        ts_ns=at(date(2025, 3, 3), "00:30"),  # still the second of March in UTC
    )
    assert Dealing.of(late) == Dealing(Side.BUY, Lot(date(2025, 3, 3), D(40), D("1500.10")))


round_trips = st.lists(
    st.tuples(
        st.integers(0, 9),  # day of entry
        st.integers(0, 9),  # days held
        st.integers(1, 50),
        st.integers(100, 20_000),  # entry and exit in paise
        st.integers(100, 20_000),
        st.booleans(),  # short, where it ends the same day
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(round_trips)
def test_lots_and_tranches_earn_the_same_once_flat(trips):
    """I16: profit by FIFO lots equals profit by tranche on a flat book, to the paisa."""
    by_tranche, placed = D(0), []
    for start, held, quantity, entry, exit_, short in trips:
        bought, sold = (exit_, entry) if short and held == 0 else (entry, exit_)
        first, last = date(2025, 3, 1 + start), date(2025, 3, 1 + start + held)
        by_tranche += quantity * D(sold - bought) / 100
        placed.append(Dealing(Side.BUY, Lot(first, D(quantity), D(bought) / 100)))
        placed.append(Dealing(Side.SELL, Lot(last, D(quantity), D(sold) / 100)))
    book = fifo(sorted(placed, key=lambda dealing: dealing.lot.day))
    assert book.uncovered == book.open == ()
    assert book.realized == sum(book.realized_by_term().values()) == by_tranche
