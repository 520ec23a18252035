"""What a person sees of the desk is what the journal tells, added up right."""

from decimal import Decimal
from itertools import chain

from desk_script import (
    CAPITAL,
    HDFCBANK_HELD,
    HDFCBANK_SOLD,
    INFY_HELD,
    MONDAY,
    STOP_ORDER,
    TUESDAY,
    Step,
    hdfcbank_bought,
    heard,
    infy_bought,
    infy_sold,
    marked,
    monday,
    on,
    opening,
    tuesday,
    units,
)
from msgspec.structs import replace

from sample_trades import INFY
from tradego.domain.charges import Charges
from tradego.domain.effects import (
    AdviceHeard,
    Alarm,
    CommandAnswered,
    ModeChanged,
    OrderChanged,
    Refusal,
    Severity,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.events import InstrumentListed
from tradego.domain.formats import THIN
from tradego.domain.instruments import Instrument
from tradego.domain.orders import OrderState, Role
from tradego.domain.positions import TrancheState
from tradego.domain.signals import Action, Advice, Side
from tradego.ui.desk_view import DeskView, Topic
from tradego.ui.onlooker import Onlooker

D = Decimal


def seen(*parts: object, n: int | None = None) -> tuple[DeskView, Onlooker]:
    """The view after the steps of these parts, or of the first `n` of them."""
    onlooker = Onlooker()
    steps: list[Step] = list(chain(*parts))[:n]
    for event, effects in steps:
        onlooker.apply(event, effects)
    return onlooker.view(), onlooker


def told(onlooker: Onlooker, *steps: Step) -> list[str]:
    lines = [line for event, effects in steps for line in onlooker.apply(event, effects)]
    return [f"{line.subject} {line.verb} | {line.figure} | {line.detail}" for line in lines]


def test_an_empty_desk_shows_its_capital_and_nothing_open() -> None:
    view, _ = seen(opening())
    assert (view.mode, view.account, view.session.date) == ("PAPER", "demo", "2025-03-03")
    assert (view.today.starting, view.today.total) == (CAPITAL, 0)
    assert (view.risk.heat, view.risk.room, view.positions) == (0, D(20_000), [])


def test_a_pending_entry_counts_as_risk_and_deployed_before_it_fills() -> None:  # S1-arch-3
    view, _ = seen(opening(), infy_bought(), n=3)
    assert view.positions == []
    assert [order.role for order in view.orders] == [Role.ENTRY]
    assert view.risk.heat == D("420.0")  # 40 x (1501.60 - 1491.10)
    assert view.risk.deployed == D("12012.8")  # a fifth of 40 x 1501.60
    assert view.risk.positions == 1


def test_an_open_position_is_shown_with_result_risk_and_protection() -> None:
    view, _ = seen(opening(), infy_bought(), [(marked("INFY", "1509.1", on(MONDAY, "10:45")), [])])
    (position,) = view.positions
    assert (position.symbol, position.direction, position.quantity) == ("INFY", Side.BUY, units(40))
    assert (position.entry, position.last) == (D("1500.1"), D("1509.1"))
    assert (position.pnl, position.r, position.at_stop) == (D(360), D(1), D(-360))
    assert position.covered
    assert view.risk.uncovered == ()
    assert (view.today.open, view.today.percent(view.today.open)) == (D(360), D("0.036"))
    assert (view.risk.heat, view.risk.deployed) == (D(360), D("12000.80"))
    assert view.risk.room == D(20_360)


def test_a_position_whose_stop_is_not_working_is_named() -> None:
    view, onlooker = seen(opening(), infy_bought(), n=5)
    assert view.risk.uncovered == ("INFY",)  # sent, not yet heard of
    refused = replace(STOP_ORDER, state=OrderState.REJECTED)
    onlooker.apply(heard(on(MONDAY, "10:15:02")), [OrderChanged(order=refused)])
    assert onlooker.view().risk.uncovered == ("INFY",)
    part = replace(STOP_ORDER, state=OrderState.WORKING, quantity=units(39))
    onlooker.apply(heard(on(MONDAY, "10:15:03")), [OrderChanged(order=part)])
    assert onlooker.view().risk.uncovered == ("INFY",)


def test_a_stop_moved_to_the_entry_takes_the_risk_away() -> None:
    before, _ = seen(opening(), infy_bought(), infy_sold(), n=7)
    after, _ = seen(opening(), infy_bought(), infy_sold(), n=8)
    assert (before.risk.heat, after.risk.heat) == (D(360), D(0))
    assert after.positions[0].at_stop == 0


def test_a_closed_trade_is_realised_after_its_charges() -> None:
    view, _ = seen(opening(), infy_bought(), infy_sold())
    today = view.today
    assert (today.realised, today.open, today.charges) == (D("552.71"), 0, D("47.29"))
    assert (today.trades, today.wins, view.positions, view.orders) == (1, 1, [], [])


def test_a_trade_said_again_with_other_charges_is_counted_once() -> None:
    _, onlooker = seen(opening(), infy_bought(), infy_sold())
    again = replace(INFY, charges=Charges(stt=D("50.00")))
    assert told(onlooker, (heard(on(MONDAY, "15:30")), [TradeClosed(trade=again)])) == []
    view = onlooker.view()
    assert (view.today.trades, view.today.realised) == (1, D("550.00"))


def test_what_is_carried_overnight_counts_only_by_what_it_changes() -> None:
    view, _ = seen(monday(), tuesday(), n=len(list(monday())) + 2)
    assert view.today.starting == D("1000607.71")
    assert view.today.open == D(-20)  # 1010 at the close, 1008 now
    assert view.trades == []


def test_the_day_a_carried_position_is_sold_has_its_last_change_and_charges() -> None:
    view, _ = seen(monday(), tuesday())
    assert view.trades == [HDFCBANK_SOLD]
    assert view.today.realised == D("-27.00")  # -20.00 on the price, -7.00 of charges
    assert view.today.wins == 1  # the trade as a whole won


def test_a_price_that_is_not_known_makes_the_result_unknown() -> None:
    view, onlooker = seen(opening(), hdfcbank_bought())
    assert (view.positions[0].last, view.positions[0].pnl) == (None, None)
    assert (view.today.open, view.today.total, view.risk.room) == (None, None, None)
    onlooker.price("HDFCBANK", D("1006.0"), on(MONDAY, "14:00:02"))
    assert onlooker.view().today.open == D(20)


def test_the_clock_does_not_run_back_and_may_run_ahead() -> None:
    _, onlooker = seen(opening())
    assert onlooker.view(0).now_ns == on(MONDAY, "09:15")
    assert onlooker.view(on(MONDAY, "09:20")).now_ns == on(MONDAY, "09:20")


def test_two_tranches_are_one_position() -> None:  # S0-pos-1
    second = replace(INFY_HELD, tranche_id="BT000009", number=1, entered=units(10))
    second = replace(second, entry_value=D("15100.0"), opened_ns=on(MONDAY, "10:50"))
    view, _ = seen(
        opening(),
        infy_bought(),
        [
            (heard(on(MONDAY, "10:50")), [TrancheChanged(tranche=second)]),
            (marked("INFY", "1509.1", on(MONDAY, "10:51")), []),
        ],
    )
    (position,) = view.positions
    assert (position.quantity, position.entry) == (units(50), D("1502.08"))
    assert [(t.number, t.pnl) for t in position.tranches] == [(1, D(360)), (2, D(-9))]
    assert position.pnl == D(351)
    assert not position.covered  # the stop is for 40


def test_activity_tells_the_session_newest_first() -> None:
    view, _ = seen(opening(), infy_bought(), infy_sold())
    assert [f"{line.subject} {line.verb}" for line in view.activity] == [
        "INFY closed",
        "INFY stop raised",
        "INFY bought 40",
        "BAJFINANCE refused",
        "INFY order for 40",
        "Session opened",
    ]


def test_every_line_says_why_with_its_numbers() -> None:
    _, onlooker = seen(opening())
    lines = told(onlooker, *infy_bought(), *infy_sold())
    assert lines == [
        "INFY order for 40 | 1,501.60 | Technical breakout, risks ₹420.00, "
        "cut by the cap on one position",
        "BAJFINANCE refused | no order | Correlation with HDFCBANK 0.78, limit 0.70",
        "INFY bought 40 | 1,500.10 | New high, on volume",
        "INFY stop raised | 1,500.10 | Breakeven; was 1,491.10",
        f"INFY closed | +552.71 | Target, after 52 min, +1.54{THIN}R",
    ]


def test_what_concerns_the_desk_is_told_too() -> None:
    _, onlooker = seen(opening(), infy_bought())
    advice = Advice(
        ts_ns=on(MONDAY, "10:30"),
        symbol="INFY",
        strategy="technical_breakout",
        action=Action.EXIT,
        rule="ema9_cross",
    )
    hold = replace(advice, action=Action.HOLD)
    nothing = replace(INFY_HELD, state=TrancheState.ABANDONED)
    effects = [
        AdviceHeard(advice=hold, taken="held"),
        AdviceHeard(advice=advice, taken="proposed"),
        CommandAnswered(command_id="c1", accepted=False, answer="no: nothing is open in 'TCS'"),
        TrancheChanged(tranche=nothing),
        ModeChanged(state="halted", reason="halted by me"),
        Alarm(key="k", severity=Severity.WARNING, text="A stop could not be moved."),
    ]
    assert told(onlooker, (heard(on(MONDAY, "10:30")), effects)) == [
        "INFY exit | proposed | Technical breakout: ema9 cross",
        "Command refused |  | no: nothing is open in 'TCS'",
        "INFY not filled | no position | The price went away from the entry before it filled",
        "Entries halted |  | halted by me",
        "Alarm  |  | A stop could not be moved.",
    ]
    assert onlooker.view().alarm is None  # a warning is not an alarm bar


def test_a_critical_alarm_stays_until_the_next_session() -> None:
    _, onlooker = seen(opening())
    alarm = Alarm(key="k", severity=Severity.CRITICAL, text="INFY has no stop.")
    onlooker.apply(heard(on(MONDAY, "10:00")), [alarm])
    view = onlooker.view()
    assert view.alarm is not None
    assert (view.alarm.topic, view.alarm.detail) == (Topic.ALARM, "INFY has no stop.")
    onlooker.apply(*next(tuesday()))
    assert onlooker.view().alarm is None


def test_a_halt_is_shown_until_it_is_lifted() -> None:
    _, onlooker = seen(opening())
    halted = ModeChanged(state="halted", reason="drawdown past 10 %")
    onlooker.apply(heard(on(MONDAY, "10:00")), [halted])
    assert onlooker.view().halted == "drawdown past 10 %"
    onlooker.apply(
        heard(on(TUESDAY, "09:00")), [ModeChanged(state="ready", reason="resumed by me")]
    )
    assert onlooker.view().halted == ""


def test_refusals_are_counted_by_reason_and_forgotten_overnight() -> None:
    view, onlooker = seen(opening(), infy_bought())
    assert view.refusals == [(Refusal.CORRELATION, 1)]
    assert view.refused == 1
    onlooker.apply(*next(tuesday()))
    assert onlooker.view().refused == 0


def test_new_terms_of_an_instrument_are_used_from_then_on() -> None:
    _, onlooker = seen(
        opening(), infy_bought(), [(marked("INFY", "1509.1", on(MONDAY, "10:45")), [])]
    )
    before = onlooker.view().risk.deployed
    listed = Instrument(symbol="INFY", margin_pct=D(40), tick=D("0.10"))
    onlooker.apply(InstrumentListed(ts_ns=on(MONDAY, "10:46"), instrument=listed), [])
    assert onlooker.view().risk.deployed == 2 * before
    assert onlooker.view().positions[0].tick == D("0.10")


def test_a_short_position_wins_when_the_price_falls() -> None:
    short = replace(
        HDFCBANK_HELD, direction=Side.SELL, initial_stop=HDFCBANK_HELD.target or HDFCBANK_HELD.stop
    )
    view, _ = seen(
        opening(),
        [
            (heard(on(MONDAY, "14:00")), [TrancheChanged(tranche=short)]),
            (marked("HDFCBANK", "1001.0", on(MONDAY, "14:01")), []),
        ],
    )
    assert view.positions[0].pnl == D(30)
