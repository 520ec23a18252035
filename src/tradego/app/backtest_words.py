"""What a backtest says of itself: the assumptions it rests on, and its result in words."""

from collections.abc import Iterator, Sequence

from tradego.app.recorded import Recorded
from tradego.app.wiring import Wired
from tradego.domain import formats, wording
from tradego.domain.settings import EngineSettings
from tradego.domain.times import MINUTE, SECOND
from tradego.research.backtest import Backtest
from tradego.research.summary import RunResult
from tradego.simulation.exchange import Conditions
from tradego.strategies.plan import rests_on
from tradego.strategies.verdicts import Funnel

_GUESTS_TOLD = 10


def interval_words(interval_ns: int) -> str:
    """`15 min`."""
    return f"{interval_ns // MINUTE} min"


def notes(wired: Wired) -> tuple[str, ...]:
    """The assumptions, one sentence each."""
    setup = wired.setup
    judged, met = setup.signal_bars[0].interval_ns, setup.market_bars[0].interval_ns
    return (
        f"Strategies judge when a bar of {interval_words(judged)} closes; orders meet bars of "
        f"{interval_words(met)}.",
        *_on_execution(setup.opening.settings, met),
        "Inside a bar the worse comes first: a stop before a target, unless finer bars tell.",
        *_on_conditions(setup.conditions),
        f"Charges are those of the plan {setup.opening.settings.broker} on each day, line by line.",
        "The symbols are those of the files: what was delisted before they were made is not there.",
        *_on_data(wired.data),
        *_on_news(wired),
    )


def _on_news(wired: Wired) -> Iterator[str]:
    judging = [s.name for s in wired.setup.strategies if rests_on(s.enter, "sentiment")]
    if wired.headlines:
        yield f"{formats.counted(wired.headlines, 'headline')} on these symbols."
    elif judging:
        yield f"No headlines were given (--news), and {', '.join(judging)} judges by them."
    for guest in wired.joined[:_GUESTS_TOLD]:
        day = formats.day(guest.day, year=True)
        yield f"{guest.symbol} joined the watchlist on {day}: news {guest.sentiment:+.2f}."
    if len(wired.joined) > _GUESTS_TOLD:
        yield f"{len(wired.joined) - _GUESTS_TOLD} more joined so."


def _on_execution(settings: EngineSettings, met_ns: int) -> Iterator[str]:
    lives, buffer = settings.execution.entry_timeout_s, settings.execution.entry_buffer_pct
    yield (
        f"An entry is a limit {formats.percent(buffer)} through the signal's price and lives "
        f"{formats.age(lives * SECOND)}."
    )
    if lives * SECOND < met_ns:
        yield (
            "That is shorter than a bar: it fills only at the open of the next one, if that is "
            "inside the limit."
        )


def _on_conditions(conditions: Conditions) -> Iterator[str]:
    yield (
        f"A message takes {conditions.latency_ms} ms; one order takes at most "
        f"{formats.percent(conditions.participation_pct)} of a bar's volume."
    )
    if conditions.slippage_bps:
        yield f"Fills are worse by {conditions.slippage_bps} hundredths of a percent."
    else:
        yield "No slippage is added to what the bars say."


def _on_data(data: Recorded) -> Iterator[str]:
    for symbol, reason in data.refused.items():
        yield f"{symbol} was left out: {reason}."
    for symbol, (day, reason) in data.cut.items():
        yield f"{symbol} was used up to {formats.day(day, year=True)} only: {reason}."
    for fault, count in data.repaired.items():
        yield f"{formats.counted(count, 'row')} mended: {wording.named(fault.value).lower()}."


# ---- the result ----------------------------------------------------------------------------------


def told(wired: Wired, done: Backtest, result: RunResult) -> Iterator[str]:
    """The funnel, what was refused, what came of it, and what is not as it should be."""
    for funnel in done.funnels:
        yield from _funnel(funnel)
        yield ""
    yield from _refusals(result)
    yield from _on_news(wired)
    yield from _outcome(result)
    for alarm in done.record.alarms[:5]:
        yield f"Alarm: {alarm.text}"
    if len(done.record.alarms) > 5:
        yield f"... {formats.counted(len(done.record.alarms) - 5, 'more alarm')}: tradego journal"
    for line in _on_data(wired.data):
        yield line if len(line) <= 160 else f"{line[:157]}..."


def _funnel(funnel: Funnel) -> Iterator[str]:
    rows = [(step.name, step.alone, step.in_turn) for step in funnel.steps]
    yield f"{wording.named(funnel.strategy)}: {formats.quantity(funnel.bars)} bars judged"
    yield from _table(("condition", "bars alone", "in turn"), rows)
    yield f"{formats.counted(funnel.signals, 'signal')}"


def _refusals(result: RunResult) -> Iterator[str]:
    counts = sorted(result.refusals.items(), key=lambda item: (-item[1], item[0].value))
    if counts:
        yield "Signals refused: " + ", ".join(
            f"{wording.refusals_named(code).lower()} {formats.quantity(count)}"
            for code, count in counts
        )


def _outcome(result: RunResult) -> Iterator[str]:
    from tradego.accounting.statistics import trade_statistics

    if not result.trades:
        yield "No trade was made."
        return
    of = trade_statistics(result.trades)
    verb = "Made" if of.net_pnl > 0 else "Lost"
    share = abs(of.net_pnl) / result.facts.starting_capital * 100
    yield (
        f"{verb} {formats.rupees(abs(of.net_pnl))} after {formats.rupees(of.charges)} of charges, "
        f"{formats.percent(share)} of the capital, over {formats.counted(of.trades, 'trade')}: "
        f"{formats.percent(None if of.win_rate is None else of.win_rate * 100)} won, profit factor "
        f"{formats.ratio(of.profit_factor)}."
    )
    equity = result.equity_statistics
    if equity is not None:
        yield (
            f"Deepest fall {formats.percent(equity.max_drawdown.percent)}, Sharpe "
            f"{formats.ratio(equity.sharpe)}, over {formats.counted(equity.sessions, 'session')}."
        )
    if result.still_open:
        yield (
            f"{formats.counted(len(result.still_open), 'tranche')} still open, worth "
            f"{formats.rupees(result.unrealized, signed=True)}: in the equity, not in the result."
        )


def _table(heads: tuple[str, str, str], rows: Sequence[tuple[str, int, int]]) -> Iterator[str]:
    cells = [heads, *((name, formats.quantity(a), formats.quantity(b)) for name, a, b in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(3)]
    for name, alone, in_turn in cells:
        yield f"  {name:<{widths[0]}}  {alone:>{widths[1]}}  {in_turn:>{widths[2]}}"
