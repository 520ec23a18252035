"""The one count of what is held, and its comparison with the broker's: S0-pos-1..4, S1-pnl-17."""

from decimal import Decimal

from tradego.domain.effects import Alarm, Reconciled
from tradego.domain.events import Holding, PositionsSeen
from tradego.domain.signals import Product, Side
from tradego.domain.times import at
from tradego.engine.positions import positions
from trading_day import MONDAY, Fed, same

D = Decimal
TWO = """
    09:30 signal INFY buy 100 stop 90 target 130 by adder delivery
    09:30 fill 1 a 100 @ 100
    09:45 signal INFY buy 95 stop 90 target 130 by adder delivery
    09:45 fill 3 b 100 @ 95
    09:46 signal TCS sell 200 stop 204 target 190
    09:46 fill 5 c 50 @ 200
    09:47 cancelled 3
    09:47 cancelled 5
    10:00 mark INFY 101 94 96
    10:00 mark TCS 198
"""


def test_a_position_is_all_its_tranches_at_the_last_price() -> None:
    desk = Fed()
    desk.play(TWO)
    infy, tcs = positions(desk.state)
    assert (infy.symbol, infy.product, infy.direction) == ("INFY", Product.DELIVERY, Side.BUY)
    assert (infy.quantity.value, infy.average_price, infy.tranches) == (D(200), D("97.5"), 2)
    assert (infy.mark, infy.unrealized_gross) == (D(96), D(-300))
    assert (tcs.direction, tcs.quantity.value, tcs.unrealized_gross) == (Side.SELL, D(50), D(100))


def test_what_closing_now_would_cost_is_taken_off() -> None:  # S0-pos-4
    # delivery, Zerodha: 200 x 96 = 19,200 sold: STT 19, depository 15.34, exchange and the rest
    desk = Fed()
    desk.play(TWO)
    infy = positions(desk.state)[0]
    assert D(34) < infy.exit_charges < D(37)
    assert infy.unrealized_net == infy.unrealized_gross - infy.exit_charges
    before = desk.state.cash_balance
    desk.play("10:01 command close INFY \n 10:01 cancelled 2 \n 10:01 cancelled 4")
    desk.play("10:01 fill 7 d 100 @ 96 \n 10:01 fill 8 e 100 @ 96")
    paid = before + 19_200 - desk.state.cash_balance
    assert paid == infy.exit_charges


def test_what_was_exited_in_part_is_realized_in_part() -> None:
    desk = Fed()
    desk.play(TWO + "10:01 advise TCS reduce 0.4 \n 10:01 cancelled 6 \n 10:01 fill 8 f 20 @ 198")
    tranche = next(t for t in desk.state.tranches.values() if t.symbol == "TCS")
    assert (tranche.realized_gross, tranche.unrealized_gross(D(198))) == (D(40), D(60))
    assert desk.state.realized(Product.INTRADAY) == D(40)
    assert desk.state.unrealized(Product.INTRADAY) == D(60)


def seen(desk: Fed, *holdings: Holding) -> str:
    start = len(desk.story.lines)
    desk.feed(PositionsSeen(ts_ns=at(MONDAY, "10:05"), holdings=holdings))
    return "\n".join(desk.story.lines[start:])


def test_a_book_that_agrees_says_so_and_stops_nothing() -> None:
    desk = Fed()
    desk.play(TWO)
    mine = (
        Holding("INFY", Product.DELIVERY, D(200), D("97.5")),
        Holding("TCS", Product.INTRADAY, D(-50), D(200)),
    )
    assert seen(desk, *mine) == ""
    rows = [e for e in desk.story.effects if isinstance(e, Reconciled)]
    assert [(r.symbol, r.our_quantity, r.broker_quantity, r.cause) for r in rows] == [
        ("INFY", D(200), D(200), "none"),
        ("TCS", D(-50), D(-50), "none"),
    ]


def test_a_difference_is_told_and_nothing_enters_there_until_a_person_resumes() -> None:
    desk = Fed()
    desk.play(TWO)
    told = seen(desk, Holding("TCS", Product.INTRADAY, D(-40)))
    assert told == same("""
        10:05:00 alarm INFY: we hold 200, the broker says 0. No entries there.
        10:05:00 alarm TCS: we hold -50, the broker says -40. No entries there.
    """)
    assert len([e for e in desk.story.effects if isinstance(e, Alarm)]) == 2
    more = "{} signal INFY buy 96 stop 90 target 130 by adder delivery"
    assert desk.play(more.format("10:06")) == "10:06:00 refused frozen"
    desk.play("10:07 command resume")
    assert "entry" in desk.play(more.format("10:08"))


def test_what_the_broker_holds_beyond_ours_is_foreign() -> None:
    desk = Fed()
    told = seen(desk, Holding("WIPRO", Product.DELIVERY, D(10)))
    assert told == "10:05:00 alarm WIPRO: we hold 0, the broker says 10. No entries there."
