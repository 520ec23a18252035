"""The desk in a terminal: right size, nothing moves, nothing said by colour alone."""

import io
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain

import pytest
from desk_script import (
    HDFCBANK_HELD,
    INFY_HELD,
    MONDAY,
    Step,
    hdfcbank_bought,
    heard,
    infy_bought,
    infy_sold,
    marked,
    monday,
    on,
    opening,
    price,
    units,
)
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from sample_trades import INFY
from tradego.domain.effects import Alarm, ModeChanged, Severity, TrancheChanged
from tradego.domain.formats import THIN
from tradego.domain.money import Price
from tradego.ui.day_summary import DaySummary, in_words
from tradego.ui.desk_view import DeskView, TrancheView
from tradego.ui.onlooker import Onlooker
from tradego.ui.terminal import DeskScreen, LiveTerminal, frame, plain_line, stop_bar

D = Decimal
OPEN = (marked("INFY", "1509.1", on(MONDAY, "10:45")), [])


def view_of(*parts: object) -> DeskView:
    onlooker = Onlooker()
    for event, effects in chain(*parts):
        onlooker.apply(event, effects)
    return onlooker.view()


def drawn(view: DeskView, width: int = 80, height: int = 24) -> str:
    return "\n".join(line.plain.rstrip() for line in frame(view, width, height)).replace(THIN, " ")


def crowded(count: int) -> DeskView:
    """So many open positions, each with its stop missing."""
    steps: list[Step] = []
    for i in range(count):
        tranche = replace(
            HDFCBANK_HELD, tranche_id=f"BT{i}", symbol="HDFCBANK" if i == 0 else f"HDFCBANK{i}"
        )
        steps.append((heard(on(MONDAY, "14:00")), [TrancheChanged(tranche=tranche)]))
    (opened, _), *rest = opening()
    listed = [
        replace(opened.instruments[1], symbol=f"HDFCBANK{i}" if i else "HDFCBANK")
        for i in range(count)
    ]
    return view_of([(replace(opened, instruments=tuple(listed)), []), *rest], steps)


def test_the_five_answers_stand_at_the_top() -> None:
    lines = drawn(view_of(opening(), infy_bought(), [OPEN])).splitlines()
    assert lines[0] == "[PAPER] demo  open to 15:30                              " + (
        "Mon 3 Mar  10:45:00 IST"
    )
    assert lines[1] == "Today +₹360.00 +0.04 %  realised 0.00  open +360.00  0 trades"
    assert lines[2] == (
        "At risk ₹360.00 0.04/3.00 %  Deployed 1.20/50.00 %  Room ₹20,360.00  ✓ 1/1"
    )


def test_a_position_is_told_in_two_lines() -> None:
    lines = drawn(view_of(opening(), infy_bought(), [OPEN])).splitlines()
    assert lines[4].split() == ["Positions", "1", "of", "5", "entry", "last", "open", "result"]
    assert lines[5].split() == [
        "INFY", "Long", "40", "1,500.10", "1,509.10", "+360.00", "+1.00", "R",
    ]  # fmt: skip
    # 22 places between stop and target: the entry 9.00 of 24.00 along, the last price 18.00
    bar = "├········━━━━━━━━┃─────┤"
    assert lines[6].split() == ["stop", "1,491.10", bar, "1,515.10", "risks", "360.00"]


def test_refusals_are_told_with_their_numbers() -> None:
    view = view_of(opening(), infy_bought())
    told = "10:15:00  BAJFINANCE refused  Correlation with HDFCBANK 0.78, limit 0.70"
    assert told in drawn(view)
    assert told in drawn(view, 160, 50)


@pytest.mark.parametrize(
    ("width", "height"), [(80, 24), (160, 50), (132, 30), (131, 30), (60, 16), (40, 8), (250, 70)]
)
def test_a_frame_fills_its_terminal_exactly(width: int, height: int) -> None:
    views = (view_of(opening()), view_of(opening(), infy_bought(), [OPEN]), crowded(12))
    for view in views:
        lines = frame(view, width, height)
        assert len(lines) == height
        assert max(line.cell_len for line in lines) <= width


def test_a_figure_that_ticks_moves_nothing_else() -> None:
    """The decimal points of one frame stand where those of another do."""
    dots = []
    for last in ("1500.1", "1509.1", "1491.15"):
        tick = (marked("INFY", last, on(MONDAY, "10:45")), [])
        heads, line = frame(view_of(opening(), infy_bought(), [tick]), 80, 24)[4:6]
        assert heads.plain.rstrip().endswith("open result")
        assert line.plain[len(heads.plain.rstrip()) - 1].isdigit()  # right under its head
        dots.append([i for i, character in enumerate(line.plain) if character == "."])
    assert dots[0] == dots[1] == dots[2]


