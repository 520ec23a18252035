"""The report of a run: one HTML file that needs nothing else, not even a network.

Every text in it is escaped, and its content policy lets no script run but the one shipped here.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files

import msgspec

from tradego.accounting.statistics import TradeStatistics, trade_statistics
from tradego.domain import formats, wording
from tradego.domain.bars import Bars
from tradego.domain.formats import MISSING
from tradego.domain.money import ZERO
from tradego.domain.orders import Role
from tradego.domain.times import session_date
from tradego.research import report_tables as tables
from tradego.research.report_candles import gallery, notable, trade_figure
from tradego.research.report_curves import curve, equity_charts, equity_words, result_charts
from tradego.research.report_markup import (
    NOTHING,
    Column,
    Html,
    big_rupees,
    columns_of,
    join,
    para,
    section,
    signed,
    table,
    tag,
    text,
)
from tradego.research.report_trades import trades_data
from tradego.research.results import OpenTranche
from tradego.research.summary import RunResult
from tradego.strategies.verdicts import Funnel


class ReportData(msgspec.Struct, frozen=True, kw_only=True):
    """What the report tells; `symbols` and `interval` are of the bars it ran on. `notes` are the
    assumptions the result rests on, one sentence each; `alarms` what the desk cried out on the
    way; `settings` what was set, in words; `bars` by symbol, for the `drawn` trades on candles.
    """

    result: RunResult
    strategies: tuple[str, ...]
    symbols: int
    interval: str
    notes: tuple[str, ...]
    alarms: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    funnels: tuple[Funnel, ...] = ()
    bars: Mapping[str, Bars] = {}
    drawn: int = 30


def report_html(data: ReportData) -> str:
    """The whole page. It depends on the data alone: the same run makes the same bytes."""
    parts = [_head(data), _equity(data)]
    if data.result.trades:
        parts += [_results(data), _drawn(data)]
    parts.append(_signals(data))
    if data.result.still_open:
        parts.append(_still_open(data.result.still_open))
    if data.result.trades:
        parts.append(_listed(data))
    parts.append(_basis(data))
    return _page(data, join(*parts))


def _page(data: ReportData, body: Html) -> str:
    style, script = _shipped("report.css"), _shipped("report.js")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    result = formats.rupees(trade_statistics(data.result.trades).net_pnl, signed=True)
    return (
        '<!doctype html>\n<html lang="en-IN">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(f'{result} {_title(data)} | TradeGo')}</title>\n"
        f"<style>{style}</style>\n<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _shipped(name: str) -> str:
    return files("tradego.research").joinpath("data", name).read_text("utf-8")


def _title(data: ReportData) -> str:
    return ", ".join(map(wording.named, data.strategies))


# ---- the answer first ----------------------------------------------------------------------------


def _head(data: ReportData) -> Html:
    result = data.result
    about = [
        _period(result),
        formats.counted(data.symbols, "symbol"),
        f"bars of {data.interval}",
        f"{formats.rupees(result.facts.starting_capital)} at the start",
    ]
    bar = tag(
        "p",
        join(
            tag("b", text("BACKTEST"), "mode"), text(f"{_title(data)} "), _small(", ".join(about))
        ),
        "bar",
    )
    told, more = _headline(result)
    rests = tag("a", text(formats.counted(len(data.notes), "assumption")), href="#basis")
    why = tag("p", join(text(f"{more} It rests on "), rests, text(".")))
    alarms = [tag("p", tag("em", text(alarm))) for alarm in dict.fromkeys(data.alarms)]
    answers = tag("div", join(*_answers(result)), "answers") if result.trades else NOTHING
    return tag("header", join(bar, tag("h1", text(told)), why, *alarms, answers, _nav(result)))


def _small(words: str) -> Html:
    return tag("small", text(words))


def _period(result: RunResult) -> str:
    if not result.equity:
        return "no session"
    first, last = (session_date(point.ts_ns) for point in (result.equity[0], result.equity[-1]))
    return f"{formats.day(first, year=True)} to {formats.day(last, year=True)}"


def _headline(result: RunResult) -> tuple[str, str]:
    """One honest sentence, and what made it so."""
    count = len(result.trades)
    if not count:
        refused = sum(result.refusals.values())
        reason = (
            f"{formats.counted(refused, 'signal')} refused" if refused else "There was no signal"
        )
        return "No trade was made.", f"{reason}. {_left_open(result)}".strip()
    of = trade_statistics(result.trades)
    share = formats.percent(abs(of.net_pnl) / result.facts.starting_capital * 100)
    over = f"over {formats.counted(count, 'trade')}"
    figure = formats.rupees(abs(of.net_pnl))
    if not of.net_pnl:
        told = f"Neither made nor lost anything after charges, {over}."
    else:
        verb = "Made" if of.net_pnl > 0 else "Lost"
        told = f"{verb} {figure} after charges, {share} of the capital, {over}."
    return told, f"{_part_of_charges(of)} {_left_open(result)}".strip()


def _part_of_charges(of: TradeStatistics) -> str:
    gross, charges = formats.rupees(abs(of.gross_pnl)), formats.rupees(of.charges)
    if of.gross_pnl <= 0:
        return f"It lost {gross} before charges, and paid {charges} on top."
    if of.net_pnl < 0:
        return f"It made {gross} before charges; {charges} of charges turned that into a loss."
    share = formats.percent(of.charges / of.gross_pnl * 100)
    return f"It made {gross} before charges; {charges} of charges took {share} of that."


def _left_open(result: RunResult) -> str:
    if not result.still_open:
        return ""
    count = formats.counted(len(result.still_open), "tranche")
    worth = formats.rupees(result.unrealized, signed=True)
    return f"{count} still open at the end, worth {worth}: in the equity, not in this result."


def _answers(result: RunResult) -> list[Html]:
    of, equity = trade_statistics(result.trades), result.equity_statistics
    capital = result.facts.starting_capital
    turnover = sum((trade.turnover for trade in result.trades), ZERO)
    paid = formats.percent(of.charges / turnover * 100) if turnover else MISSING
    answers = [
        (
            "Net result",
            big_rupees(of.net_pnl, sign=True),
            f"{formats.percent(of.net_pnl / capital * 100, signed=True)} of the capital",
        ),
        ("Charges", big_rupees(of.charges), f"{paid} of what was traded"),
        (
            "Won",
            _big(formats.percent(None if of.win_rate is None else of.win_rate * 100)),
            f"{formats.quantity(of.wins)} of {formats.quantity(of.trades)}, "
            f"profit factor {formats.ratio(of.profit_factor)}",
        ),
    ]
    if equity is not None:
        fall = equity.max_drawdown
        answers += [
            (
                "Deepest fall",
                _big(formats.percent(fall.percent)),
                f"{formats.rupees(fall.amount)} from the peak",
            ),
            (
                "Sharpe",
                _big(formats.ratio(equity.sharpe)),
                f"Sortino {formats.ratio(equity.sortino)}, "
                f"{formats.counted(equity.sessions, 'session')}",
            ),
        ]
    return [
        tag("div", join(tag("span", text(name)), figure, _small(more)))
        for name, figure, more in answers
    ]


def _big(figure: str) -> Html:
    return tag("span", text(figure), "big")


def _nav(result: RunResult) -> Html:
    places = [("equity", "Equity"), ("signals", "Signals"), ("basis", "Assumptions")]
    if result.trades:
        places[1:1] = [
            ("results", "Where it came from"),
            ("spread", "Results in R"),
            ("drawn", "On candles"),
        ]
        places.insert(-1, ("trades", "All trades"))
    links = [tag("a", text(name), href=f"#{anchor}") for anchor, name in places]
    return tag("nav", join(*links), aria_label="Parts of the report")


# ---- the parts -----------------------------------------------------------------------------------


def _equity(data: ReportData) -> Html:
    result, starting = data.result, data.result.facts.starting_capital
    shown = curve(result.equity, starting)
    statistics = result.equity_statistics
    return section(
        "equity",
        "Equity",
        "at the end of every session, with its fall from the peak",
        equity_charts(shown, starting),
        para(equity_words(statistics), "note") if statistics else NOTHING,
        tag("h3", join(text("Months "), _small("change in %, and in ₹"))),
        tables.months(result.equity, starting),
    )


def _results(data: ReportData) -> Html:
    trades = data.result.trades
    return join(
        section(
            "results",
            "Where it came from",
            "₹, closed trades, after charges unless named gross",
            columns_of(tables.statement(trades), tables.charges(trades), css="statements"),
            tables.breakdown(trades),
        ),
        section(
            "spread",
            "Results in R",
            "net result over what was at risk at the first stop",
            result_charts(trades),
        ),
    )


def _drawn(data: ReportData) -> Html:
    stops = {life.order.order_id: life for life in data.result.orders}
    chosen = notable(data.result.trades, data.drawn)
    figures = [
        trade_figure(trade, data.bars[trade.symbol], stops.get(trade.sl_order_id))
        if trade.symbol in data.bars
        else NOTHING
        for _, trade in chosen
    ]
    if not any(figures):
        return section("drawn", "On candles", "", para("No bars were given to draw on.", "note"))
    key = "hollow rises, filled falls; the tint is how far it went for and against"
    return section("drawn", "On candles", key, gallery(chosen, figures))


def _signals(data: ReportData) -> Html:
    result = data.result
    funnels = [tables.funnel(one) for one in data.funnels]
    return section(
        "signals",
        "Where the signals went",
        "bars that passed each condition, alone and in turn",
        columns_of(*funnels) if funnels else NOTHING,
        columns_of(tables.refusals(result.refusals), para(_sent(result), "note")),
    )


def _sent(result: RunResult) -> str:
    entries = [life.order for life in result.orders if life.order.role is Role.ENTRY]
    if not entries:
        return ""
    filled = sum(1 for order in entries if order.filled)
    return (
        f"{formats.counted(len(entries), 'entry order')} left the desk; {formats.quantity(filled)} "
        f"filled, at least in part."
    )


def _still_open(held: Sequence[OpenTranche]) -> Html:
    heads = ("", "Symbol"), ("", "Strategy"), ("n", "Quantity"), ("n", "Entry"), ("n", "Last")
    columns = [Column(name, css) for css, name in heads]
    columns += [Column("Stop"), Column("Unrealised")]
    rows = [
        [
            text(tranche.symbol),
            text(wording.named(tranche.strategy)),
            text(f"{wording.HELD[tranche.direction]} {formats.quantity(tranche.quantity.value)}"),
            text(formats.plain(tranche.entry_price)),
            text(formats.plain(mark)),
            text(formats.plain(tranche.stop.value)),
            signed(tranche.unrealized_gross(mark)),
        ]
        for tranche, mark, *_ in held
    ]
    return section("open", "Still open at the end", "₹", table(columns, rows))


def _listed(data: ReportData) -> Html:
    """An empty table that the script fills, page by page."""
    return section(
        "trades",
        "All trades",
        "times IST, amounts ₹",
        tag("div", NOTHING, "filters"),
        tag("div", NOTHING, "wide", tabindex="0"),
        tag("div", NOTHING, "pages"),
        tag("noscript", para("This list needs the script of the page; trades.json has the same.")),
        trades_data(data.result.trades),
    )


def _basis(data: ReportData) -> Html:
    facts = data.result.facts
    run = (
        ("Run", facts.run_id),
        ("Code", facts.code_version),
        ("Configuration", facts.config_hash),
        ("Bars", formats.quantity(facts.bars)),
        *data.settings,
    )
    rows = [[text(name), text(value)] for name, value in run]
    words = [tag("div", join(tag("dt", text(term)), tag("dd", text(it)))) for term, it in _WORDS]
    return section(
        "basis",
        "What this rests on",
        "",
        tag("ul", join(*(tag("li", text(note)) for note in data.notes)), "notes"),
        columns_of(
            join(
                tag("h3", text("This run")),
                table((Column("", ""), Column("", "")), rows, "settings"),
            ),
            join(tag("h3", text("Words")), tag("dl", join(*words))),
        ),
    )


_WORDS = (
    ("Net", "after brokerage, taxes and every other charge, line by line as on a contract note."),
    ("R", "the net result divided by what would have been lost at the first stop."),
    ("Won", "the share of trades with a net result above zero."),
    ("Profit factor", "all that winners made over all that losers lost."),
    ("Winner to loser", "the average winner over the average loser."),
    ("Sharpe, Sortino", "of daily equity returns, times the root of 252, without a riskless rate."),
    ("Alone, in turn", "bars on which a condition held by itself, and with all those above it."),
)
