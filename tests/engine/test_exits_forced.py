"""Days on which something held has to be left, and what may go wrong with it."""

from one_position import ENTERED, HELD
from trading_day import Played, fed, played, same

# The end of the day: S1-exec-10, S1-mgn-5.


def test_intraday_is_squared_off_from_fifteen_hundred() -> None:
    assert played("""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100 99 99.50
            14:45  99.50 99.80 99.20 99.60
            15:00  99.70 99.90 99.20 99.60
        bars TCS 15
            09:15  100 100 100 100
            09:30  100 100 99 99.50
            15:00  99.70 99.90 99.20 99.60
        09:30 signal INFY buy 100 stop 98 target 104
        09:30 signal TCS buy 100 stop 98 target 104 delivery
    """).splitlines()[6:] == [
        "15:00:00 cancel 3",
        "15:00:00 over 3 cancelled",
        "15:00:00 flatten 5 sell 100 limit 99.50",  # the open of 99.70 less 0.2 % is 99.5006
        "15:00:00 filled 5 100 @ 99.70",
        "15:00:00 trade T1 buy 100 in 100.00 out 99.70 EOD_SQUAREOFF square_off 1 -30.00",
    ]


def test_an_exit_not_filled_in_fifteen_seconds_is_sent_again_at_market() -> None:
    assert fed(
        HELD
        + """
        15:00:00 timer square_off 1
        15:00:00 cancelled 2
        15:00:14 working 3
        15:00:15 cancelled 3
        15:00:16 fill 4 b 100 @ 99
        """
    ) == same(
        ENTERED
        + """
        15:00:00 cancel 2
        15:00:00 over 2 cancelled
        15:00:00 flatten 3 sell 100 limit 99.80
        15:00:15 cancel 3
        15:00:15 over 3 cancelled
        15:00:15 flatten 4 sell 100 market
        15:00:16 filled 4 100 @ 99.00
        15:00:16 trade T1 buy 100 in 100.00 out 99.00 EOD_SQUAREOFF square_off 1 -100.00
        """
    )


def test_a_stock_that_stops_trading_is_alarmed_and_gone_at_its_last_price() -> None:
    # no bar after 14:30, whose close was 99.60: as the broker's own square-off would do
    told = played(
        """
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100 99 99.50
            14:15  99.50 99.80 99.20 99.60
        09:30 signal INFY buy 100 stop 98 target 104
        """,
        without="cancel over flatten",
    )
    assert told == same(
        ENTERED
        + """
        15:10:00 alarm Still open after square-off: INFY.
        15:30:00 filled 121 100 @ 99.60
        15:30:00 trade T1 buy 100 in 100.00 out 99.60 EOD_SQUAREOFF square_off 1 -40.00
        """
    )


def test_no_exit_is_called_back_in_the_last_seconds_of_trading() -> None:
    # its successor might come too late
    told = fed(
        HELD
        + """
        15:29:50 command close INFY
        15:29:50 cancelled 2
        15:29:59 working 3
        """
    )
    assert told.splitlines()[-1] == "15:29:50 exit 3 sell 100 market"


def test_a_delivery_position_sleeps_under_a_stop_that_outlives_the_day() -> None:
    told = played("""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100.50 99.50 100
            15:15  100 100.50 99.50 100
        2025-03-04
            09:15  97.90 98 97 97.50
        2025-03-03
        09:30 signal INFY buy 100 stop 98 target 104 delivery
    """)
    assert told == same(
        ENTERED
        + """
        09:15:00 filled 2 100 @ 97.90
        09:15:00 trade T1 buy 100 in 100.00 out 97.90 STOP_LOSS stop -210.00
        """
    )


def test_what_was_decided_after_hours_is_done_at_the_open_at_market() -> None:
    desk = Played("""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100.50 99.50 100
            15:15  100 100.50 99.50 100
        2025-03-04
            09:15  101 101 101 101
        2025-03-03
        09:30 signal INFY buy 100 stop 98 target 104 delivery
        15:30 command close INFY
    """)
    assert desk.story.told() == same(
        ENTERED
        + """
        15:30:00 answer closing INFY
        09:15:00 cancel 2
        09:15:00 over 2 cancelled
        09:15:00 exit 3 sell 100 market
        09:15:00 filled 3 100 @ 101.00
        09:15:00 trade T1 buy 100 in 100.00 out 101.00 MANUAL close by ada 100.00
        """
    )


# What may go wrong.


