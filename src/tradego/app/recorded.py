"""Recorded bars on their way in: read, judged, mended only where asked, used while they are fit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from tradego.domain.bars import Bars, IntArray
from tradego.domain.errors import InputError
from tradego.domain.times import DAY, MINUTE, midnight, session_date
from tradego.market.aggregate import aggregate
from tradego.market.calendar import Calendar
from tradego.market.findings import (
    RULES,
    Fault,
    Finding,
    Report,
    Severity,
    Standing,
    Verdict,
)
from tradego.market.quality import (
    ACCEPTABLE,
    EARLIEST_NS,
    Limits,
    RawBars,
    expected_starts,
    session_starts,
)
from tradego.market.readiness import Unready, unready
from tradego.market.repairs import Repair, admit
from tradego.market.sessions import Market
from tradego.market.symbols import Directory
from tradego.storage.bars import joined, read_bars, row_in_file

Progress = Callable[[str], None]

_NOT_READY = {
    Unready.STALE: "the newest bar is too old",
    Unready.GAP: "a bar of this session is missing",
    Unready.NO_TRADE: "nothing has traded in this session",
    Unready.OFF_GRID: "the bar is not on the session's grid",
}
_LIQUID_SESSIONS = 20


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which bars. Trading begins on `first` (bars before it warm up indicators) and ends with
    `last`; without `interval_ns` strategies judge on the longest bars given.
    """

    files: tuple[Path, ...]
    interval_ns: int | None = None
    symbols: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    repairs: frozenset[Repair] = frozenset()
    accepted: frozenset[Fault] = frozenset()


class Recorded(NamedTuple):
    """Bars fit to use, symbols in alphabetical order. `digest` is of the files as they are."""

    signal_bars: list[Bars]
    market_bars: list[Bars]
    report: Report
    digest: str

    @property
    def refused(self) -> dict[str, str]:
        """Symbols left out, with the first reason."""
        kept = {bars.symbol for bars in self.signal_bars}
        return {
            verdict.symbol: reason_of(verdict)
            for verdict in self.report.verdicts
            if verdict.standing is Standing.REFUSED and verdict.symbol not in kept
        }

    @property
    def cut(self) -> dict[str, tuple[date, str]]:
        """Symbols used only up to a day, with the last day and the first reason."""
        last = {bars.symbol: session_date(int(bars.ts_ns[-1])) for bars in self.signal_bars}
        return {
            verdict.symbol: (last[verdict.symbol], reason_of(verdict))
            for verdict in self.report.verdicts
            if verdict.standing is Standing.REFUSED and verdict.symbol in last
        }

    @property
    def repaired(self) -> dict[Fault, int]:
        """Rows mended, by what was wrong with them."""
        counts: dict[Fault, int] = {}
        for finding in (f for verdict in self.report.verdicts for f in verdict.findings):
            if finding.severity is Severity.REPAIRED:
                counts[finding.fault] = counts.get(finding.fault, 0) + finding.count
        return counts


def reason_of(verdict: Verdict) -> str:
    """The gravest finding in words."""
    return max(verdict.findings, key=lambda finding: finding.severity).text


class Inspected(NamedTuple):
    """Bars that may be used, by symbol and interval, and the verdicts on all."""

    fit: dict[str, dict[int, Bars]]
    report: Report
    sources: "_Sources"

    def lines(self) -> Iterator[str]:
        """The report, with the place in its file of whatever is refused."""
        yield self.report.summary()
        for verdict in self.report.verdicts:
            for finding in sorted(verdict.findings, key=lambda finding: -finding.severity):
                is_refused = finding.severity is Severity.REFUSE
                where = f"{self.sources.place(verdict, finding)}: " if is_refused else ""
                yield f"{where}{verdict.symbol}: {finding.severity.name.lower()}: {finding.text}"


def recorded(wanted: Wanted, calendar: Calendar, directory: Directory, say: Progress) -> Recorded:
    """Read and judge. A symbol is used while it looks right; InputError, with file and row, when a
    file breaks the rules of a file of bars, or nothing is left.
    """
    fit, report, sources = inspected(wanted, calendar, directory, say)
    sources.require_sound(report)
    if not fit:
        first = report.verdicts[0]
        raise InputError(f"no symbol is fit to use; {first.symbol}: {reason_of(first)}")
    intervals = {interval_ns for by_interval in fit.values() for interval_ns in by_interval}
    if max(intervals) >= DAY:
        raise InputError("bars of a day cannot be traded within a day; give shorter ones")
    judged_on = wanted.interval_ns or max(intervals)
    return Recorded(
        signal_bars=[_to_judge(fit[symbol], judged_on) for symbol in sorted(fit)],
        market_bars=[fit[symbol][min(fit[symbol])] for symbol in sorted(fit)],
        report=report,
        digest=_digest(wanted.files),
    )


