"""The tables of the report: where the result came from, and where the signals went."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tradego.accounting.statistics import (
    Extreme,
    Grouping,
    TradeStatistics,
    statistics_by,
    trade_statistics,
)
from tradego.domain import formats, wording
from tradego.domain.charges import NO_CHARGES, Charges
from tradego.domain.effects import Refusal
from tradego.domain.formats import MISSING
from tradego.domain.money import ZERO
from tradego.domain.positions import Trade
from tradego.domain.times import MINUTE, session_date
from tradego.research.report_markup import (
    NOTHING,
    Column,
    Html,
    columns_of,
    join,
    para,
    share_bar,
    signed,
    table,
    tag,
    text,
    two_sided,
)
from tradego.research.results import AccountPoint
from tradego.strategies.verdicts import Funnel

_MANY_SYMBOLS = 24
_SHOWN_EACH_END = 10

Groups = Mapping[str, TradeStatistics]


# ---- the statement -------------------------------------------------------------------------------


def statement(trades: Sequence[Trade]) -> Html:
    """Every figure for all, for intraday and for swing, which are kept apart."""
    by_product = statistics_by(Grouping.PRODUCT, trades)
    nothing = trade_statistics(())
    kinds = [
        trade_statistics(trades),
        by_product.get("intraday", nothing),
        by_product.get("swing", nothing),
    ]
    figures = [_figures(of) for of in kinds]
    rows = [[text(name), *(column[name] for column in figures)] for name in figures[0]]
    heads = (Column("", ""), Column("All"), Column("Intraday"), Column("Swing"))
    return table(heads, rows, "statement")


def _figures(of: TradeStatistics) -> dict[str, Html]:
    return {
        "Gross": signed(of.gross_pnl),
        "Charges": text(formats.plain(-of.charges)),
        "Net": signed(of.net_pnl),
        "Trades": text(formats.quantity(of.trades)),
        "Won": text(_won(of)),
        "Net per trade": signed(of.expectancy),
        "Average winner": signed(of.average_winner),
        "Average loser": signed(of.average_loser),
        "Winner to loser": text(formats.ratio(of.average_rr)),
        "Profit factor": text(formats.ratio(of.profit_factor)),
        "Average result": text(formats.multiple(of.average_r)),
        "Largest win": _extreme(of.largest_win),
        "Largest loss": _extreme(of.largest_loss),
        "Held, average": text(_held(of.average_holding_minutes)),
    }


def _won(of: TradeStatistics) -> str:
    return MISSING if of.win_rate is None else formats.percent(of.win_rate * 100)


def _held(minutes: float | None) -> str:
    return MISSING if minutes is None else formats.age(int(minutes * MINUTE))


def _extreme(of: Extreme | None) -> Html:
    if of is None:
        return text(MISSING)
    return join(tag("small", text(f"{of.symbol} ")), signed(of.net_pnl))


# ---- where it came from --------------------------------------------------------------------------


def by_group(name: str, groups: Groups) -> Html:
    """One row a group, with a bar for its net result."""
    largest = max((abs(float(of.net_pnl)) for of in groups.values()), default=0.0)
    heads = (
        Column(name, ""),
        Column("Trades"),
        Column("Won"),
        Column("R"),
        Column("Charges", "n spare"),
        Column("Net"),
        Column("", "b spare"),
    )
    rows = [
        [
            text(label),
            text(formats.quantity(of.trades)),
            text(_won(of)),
            text(formats.plain(of.average_r, signed=True)),
            text(formats.plain(of.charges)),
            signed(of.net_pnl),
            two_sided(float(of.net_pnl), largest),
        ]
        for label, of in groups.items()
    ]
    return table(heads, rows)


def breakdown(trades: Sequence[Trade]) -> Html:
    """By strategy, exit reason, weekday and hour of the entry, and symbol."""

    def groups(grouping: Grouping) -> Groups:
        return statistics_by(grouping, trades)

    strategies = {wording.named(name): of for name, of in groups(Grouping.STRATEGY).items()}
    hours = {_hour(name): of for name, of in groups(Grouping.HOUR).items()}
    return join(
        columns_of(by_group("Strategy", strategies), by_group("Way out", _by_exit(trades))),
        columns_of(
            by_group("Day of entry", groups(Grouping.WEEKDAY)), by_group("Hour of entry", hours)
        ),
        _by_symbol(groups(Grouping.SYMBOL)),
    )


def _hour(name: str) -> str:
    return f"{name}:00 to {int(name) + 1:02d}:00"


def _by_exit(trades: Sequence[Trade]) -> Groups:
    reasons = {
        words: [trade for trade in trades if trade.exit_reason is reason]
        for reason, words in wording.EXITS.items()
    }
    return {words: trade_statistics(of) for words, of in reasons.items() if of}


def _by_symbol(groups: Groups) -> Html:
    """Best first; where there are many, both ends, and the whole list on request."""
    ranked = dict(sorted(groups.items(), key=lambda item: (-item[1].net_pnl, item[0])))
    if len(ranked) <= _MANY_SYMBOLS:
        half = -(-len(ranked) // 2)
        return columns_of(*_ends(ranked, half, len(ranked) - half, ("Symbol", "Symbol")))
    heads = ("Best symbols", "Worst symbols")
    ends = columns_of(*_ends(ranked, _SHOWN_EACH_END, _SHOWN_EACH_END, heads))
    whole = tag("summary", text(f"All {formats.counted(len(ranked), 'symbol')}"))
    return join(ends, tag("details", join(whole, by_group("Symbol", ranked))))


def _ends(ranked: Groups, first: int, last: int, heads: tuple[str, str]) -> list[Html]:
    rows = list(ranked.items())
    parts = (rows[:first], rows[len(rows) - last :])
    return [by_group(head, dict(part)) for head, part in zip(heads, parts, strict=True) if part]


# ---- months --------------------------------------------------------------------------------------


def months(points: Sequence[AccountPoint], starting: Decimal) -> Html:
    """The change of equity month by month, in percent of what the month began with."""
    closing: dict[tuple[int, int], Decimal] = {}
    for point in points:
        on = session_date(point.ts_ns)
        closing[on.year, on.month] = point.equity
    before, year_start = starting, starting
    rows: dict[int, list[Html]] = {}
    for (year, month), equity in closing.items():
        if year not in rows:
            rows[year], year_start = [tag("span", NOTHING)] * 12, before
        rows[year][month - 1] = _change(before, equity)
        before = equity
        rows[year][12:] = [_change(year_start, equity)]
    heads = [Column("", "")]
    heads += [Column(formats.month(2000, number).split()[0]) for number in range(1, 13)]
    heads.append(Column("Year", "n sum"))
    return table(heads, ([text(str(year)), *cells] for year, cells in rows.items()), "months")


def _change(before: Decimal, after: Decimal) -> Html:
    gain = after - before
    if before <= ZERO:
        return text(MISSING)
    percent = formats.percent(gain / before * 100, signed=True)
    return join(signed(gain, figure=percent), tag("small", text(_whole(gain))))


def _whole(amount: Decimal) -> str:
    return formats.plain(amount, signed=True, places=0)


# ---- signals, refusals, charges ------------------------------------------------------------------


def funnel(of: Funnel) -> Html:
    """How many bars passed each condition, alone and after all those above it."""
    heads = (
        Column(wording.named(of.strategy), ""),
        Column("Alone"),
        Column("", "b spare"),
        Column("In turn"),
        Column("", "b spare"),
    )
    widest = max((step.alone for step in of.steps), default=0) or 1
    rows = [
        [
            _condition(step.name, step.alone),
            _passed(step.alone, of.bars),
            share_bar(step.alone / widest),
            _passed(step.in_turn, of.bars),
            share_bar(step.in_turn / widest),
        ]
        for step in of.steps
    ]
    return join(table(heads, rows, "shares"), para(_told(of), "note"))


def _condition(name: str, alone: int) -> Html:
    words = text(name.replace("_", " "))
    return words if alone else join(words, tag("em", text("never held")))


def _passed(count: int, bars: int) -> Html:
    share = formats.percent(count / bars * 100) if bars else MISSING
    return join(text(formats.quantity(count)), tag("small", text(share)))


def _told(of: Funnel) -> str:
    said = f"{formats.counted(of.signals, 'signal')} from {formats.counted(of.bars, 'bar')}."
    left, narrowest, least = of.bars, "", 1.0
    for step in of.steps:
        if left and step.in_turn / left < least:
            narrowest, least = step.name, step.in_turn / left
        left = step.in_turn
    if narrowest:
        name = narrowest.replace("_", " ")
        said += f" The narrowest step is {name}: {formats.percent(least * 100)} of the bars"
        said += " that came to it passed."
    if of.signals < left:
        lost = formats.counted(left - of.signals, "bar")
        said += f" {lost} passed everything, but stop or target were not where they belong."
    return said


def refusals(counts: Mapping[Refusal, int]) -> Html:
    """Why signals did not become orders, the most frequent first."""
    ranked = sorted(((n, code) for code, n in counts.items() if n), reverse=True)
    total = sum(n for n, _ in ranked)
    heads = (Column("Refused because", ""), Column("Signals"), Column("", "b"))
    rows = [
        [
            text(wording.refusals_named(code)),
            join(text(formats.quantity(n)), tag("small", text(formats.percent(n / total * 100)))),
            share_bar(n / ranked[0][0]),
        ]
        for n, code in ranked
    ]
    return table(heads, rows, "shares") if rows else para("No signal was refused.", "note")


def charges(trades: Sequence[Trade]) -> Html:
    """From gross to net, line by line, each bar where the one above it ends."""
    total = sum((trade.charges for trade in trades), NO_CHARGES)
    gross = sum((trade.gross_pnl for trade in trades), ZERO)
    turnover = sum((trade.turnover for trade in trades), ZERO)
    heads = (
        Column("", ""),
        Column("All"),
        Column("", "b spare"),
        Column("Of turnover"),
        Column("A trade"),
    )
    rows = [_row("Gross", signed(gross)), *_lines(total, turnover, len(trades))]
    rows.append(_row("Net", signed(gross - total.total)))
    return table(heads, rows, "waterfall")


def _row(name: str, figure: Html) -> list[Html]:
    return [text(name), figure, NOTHING, NOTHING, NOTHING]


def _lines(total: Charges, turnover: Decimal, trades: int) -> Iterable[list[Html]]:
    before = ZERO
    for name, words in wording.CHARGES.items():
        amount: Decimal = getattr(total, name)
        yield _line(words, amount, before, total.total, (turnover, trades))
        before += amount
    yield _line("Charges", total.total, ZERO, total.total, (turnover, trades))


def _line(
    words: str, amount: Decimal, before: Decimal, whole: Decimal, over: tuple[Decimal, int]
) -> list[Html]:
    turnover, trades = over
    left, width = (float(part / whole) if whole else 0.0 for part in (before, amount))
    place = f"margin-left:{left * 100:.1f}%;width:{width * 100:.1f}%"
    share = formats.plain(amount / turnover * 100, places=4) if turnover else MISSING
    return [
        text(words),
        text(formats.plain(-amount)),
        tag("i", tag("i", NOTHING, style=place), "bar"),
        text(f"{share}{formats.THIN}%" if turnover else MISSING),
        text(formats.plain(amount / trades if trades else None)),
    ]
