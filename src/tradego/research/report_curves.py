"""Equity with its drawdown, how results spread, and how far trades went before they ended."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from statistics import median

import msgspec

from tradego.accounting.statistics import (
    EquityStatistics,
    Excursion,
    adverse_excursion,
    favourable_excursion,
)
from tradego.domain import formats
from tradego.domain.positions import Trade
from tradego.domain.times import SECOND, session_date
from tradego.research.report_markup import (
    NOTHING,
    Html,
    columns_of,
    data_block,
    join,
    para,
    tag,
    text,
)
from tradego.research.report_plots import (
    HEIGHT,
    Scale,
    across,
    area,
    below,
    beside,
    box,
    dots,
    drawing,
    level,
    path,
    steps,
    upon,
    upright,
    upwards,
)
from tradego.research.results import AccountPoint

_R_EDGE = 4.0  # results beyond are counted in the outermost bars
_R_STEP = 0.25


# ---- equity --------------------------------------------------------------------------------------


class Curve(msgspec.Struct, frozen=True):
    """The account at the end of every session; `fall` in percent of the peak so far, 0 or below."""

    time: list[int]  # Unix seconds
    equity: list[float]
    fall: list[float]


def curve(points: Sequence[AccountPoint], starting: Decimal) -> Curve:
    """The last point of each session."""
    closing = {session_date(point.ts_ns): point for point in points}
    equity = [float(point.equity) for point in closing.values()]
    peaks = accumulate([float(starting), *equity], max)
    next(peaks)
    fall = [(now / peak - 1) * 100 for now, peak in zip(equity, peaks, strict=True)]
    return Curve([point.ts_ns // SECOND for point in closing.values()], equity, fall)


def equity_charts(shown: Curve, starting: Decimal) -> Html:
    """Equity above, the fall from its peak below, on one axis of sessions."""
    if not shown.equity:
        return para("The run has no session.", "note")
    x = across(0, max(1, len(shown.equity) - 1))
    charts = join(_equity(shown, starting, x), _fall(shown, x), tag("output"))
    return join(tag("div", charts, "curve"), data_block("curve-data", shown))


def _equity(shown: Curve, starting: Decimal, x: Scale) -> Html:
    start = float(starting)
    low, high = min(start, *shown.equity), max(start, *shown.equity)
    y = upwards(low, high)
    line = [(x.at(i), y.at(value)) for i, value in enumerate(shown.equity)]
    peaks = list(accumulate(shown.equity, max, initial=start))[1:]
    ticks = steps(low, high)
    shapes = [
        *(level(y.at(value)) for value in ticks),
        level(y.at(start), "start"),
        path([(x.at(i), y.at(value)) for i, value in enumerate(peaks)], "peak"),
        path(line, "line"),
    ]
    end = y.at(shown.equity[-1])
    labels = [
        *(
            beside(y.at(value), formats.lakhs(Decimal(repr(value))))
            for value in ticks
            if abs(y.at(value) - end) > 70
        ),
        beside(end, formats.lakhs(Decimal(repr(shown.equity[-1]))), "last"),
    ]
    says = f"Equity from {formats.rupees(starting)} to {formats.rupees(shown.equity[-1])}"
    return drawing(250, shapes, labels, says, "equity")


def _fall(shown: Curve, x: Scale) -> Html:
    deepest = min(shown.fall)
    y = Scale(min(deepest, -0.01) * 1.08, 0, HEIGHT, 0)
    points = [(x.at(i), y.at(value)) for i, value in enumerate(shown.fall)]
    ticks = steps(deepest, 0, 2)
    shapes = [
        *(level(y.at(value)) for value in ticks),
        area(points, 0, "fall"),
        path(points, "under"),
    ]
    labels = [beside(y.at(value), f"{_short(value)} %") for value in ticks]
    labels += _months(shown.time, x)
    return drawing(90, shapes, labels, f"Deepest fall {formats.percent(deepest)}", "under")


def _months(times: Sequence[int], x: Scale) -> list[Html]:
    """The first session of a month by name, a dozen at most; every second gives way on a phone."""
    days = [session_date(second * SECOND) for second in times]
    firsts = [i for i in range(1, len(days)) if days[i].month != days[i - 1].month]
    if len(firsts) < 2:
        every = max(1, len(days) // 6)
        return [below(x.at(i), formats.day(days[i])) for i in range(every // 2, len(days), every)]
    shown = firsts[:: -(-len(firsts) // 12)]
    return [
        below(x.at(i), formats.month(days[i].year, days[i].month), "spare" if n % 3 else "")
        for n, i in enumerate(shown)
    ]


def equity_words(of: EquityStatistics) -> str:
    """The deepest fall with its dates, and whether it was made good."""
    deepest, now = of.max_drawdown, of.current_drawdown
    if not deepest.amount:
        return "Equity never closed below its peak."
    since, until = (
        formats.day(session_date(ts), year=True) for ts in (deepest.peak_ns, deepest.trough_ns)
    )
    said = (
        f"The deepest fall was {formats.rupees(deepest.amount)}, {formats.percent(deepest.percent)}"
        f" of the peak, from {since} to {until}."
    )
    if not now.amount:
        return f"{said} At the end equity stood at its peak."
    return f"{said} At the end equity stood {formats.percent(now.percent)} below its peak."


# ---- results in R --------------------------------------------------------------------------------


def result_charts(trades: Sequence[Trade]) -> Html:
    """How results spread, and how far trades went for and against us on the way."""
    judged = [trade for trade in trades if trade.risk_amount]
    if not judged:
        return para("No trade had a planned risk to measure it by.", "note")
    return join(_histogram(judged), _scatters(judged))


def _histogram(trades: Sequence[Trade]) -> Html:
    results = [float(trade.r_multiple) for trade in trades]
    bins = int(2 * _R_EDGE / _R_STEP)
    counts = [0] * bins
    for result in results:
        place = int((min(max(result, -_R_EDGE), _R_EDGE - 1e-9) + _R_EDGE) // _R_STEP)
        counts[place] += 1
    first = max(0, next(i for i, n in enumerate(counts) if n) - 1)
    last = min(bins, bins - next(i for i, n in enumerate(reversed(counts)) if n) + 1)
    x = across(first * _R_STEP - _R_EDGE, last * _R_STEP - _R_EDGE)
    y = Scale(0, max(counts) * 1.06, HEIGHT, 0)
    bars = []
    for i in range(first, last):
        left = i * _R_STEP - _R_EDGE
        sides = (x.at(left) + 3, x.at(left + _R_STEP) - 3)
        bars.append(box(sides, (y.at(0), y.at(counts[i])), "lost" if left < 0 else "won"))
    mean = sum(results) / len(results)
    shapes = [
        *(level(y.at(n)) for n in steps(0, max(counts), 3)),
        *bars,
        upright(x.at(mean), "mean"),
    ]
    labels = [beside(y.at(n), formats.quantity(round(n))) for n in steps(0, max(counts), 3)]
    labels += [below(x.at(r), _r(r)) for r in steps(x.low, x.high, 8) if r == int(r)]
    labels.append(upon(x.at(mean), 0, f"average {formats.multiple(mean)}", "mean"))
    says = f"{formats.counted(len(results), 'trade')}, average result {formats.multiple(mean)}"
    beyond = sum(1 for result in results if abs(result) > _R_EDGE)
    edge = f"{formats.plain(_R_EDGE, places=0)}{formats.THIN}R"
    note = f"{formats.counted(beyond, 'result')} beyond {edge} in the outermost bars."
    return join(drawing(180, shapes, labels, says), para(note, "note") if beyond else NOTHING)


def _scatters(trades: Sequence[Trade]) -> Html:
    against = [adverse_excursion(trade) for trade in trades]
    in_favour = [favourable_excursion(trade) for trade in trades]
    won = [(e, t) for e, t in zip(against, trades, strict=True) if t.net_pnl > 0]
    lost = [(e, t) for e, t in zip(in_favour, trades, strict=True) if t.net_pnl < 0]
    return columns_of(
        join(
            tag("h3", text("Worst moment against result")),
            _scatter(trades, against),
            para(_half("Half of the winners were never more than", won, "under water."), "note"),
        ),
        join(
            tag("h3", text("Best moment against result")),
            _scatter(trades, in_favour),
            para(_half("Half of the losers had been at least", lost, "ahead."), "note"),
        ),
    )


def _half(before: str, reached: list[tuple[Excursion, Trade]], after: str) -> str:
    if not reached:
        return ""
    middle = median(float(excursion.r or 0) for excursion, _ in reached)
    return f"{before} {formats.plain(middle)}{formats.THIN}R {after}"


def _scatter(trades: Sequence[Trade], excursions: Sequence[Excursion]) -> Html:
    """One dot a trade: across the excursion in R, upwards the result in R; the rare far ones lie
    on the edge.
    """
    places = [
        (float(e.r or 0), float(trade.r_multiple))
        for e, trade in zip(excursions, trades, strict=True)
    ]
    far = sorted(place for place, _ in places)[int(len(places) * 0.99)] or 1.0
    results = sorted(result for _, result in places)
    x = across(0, far * 1.05)
    y = upwards(results[int(len(results) * 0.005)], results[int(len(results) * 0.995)])
    won = [(x.within(a), y.within(b)) for a, b in places if b > 0]
    lost = [(x.within(a), y.within(b)) for a, b in places if b <= 0]
    ticks = steps(y.low, y.high, 4)
    shapes = [
        *(level(y.at(value), "zero" if value == 0 else "grid") for value in ticks),
        dots(lost, "dot lost"),
        dots(won, "dot won"),
    ]
    labels = [beside(y.at(value), _r(value)) for value in ticks]
    labels += [below(x.at(value), _r(value)) for value in steps(0, x.high, 4)]
    return drawing(230, shapes, labels, "One dot a trade; the table of trades has the figures")


def _r(value: float) -> str:
    return f"{_short(value)}{formats.THIN}R"


def _short(value: float) -> str:
    """For an axis: no more decimals than it takes."""
    text = formats.plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