def test_positions_that_do_not_fit_are_counted() -> None:
    text = drawn(crowded(20), 80, 24)
    assert "and 9 more" in text
    assert text.count("Long 10") == 11


def test_a_very_small_terminal_still_shows_a_position() -> None:
    text = drawn(view_of(opening(), infy_bought(), [OPEN]), 80, 8)
    assert "INFY         Long 40" in text
    assert "more" not in text


def test_tranches_are_shown_where_there_is_room() -> None:  # S0-pos-1
    second = replace(
        INFY_HELD,
        tranche_id="BT000009",
        number=1,
        stop=price("1495.0"),
        entered=units(10),
        entry_value=D("15100.0"),
    )
    add = (heard(on(MONDAY, "10:44")), [TrancheChanged(tranche=second)])
    view = view_of(opening(), infy_bought(), [add, OPEN])
    lines = [line.split() for line in drawn(view, 100, 40).splitlines()]
    assert ["T1", "40", "1,500.10", "stop", "1,491.10", "+360.00", "+1.00", "R"] in lines
    assert ["T2", "10", "1,510.00", "stop", "1,495.00", "−9.00", "−0.05", "R"] in lines


def test_without_colour_every_state_has_its_word() -> None:
    alarm = Alarm(key="k", severity=Severity.CRITICAL, text="INFY has no stop.")
    halt = ModeChanged(state="halted", reason="halted by me")
    view = view_of(opening(), infy_bought(), [(heard(on(MONDAY, "10:16")), [alarm, halt])])
    text = drawn(view, 100, 30)
    assert "▲ ALARM 10:16:00  INFY has no stop." in text
    assert "■ NO ENTRIES  halted by me. Exits go on." in text
    assert "▲ NO STOP HDFCBANK" in drawn(crowded(1), 100, 30)


def test_a_price_that_is_old_says_how_old_while_the_market_is_open() -> None:
    onlooker = Onlooker()
    for event, effects in chain(opening(), infy_bought(), [OPEN]):
        onlooker.apply(event, effects)
    assert "PRICES" not in drawn(onlooker.view(on(MONDAY, "10:46")))
    assert "▲ PRICES 14 min OLD  INFY" in drawn(onlooker.view(on(MONDAY, "10:59:30")))
    assert "PRICES" not in drawn(onlooker.view(on(MONDAY, "15:31")))


def test_what_is_unknown_is_said_to_be_unknown() -> None:
    text = drawn(view_of(opening(), hdfcbank_bought()), 100, 30)
    assert "Today unknown –  realised 0.00  open –" in text
    assert "Room unknown" in text


def test_the_market_says_when_it_opens_and_closes() -> None:
    onlooker = Onlooker()
    for event, effects in opening():
        onlooker.apply(event, effects)
    assert "intraday entries for 5 h 30 min" in drawn(onlooker.view(), 120)
    assert "no more intraday entries" in drawn(onlooker.view(on(MONDAY, "14:50")), 120)
    assert "market closed" in drawn(onlooker.view(on(MONDAY, "15:30")), 120)


@pytest.mark.parametrize(
    ("entry", "last", "stop", "target", "expected"),
    [
        ("100", "100", "90", "120", "├···┃──────┤"),
        ("100", "110", "90", "120", "├···━━━┃───┤"),
        ("100", "95", "90", "120", "├··┃━──────┤"),
        ("100", "130", "90", "120", "├···━━━━━━┃┤"),  # beyond the target
        ("100", "80", "90", "120", "├┃━━━──────┤"),  # through the stop
        ("100", "110", "100", "120", "├━━━━┃─────┤"),  # the stop at the entry
        ("100", "90", "110", "80", "├···━━━┃───┤"),  # a short: right is good too
    ],
)
def test_the_bar_runs_from_stop_to_target(
    entry: str, last: str, stop: str, target: str, expected: str
) -> None:
    tranche = TrancheView(
        number=1,
        quantity=units(1),
        entry=D(entry),
        stop=price(stop),
        target=price(target),
        pnl=None,
        at_stop=D(0),
        planned_risk=D(0),
    )
    assert stop_bar(tranche, D(entry), D(last), 12).plain == expected


