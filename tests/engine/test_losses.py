"""When a day, or the fall from the peak, has cost too much: S1-risk-8, S4-p3-7..10."""

from decimal import Decimal

from tradego.domain.effects import DayReported, WatchEquity
from trading_day import Fed, Played, played, same

D = Decimal
# Of Rs 50,000, 2 % is 1,000; 100 bought at 100 may fall to about 90.
LOSING = """
    bars INFY 15
        09:15  100 100 100 100
        09:30  100 100 95 96
        09:45  96 96 89 90.50
        10:00  90 92 88 89.50
        10:15  89 95 89 95
    bars TCS 15
        09:15  100 100 100 100
        10:00  100 100 100 100
        10:15  100 100 100 100
        10:30  100 100 100 100
    09:30 signal INFY buy 100 stop 80 target 140 delivery by loose
    10:00 signal TCS buy 100 stop 98 target 104
    10:15 signal TCS buy 100 stop 98 target 104
"""
WIDE = {
    "position_pct": "100",
    "max_heat_pct": "100",
    "max_deployed_pct": "100",
    "intraday_pool_pct": "50",
    "fixed_amount": "10010",
}


def test_the_breaker_falls_at_the_first_close_below_two_percent_and_stops_entries() -> None:
    # charges are some 16; the close of 90.50 costs 950, that of 89.50 costs 1,050
    assert played(LOSING, capital=50_000, risk=WIDE, until="10:16") == same("""
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:00 filled 1 100 @ 100.00
        09:30:00 stop 2 sell 100 trigger 80.00 limit 79.80
        10:00:00 entry 3 buy 100 limit 100.10
        10:00:00 filled 3 100 @ 100.00
        10:00:00 stop 4 sell 100 trigger 98.00 limit 97.80
        10:15:00 alarm -2.13 % today: no more entries.
        10:15:00 refused already_open
    """)


def test_an_entry_after_the_breach_is_refused_until_the_next_session() -> None:
    text = (
        LOSING.replace("10:00 signal TCS buy 100 stop 98 target 104\n", "")
        + """
    2025-03-04
    bars INFY 15
        09:15  95 95 95 95
        09:30  95 95 95 95
    bars TCS 15
        09:15  100 100 100 100
        09:30  100 100 100 100
    09:30 signal TCS buy 100 stop 98 target 104 delivery
    """
    )
    told = played(text, capital=50_000, risk=WIDE, without="modify cancel over")
    assert told.splitlines()[3:] == [
        "10:15:00 alarm -2.12 % today: no more entries.",
        "10:15:00 refused daily_loss",
        "09:30:00 entry 3 buy 100 limit 100.10",
        "09:30:00 filled 3 100 @ 100.00",
        "09:30:00 stop 4 sell 100 trigger 98.00 limit 97.80",
    ]


def test_flattening_on_a_breach_is_a_setting() -> None:
    told = played(LOSING, capital=50_000, risk={**WIDE, "flatten_on_breach": "true"}, until="10:16")
    assert told.splitlines()[6:] == [
        "10:15:00 alarm -2.13 % today: no more entries.",
        "10:15:00 cancel 2",
        "10:15:00 cancel 4",
        "10:15:00 refused already_open",
        "10:15:00 over 2 cancelled",
        "10:15:00 flatten 5 sell 100 limit 89.30",  # the close of 89.50 less 0.2 %
        "10:15:00 over 4 cancelled",
        "10:15:00 flatten 6 sell 100 limit 99.80",
        "10:15:00 filled 6 100 @ 100.00",
        "10:15:00 trade T2 buy 100 in 100.00 out 100.00 RISK daily_loss 0.00",
        # INFY opens at 89.00, under the limit: a quarter of a minute later at market
        "10:15:15 cancel 5",
        "10:15:15 over 5 cancelled",
        "10:15:15 flatten 7 sell 100 market",
        "10:15:15 filled 7 100 @ 89.00",
        "10:15:15 trade T1 buy 100 in 100.00 out 89.00 RISK daily_loss -1100.00",
    ]


def test_with_nothing_open_the_loss_is_judged_at_once() -> None:
    # the stop costs 1,000 and the charges tip it over: nothing is left to be marked at a close
    desk = Fed(capital=50_000, risk=WIDE)
    told = desk.play("""
        09:30 signal INFY buy 100 stop 90 target 140
        09:30 fill 1 a 100 @ 100
        09:40 fill 2 b 100 @ 90
        09:41 signal TCS buy 100 stop 98 target 104
    """)
    assert told.splitlines()[-3:] == [
        "09:40:00 trade T1 buy 100 in 100.00 out 90.00 STOP_LOSS stop -1000.00",
        "09:40:00 alarm -2.02 % today: no more entries.",
        "09:41:00 refused daily_loss",
    ]


