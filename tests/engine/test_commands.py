"""What a person asks for: each command once, through the same gate as everything."""

from trading_day import Fed, fed, same

HELD = """
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:00 ack 1
        09:30:00 fill 1 a 100 @ 100
        09:30:00 ack 2
"""
ENTERED = """
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:00 filled 1 100 @ 100.00
        09:30:00 stop 2 sell 100 trigger 98.00 limit 97.80
"""


def test_halt_stops_entries_and_nothing_else_until_resumed() -> None:
    assert fed(
        HELD
        + """
        09:40 command halt
        09:41 signal TCS buy 100 stop 98 target 104
        09:42 fill 2 b 100 @ 97.90
        09:43 command resume
        09:44 signal TCS buy 100 stop 98 target 104
        """
    ) == same(
        ENTERED
        + """
        09:40:00 mode halted
        09:40:00 answer halted by ada
        09:41:00 refused halted
        09:42:00 filled 2 100 @ 97.90
        09:42:00 trade T1 buy 100 in 100.00 out 97.90 STOP_LOSS stop -210.00
        09:43:00 mode ready
        09:43:00 answer ready
        09:44:00 entry 3 buy 100 limit 100.10
        """
    )


def test_kill_calls_back_entries_and_closes_everything() -> None:  # I30
    assert fed(
        HELD
        + """
        09:40:00 signal TCS buy 100 stop 98 target 104
        09:40:10 command kill
        09:40:11 cancelled 2
        09:40:11 fill 3 c 10 @ 100               # under the cancel request
        09:40:12 cancelled 3
        09:41:00 signal TCS buy 100 stop 98 target 104
        """
    ) == same(
        ENTERED
        + """
        09:40:00 entry 3 buy 100 limit 100.10
        09:40:10 mode killed
        09:40:10 cancel 3
        09:40:10 cancel 2
        09:40:10 answer killed; closing everything
        09:40:11 over 2 cancelled
        09:40:11 flatten 4 sell 100 market
        09:40:11 filled 3 10 @ 100.00
        09:40:12 over 3 cancelled
        09:40:12 flatten 5 sell 10 market
        09:40:26 cancel 4
        09:40:27 cancel 5
        09:41:00 refused halted
        """
    )


def test_kill_without_flatten_leaves_the_stops_until_flat() -> None:
    keep = HELD + "09:40:00 command kill keep \n 09:41 fill 2 b 100 @ 98"
    told = same(
        ENTERED
        + """
        09:40:00 mode killed
        09:40:00 answer killed; stops stay until flat
        09:41:00 filled 2 100 @ 98.00
        09:41:00 trade T1 buy 100 in 100.00 out 98.00 STOP_LOSS stop -200.00
        """
    )
    assert fed(keep) == told
    assert fed(keep.replace(" keep", ""), execution={"flatten_on_kill": "false"}) == told
    assert "cancel 2" in fed(
        keep.replace("keep", "flatten"), execution={"flatten_on_kill": "false"}
    )


def test_a_kill_survives_the_night() -> None:
    desk = Fed()
    desk.play("10:00 command kill")
    desk.close()
    desk.open(desk._day.replace(day=4))
    assert desk.play("10:00 signal INFY buy 100 stop 98 target 104") == "10:00:00 refused halted"


def test_a_command_repeated_gets_the_first_answer_and_does_nothing() -> None:
    assert fed(
        HELD
        + """
        09:40:00 command close INFY id x
        09:40:01 command close INFY id x
        09:40:02 command close TCS id x
        """
    ) == same(
        ENTERED
        + """
        09:40:00 cancel 2
        09:40:00 answer closing INFY
        09:40:01 answer closing INFY
        09:40:02 answer closing INFY
        """
    )


def test_a_person_closes_at_market() -> None:  # S1-pnl-15
    assert fed(
        HELD
        + """
        09:40:00 command close INFY
        09:40:01 cancelled 2
        09:40:02 fill 3 b 100 @ 100.50
        """
    ).splitlines()[-3:] == [
        "09:40:01 exit 3 sell 100 market",
        "09:40:02 filled 3 100 @ 100.50",
        "09:40:02 trade T1 buy 100 in 100.00 out 100.50 MANUAL close by ada 50.00",
    ]


def test_an_entry_closed_before_it_filled_leaves_nothing() -> None:
    desk = Fed()
    told = desk.play("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:10 command close INFY
        09:30:11 cancelled 1
    """)
    assert told == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:10 cancel 1
        09:30:10 answer closing INFY
        09:30:11 over 1 cancelled
    """)
    assert not desk.state.tranches