def test_a_refused_stop_closes_the_position_and_rings() -> None:  # F25
    assert fed("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:00 ack 1
        09:30:00 fill 1 a 100 @ 100
        09:30:01 reject 2 margin
        09:30:02 fill 3 b 100 @ 99.90
    """) == same(
        ENTERED
        + """
        09:30:01 over 2 rejected
        09:30:01 alarm INFY stop order was refused: margin.
        09:30:01 exit 3 sell 100 market
        09:30:02 filled 3 100 @ 99.90
        09:30:02 trade T1 buy 100 in 100.00 out 99.90 PROTECTION_FAILED margin -10.00
        """
    )


def test_a_refused_exit_waits_under_a_stop_and_is_then_tried_at_market() -> None:  # F31
    assert fed(
        HELD
        + """
        10:00:00 touched T1 target 104
        10:00:01 cancelled 2
        10:00:02 reject 3 try later
        10:00:03 working 4
        10:00:18 cancelled 4
        10:00:19 fill 5 b 100 @ 103
        """
    ) == same(
        ENTERED
        + """
        10:00:00 cancel 2
        10:00:01 over 2 cancelled
        10:00:01 target 3 sell 100 limit 103.75
        10:00:02 over 3 rejected
        10:00:02 alarm INFY target order was refused: try later.
        10:00:02 stop 4 sell 100 trigger 98.00 limit 97.80
        10:00:17 cancel 4
        10:00:18 over 4 cancelled
        10:00:18 target 5 sell 100 market
        10:00:19 filled 5 100 @ 103.00
        10:00:19 trade T1 buy 100 in 100.00 out 103.00 TARGET target 300.00
        """
    )


def test_a_venue_that_refuses_everything_is_not_hammered() -> None:
    # one exit and one stop in a quarter of a minute, and an alarm for each
    told = fed(
        HELD
        + """
        10:00:00 touched T1 target 104
        10:00:00 cancelled 2
        10:00:00 reject 3 closed for maintenance
        10:00:00 reject 4 closed for maintenance
        10:00:14 mark INFY 104
        """
    )
    assert [
        line for line in told.splitlines() if line.startswith("10:00") and "alarm" not in line
    ] == [
        "10:00:00 cancel 2",
        "10:00:00 over 2 cancelled",
        "10:00:00 target 3 sell 100 limit 103.75",
        "10:00:00 over 3 rejected",
        "10:00:00 stop 4 sell 100 trigger 98.00 limit 97.80",
        "10:00:00 over 4 rejected",
    ]


def test_a_part_that_is_refused_is_kept_after_all() -> None:
    told = fed(
        HELD
        + """
        10:00:00 advise INFY reduce 0.4
        10:00:01 cancelled 2
        10:00:02 reject 4 no
        """
    )
    assert told.splitlines()[-3:] == [
        "10:00:02 over 4 rejected",
        "10:00:02 alarm INFY exit order was refused: no.",
        "10:00:02 stop 5 sell 40 trigger 98.00 limit 97.80",
    ]


def test_a_repeated_fill_is_counted_once() -> None:  # F17
    assert fed("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:00 ack 1
        09:30:00 fill 1 a 100 @ 100
        09:30:01 fill 1 a 100 @ 100
    """) == same(ENTERED)


def test_a_fill_after_the_request_to_cancel_is_kept_and_protected() -> None:  # F20
    assert fed("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:01 ack 1
        09:31:01 fill 1 a 60 @ 100
        09:31:02 cancelled 1
    """) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:31:00 cancel 1
        09:31:01 filled 1 60 @ 100.00
        09:31:01 stop 2 sell 60 trigger 98.00 limit 97.80
        09:31:02 over 1 cancelled
    """)


def test_a_late_ack_changes_nothing() -> None:  # F16
    assert fed("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:00 fill 1 a 100 @ 100
        09:30:00 ack 1
        09:30:00 working 1
    """) == same(ENTERED)


def test_an_order_without_an_answer_is_not_sent_again() -> None:  # failure_model 4.2
    assert fed("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:07 silence 1
        09:30:30 signal INFY buy 100 stop 98 target 104
        09:30:40 fill 1 a 100 @ 100
        09:30:45 silence 2
        09:30:50 mark INFY 99
    """) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:30 refused already_open
        09:30:40 filled 1 100 @ 100.00
        09:30:40 stop 2 sell 100 trigger 98.00 limit 97.80
    """)
