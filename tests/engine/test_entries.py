"""Days on which something is entered, or is not."""

import pytest

from tradego.domain.instruments import Instrument
from tradego.domain.money import Quantity
from trading_day import Fed, fed, played, same


def test_an_entry_limit_lies_a_tenth_of_a_percent_through_the_signal_on_the_tick() -> None:
    # S1-exec-2: 1501 x 1.001 = 1502.501 and 1501 x 0.999 = 1499.499; never past the buffer
    assert fed("""
        09:30 signal INFY buy 1501 stop 1480 target 1550
        09:30 signal TCS sell 1501 stop 1520 target 1450
    """) == same("""
        09:30:00 entry 1 buy 6 limit 1502.50      # 10,010 / 1502.50 = 6.66
        09:30:00 entry 2 sell 6 limit 1499.50
    """)


def test_on_bars_of_a_quarter_hour_an_entry_fills_at_the_next_open_or_not_at_all() -> None:
    # S1-exec-3: the bar trades through 100.10 later, but the order lives 60 s
    assert played("""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100.15 101 99 100
        09:30 signal INFY buy 100 stop 98 target 104
    """) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:31:00 cancel 1
        09:31:00 over 1 cancelled
    """)


def test_on_bars_of_a_minute_an_entry_fills_inside_a_bar_at_its_limit() -> None:
    # S1-exec-3: the low is met 29/32 into the bar; long buyers meet it before the high
    assert played(
        """
        bars INFY 1
            09:29  100 100 100 100
            09:30  100.15 101 99.90 100.60
            09:31  100.60 100.70 100.50 100.60
        09:30 signal INFY buy 100 stop 98 target 104
        """,
        until="09:40",
    ) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:54.375 filled 1 100 @ 100.10
        09:30:54.375 stop 2 sell 100 trigger 98.00 limit 97.80
    """)


def test_the_time_out_comes_after_the_open_at_the_same_instant() -> None:
    bars = """
        bars INFY 1
            09:29  100 100 100 100
            09:30  100.15 101 100.15 100.60
            09:31  {} 100.70 100.05 100.60
        09:30 signal INFY buy 100 stop 98 target 104
    """
    assert played(bars.format("100.05")).splitlines()[1] == "09:31:00 filled 1 100 @ 100.05"
    assert played(bars.format("100.15")).splitlines()[1:] == [
        "09:31:00 cancel 1",
        "09:31:00 over 1 cancelled",
    ]


def test_a_better_open_is_the_fill_price_and_the_rest_follows_from_it() -> None:  # S1-exec-4
    # opened at 99.50: 1R is 1.50, so breakeven is wanted from 101.00
    assert played(
        """
        bars INFY 15
            09:15  100 100 100 100
            09:30  99.50 101 99.50 100.90
            09:45  100.90 100.90 99.45 99.60
        09:30 signal INFY buy 100 stop 98 target 104
        """,
        without="modify",
    ) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:00 filled 1 100 @ 99.50
        09:30:00 stop 2 sell 100 trigger 98.00 limit 97.80
        09:44:03.750 stop 98.00 to 99.50 breakeven
        09:58:35.625 filled 2 100 @ 99.50
        09:58:35.625 trade T1 buy 100 in 99.50 out 99.50 TRAILING_STOP breakeven 0.00
    """)


def test_what_filled_before_the_time_out_is_kept_and_protected() -> None:  # S1-exec-3, S1-plan-2
    # a tenth of 400 is 40
    assert played("""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100.50 99.50 100 400
            09:45  100 100.50 97 97 400
            10:00  97 97 97 97
        09:30 signal INFY buy 100 stop 98 target 104
    """) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:00 filled 1 40 @ 100.00
        09:30:00 stop 2 sell 40 trigger 98.00 limit 97.80
        09:31:00 cancel 1
        09:31:00 over 1 cancelled
        09:58:35.625 filled 2 40 @ 98.00
        09:58:35.625 trade T1 buy 40 in 100.00 out 98.00 STOP_LOSS stop -80.00
    """)


