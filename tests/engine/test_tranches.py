"""One position in several slices: when a new one begins, when an entry joins, what each keeps."""

from decimal import Decimal

from tradego.domain.effects import SignalApproved, TradeClosed, TrancheChanged
from tradego.domain.instruments import Instrument
from tradego.domain.money import Quantity
from trading_day import Fed, Played, fed, played, same

D = Decimal
FIRST = """
        09:30:00 signal INFY buy 100 stop 90 target 130 by adder
        09:30:00 ack 1
        09:30:00 fill 1 a 100 @ 100
        09:30:00 ack 2
"""
ENTERED = """
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:00 filled 1 100 @ 100.00
        09:30:00 stop 2 sell 100 trigger 90.00 limit 89.80
"""


def test_a_second_signal_is_refused_unless_its_source_may_add() -> None:  # S1-risk-10
    assert fed(FIRST + "09:45 signal INFY buy 101 stop 98 target 130") == same(
        ENTERED + "09:45:00 refused already_open"
    )


def test_what_is_not_five_percent_under_water_joins_the_newest_tranche() -> None:
    # S3-pm-3: at 95.05 the position is 4.95 % down; its own stop of 90 guards both
    assert fed(
        FIRST
        + """
        09:45 signal INFY buy 95.05 stop 94 target 130 by adder
        09:45 fill 3 b 50 @ 95
        09:50 fill 2 c 100 @ 90
        09:50 fill 4 d 50 @ 90
        """
    ) == same(
        ENTERED
        + """
        09:45:00 entry 3 buy 105 limit 95.10      # 10,010 / 95.10 = 105.3
        09:45:00 filled 3 50 @ 95.00
        09:45:00 stop 4 sell 50 trigger 90.00 limit 89.80
        09:46:00 cancel 3
        09:50:00 filled 2 100 @ 90.00
        09:50:00 cancel 4
        09:50:00 filled 4 50 @ 90.00
        """
    )


def test_five_percent_under_water_a_new_tranche_begins() -> None:
    # S3-pm-3; each has its own stop and target, and ends on its own: S3-pm-5
    assert fed(
        FIRST
        + """
        09:45 signal INFY buy 95 stop 93 target 100 by adder
        09:45 fill 3 b 105 @ 95
        09:50 touched T2 target 100
        09:50 cancelled 4
        09:50 fill 5 c 105 @ 100
        10:00 fill 2 d 100 @ 90
        """
    ) == same(
        ENTERED
        + """
        09:45:00 entry 3 buy 105 limit 95.05      # 95 x 1.001 = 95.095
        09:45:00 filled 3 105 @ 95.00
        09:45:00 stop 4 sell 105 trigger 93.00 limit 92.80
        09:50:00 cancel 4
        09:50:00 over 4 cancelled
        09:50:00 target 5 sell 105 limit 99.80
        09:50:00 filled 5 105 @ 100.00
        09:50:00 trade T2 buy 105 in 95.00 out 100.00 TARGET target 525.00
        10:00:00 filled 2 100 @ 90.00
        10:00:00 trade T1 buy 100 in 100.00 out 90.00 STOP_LOSS stop -1000.00
        """
    )


def test_a_short_is_under_water_when_the_price_has_risen() -> None:
    assert (
        fed("""
        09:30:00 signal INFY sell 100 stop 110 target 70 by adder
        09:30:00 fill 1 a 100 @ 100
        09:45 signal INFY sell 105 stop 108 target 90 by adder
        09:45 fill 3 b 95 @ 105
    """).splitlines()[-1]
        == "09:45:00 stop 4 buy 95 trigger 108.00 limit 108.25"
    )


def test_the_average_of_all_tranches_decides() -> None:
    # 100 at 100 and 105 at 95: average 97.439; 5 % below is 92.567
    desk = Fed()
    desk.play(
        FIRST + "09:45 signal INFY buy 95 stop 80 target 130 by adder \n 09:45 fill 3 b 105 @ 95"
    )
    desk.play("09:50 signal INFY buy 92.60 stop 80 target 130 by adder \n 09:50 cancelled 5")
    desk.play("09:55 signal INFY buy 92.55 stop 80 target 130 by adder")
    approved = [e.tranche_id for e in desk.story.effects if isinstance(e, SignalApproved)]
    assert [desk.story.tranches[tid] for tid in approved] == ["T1", "T2", "T2", "T3"]


def test_tranches_of_a_symbol_are_numbered_from_zero() -> None:
    desk = Fed()
    desk.play(FIRST + "09:45 signal INFY buy 95 stop 93 target 100 by adder")
    numbers = {
        e.tranche.tranche_id: e.tranche.number
        for e in desk.story.effects
        if isinstance(e, TrancheChanged)
    }
    assert list(numbers.values()) == [0, 1]


