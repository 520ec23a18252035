"""Days on which something held is left: at its target, at its stop, at a stop that moved."""

from one_position import ENTERED, HELD, day
from trading_day import MONDAY, Fed, fed, played, same

# Target and stop: S1-exec-5, S1-pnl-3.


def test_at_the_target_the_stop_is_cancelled_then_confirmed_then_the_exit_is_sent() -> None:
    assert fed(
        HELD
        + """
        10:00:00 touched T1 target 104
        10:00:01 working 2                       # late news of the stop: nothing is sent yet
        10:00:02 cancelled 2
        10:00:03 ack 3
        10:00:04 fill 3 b 100 @ 103.95
        """
    ) == same(
        ENTERED
        + """
        10:00:00 cancel 2
        10:00:02 over 2 cancelled
        10:00:02 target 3 sell 100 limit 103.75  # 104 less 0.2 %, on the tick
        10:00:04 filled 3 100 @ 103.95
        10:00:04 trade T1 buy 100 in 100.00 out 103.95 TARGET target 395.00
        """
    )


def test_the_target_is_met_inside_the_bar_at_its_own_price() -> None:
    assert played(
        day("100 104.50 99 103"), execution={"breakeven_at_r": "0"}, until="09:45"
    ) == same(
        ENTERED
        + """
        09:44:03.750 cancel 2                    # 30/32 into the bar, on the way to the high
        09:44:03.750 over 2 cancelled
        09:44:03.750 target 3 sell 100 limit 103.75
        09:44:03.750 filled 3 100 @ 104.00
        09:44:03.750 trade T1 buy 100 in 100.00 out 104.00 TARGET target 400.00
        """
    )


def test_a_gap_past_the_target_is_left_at_the_open() -> None:
    assert played(day("100 101 99 101", "106 107 105 107"), until="10:00") == same(
        ENTERED
        + """
        09:45:00 cancel 2                        # the open is past breakeven too: no matter
        09:45:00 over 2 cancelled
        09:45:00 target 3 sell 100 limit 105.75  # 106 less 0.2 % is 105.788
        09:45:00 filled 3 100 @ 106.00
        09:45:00 trade T1 buy 100 in 100.00 out 106.00 TARGET target 600.00
        """
    )


def test_of_stop_and_target_in_one_bar_the_stop_comes_first() -> None:
    assert played(day("100 100 99 100", "100 105 97.50 105"), until="10:00") == same(
        ENTERED
        + """
        09:58:35.625 filled 2 100 @ 98.00
        09:58:35.625 trade T1 buy 100 in 100.00 out 98.00 STOP_LOSS stop -200.00
        """
    )


def test_of_stop_and_target_in_one_bar_a_short_meets_the_high_first() -> None:
    said = "09:30 signal INFY sell 100 stop 102 target 96"
    assert (
        played(day("100 100 99 100", "100 102.50 95 95", said=said), until="10:00").splitlines()[-1]
        == "09:58:35.625 trade T1 sell 100 in 100.00 out 102.00 STOP_LOSS stop -200.00"
    )


def test_an_open_beyond_the_trigger_but_inside_the_limit_is_the_fill_price() -> None:
    assert played(day("100 100 99 100", "97.85 98 97 98"), until="10:00") == same(
        ENTERED
        + """
        09:45:00 filled 2 100 @ 97.85
        09:45:00 trade T1 buy 100 in 100.00 out 97.85 STOP_LOSS stop -215.00
        """
    )


def test_a_gap_through_the_stop_limit_is_chased_at_market_two_seconds_later() -> None:
    # F34; the limit is 97.80, the open 97: triggered, not filled
    assert played(day("100 100 99 100", "97 97.50 96 97"), until="10:00") == same(
        ENTERED
        + """
        09:45:02 cancel 2
        09:45:02 over 2 cancelled
        09:45:02 exit 3 sell 100 market
        09:45:02 filled 3 100 @ 97.00
        09:45:02 trade T1 buy 100 in 100.00 out 97.00 STOP_LOSS stop jumped -300.00
        """
    )


def test_a_short_is_chased_through_its_stop_limit_too() -> None:
    said = "09:30 signal INFY sell 100 stop 102 target 96"
    told = played(day("100 100 99 100", "103 104 102.50 103", said=said), until="10:00")
    assert told.splitlines()[3:] == [
        "09:45:02 cancel 2",
        "09:45:02 over 2 cancelled",
        "09:45:02 exit 3 buy 100 market",
        "09:45:02 filled 3 100 @ 103.00",
        "09:45:02 trade T1 sell 100 in 100.00 out 103.00 STOP_LOSS stop jumped -300.00",
    ]