def test_a_drawdown_from_the_peak_stops_entries_until_a_person_resumes() -> None:
    # S4-p3-7..10: 2 % of the peak here, the day's own limit out of the way
    risk = {**WIDE, "drawdown_pct": "2", "daily_loss_pct": "50"}
    desk = Fed(capital=50_000, risk=risk)
    told = desk.play("""
        09:30 signal INFY buy 100 stop 90 target 140
        09:30 fill 1 a 100 @ 100
        09:40 fill 2 b 100 @ 90
        09:41 signal TCS buy 100 stop 98 target 104
    """)
    assert told.splitlines()[-3:] == [
        "09:40:00 alarm -2.02 % from the peak: no more entries.",
        "09:40:00 mode halted",
        "09:41:00 refused drawdown",
    ]
    desk.close()
    desk.open(desk._day.replace(day=4))
    assert desk.play("""
        09:30 signal TCS buy 100 stop 98 target 104
        09:31 command resume
        09:32 signal TCS buy 100 stop 98 target 104
    """) == same("""
        09:30:00 refused drawdown
        09:31:00 mode ready
        09:31:00 answer ready
        09:32:00 entry 3 buy 100 limit 100.10
    """)


def test_the_floor_asked_for_is_the_nearer_of_the_limits_not_yet_hit() -> None:
    # 100 held at 100 of 50,000: cash is 40,000 less charges; the day's floor 49,000, the peak's
    # 45,000. What is held must not be worth less than floor - cash.
    desk = Fed(capital=50_000, risk=WIDE)
    desk.play("09:30 signal INFY buy 100 stop 90 target 140 \n 09:30 fill 1 a 100 @ 100")
    floors = [e for e in desk.story.effects if isinstance(e, WatchEquity)]
    assert floors[-1].legs == (("INFY", D(100)),)
    assert floors[-1].floor == D(49_000) - desk.state.cash_balance
    assert D(9_000) < floors[-1].floor < D(9_020)


def test_losses_are_judged_at_the_close_of_the_day_too() -> None:
    desk = Fed(capital=50_000, risk=WIDE)
    desk.play("09:30 signal INFY buy 100 stop 80 target 140 delivery \n 09:30 fill 1 a 100 @ 100")
    told = len(desk.story.lines)
    desk.close(INFY=89)
    assert desk.story.lines[told:] == ["15:30:00 alarm -2.22 % today: no more entries."]


def test_the_day_is_one_row_with_intraday_and_swing_apart() -> None:  # S1-pnl-8..11
    # intraday: 100 bought at 100, sold at 104: 400; swing: 100 at 100, marked 99 at the close
    desk = Played(
        """
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 105 100 104
        bars TCS 15
            09:15  100 100 100 100
            09:30  100 100 99 99
        09:30 signal INFY buy 100 stop 98 target 104
        09:30 signal TCS buy 100 stop 98 target 104 delivery
        """
    )
    day = next(e.day for e in desk.story.effects if isinstance(e, DayReported))
    charges = day.charges
    assert (day.starting, day.ending) == (D(1_000_000), D(1_000_300) - charges)
    assert (day.realized, day.unrealized) == (D(400) - charges, D(-100))
    assert (day.intraday.realized + day.intraday.charges, day.intraday.unrealized) == (400, 0)
    assert (day.swing.realized + day.swing.charges, day.swing.unrealized) == (0, -100)
    assert (day.intraday.trades, day.intraday.wins, day.swing.trades) == (1, 1, 0)
    assert (day.deployed, day.available) == (D(10_000), D(990_000))
    assert (day.swing.deployed, day.intraday.deployed) == (D(10_000), 0)
    assert day.heat_pct == D("0.02")  # 100 x (100 - 98) of 10 lakh
    assert day.peak == day.ending  # a day that gained
    assert day.drawdown_pct == 0


def test_the_days_add_up_and_the_peak_is_the_highest_close() -> None:  # S1-pnl-9, S1-pnl-11
    # 100 bought at 100: +500 on the first day, -800 on the second, sold at 95 on the third
    desk = Played(
        """
        bars INFY 15
            09:15  100 100 100 100
            09:30  100 105 100 105
        2025-03-04
            09:15  105 105 97 97
        2025-03-05
            09:15  95 95 95 95
            09:30  95 95 95 95
        2025-03-03
        09:30 signal INFY buy 100 stop 90 target 140 delivery
        2025-03-05
        09:30 command close INFY
        """
    )
    days = [e.day for e in desk.story.effects if isinstance(e, DayReported)]
    charges = [day.charges for day in days]
    assert [day.unrealized for day in days] == [500, -300, 0]
    assert [day.realized for day in days] == [-charges[0], 0, -500 - charges[2]]
    assert charges[1] == 0
    assert days[-1].ending == 1_000_000 + sum(day.realized for day in days)
    assert [day.starting for day in days[1:]] == [day.ending for day in days[:-1]]
    assert {day.peak for day in days} == {days[0].ending}
    assert days[1].drawdown_pct == D(800) / days[0].ending * 100