def test_no_more_tranches_than_allowed_and_no_more_orders_in_one() -> None:
    under = FIRST + "09:45 signal INFY buy 95 stop 93 target 100 by adder"
    assert fed(under, risk={"max_tranches_per_symbol_side": "1"}).splitlines()[-1] == (
        "09:45:00 refused max_tranches"
    )
    joining = FIRST + "09:45 signal INFY buy 100 stop 93 target 100 by adder"
    assert fed(joining, risk={"max_orders_per_tranche": "2"}).splitlines()[-1] == (
        "09:45:00 refused max_orders"
    )


def test_a_position_grows_by_one_entry_at_a_time() -> None:
    assert fed("""
        09:30:00 signal INFY buy 100 stop 90 target 130 by adder
        09:30:05 fill 1 a 10 @ 100
        09:30:10 signal INFY buy 100 stop 90 target 130 by adder
        09:30:20 fill 1 b 90 @ 100
        09:30:30 signal INFY buy 100 stop 90 target 130 by adder
    """) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:05 filled 1 10 @ 100.00
        09:30:05 stop 2 sell 10 trigger 90.00 limit 89.80
        09:30:10 refused already_open
        09:30:20 filled 1 90 @ 100.00
        09:30:20 stop 3 sell 90 trigger 90.00 limit 89.80
        09:30:30 entry 4 buy 100 limit 100.10
    """)


def test_nothing_is_added_the_other_way_or_to_what_is_leaving() -> None:
    assert fed(
        FIRST
        + """
        09:45 signal INFY sell 100 stop 110 target 70 by adder
        09:45 signal INFY buy 100 stop 90 target 130 by adder delivery
        09:46 command close INFY
        09:47 signal INFY buy 100 stop 90 target 130 by adder
        """
    ).splitlines()[3:] == [
        "09:45:00 refused already_open",
        "09:45:00 refused already_open",
        "09:46:00 cancel 2",
        "09:46:00 answer closing INFY",
        "09:47:00 refused already_open",
    ]


def test_what_joins_is_judged_at_the_stop_it_will_have() -> None:
    # its own stop of 99 would risk 110 on 100 units; the tranche's 90 risks 1,010
    desk = Fed()
    desk.play(FIRST + "09:45 signal INFY buy 100 stop 99 target 102 by adder")
    approved = [e for e in desk.story.effects if isinstance(e, SignalApproved)]
    assert approved[-1].risk_amount == D("1010.00")
    assert approved[-1].reward_risk == 3  # 30 above, 10 below


def test_heat_with_what_joins_in_it_stays_under_its_limit() -> None:  # S1-risk-5
    # 100 units at 90 risk Rs 1,000 or 1,010; 2,010 is above 0.2 % of 10 lakh
    told = fed(
        FIRST + "09:45 signal INFY buy 100 stop 99.50 target 130 by adder",
        risk={"max_heat_pct": "0.2"},
    )
    assert told.splitlines()[-1] == "09:45:00 refused heat"


def test_the_cap_on_a_position_is_on_all_its_tranches() -> None:  # S1-risk-2
    # 1.5 % of (10 lakh - 2,000 of margin) less the 10,000 held is 4,970: 49 units at 100.10
    listed = Instrument(symbol="INFY", tick=D("0.05"), margin_pct=D(20))
    told = fed(
        FIRST + "09:45 signal INFY buy 100 stop 99.50 target 130 by adder",
        risk={"position_pct": "1.5"},
        instruments=(listed,),
    )
    assert told.splitlines()[-1] == "09:45:00 entry 3 buy 49 limit 100.10"


def test_stops_and_exits_are_split_where_the_exchange_takes_only_so_much() -> None:
    listed = Instrument(symbol="INFY", tick=D("0.05"), freeze=Quantity.of(100))
    assert fed(
        FIRST
        + """
        09:45:00 signal INFY buy 100 stop 99 target 130 by adder
        09:45:00 fill 3 b 100 @ 100
        10:00:00 command reduce INFY 20
        10:00:01 cancelled 2
        10:00:01 cancelled 4
        10:00:02 fill 6 c 20 @ 100
        10:01:00 command close INFY
        10:01:01 cancelled 5
        10:01:01 cancelled 7
        """,
        instruments=(listed,),
    ).splitlines()[6:] == [
        "10:00:00 cancel 2",
        "10:00:00 cancel 4",
        "10:00:00 answer reducing by 20",
        "10:00:01 over 2 cancelled",
        "10:00:01 stop 5 sell 80 trigger 90.00 limit 89.80",  # what the other still covers waits
        "10:00:01 exit 6 sell 20 market",
        "10:00:01 over 4 cancelled",
        "10:00:01 stop 7 sell 100 trigger 90.00 limit 89.80",
        "10:00:02 filled 6 20 @ 100.00",
        "10:01:00 cancel 5",
        "10:01:00 cancel 7",
        "10:01:00 answer closing INFY",
        "10:01:01 over 5 cancelled",
        "10:01:01 over 7 cancelled",
        "10:01:01 exit 8 sell 100 market",
        "10:01:01 exit 9 sell 80 market",
    ]


def test_a_person_reduces_the_newest_tranche_first() -> None:
    told = fed(
        FIRST
        + """
        09:45:00 signal INFY buy 95 stop 93 target 100 by adder
        09:45:00 fill 3 b 105 @ 95
        10:00:00 command reduce INFY 110
        """
    )
    assert told.splitlines()[6:] == [
        "10:00:00 cancel 4",  # all 105 of the newest
        "10:00:00 cancel 2",  # 5 of the oldest
        "10:00:00 answer reducing by 110",
    ]


# Charges of a day, divided: contract.md; S1-pnl-4.

TWO = """
    bars INFY 15
        09:15  100 100 100 100
        09:30  100 100.50 94.90 95
        09:45  95 95.50 94.50 95
        10:00  95 95 95 95
        15:00  96 96 96 96
    09:30 signal INFY buy 100 stop 90 target 130 by adder
    09:45 signal INFY buy 95 stop 90 target 130 by adder
