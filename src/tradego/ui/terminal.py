"""The desk in a terminal: the same five answers in the same place at every size, then what there is
room for. Readable without colour: a sign or a word says everything a colour says.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from tradego.domain import formats, wording
from tradego.domain.effects import Effect
from tradego.domain.events import Event
from tradego.domain.money import ZERO
from tradego.domain.times import MINUTE
from tradego.ui.cells import fit, gain, row, rule, title
from tradego.ui.desk_view import Activity, DeskView, OrderView, PositionView, Topic, TrancheView
from tradego.ui.onlooker import Onlooker

_STALE_NS = 2 * MINUTE  # a price older than this is shown with its time, in grey
_WIDE = 132  # from here on there are two columns
_SIDE = 52  # the width of the second


class DeskScreen:
    """A frame of the desk, made to the size of whatever shows it."""

    def __init__(self, view: DeskView) -> None:
        self._view = view

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or console.height
        for line in frame(self._view, options.max_width, height):
            line.no_wrap, line.overflow = True, "crop"
            yield line


class LiveTerminal:
    """Shows the desk while it runs. Use as a context manager; what was there before comes back."""

    def __init__(self, console: Console, onlooker: Onlooker) -> None:
        self._onlooker = onlooker
        self._live = Live(console=console, screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def apply(self, event: Event, effects: Sequence[Effect]) -> None:
        """Hear; the screen follows at the next `refresh`."""
        self._onlooker.apply(event, effects)

    def refresh(self, now_ns: int = 0) -> None:
        """Draw the desk as it is."""
        self._live.update(DeskScreen(self._onlooker.view(now_ns)), refresh=True)


def frame(view: DeskView, width: int, height: int) -> list[Text]:
    """Exactly `height` lines, none wider than `width`."""
    head = [*_bar(view, width), *_answers(view, width), rule(width)]
    room = height - len(head)
    lay_out = _two_columns if width >= _WIDE else _one_column
    body = lay_out(view, width, room)
    lines = [fit(line, width) if line.cell_len > width else line for line in [*head, *body]][
        :height
    ]
    return lines + [Text() for _ in range(height - len(lines))]


def plain_line(line: Activity) -> str:
    """A line of activity for a terminal that cannot be drawn on, or for a log."""
    words = f"{formats.clock(line.ts_ns)}  {line.subject} {line.verb}".rstrip()
    more = "  ".join(part for part in (line.figure, line.detail) if part)
    return f"{words}  {more}".rstrip()


# ---- the two ways to lay it out ------------------------------------------------------------------


def _one_column(view: DeskView, width: int, room: int) -> list[Text]:
    """Positions, then orders in a line, then activity in what is left."""
    positions = _positions(view, width, room - 6)
    orders = [_orders_in_words(view, width)]
    feed = room - len(positions) - len(orders) - 2
    activity = [_one_line(line, width) for line in view.activity[: max(0, feed)]]
    return [*positions, rule(width), *orders, rule(width), *activity]


def _two_columns(view: DeskView, width: int, room: int) -> list[Text]:
    """Positions, orders and signals on the left; what happened on the right."""
    left_width = width - _SIDE - 3
    signals = [line for line in view.activity if line.topic is Topic.SIGNAL]
    others = [line for line in view.activity if line.topic is not Topic.SIGNAL]
    left = _positions(view, left_width, room // 2 + 4)
    left += [rule(left_width), *_orders(view, left_width, max(3, (room - len(left)) // 2))]
    left += [rule(left_width), title("Signals", _refused_count(view), left_width)]
    left += [_one_line(line, left_width) for line in signals[: max(0, room - len(left))]]
    right = [title("Activity", "", _SIDE)]
    for line in others[: room // 2]:
        right += _two_lines(line, _SIDE)
    edge = Text(" │ ", "dim")
    blank_left, blank_right = Text(" " * left_width), Text("")
    return [
        Text.assemble(fit(one or blank_left, left_width), edge, other or blank_right)
        for one, other in list(zip_longest(left, right))[:room]
    ]


# ---- the bar and the answers ---------------------------------------------------------------------


def _bar(view: DeskView, width: int) -> list[Text]:
    """Mode in words, account, session, clock; under it what a person must know while it lasts."""
    live = view.mode == "LIVE"
    mode = Text(f"[{view.mode}]", "bold white on magenta" if live else "bold reverse")
    day = ""
    if view.session.date:
        on = date.fromisoformat(view.session.date)
        day = formats.day(on, weekday=True, year=width >= 100)
    clock = Text.assemble((f"{day}  ", "dim"), (formats.clock(view.now_ns, zone=True), "bold"))
    room = max(0, width - mode.cell_len - clock.cell_len - 2)
    middle = Text(f" {view.account}  {_market(view, brief=width < 100)}", "dim")
    lines = [Text.assemble(mode, fit(middle, room + 1), " ", clock)]
    if view.alarm is not None:
        text = f"▲ ALARM {formats.clock(view.alarm.ts_ns)}  {view.alarm.detail}"
        lines.append(fit(Text(text, "bold white on red"), width))
    if view.halted:
        text = f"■ NO ENTRIES  {view.halted}. Exits go on."
        lines.append(fit(Text(text, "bold black on yellow"), width))
    if old := [position for position in view.positions if _is_stale(position, view)]:
        age = formats.age(view.now_ns - min(position.last_ns for position in old))
        names = ", ".join(position.symbol for position in old)
        lines.append(fit(Text(f"▲ PRICES {age} OLD  {names}", "bold black on yellow"), width))
    return lines


def _is_stale(position: PositionView, view: DeskView) -> bool:
    """Only while the market is open: after it, a price is as new as it gets."""
    is_open = view.session.opens_ns <= view.now_ns < view.session.closes_ns
    return is_open and view.now_ns - position.last_ns > _STALE_NS


def _market(view: DeskView, *, brief: bool) -> str:
    session, now = view.session, view.now_ns
    if not session.opens_ns:
        return "no session"
    if now < session.opens_ns:
        return f"opens {formats.clock(session.opens_ns, seconds=False)}"
    if now >= session.closes_ns:
        return "market closed"
    until = f"open to {formats.clock(session.closes_ns, seconds=False)}"
    if brief:
        return until
    if now < session.entry_cutoff_ns:
        return f"{until}, intraday entries for {formats.age(session.entry_cutoff_ns - now)}"
    return f"{until}, no more intraday entries"


def _answers(view: DeskView, width: int) -> list[Text]:
    """Today, at risk, protected, room to the daily limit, deployed."""
    today, risk, wide = view.today, view.risk, width >= 100
    heat, deployed = today.percent(risk.heat), today.percent(risk.deployed)
    charges = ("  charges ", "dim"), formats.plain(today.charges)
    first = Text.assemble(
        ("Today ", "dim"),
        gain(today.total, rupees=True, bold=True),
        " ",
        gain(today.total, text=formats.percent(today.percent(today.total), signed=True)),
        ("  realised ", "dim"),
        gain(today.realised),
        ("  open ", "dim"),
        gain(today.open),
        *(charges if wide else ()),
        f"  {formats.counted(today.trades, 'trade')}",
        (f" {today.wins} won" if today.trades else "", "dim"),
    )
    second = Text.assemble(
        ("At risk ", "dim"),
        (formats.rupees(risk.heat), "bold"),
        " ",
        _used(heat, risk.heat_limit_pct, wide),
        ("  Deployed ", "dim"),
        _used(deployed, risk.deployed_limit_pct, wide),
        ("  Room ", "dim"),
        (_room(risk.room), "bold"),
        "  ",
        _protected(view, wide),
    )
    return [fit(first, width), fit(second, width)]


def _used(value: Decimal | None, limit: Decimal, wide: bool) -> Text:
    over = value is not None and value > limit
    text = f"{formats.plain(value)}{' of ' if wide else '/'}{formats.percent(limit)}"
    return Text(f"▲ {text}" if over else text, "bold black on yellow" if over else "")


def _room(room: Decimal | None) -> str:
    if room is None:
        return "unknown"
    return formats.rupees(room) if room > ZERO else "none left"


def _protected(view: DeskView, wide: bool) -> Text:
    missing = view.risk.uncovered
    if missing:
        return Text(f"▲ NO STOP {', '.join(missing)}", "bold white on red")
    count = len(view.positions)
    if not count:
        return Text("nothing open", "dim")
    return Text(f"✓ {count} of {count} protected" if wide else f"✓ {count}/{count}", "dim")


# ---- positions -----------------------------------------------------------------------------------


def _positions(view: DeskView, width: int, most: int) -> list[Text]:
    """Two lines a position where they fit, one where they do not; tranches where there is room."""
    lines = [_positions_head(view, width)]
    if not view.positions:
        return [*lines, Text("No open position.", "dim")]
    room, shown = max(1, most - 1), list(view.positions)
    if 2 * len(shown) > room:
        fitting = len(shown) if len(shown) <= room else room - 1
        lines += [_position(position, view, width) for position in shown[:fitting]]
        hidden = len(shown) - fitting
        return [*lines, Text(f"and {hidden} more", "dim")] if hidden else lines
    tranches = sum(len(p.tranches) for p in shown if len(p.tranches) > 1)
    for position in shown:
        lines += [_position(position, view, width), _levels(position, width)]
        if len(position.tranches) > 1 and 2 * len(shown) + tranches <= room:
            lines += [_tranche(it, position.tick, width) for it in position.tranches]
    return lines


def _positions_head(view: DeskView, width: int) -> Text:
    risk = view.risk
    note = f"{risk.positions} of {risk.positions_limit}" if risk.positions else ""
    if not view.positions:
        return title("Positions", note, width)
    return row(
        (title("Positions", note, 24), 24, "left"),
        (Text("entry", "dim"), 11, "right"),
        (Text("last", "dim"), 11, "right"),
        (Text("open result", "dim"), width - 59, "right"),
        ("", 9, "left"),
    )


def _position(position: PositionView, view: DeskView, width: int) -> Text:
    stale = _is_stale(position, view)
    held = f"{wording.HELD[position.direction]} {formats.quantity(position.quantity.value)}"
    spare = width - 73
    age = 11 if spare > 11 else 0
    return row(
        (Text(position.symbol, "bold"), 12, "left"),
        (held, 11, "left"),
        (formats.price(position.entry, position.tick), 11, "right"),
        (_last(position, stale), 11, "right"),
        ("", spare - (age + 1 if age else 0), "left"),
        (Text(formats.age(max(0, view.now_ns - position.opened_ns)), "dim"), age, "right"),
        (gain(position.pnl, bold=True), 13, "right"),
        (gain(position.pnl, text=formats.multiple(position.r)), 9, "right"),
    )


def _last(position: PositionView, stale: bool) -> Text:
    if position.last is None:
        return Text("unknown", "yellow")
    return Text(formats.price(position.last, position.tick), "dim italic" if stale else "bold")


def _levels(position: PositionView, width: int) -> Text:
    """The stop, the way to the target, the target, and what is risked or locked in."""
    tranche = position.newest
    if position.leaving:
        return Text(f"   leaving: {position.leaving}", "yellow")
    target = "" if tranche.target is None else formats.price(tranche.target.value, position.tick)
    at_stop = position.at_stop
    word = f"locks in {formats.plain(at_stop)}" if at_stop else "stop at entry"
    if at_stop < ZERO:
        word = f"risks {formats.plain(-at_stop)}"
    bar_width = max(10, min(40, width - 56))
    return row(
        (Text("   stop", "dim"), 12, "left"),
        (formats.price(tranche.stop.value, position.tick), 11, "right"),
        (stop_bar(tranche, position.entry, position.last, bar_width), bar_width, "left"),
        (target, 11, "left"),
        (Text(word, "dim"), width - bar_width - 38, "right"),
    )


def _tranche(tranche: TrancheView, tick: Decimal, width: int) -> Text:
    return row(
        (Text(f"   T{tranche.number}", "dim"), 12, "left"),
        (formats.quantity(tranche.quantity.value), 11, "right"),
        (formats.price(tranche.entry, tick), 11, "right"),
        (Text("stop", "dim"), 4, "left"),
        (formats.price(tranche.stop.value, tick), 11, "right"),
        ("", max(0, width - 78), "left"),
        (gain(tranche.pnl), 13, "right"),
        (gain(tranche.pnl, text=formats.multiple(tranche.r)), 9, "right"),
    )


def stop_bar(tranche: TrancheView, entry: Decimal, last: Decimal | None, width: int) -> Text:
    """From the stop at the left to the target at the right, so right is good for shorts too: dotted
    to the entry, solid beyond, heavy between entry and last.
    """
    stop = tranche.stop.value
    if tranche.target is None or last is None or tranche.target.value == stop:
        return Text("no target" if tranche.target is None else "", "dim")
    span = tranche.target.value - stop
    inner = width - 2

    def place(price: Decimal) -> int:
        share = min(Decimal(1), max(ZERO, (price - stop) / span))
        return round(share * (inner - 1))

    at_entry, at_last = place(entry), place(last)
    low, high = sorted((at_entry, at_last))
    cells = ["·" if i < at_entry else "─" for i in range(inner)]
    cells[low : high + 1] = "━" * (high - low + 1)
    cells[at_last] = "┃"
    text = Text("├" + "".join(cells) + "┤", "dim")
    colour = "green" if at_last >= at_entry else "red"
    text.stylize(f"not dim {colour}", low + 1, high + 2)
    text.stylize("not dim bold default", at_last + 1, at_last + 2)
    return text


# ---- orders --------------------------------------------------------------------------------------


def _orders(view: DeskView, width: int, most: int) -> list[Text]:
    lines = [title("Orders", f"{len(view.orders)} working", width)]
    newest = sorted(view.orders, key=lambda order: -order.since_ns)
    return lines + [_order(order, width) for order in newest[: max(0, most - 1)]]


def _order(order: OrderView, width: int) -> Text:
    filled = f"{formats.quantity(order.filled.value)} / {formats.quantity(order.quantity.value)}"
    price = "market" if order.price is None else formats.plain(order.price.value)
    return row(
        (Text(formats.clock(order.since_ns), "dim"), 9, "left"),
        (order.symbol, 12, "left"),
        (wording.ROLES[order.role], 8, "left"),
        (wording.ORDERED[order.side], 5, "left"),
        (filled, 15, "right"),
        (price, 12, "right"),
        (Text(wording.state(order.state), "dim"), max(0, width - 67), "right"),
    )


def _orders_in_words(view: DeskView, width: int) -> Text:
    """How many of each role, where there is no room for a table."""
    if not view.orders:
        return Text("No working order.", "dim")
    counts: dict[str, int] = {}
    for order in view.orders:
        role = wording.ROLES[order.role].lower()
        counts[role] = counts.get(role, 0) + 1
    words = ", ".join(formats.counted(count, role) for role, count in counts.items())
    return fit(Text.assemble(("Orders ", "bold"), words, (_refused_note(view), "dim")), width)


def _refused_count(view: DeskView) -> str:
    return f"{formats.quantity(view.refused)} refused today" if view.refused else ""


def _refused_note(view: DeskView) -> str:
    count = _refused_count(view)
    return f"   {count}" if count else ""


# ---- activity ------------------------------------------------------------------------------------


def _one_line(line: Activity, width: int) -> Text:
    """Figures in a column of their own; where there is none the reason gets its place."""
    what = Text(f"{line.subject} {line.verb}", "bold" if line.topic is Topic.TRADE else "")
    text = Text.assemble((f"{formats.clock(line.ts_ns)}  ", "dim"))
    if any(character.isdigit() for character in line.figure):
        text.append_text(row((what, 24, "left"), (_figure(line), 11, "right")))
    else:
        text.append_text(what)
    text.append(f"  {line.detail}", "dim")
    return fit(text, width)


def _two_lines(line: Activity, width: int) -> list[Text]:
    figure = _figure(line)
    head = Text.assemble((line.subject, "bold"), f" {line.verb}")
    first = Text.assemble((f"{formats.clock(line.ts_ns)}  ", "dim"))
    first.append_text(fit(head, width - 11 - figure.cell_len))
    first.append(" ").append_text(figure)
    return [first, fit(Text(f"{'':10}{line.detail}", "dim"), width)]


def _figure(line: Activity) -> Text:
    if line.gain is not None:
        return gain(line.gain, text=line.figure)
    return Text(line.figure, "" if line.topic is Topic.TRADE else "dim")