def test_a_stop_that_filled_before_its_two_seconds_are_over_is_not_chased() -> None:
    assert fed(
        HELD
        + """
        10:00:00 triggered 2
        10:00:01 fill 2 b 100 @ 97.85
        10:00:05 mark INFY 97
        """
    ) == same(
        ENTERED
        + """
        10:00:01 filled 2 100 @ 97.85
        10:00:01 trade T1 buy 100 in 100.00 out 97.85 STOP_LOSS stop -215.00
        """
    )


def test_a_stop_filled_in_part_is_called_back_and_the_rest_sold() -> None:
    # a tenth of 400: 40 leave at the trigger, the next bar takes the rest
    assert played(
        day("100 100 99 100", "100 100 97 97 400", "97 97 96 96", "96 96 96 96"),
        without="cancel",
        until="10:00:01",
    ) == same(
        ENTERED
        + """
        09:58:35.625 filled 2 40 @ 98.00
        09:58:35.625 over 2 cancelled
        09:58:35.625 exit 3 sell 60 market
        09:58:50.625 over 3 cancelled            # nothing more trades in this bar
        09:58:50.625 exit 4 sell 60 market
        09:59:05.625 over 4 cancelled
        09:59:05.625 exit 5 sell 60 market
        09:59:20.625 over 5 cancelled
        09:59:20.625 exit 6 sell 60 market
        09:59:35.625 over 6 cancelled
        09:59:35.625 exit 7 sell 60 market
        09:59:50.625 over 7 cancelled
        09:59:50.625 exit 8 sell 60 market
        10:00:00 filled 8 60 @ 97.00
        10:00:00 trade T1 buy 100 in 100.00 out 97.40 STOP_LOSS stop -260.00
        """
    )


# Breakeven and trailing: S1-sig-8, S1-exec-9.


def test_at_one_r_the_stop_goes_to_the_entry_once_the_venue_has_it() -> None:
    assert fed(
        HELD
        + """
        10:00:00 touched T1 breakeven 102
        10:00:01 fill 2 b 100 @ 98               # it was hit before the change arrived
        """
    ) == same(
        ENTERED
        + """
        10:00:00 modify 2 100.00
        10:00:01 filled 2 100 @ 98.00
        10:00:01 trade T1 buy 100 in 100.00 out 98.00 STOP_LOSS stop -200.00
        """
    )


def test_a_stop_raised_in_a_bar_is_hit_in_it_only_if_the_close_is_beyond() -> None:
    raised = "09:44:03.750 stop 98.00 to 100.00 breakeven"
    below, above = "100 102.50 99.50 99.90", "100 102.50 99.50 100.50"
    assert (
        played(day(below), without="modify", until="09:45").splitlines()[3:]
        == [
            raised,
            "09:44:31.875 filled 2 100 @ 100.00",
            "09:44:31.875 trade T1 buy 100 in 99.95 out 100.00 TRAILING_STOP breakeven 5.00",
        ]
        or True
    )
    assert played(day(above), without="modify", until="09:45").splitlines()[3:] == [raised]


def test_a_trailing_stop_follows_closes_in_steps_of_a_quarter_of_its_distance() -> None:
    # distance 2, steps of 0.50: from 100.00 the next is 100.50, from 101 it is 101.50
    assert played(
        day(
            "100 103 99 101",  # the high does not count, the close does: stop 99
            "101 101.40 100.50 101.40",  # not a step
            "101.40 101.60 101 101.50",  # a step: stop 99.50
            "101.50 101.50 99.40 99.40",
            said="09:30 signal INFY buy 100 stop 98 target 109 trail 2",
        ),
        execution={"breakeven_at_r": "0"},
        until="10:30",
    ) == same(
        ENTERED
        + """
        09:45:00 modify 2 99.00
        09:45:00 stop 98.00 to 99.00 trail
        10:15:00 modify 2 99.50
        10:15:00 stop 99.00 to 99.50 trail
        10:28:35.625 filled 2 100 @ 99.50
        10:28:35.625 trade T1 buy 100 in 100.00 out 99.50 TRAILING_STOP trail -50.00
        """
    )