"""


def test_two_tranches_share_the_day_note_of_their_scrip_exactly() -> None:
    # intraday, Zerodha. Bought 100 @ 100 and 105 @ 95 = 19,975; sold 205 @ 96 = 19,680.
    #   brokerage  0.03 % an order: 3.00 + 2.99 + 2.88 + 3.02                       = 11.89
    #   stt        0.025 % of the sale at the average price of 39,655 / 410 x 205
    #              = 19,827.50 -> 4.96 -> whole rupees                              =  5.00
    #   exchange   0.00297 % of 39,655 = 1.1778;  ipft 0.0001 % = 0.04
    #   sebi       0.0001 % = 0.04;  stamp 0.003 % of 19,975 = 0.599
    #   gst        18 % of (11.89 + 1.18 + 0.04 + ...) as the tariff says
    day = Played(TWO)
    trades = {e.trade.trade_id: e.trade for e in day.story.effects if isinstance(e, TradeClosed)}
    first, second = trades.values()
    both = first.charges + second.charges
    assert (both.brokerage, both.stt, both.stamp) == (D("11.89"), D("5.00"), D("0.60"))
    assert both.total == D(1_000_000) + sum(t.gross_pnl for t in trades.values()) - (
        day.state.cash_balance
    )
    # sold 9,600 and 10,080 of 19,680: the tax falls 2.44 to 2.56
    assert (first.charges.stt, second.charges.stt) == (D("2.44"), D("2.56"))
    # bought 10,000 and 9,975: the stamp falls 0.30 to 0.30
    assert (first.charges.stamp, second.charges.stamp) == (D("0.30"), D("0.30"))


def test_a_trade_closed_early_is_said_again_when_the_day_note_is_final() -> None:
    # the first is closed at noon alone with its own STT; the second sale rounds both anew
    text = TWO.replace("09:45 signal INFY buy 95 stop 90", "12:00 signal INFY buy 95 stop 90")
    text = text.replace("10:00  95 95 95 95", "11:45 95 95 89 95 \n 12:00 95 95 95 95")
    said = [e.trade for e in Played(text).story.effects if isinstance(e, TradeClosed)]
    assert [trade.trade_id for trade in said] == ["BT000001", "BT000002", "BT000001"]
    assert said[0].gross_pnl == said[2].gross_pnl
    assert said[0].charges != said[2].charges


def test_a_delivery_trade_carries_the_charges_of_every_day_it_traded() -> None:
    # S1-pnl-4. Bought 100 @ 100 on Monday, sold 100 @ 105 on Tuesday, Zerodha delivery:
    #   stt 0.1 % each way: 10.00 and 10.50 -> 11.00 (half up); brokerage nil; the depository on
    #   the sale only
    day = Played("""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100 100 100
        2025-03-04
            09:15  104 105 104 105
            09:30  105 105 105 105
        2025-03-03
        09:30 signal INFY buy 100 stop 98 target 110 delivery
        2025-03-04
        09:30 command close INFY
    """)
    trade = next(e.trade for e in reversed(day.story.effects) if isinstance(e, TradeClosed))
    assert trade.charges.stt == D("21.00")
    assert trade.charges.brokerage == 0
    assert trade.charges.dp == D("15.34")
    assert trade.gross_pnl == D("500.00")
    assert day.state.cash_balance == 1_000_000 + trade.net_pnl
    assert round(trade.holding_minutes) == 24 * 60


def test_partial_exits_sum_to_the_trade() -> None:  # S1-plan-1
    # 40 at 101 and 60 at 98: 40 - 120
    assert played(
        """
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 101 99 100.90
            09:45  101 101 97 97
        09:30 signal INFY buy 100 stop 98 target 104
        09:45 advise INFY reduce 0.4
        """,
        until="10:00",
    ).splitlines()[-1] == (
        "09:58:35.625 trade T1 buy 100 in 100.00 out 99.20 STOP_LOSS stop -80.00"
    )