def inspected(wanted: Wanted, calendar: Calendar, directory: Directory, say: Progress) -> Inspected:
    """Read, mend as asked, and judge every symbol of the files.

    A symbol is used up to the session in which it looks split: what the market does later must
    not change what is done earlier.
    """
    sources = _read(wanted, directory, say)
    say("judging")
    limits = Limits(accepted=wanted.accepted)
    fit: dict[str, dict[int, Bars]] = {}
    verdicts = []
    sound_until: dict[str, int] = {}
    for interval_ns, same in sorted(sources.by_interval().items()):
        expected = _expected(same, calendar, interval_ns)
        for bars in same:
            admitted, verdict = admit(bars, expected, wanted.repairs, limits)
            verdicts.append(verdict)
            if admitted is None:
                end_ns = _sound_until(verdict)
                sound_until[bars.symbol] = min(end_ns, sound_until.get(bars.symbol, end_ns))
                before = bars.take(bars.ts_ns < end_ns)
                admitted, _ = admit(before, expected, wanted.repairs, limits)
            if admitted is not None and admitted.count:
                fit.setdefault(bars.symbol, {})[interval_ns] = admitted
    for symbol in sound_until.keys() & fit.keys():
        fit[symbol] = _all_until(fit[symbol], sound_until[symbol])
    verdicts.sort(key=lambda verdict: (verdict.symbol, verdict.interval_ns))
    return Inspected(
        {symbol: same for symbol, same in fit.items() if same}, Report(tuple(verdicts)), sources
    )


def _sound_until(verdict: Verdict) -> int:
    """Midnight before the first session that looks split; nothing is sound of a symbol that is
    refused for anything else.
    """
    found = [it for it in verdict.findings if it.severity is Severity.REFUSE]
    return min(
        midnight(session_date(it.ts_ns))
        if it.fault is Fault.SPLIT_LIKE and it.ts_ns is not None
        else 0
        for it in found
    )


def _all_until(by_interval: dict[int, Bars], end_ns: int) -> dict[int, Bars]:
    """The bars of every interval before an instant, where there are any."""
    cut = {
        interval_ns: bars.rows(0, int(bars.ts_ns.searchsorted(end_ns)))
        for interval_ns, bars in by_interval.items()
    }
    return {interval_ns: bars for interval_ns, bars in cut.items() if bars.count}


class _Sources:
    """What was read, and from which file."""

    def __init__(self) -> None:
        self._parts: list[tuple[Path, RawBars]] = []

    def add(self, path: Path, parts: Iterable[RawBars]) -> None:
        self._parts += [(path, part) for part in parts]

    @property
    def symbols(self) -> set[str]:
        return {part.symbol for _, part in self._parts}

    def by_interval(self) -> dict[int, list[RawBars]]:
        """One row of columns a symbol and interval."""
        found: dict[int, list[RawBars]] = {}
        for _, part in self._parts:
            found.setdefault(part.interval_ns, []).append(part)
        return {interval_ns: joined(same) for interval_ns, same in found.items()}

    def require_sound(self, report: Report) -> None:
        """InputError for a fault after which a file cannot be believed."""
        for verdict in report.verdicts:
            for finding in verdict.findings:
                if finding.severity is Severity.REFUSE and finding.fault not in ACCEPTABLE:
                    detail = f" ({finding.detail})" if finding.detail else ""
                    raise InputError(
                        f"{self.place(verdict, finding)}: {verdict.symbol} has "
                        f"{RULES[finding.fault].says}, {finding.count} in all{detail}; "
                        f"{finding.remedy}"
                    )

    def place(self, verdict: Verdict, finding: Finding) -> str:
        """Such as "bars.csv row 12"."""
        row = finding.row
        same = [
            (path, len(part.ts_ns))
            for path, part in self._parts
            if (part.symbol, part.interval_ns) == (verdict.symbol, verdict.interval_ns)
        ]
        if row is None or verdict.rows != sum(rows for _, rows in same):
            return _named(path for path, _ in same)
        for path, rows in same:
            if row < rows:
                return f"{path.name} row {row_in_file(path, verdict.symbol, row)}"
            row -= rows
        return same[-1][0].name


def _read(wanted: Wanted, directory: Directory, say: Progress) -> _Sources:
    spellings = {text: _spellings(text, directory) for text in wanted.symbols}
    asked = sorted(set().union(*spellings.values())) if spellings else None
    end_ns = midnight(wanted.last + timedelta(days=1)) if wanted.last else None
    sources = _Sources()
    for path in wanted.files:
        say(f"reading {path.name}")
        sources.add(path, _bars_of(path, wanted, asked, end_ns))
    for text, names in spellings.items():
        if not sources.symbols & names:
            directory.resolve(text).required()  # says so when nobody knows such a symbol
            raise InputError(f"no bars of {text} in {_named(wanted.files)}")
    if not sources.symbols:
        raise InputError(f"no bars in {_named(wanted.files)} up to {wanted.last or 'the end'}")
    return sources


