"""What a strategy says of what it has open: S0-trk-2..4, S1-sig-5."""

from one_position import ENTERED, HELD, day
from tradego.domain.events import AdviceGiven
from tradego.domain.signals import Action, Advice
from tradego.domain.times import at
from trading_day import MONDAY, Fed, fed, played, same


def test_advice_is_acted_on_proposed_or_ignored_as_the_strategy_policy_says() -> None:
    held = HELD.replace("target 104", "target 104 by {0}") + "10:00 advise INFY exit by {0}"
    assert fed(held.format("plan")) == same(
        ENTERED + "10:00:00 cancel 2 \n 10:00:00 advice exit acted"
    )
    assert fed(held.format("shy")) == same(ENTERED + "10:00:00 advice exit proposed")
    assert fed(held.format("deaf")) == same(ENTERED + "10:00:00 advice exit ignored")


def test_advice_of_another_strategy_or_on_nothing_held_is_not_heard() -> None:
    assert fed("10:00 advise INFY exit") == ""
    assert fed(HELD + "10:00 advise INFY exit by adder") == same(ENTERED)


def test_an_advised_exit_names_its_rule() -> None:  # S1-sig-5
    said = "09:30 signal INFY buy 100 stop 98 target 104 \n 09:45 advise INFY exit"
    assert played(day("100 101 99 100", "100.20 101 99 100", said=said), until="10:00") == same(
        ENTERED
        + """
        09:45:00 cancel 2
        09:45:00 advice exit acted
        09:45:00 over 2 cancelled
        09:45:00 exit 3 sell 100 limit 99.80     # decided on the close of 100, not the open
        09:45:00 filled 3 100 @ 100.20
        09:45:00 trade T1 buy 100 in 100.00 out 100.20 SIGNAL ema9_cross 20.00
        """
    )


def test_an_exit_because_it_is_late_has_a_reason_of_its_own() -> None:  # contract.md: TIME
    ten = at(MONDAY, "10:00")
    late = Advice(ts_ns=ten, symbol="INFY", strategy="plan", action=Action.EXIT, rule="time")
    desk = Fed()
    desk.play(HELD + "10:00 mark INFY 100")
    desk.feed(AdviceGiven(ts_ns=ten, advice=(late,)))
    told = desk.play("10:00:01 cancelled 2 \n 10:00:02 fill 3 b 100 @ 100")
    assert told.splitlines()[-1] == (
        "10:00:02 trade T1 buy 100 in 100.00 out 100.00 TIME time 0.00"
    )


def test_what_a_strategy_holds_on_to_is_only_noted() -> None:
    assert fed(HELD + "10:00:00 advise INFY hold") == same(ENTERED + "10:00:00 advice hold held")


def test_to_reduce_shrinks_the_stop_first_and_protects_what_stays() -> None:
    assert fed(
        HELD
        + """
        10:00:00 advise INFY reduce 0.4
        10:00:01 cancelled 2
        10:00:02 ack 3
        10:00:02 ack 4
        10:00:03 fill 4 b 15 @ 101
        10:00:04 fill 4 c 25 @ 101
        """
    ) == same(
        ENTERED
        + """
        10:00:00 cancel 2
        10:00:00 advice reduce acted
        10:00:01 over 2 cancelled
        10:00:01 stop 3 sell 60 trigger 98.00 limit 97.80
        10:00:01 exit 4 sell 40 limit 99.80      # no newer price than the fill at 100
        10:00:03 filled 4 15 @ 101.00
        10:00:04 filled 4 25 @ 101.00
        """
    )


def test_two_wishes_to_reduce_add_up() -> None:
    assert fed(
        HELD
        + """
        10:00:00 advise INFY reduce 0.5
        10:00:01 cancelled 2
        10:00:02 advise INFY reduce 0.5          # of the 50 that were to stay
        10:00:03 fill 4 b 50 @ 100
        10:00:04 cancelled 3
        10:00:05 fill 6 c 25 @ 100
        """
    ) == same(
        ENTERED
        + """
        10:00:00 cancel 2
        10:00:00 advice reduce acted
        10:00:01 over 2 cancelled
        10:00:01 stop 3 sell 50 trigger 98.00 limit 97.80
        10:00:01 exit 4 sell 50 limit 99.80
        10:00:02 cancel 3
        10:00:02 advice reduce acted
        10:00:03 filled 4 50 @ 100.00
        10:00:04 over 3 cancelled
        10:00:04 stop 5 sell 25 trigger 98.00 limit 97.80
        10:00:04 exit 6 sell 25 limit 99.80
        10:00:05 filled 6 25 @ 100.00
        """
    )


def test_to_reduce_by_all_that_was_to_stay_is_an_exit() -> None:
    told = fed(
        HELD
        + """
        10:00:00 advise INFY reduce 0.5
        10:00:01 cancelled 2
        10:00:02 advise INFY reduce 1.0
        10:00:03 fill 4 b 50 @ 100
        10:00:04 cancelled 3
        10:00:05 fill 5 c 50 @ 100
        """
    )
    assert told.splitlines()[-2:] == [
        "10:00:05 filled 5 50 @ 100.00",
        "10:00:05 trade T1 buy 100 in 100.00 out 100.00 SIGNAL ema9_cross 0.00",
    ]


def test_a_stop_hit_while_a_part_is_leaving_ends_everything_once() -> None:
    assert fed(
        HELD
        + """
        10:00:00 advise INFY reduce 0.4
        10:00:01 cancelled 2
        10:00:02 fill 3 b 60 @ 97.90
        10:00:03 fill 4 c 40 @ 97.80
        """
    ).splitlines()[-1] == ("10:00:03 trade T1 buy 100 in 100.00 out 97.86 STOP_LOSS stop -214.00")


def test_advice_to_reduce_by_less_than_a_lot_does_nothing() -> None:
    assert fed(HELD + "10:00:00 advise INFY reduce 0.001") == same(
        ENTERED + "10:00:00 advice reduce nothing to do"
    )


def test_advice_to_reduce_by_everything_is_an_exit() -> None:
    told = fed(HELD + "10:00 advise INFY reduce 1.0 \n 10:00:01 cancelled 2")
    assert told.splitlines()[-1] == "10:00:01 exit 3 sell 100 limit 99.80"


def test_advice_moves_a_stop_only_in_favour() -> None:
    assert fed(
        HELD
        + """
        10:00:00 advise INFY move_stop 97
        10:00:00 advise INFY move_stop nan
        10:00:00 advise INFY move_stop 99.52
        """
    ) == same(
        ENTERED
        + """
        10:00:00 advice move_stop nothing to do
        10:00:00 advice move_stop nothing to do
        10:00:00 modify 2 99.50
        10:00:00 advice move_stop acted
        """
    )
