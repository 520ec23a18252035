"""How the day went: in words first, then trade by trade."""

from collections.abc import Iterator, Sequence
from datetime import date

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from tradego.domain import formats, wording
from tradego.domain.charges import NO_CHARGES
from tradego.domain.money import ZERO
from tradego.domain.positions import Trade
from tradego.ui.cells import gain, row, rule
from tradego.ui.desk_view import DeskView
from tradego.ui.story import way_out


class DaySummary:
    """The session of a view, to be printed when it is over."""

    def __init__(self, view: DeskView) -> None:
        self._view = view

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        for sentence in in_words(self._view):
            yield Text(sentence)
        if self._view.trades:
            yield Text()
            for line in _table(self._view, min(width, 120)):
                line.no_wrap = True
                yield line


def in_words(view: DeskView) -> Iterator[str]:
    """The day in a few sentences; what is not known is said to be unknown."""
    yield _equity(view)
    yield from _trades(view)
    yield _refused(view)
    yield _left_open(view)
    if view.halted:
        yield f"Entries are stopped: {view.halted}."
    if view.alarm is not None:
        yield f"There was an alarm at {formats.clock(view.alarm.ts_ns)}: {view.alarm.detail}"


def _equity(view: DeskView) -> str:
    today = view.today
    day = formats.day(date.fromisoformat(view.session.date), year=True, weekday=True)
    head = f"{day}, {view.mode.lower()}, account {view.account}:"
    if today.total is None:
        return f"{head} the result is unknown, a price is missing."
    ending = formats.rupees(today.starting + today.total)
    if not today.total:
        return f"{head} equity is unchanged at {ending}."
    verb = "rose" if today.total > ZERO else "fell"
    share = formats.percent(abs(today.percent(today.total) or ZERO))
    return f"{head} equity {verb} by {formats.rupees(abs(today.total))}, {share}, to {ending}."


def _trades(view: DeskView) -> Iterator[str]:
    trades = view.trades
    if not trades:
        yield "No trade was closed."
        return
    lost = sum(1 for trade in trades if trade.net_pnl < ZERO)
    gross = sum((trade.gross_pnl for trade in trades), ZERO)
    paid = sum((trade.charges for trade in trades), NO_CHARGES).total
    yield (
        f"{formats.counted(len(trades), 'trade')}, {view.today.wins} won and {lost} lost: "
        f"{formats.rupees(gross, signed=True)} before charges, {formats.rupees(paid)} charges, "
        f"{formats.rupees(gross - paid, signed=True)} after them."
    )
    if len(trades) > 1:
        best = max(trades, key=lambda trade: trade.net_pnl)
        worst = min(trades, key=lambda trade: trade.net_pnl)
        yield f"Best {_one(best)}; worst {_one(worst)}."


def _one(trade: Trade) -> str:
    reason = wording.EXITS[trade.exit_reason].lower()
    return f"{trade.symbol} {formats.rupees(trade.net_pnl, signed=True)} ({reason})"


def _refused(view: DeskView) -> str:
    if not view.refused:
        return "No signal was refused."
    reasons = ", ".join(
        f"{wording.refusals_named(code).lower()} {formats.quantity(count)}"
        for code, count in view.refusals
    )
    return f"{formats.counted(view.refused, 'signal')} refused: {reasons}."


def _left_open(view: DeskView) -> str:
    held = view.positions
    if not held:
        return "Nothing is open."
    known = [position.pnl for position in held if position.pnl is not None]
    worth = formats.rupees(sum(known, ZERO), signed=True)
    if len(known) < len(held):
        worth = "an unknown amount"
    names = ", ".join(position.symbol for position in held)
    return (
        f"{formats.counted(len(held), 'position')} open overnight ({names}), unrealised {worth}, "
        f"{formats.rupees(view.risk.heat)} at risk to the stops."
    )


def _table(view: DeskView, width: int) -> Iterator[Text]:
    """One row a trade, and their sum; entry, exit and charges where there is room."""
    heads = ("Closed", "Symbol", "Held", "Entry", "Exit", "Way out", "Charges", "R", "Net, ₹")
    dim = [Text(head, "dim") for head in heads]
    yield _line(dim, width)
    yield rule(width)
    for trade in view.trades:
        yield _line(_cells(trade), width)
    yield rule(width)
    net = sum((trade.net_pnl for trade in view.trades), ZERO)
    paid = formats.plain(sum((t.charges for t in view.trades), NO_CHARGES).total)
    yield _line(["", Text("Sum", "bold"), "", "", "", "", paid, "", gain(net, bold=True)], width)


def _cells(trade: Trade) -> list[str | Text]:
    return [
        formats.clock(trade.exit_ns, seconds=False),
        trade.symbol,
        f"{wording.HELD[trade.direction]} {formats.quantity(trade.quantity.value)}",
        formats.plain(trade.entry_price),
        formats.plain(trade.exit_price),
        way_out(trade.exit_reason, trade.exit_rule),
        formats.plain(trade.charges.total),
        gain(trade.net_pnl, text=formats.multiple(trade.r_multiple)),
        gain(trade.net_pnl),
    ]


def _line(cells: Sequence[str | Text], width: int) -> Text:
    closed, symbol, held, entry, left, way, charges, r, net = cells
    price, paid = (11 if width >= 100 else 0), (11 if width >= 90 else 0)
    taken = 6 + 12 + 11 + 9 + 13 + 5 + 2 * (price + bool(price)) + paid + bool(paid)
    return row(
        (closed, 6, "left"),
        (symbol, 12, "left"),
        (held, 11, "left"),
        (entry, price, "right"),
        (left, price, "right"),
        (way, width - taken, "left"),
        (charges, paid, "right"),
        (r, 9, "right"),
        (net, 13, "right"),
    )
