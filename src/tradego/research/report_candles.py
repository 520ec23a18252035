"""A trade on the candles around it: where it got in and out, its stop as it moved, its target."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from tradego.domain import formats, wording
from tradego.domain.bars import Bars
from tradego.domain.lives import OrderLife
from tradego.domain.positions import Trade
from tradego.domain.signals import Side
from tradego.domain.times import session_date
from tradego.research.report_markup import NOTHING, Html, join, signed, tag, text
from tradego.research.report_plots import (
    HEIGHT,
    WIDTH,
    Scale,
    below,
    beside,
    box,
    drawing,
    level,
    path,
    steps,
    upon,
    upwards,
)

_HEIGHT_PX = 210
_MOST_CANDLES = 110
_LABEL_GAP = 1000 * 15 / _HEIGHT_PX


class Chosen(NamedTuple):
    why: str
    trade: Trade


def notable(trades: Sequence[Trade], count: int) -> list[Chosen]:
    """A third each: the largest wins, the largest losses, and those nearest to the median."""
    third = count // 3
    ranked = sorted(trades, key=lambda trade: trade.net_pnl)
    wins = [trade for trade in reversed(ranked[-third:]) if trade.net_pnl > 0] if third else []
    losses = [trade for trade in ranked[:third] if trade.net_pnl < 0]
    taken = {trade.trade_id for trade in (*wins, *losses)}
    rest = [trade for trade in ranked if trade.trade_id not in taken]
    middle = median(trade.net_pnl for trade in rest) if rest else 0
    rest.sort(key=lambda trade: abs(trade.net_pnl - middle))
    return [
        *(Chosen("Largest wins", trade) for trade in wins),
        *(Chosen("Largest losses", trade) for trade in losses),
        *(Chosen("Typical", trade) for trade in rest[:third]),
    ]


class Candles(NamedTuple):
    """Bars around a trade, merged where they are too many; `first` and `last` hold the trade."""

    bars: Bars
    first: int
    last: int

    def x(self, index: float) -> float:
        return (index + 0.5) / self.bars.count * WIDTH

    def at(self, ts_ns: int) -> float:
        """The place of the candle in which an instant lies."""
        index = int(np.searchsorted(self.bars.ts_ns, ts_ns, side="right")) - 1
        return self.x(min(max(index, 0), self.bars.count - 1))


def candles_around(trade: Trade, bars: Bars) -> Candles | None:
    """None where the bars do not reach the trade."""
    first = int(np.searchsorted(bars.ts_ns, trade.entry_ns, side="right")) - 1
    last = int(np.searchsorted(bars.ts_ns, trade.exit_ns, side="right")) - 1
    if first < 0 or trade.entry_ns >= bars.close_ns[first] + bars.interval_ns:
        return None
    held = last - first + 1
    start = max(0, first - max(14, min(40, held // 2)))
    stop = min(bars.count, last + max(7, min(20, held // 4)))
    every = -(-(stop - start) // _MOST_CANDLES)
    shown = _merged(bars.rows(start, stop), every)
    return Candles(shown, (first - start) // every, (last - start) // every)


def _merged(bars: Bars, every: int) -> Bars:
    at = np.arange(0, bars.count, every)
    ends = np.minimum(at + every, bars.count) - 1
    return Bars(
        symbol=bars.symbol,
        interval_ns=bars.interval_ns * every,
        ts_ns=bars.ts_ns[at],
        open=bars.open[at],
        high=np.maximum.reduceat(bars.high, at),
        low=np.minimum.reduceat(bars.low, at),
        close=bars.close[ends],
        volume=np.add.reduceat(bars.volume, at),
    )


def trade_figure(trade: Trade, bars: Bars, stop: OrderLife | None) -> Html:
    """The chart with its caption; nothing where there are no bars."""
    candles = candles_around(trade, bars)
    if candles is None:
        return NOTHING
    return tag("figure", join(_caption(trade), _chart(trade, candles, stop)))


def _caption(trade: Trade) -> Html:
    held = f"{wording.HELD[trade.direction]} {formats.quantity(trade.quantity.value)}"
    same_day = session_date(trade.entry_ns) == session_date(trade.exit_ns)
    until = formats.clock(trade.exit_ns, seconds=False)
    if not same_day:
        until = formats.moment(trade.exit_ns)
    what = f"{held}, {wording.named(trade.strategy)}, {wording.PRODUCTS[trade.product].lower()}"
    when = (
        f"{formats.moment(trade.entry_ns)} to {until}, "
        f"{formats.age(trade.exit_ns - trade.entry_ns)}, {wording.EXITS[trade.exit_reason].lower()}"
    )
    names = join(tag("b", text(trade.symbol)), text(f" {what}"), tag("small", text(when)))
    result = join(signed(trade.net_pnl), tag("small", text(formats.multiple(trade.r_multiple))))
    return tag("figcaption", join(tag("span", names), tag("span", result, "n")))


class _Level(NamedTuple):
    name: str
    price: float
    css: str


def _chart(trade: Trade, candles: Candles, stop: OrderLife | None) -> Html:
    bars, entry = candles.bars, float(trade.entry_price)
    stops = _stop_steps(trade, stop)
    levels = [
        _Level("Entry", entry, "entry"),
        _Level("Exit", float(trade.exit_price), "exit"),
        _Level("Stop", float(stops[-1][1]), "stop"),
    ]
    if trade.target is not None:
        levels.append(_Level("Target", float(trade.target.value), "target"))
    prices = [level.price for level in levels] + [price for _, price in stops]
    low, high = min(float(bars.low.min()), *prices), max(float(bars.high.max()), *prices)
    y = upwards(low, high)
    start, end = candles.x(candles.first - 0.5), candles.x(candles.last + 0.5)
    shapes = [
        *(level(y.at(price)) for price in steps(low, high, 3)),
        *_excursions(trade, y, (start, end)),
        *_bodies(candles, y),
        *(level(y.at(it.price), it.css, start) for it in levels if it.css in ("entry", "target")),
        path(_staircase(stops, candles, y, (start, end)), "stop"),
    ]
    labels = [*_marks(trade, candles, y), *_names(levels, y), *_times(candles)]
    return drawing(_HEIGHT_PX, shapes, labels, _said(trade), "candles")


def _excursions(trade: Trade, y: Scale, span: tuple[float, float]) -> list[Html]:
    """How far it went for us and against us while it was held."""
    sign = 1 if trade.direction is Side.BUY else -1
    entry = float(trade.entry_price)
    best, worst = entry + float(trade.mfe) * sign, entry - float(trade.mae) * sign
    return [
        box(span, (y.at(entry), y.within(best)), "gain"),
        box(span, (y.at(entry), y.within(worst)), "loss"),
    ]


def _bodies(candles: Candles, y: Scale) -> list[Html]:
    """Hollow when the close is above the open, filled below: prices are not our money."""
    bars = candles.bars
    half = WIDTH / bars.count * 0.31
    wicks: list[str] = []
    hollow: list[str] = []
    filled: list[str] = []
    for i in range(bars.count):
        x = candles.x(i)
        up = bars.close[i] >= bars.open[i]
        top = y.at(float(max(bars.close[i], bars.open[i])))
        bottom = max(y.at(float(min(bars.close[i], bars.open[i]))), top + 3)
        wicks.append(
            f"M{x:.0f} {y.at(float(bars.high[i])):.0f}V{top:.0f}"
            f"M{x:.0f} {bottom:.0f}V{max(bottom, y.at(float(bars.low[i]))):.0f}"
        )
        body = f"M{x - half:.0f} {top:.0f}h{2 * half:.0f}V{bottom:.0f}h-{2 * half:.0f}z"
        (hollow if up else filled).append(body)
    return [
        Html(f'<path class="{css}" d="{"".join(d)}"/>')
        for css, d in (("wick", wicks), ("hollow", hollow), ("filled", filled))
        if d
    ]


def _stop_steps(trade: Trade, stop: OrderLife | None) -> list[tuple[int, float]]:
    """When the stop came to which level; only the last one is known without its order."""
    steps_of = [(trade.entry_ns, float(trade.initial_stop_loss.value))]
    if stop is not None:
        steps_of += [(at, float(trigger.value)) for at, _, trigger in stop.moves if trigger]
    elif trade.stop_loss != trade.initial_stop_loss:
        steps_of.append((trade.exit_ns, float(trade.stop_loss.value)))
    return steps_of


def _staircase(
    stops: list[tuple[int, float]], candles: Candles, y: Scale, span: tuple[float, float]
) -> list[tuple[float, float]]:
    points = [(span[0], y.at(stops[0][1]))]
    for ts_ns, price in stops[1:]:
        x = candles.at(ts_ns)
        points += [(x, points[-1][1]), (x, y.at(price))]
    return [*points, (span[1], points[-1][1])]


def _marks(trade: Trade, candles: Candles, y: Scale) -> list[Html]:
    """Triangles: what was bought points up from below its candle, what was sold down from above."""
    bars = candles.bars
    marks = []
    for index, side in (
        (candles.first, trade.direction),
        (candles.last, trade.direction.opposite),
    ):
        if side is Side.BUY:
            place, css, sign = y.within(float(bars.low[index])), "buy", "▲"
        else:
            place, css, sign = y.within(float(bars.high[index])), "sell", "▼"
        marks.append(upon(candles.x(index), place, sign, css))
    return marks


def _names(levels: list[_Level], y: Scale) -> list[Html]:
    """The levels by name at the right, moved apart where they would cover each other."""
    ranked = sorted(levels, key=lambda it: y.at(it.price))
    places = spread([y.at(it.price) for it in ranked], _LABEL_GAP, HEIGHT)
    return [
        beside(place, f"{it.name} {formats.plain(it.price)}", it.css)
        for place, it in zip(places, ranked, strict=True)
    ]


def spread(places: Sequence[float], gap: float, end: float) -> list[float]:
    """Ascending places, `gap` apart at least, as near to their own as that allows, up to `end`."""
    apart: list[float] = []
    for place in places:
        apart.append(max(place, apart[-1] + gap) if apart else max(place, gap / 2))
    limit = end - gap / 2
    for i in range(len(apart) - 1, -1, -1):
        apart[i] = min(apart[i], limit)
        limit = apart[i] - gap
    return apart


def _times(candles: Candles) -> list[Html]:
    """The first candle of a date by its date, and clock times where there is room between."""
    ts_ns = [int(ts) for ts in candles.bars.ts_ns]
    count = len(ts_ns)
    days = [i for i in range(1, count) if session_date(ts_ns[i]) != session_date(ts_ns[i - 1])]
    dated = days[:: -(-len(days) // 5)] if days else []
    labels = [below(candles.x(i), formats.day(session_date(ts_ns[i]))) for i in dated]
    room = count / 7
    for i in range(count // 10, count, max(1, count // 5)) if len(days) < 3 else ():
        if all(abs(i - at) > room for at in dated):
            labels.append(below(candles.x(i), formats.clock(ts_ns[i], seconds=False)))
    return labels


def _said(trade: Trade) -> str:
    bought, sold = trade.entry_price, trade.exit_price
    if trade.direction is Side.SELL:
        bought, sold = sold, bought
    return (
        f"{trade.symbol}: bought at {formats.plain(bought)}, sold at {formats.plain(sold)}, "
        f"net {formats.rupees(trade.net_pnl, signed=True)}"
    )


def gallery(chosen: Sequence[Chosen], figures: Sequence[Html]) -> Html:
    """The figures under a heading for each reason they were chosen."""
    parts: list[Html] = []
    for why in dict.fromkeys(one.why for one in chosen):
        of_it = [fig for one, fig in zip(chosen, figures, strict=True) if one.why == why and fig]
        if of_it:
            parts += [tag("h3", text(why)), tag("div", join(*of_it), "gallery")]
    return join(*parts)