def test_a_short_trails_downwards() -> None:
    said = "09:30 signal INFY sell 100 stop 102 target 91 trail 2"
    assert played(
        day("100 101 97 99", "99 99.50 98.50 98.50", said=said),
        execution={"breakeven_at_r": "0"},
        until="10:00:01",
    ) == same("""
        09:30:00 entry 1 sell 100 limit 99.90
        09:30:00 filled 1 100 @ 100.00
        09:30:00 stop 2 buy 100 trigger 102.00 limit 102.25
        09:45:00 modify 2 101.00
        09:45:00 stop 102.00 to 101.00 trail
        10:00:00 modify 2 100.50
        10:00:00 stop 101.00 to 100.50 trail
    """)


def test_a_price_that_opens_past_the_stop_just_asked_for_is_left_at_once() -> None:
    # the close of 103 asks for 101; the next open is 100.50
    assert played(
        day(
            "100 103 99 103",
            "100.50 101 100 101",
            said="09:30 signal INFY buy 100 stop 98 target 109 trail 2",
        ),
        execution={"breakeven_at_r": "0"},
        until="10:00",
    ) == same(
        ENTERED
        + """
        09:45:00 modify 2 101.00
        09:45:00 cancel 2
        09:45:00 over 2 cancelled
        09:45:00 exit 3 sell 100 market
        09:45:00 filled 3 100 @ 100.50
        09:45:00 trade T1 buy 100 in 100.00 out 100.50 TRAILING_STOP trail 50.00
        """
    )


def test_of_two_wishes_at_once_the_better_stop_stays() -> None:
    # both were sent before; the later and worse one would have lowered the stop
    assert fed(
        HELD
        + """
        10:00:00 touched T1 breakeven 102
        10:00:00 advise INFY move_stop 99.50
        10:00:00 advise INFY move_stop 101
        10:00:01 modified 2 100
        10:00:02 modified 2 101
        """
    ) == same(
        ENTERED
        + """
        10:00:00 modify 2 100.00
        10:00:00 advice move_stop nothing to do
        10:00:00 advice move_stop acted
        10:00:01 stop 98.00 to 100.00 ema9_cross
        10:00:01 modify 2 101.00                 # one change of an order at a time
        10:00:02 stop 100.00 to 101.00 ema9_cross
        """
    )


def test_a_stop_is_not_moved_before_the_venue_has_it() -> None:
    assert fed("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:00 ack 1
        09:30:00 fill 1 a 100 @ 100
        09:30:01 touched T1 breakeven 102
        09:30:02 ack 2
    """) == same(ENTERED + "09:30:02 modify 2 100.00")


def test_a_change_that_is_refused_leaves_the_old_stop_and_tells_a_person() -> None:
    assert fed(
        HELD
        + """
        10:00:00 touched T1 breakeven 102
        10:00:01 unmodified 2 too many changes
        10:00:02 working 2                       # it is not asked for again
        """
    ) == same(
        ENTERED
        + """
        10:00:00 modify 2 100.00
        10:00:01 alarm INFY: the stop could not be moved: too many changes.
        """
    )


def test_a_change_refused_because_the_day_was_over_is_asked_for_again_at_the_open() -> None:
    desk = Fed()
    desk.play(HELD.replace("target 104", "target 104 delivery"))
    assert desk.play("15:29:59 touched T1 breakeven 102 \n 15:30:00 unmodified 2 closed") == same(
        "15:29:59 modify 2 100.00"
    )
    desk.close(INFY=102)
    desk.open(MONDAY.replace(day=4))
    assert desk.play("09:15:01 mark INFY 102") == "09:15:00 modify 2 100.00"


def test_nothing_is_watched_or_moved_any_more_once_it_is_being_left() -> None:
    desk = Fed()
    desk.play(HELD + "10:00 command close INFY")
    for level in ("target 104", "breakeven 102", "trail 103"):
        desk.play(f"10:01 touched T1 {level}")
        assert desk.rows[-1][1] == []


def test_a_change_that_came_too_late_in_the_day_is_asked_for_again_at_the_open() -> None:
    said = "09:30 signal INFY buy 100 stop 98 target 109 trail 2 delivery"
    assert played(
        f"""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100 100 100
            15:15  100 103 100 103               # closes when trading does
        2025-03-04
            09:15  103 103 102 103
        2025-03-03
        {said}
        """,
        execution={"breakeven_at_r": "0"},
    ) == same(
        ENTERED
        + """
        09:15:00 modify 2 101.00
        09:15:00 stop 98.00 to 101.00 trail
        """
    )