def test_every_further_fill_of_an_entry_gets_a_stop_of_its_own() -> None:  # F33
    assert fed("""
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:01 ack 1
        09:30:02 fill 1 a 30 @ 100
        09:30:03 fill 1 b 70 @ 100.10
    """) == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:02 filled 1 30 @ 100.00
        09:30:02 stop 2 sell 30 trigger 98.00 limit 97.80
        09:30:03 filled 1 70 @ 100.10
        09:30:03 stop 3 sell 70 trigger 98.00 limit 97.80
    """)


def test_a_short_is_the_mirror_image() -> None:  # S1-sig-8, S1-exec-2
    # sold at 100: 1R is 2, breakeven from 98; the high comes first for a short
    assert played("""
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 101.90 97.90 98.50
            09:45  98.50 100.05 98.40 99
        09:30 signal INFY sell 100 stop 102 target 96
    """) == same("""
        09:30:00 entry 1 sell 100 limit 99.90
        09:30:00 filled 1 100 @ 100.00
        09:30:00 stop 2 buy 100 trigger 102.00 limit 102.25
        09:44:03.750 modify 2 100.00
        09:44:03.750 stop 102.00 to 100.00 breakeven
        09:58:35.625 filled 2 100 @ 100.00
        09:58:35.625 trade T1 sell 100 in 100.00 out 100.00 TRAILING_STOP breakeven 0.00
    """)


def test_no_intraday_entry_after_the_cut_off_but_delivery_until_the_close() -> None:
    # S1-exec-10 of 2025: 14:55; S1-exec-1
    rows = "\n".join(f"{time} 100 100 100 100" for time in ("14:30", "14:45", "15:00", "15:15"))
    assert played(
        f"""
        bars INFY 15
        {rows}
        bars TCS 15
        {rows}
        14:45 signal INFY buy 100 stop 98 target 104
        15:00 signal TCS buy 100 stop 98 target 104
        15:15 signal TCS buy 100 stop 98 target 104 delivery
        15:30 signal INFY buy 100 stop 98 target 104 delivery
        """,
        without="stop flatten over cancel",
    ) == same("""
        14:45:00 entry 1 buy 100 limit 100.10
        14:45:00 filled 1 100 @ 100.00
        15:00:00 refused after_cutoff
        15:00:00 filled 3 100 @ 100.00
        15:00:00 trade T1 buy 100 in 100.00 out 100.00 EOD_SQUAREOFF square_off 1 0.00
        15:15:00 entry 4 buy 100 limit 100.10
        15:15:00 filled 4 100 @ 100.00
        15:30:00 refused market_closed
    """)


def test_an_intraday_entry_still_out_at_the_cut_off_is_called_back() -> None:
    assert fed("""
        14:54:30 signal INFY buy 100 stop 98 target 104
        14:54:30 signal TCS buy 100 stop 98 target 104 delivery
        14:54:30 ack 1
        14:55:00 timer entry_cutoff
    """) == same("""
        14:54:30 entry 1 buy 100 limit 100.10
        14:54:30 entry 2 buy 100 limit 100.10
        14:55:00 cancel 1
    """)


def test_a_day_order_not_filled_expires_with_the_day() -> None:
    assert played("""
        bars INFY 1
            15:28  100 100 100 100
            15:29  100.15 101 100.15 100.60
        15:29 signal INFY buy 100 stop 98 target 104 delivery
    """) == same("""
        15:29:00 entry 1 buy 100 limit 100.10
        15:30:00 over 1 expired
    """)


def test_an_entry_is_never_more_than_the_exchange_takes_in_one_order() -> None:
    assert played(
        """
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 100 100 100
        09:30 signal INFY buy 100 stop 98 target 104
        """,
        execution={"entry_buffer_pct": "0"},
        instruments=(Instrument(symbol="INFY", freeze=Quantity.of(5)),),
        until="09:31",
    ) == same("""
        09:30:00 entry 1 buy 5 limit 100.00
        09:30:00 filled 1 5 @ 100.00
        09:30:00 stop 2 sell 5 trigger 98.00 limit 97.80
    """)


def test_an_entry_the_exchange_refuses_leaves_nothing_behind() -> None:
    desk = Fed()
    told = desk.play("""
        09:30 signal INFY buy 100 stop 98 target 104
        09:30:30 reject 1 margin exceeds
        09:45 signal INFY buy 100 stop 98 target 104
    """)
    assert told == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:30 over 1 rejected
        09:30:30 alarm INFY entry order was refused: margin exceeds.
        09:45:00 entry 2 buy 100 limit 100.10
    """)


@pytest.mark.parametrize(
    "levels",
    [
        "0 stop 98",
        "nan stop 98",
        "100 stop nan",
        "100 stop 0.01",
        "inf stop 98",
        "100 stop 98 target nan",
        "100 stop 98 target inf",
    ],
)
def test_a_level_that_is_no_price_is_refused_and_never_left_out(levels: str) -> None:  # F39
    assert fed(f"09:30 signal INFY buy {levels}") == "09:30:00 refused no_price"


def test_a_confidence_that_is_no_number_is_refused() -> None:
    assert fed("09:30 signal INFY buy 100 stop 98 confidence nan") == same(
        "09:30:00 refused low_confidence"
    )