def _bars_of(
    path: Path, wanted: Wanted, symbols: list[str] | None, end_ns: int | None
) -> list[RawBars]:
    """The interval asked for is that of the file only where the file has too few bars to tell."""
    try:
        return read_bars(path, symbols=symbols, end_ns=end_ns)
    except InputError:
        if wanted.interval_ns is None:
            raise
        return read_bars(path, interval_ns=wanted.interval_ns, symbols=symbols, end_ns=end_ns)


def _spellings(text: str, directory: Directory) -> set[str]:
    """A symbol as given, and every other the same company has traded under."""
    company = directory.find(text.upper())
    return {text, text.upper(), *(company.symbols if company else ())}


def _named(files: Iterable[Path]) -> str:
    return ", ".join(path.name for path in files)


def _expected(raw: Sequence[RawBars], calendar: Calendar, interval_ns: int) -> IntArray:
    """Bar starts of the days from the first bar to the last; none where no time can be a time."""
    possible = (bars.ts_ns[bars.ts_ns >= EARLIEST_NS] for bars in raw)
    spans = [(int(ts.min()), int(ts.max())) for ts in possible if len(ts)]
    if not spans:
        return np.empty(0, dtype=np.int64)
    first = session_date(min(start for start, _ in spans))
    last = session_date(max(end for _, end in spans))
    return expected_starts(calendar, first, last, interval_ns)


def _to_judge(by_interval: dict[int, Bars], interval_ns: int) -> Bars:
    """The bars of an interval, made from shorter ones where they were not given."""
    return by_interval.get(interval_ns) or aggregate(by_interval[min(by_interval)], interval_ns)


def _digest(files: Iterable[Path]) -> str:
    digest = sha256()
    for path in files:
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


# ---- bars on which no entry is made --------------------------------------------------------------


def unfit(
    all_bars: Sequence[Bars],
    markets: Mapping[str, Market],
    calendar: Calendar,
    min_average_volume: int = 0,
) -> dict[str, dict[int, str]]:
    """Rows by symbol on whose close nothing may be entered, each with the reason."""
    if not all_bars:
        return {}
    first = min(session_date(int(bars.ts_ns[0])) for bars in all_bars)
    last = max(session_date(int(bars.ts_ns[-1])) for bars in all_bars)
    interval_ns = all_bars[0].interval_ns
    expected = {
        market: expected_starts(calendar, first, last, interval_ns, market)
        for market in set(markets.values())
    }
    found: dict[str, dict[int, str]] = {}
    for bars in all_bars:
        rows = illiquid_rows(bars, min_average_volume) if min_average_volume else {}
        verdict = unready(bars, expected[markets[bars.symbol]])
        for row in np.flatnonzero(verdict).tolist():
            rows[row] = _NOT_READY[Unready(verdict[row])]
        if rows:
            found[bars.symbol] = rows
    return found


def illiquid_rows(bars: Bars, minimum: int) -> dict[int, str]:
    """Bars of sessions before which the average session traded too little, or was not known."""
    starts = session_starts(bars.ts_ns)
    total = np.concatenate(([0.0], np.cumsum(np.add.reduceat(bars.volume, starts))))
    stops = [*starts[1:].tolist(), bars.count]
    rows: dict[int, str] = {}
    for session, (start, stop) in enumerate(zip(starts.tolist(), stops, strict=True)):
        if session < _LIQUID_SESSIONS:
            reason = f"volume known for {session} of {_LIQUID_SESSIONS} sessions"
        else:
            average = (total[session] - total[session - _LIQUID_SESSIONS]) / _LIQUID_SESSIONS
            if average > minimum:
                continue
            reason = f"{average:,.0f} shares a session on average, needs above {minimum:,}"
        rows |= dict.fromkeys(range(start, stop), reason)
    return rows


def interval_of(text: str) -> int:
    """An interval in nanoseconds from "15", "15m" or "1h"; InputError for anything else."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in "mhd" else (text, "m")
    if not number.isdecimal() or not 0 < int(number) <= 1440:
        raise InputError(f"interval {text!r} is not minutes such as 15m, or hours such as 1h")
    return int(number) * {"m": MINUTE, "h": 60 * MINUTE, "d": DAY}[unit]


def day_of(option: str, text: str | None) -> date | None:
    """The day an option names; InputError when it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a day written YYYY-MM-DD") from None