def test_a_person_reduces_by_a_number() -> None:
    assert fed(
        HELD
        + """
        09:40:00 command reduce INFY 30
        09:40:01 cancelled 2
        09:40:02 command reduce INFY 71          # 70 are to stay
        09:40:03 command reduce INFY 0
        09:40:03 command reduce INFY
        """
    ) == same(
        ENTERED
        + """
        09:40:00 cancel 2
        09:40:00 answer reducing by 30
        09:40:01 over 2 cancelled
        09:40:01 stop 3 sell 70 trigger 98.00 limit 97.80
        09:40:01 exit 4 sell 30 market
        09:40:02 no reduce by more than 0 and at most 70
        09:40:03 no reduce by more than 0 and at most 70
        09:40:03 no reduce by more than 0 and at most 70
        """
    )


def test_to_reduce_by_everything_that_is_open_is_to_close() -> None:
    told = fed(HELD + "09:40:00 command reduce INFY 100 \n 09:40:01 cancelled 2 ")
    assert told.splitlines()[-1] == "09:40:01 exit 3 sell 100 market"


def test_what_is_leaving_already_cannot_be_reduced() -> None:
    told = fed(HELD + "09:40 command close INFY \n 09:40 command reduce INFY 10")
    assert told.splitlines()[-1] == ("09:40:00 no reduce by more than 0 and at most 0")


# S1-pnl-14
def test_a_person_moves_a_stop_only_nearer_on_the_tick_and_not_past_the_price() -> None:
    assert fed(
        HELD
        + """
        09:40 mark INFY 101
        09:41 command move_stop INFY 97
        09:41 command move_stop INFY 99.52
        09:41 command move_stop INFY
        09:41 command move_stop TCS 99
        09:41 command move_stop INFY 99.50
        09:42 modified 2 99.50
        09:43 command move_stop INFY 102
        09:43 past 2 the price is already past the trigger
        """
    ) == same(
        ENTERED
        + """
        09:41:00 no a stop moves only in favour; INFY has 98.00
        09:41:00 no 99.52 is not on the tick 0.05
        09:41:00 no moving a stop needs a price
        09:41:00 no nothing is open in 'TCS'
        09:41:00 modify 2 99.50
        09:41:00 answer moving the stop of INFY to 99.50
        09:42:00 stop 98.00 to 99.50 move_stop by ada
        09:43:00 modify 2 102.00
        09:43:00 answer moving the stop of INFY to 102
        09:43:00 alarm INFY: the stop could not be moved: the price is already past the trigger.
        """
    )


def test_a_person_enters_through_the_same_gate_and_no_more_than_asked() -> (
    None
):  # S1-q-1, S1-pnl-13
    assert fed("""
        09:30 command enter INFY buy 100 stop 98 units 7
        09:30 fill 1 a 7 @ 100
        09:31 command enter INFY buy 100 stop 98
        09:31 command enter TCS sell 100 stop 102 target 96 units 5000
        09:32 command enter TCS sell 100 stop 99
        09:32 command enter TCS
        09:32 command enter WIPRO buy 100 stop 98
    """) == same("""
        09:30:00 entry 1 buy 7 limit 100.10
        09:30:00 answer buying INFY
        09:30:00 filled 1 7 @ 100.00
        09:30:00 stop 2 sell 7 trigger 98.00 limit 97.80
        09:31:00 refused already_open
        09:31:00 no Already held by Manual
        09:31:00 entry 3 sell 100 limit 99.90     # 5,000 would be more than the amount allowed
        09:31:00 answer selling TCS
        09:32:00 cancel 3
        09:32:00 refused already_open
        09:32:00 no Already held by Manual
        09:32:00 no a trade needs a side, a price and a stop
        09:32:00 refused unknown_symbol
        09:32:00 no WIPRO is not an instrument of this desk
    """)


def test_a_strategy_is_switched_off_and_on() -> None:  # S2-core-3
    assert fed("""
        09:30 command disable by plan
        09:31 signal INFY buy 100 stop 98 target 104
        09:32 command enable by plan
        09:33 signal INFY buy 100 stop 98 target 104
        09:34 command disable by nobody
    """).splitlines() == [
        "09:30:00 answer plan is off",
        "09:31:00 refused strategy_off",
        "09:32:00 answer plan is on",
        "09:33:00 entry 1 buy 100 limit 100.10",
        "09:34:00 cancel 1",
        "09:34:00 no unknown strategy 'nobody'; there are plan, adder, shy, deaf, loose, manual",
    ]