def test_a_position_without_a_target_has_a_word_and_no_bar() -> None:
    no_target: Price | None = None
    held = replace(HDFCBANK_HELD, target=no_target)
    step = (heard(on(MONDAY, "14:00")), [TrancheChanged(tranche=held)])
    text = drawn(view_of(opening(), [step, (marked("HDFCBANK", "1006", on(MONDAY, "14:01")), [])]))
    assert "no target" in text
    assert "├" not in text


def test_a_terminal_that_cannot_be_drawn_on_gets_lines() -> None:
    view = view_of(opening(), infy_bought(), infy_sold())
    assert plain_line(view.activity[0]).replace(THIN, " ") == (
        "11:07:01  INFY closed  +552.71  Target, after 52 min, +1.54 R"
    )


def test_the_live_view_leaves_the_terminal_as_it_was() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, height=24, force_terminal=True, color_system="standard")
    with LiveTerminal(console, Onlooker()) as live:
        for event, effects in chain(opening(), infy_bought()):
            live.apply(event, effects)
        live.refresh(on(MONDAY, "10:20"))
    text = out.getvalue()
    assert "INFY" in text
    assert "10:20:00 IST" in text
    assert text.index("\x1b[?1049h") < text.index("INFY") < text.index("\x1b[?1049l")
    assert text.endswith("\x1b[?25h\x1b[?1049l")  # the cursor and the old screen are back


def test_a_screen_without_colour_holds_the_same_words() -> None:
    def printed(**options: object) -> str:
        out = io.StringIO()
        console = Console(file=out, width=80, height=24, force_terminal=True, **options)
        console.print(DeskScreen(view_of(opening(), infy_bought(), [OPEN])))
        return Text.from_ansi(out.getvalue()).plain

    assert printed(color_system="truecolor") == printed(color_system=None)


# ---- the day ------------------------------------------------------------------------------------


def sentences(view: DeskView) -> Sequence[str]:
    return [sentence.replace(THIN, " ") for sentence in in_words(view)]


def test_the_day_is_told_in_words() -> None:
    assert sentences(view_of(monday())) == [
        "Mon 3 Mar 2025, paper, account demo: equity rose by ₹612.71, 0.06 %, to ₹10,00,612.71.",
        "1 trade, 1 won and 0 lost: +₹600.00 before charges, ₹47.29 charges, +₹552.71 after them.",
        "1 signal refused: correlation too high 1.",
        "1 position open overnight (HDFCBANK), unrealised +₹60.00, ₹100.00 at risk to the stops.",
    ]


def test_a_day_without_a_trade_says_so() -> None:
    assert sentences(view_of(opening())) == [
        "Mon 3 Mar 2025, paper, account demo: equity is unchanged at ₹10,00,000.00.",
        "No trade was closed.",
        "No signal was refused.",
        "Nothing is open.",
    ]


def test_the_best_and_the_worst_trade_are_named() -> None:
    lost = replace(INFY, trade_id="BT000007", symbol="TCS", gross_pnl=D("-100.0"))
    view = replace(view_of(opening()), trades=(INFY, lost))
    assert sentences(view)[2] == "Best INFY +₹552.71 (target); worst TCS −₹147.29 (target)."


def test_a_day_whose_result_is_not_known_says_so_and_why() -> None:
    halt = ModeChanged(state="halted", reason="halted by me")
    alarm = Alarm(key="k", severity=Severity.CRITICAL, text="HDFCBANK has no price.")
    step = (heard(on(MONDAY, "14:30")), [halt, alarm])
    told = sentences(view_of(opening(), hdfcbank_bought(), [step]))
    assert told[0].endswith("account demo: the result is unknown, a price is missing.")
    assert "unrealised an unknown amount" in told[3]
    assert told[4:] == [
        "Entries are stopped: halted by me.",
        "There was an alarm at 14:30:00: HDFCBANK has no price.",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_the_days_trades_are_a_table_with_their_sum(width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width).print(DaySummary(view_of(monday())))
    lines = out.getvalue().replace(THIN, " ").splitlines()
    assert max(map(len, lines)) <= width
    (trade,) = [line.split() for line in lines if line.startswith("11:07")]
    more = ["1,500.10", "1,515.10", "Target", "47.29"] if width == 120 else ["Target"]
    assert trade == ["11:07", "INFY", "Long", "40", *more, "+1.54", "R", "+552.71"]
    assert lines[-1].split()[0] == "Sum"
    assert lines[-1].split()[-1] == "+552.71"
