"""From tables to a calendar. The tables and their keys are explained in data/calendar.toml."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple

import msgspec

from tradego.domain.errors import InputError
from tradego.domain.times import MINUTE
from tradego.market.calendar import Calendar, Plans
from tradego.market.dated import DatedRow, Placed, Row, TableFile, Timeline, parse, rows, shipped
from tradego.market.sessions import (
    Cutoffs,
    DayPlan,
    Market,
    Span,
    continuous,
    cutoff_ns,
    read_spans,
)

SHIPPED = ("calendar.toml", "holidays.toml", "special_sessions.toml")
_TABLES = ("coverage", "hours", "cutoffs", "holiday", "special")
_ONE_DAY = timedelta(days=1)


class CoverageRow(DatedRow, frozen=True, kw_only=True):
    """A stretch for which every holiday and special session is known."""

    valid_to: date


class HoursRow(DatedRow, frozen=True, kw_only=True):
    """The phases of an ordinary day."""

    equity: tuple[str, ...]
    equity_with_derivatives: tuple[str, ...] = ()
    derivatives: tuple[str, ...]


class CutoffsRow(DatedRow, frozen=True, kw_only=True):
    """The desk's own hours for intraday positions."""

    markets: tuple[Market, ...]
    hours: Literal["regular", "special"]
    entry: str
    square_off: tuple[str, str, str]
    flat: str
    verify: str
    intraday_minutes: Annotated[int, msgspec.Meta(ge=0)]


class HolidayRow(Row, frozen=True, kw_only=True):
    day: date = msgspec.field(name="date")
    name: str


class SpecialRow(Row, frozen=True, kw_only=True):
    """A day with hours of its own, or an ordinary day (`regular`) where none was due."""

    day: date = msgspec.field(name="date")
    name: str
    regular: bool = False
    equity: tuple[str, ...] = ()
    equity_with_derivatives: tuple[str, ...] = ()
    derivatives: tuple[str, ...] = ()


class _Tables(NamedTuple):
    coverage: list[Placed[CoverageRow]]
    hours: Timeline[HoursRow]
    cutoffs: dict[tuple[Market, str], Timeline[CutoffsRow]]
    dates: dict[date, Placed[HolidayRow] | Placed[SpecialRow]]


def nse_calendar(own: Iterable[TableFile] = ()) -> Calendar:
    """The shipped calendar of the NSE with the user's own files laid over it, the last on top."""
    return read_calendar([*(shipped(name) for name in SHIPPED), *own])


def read_calendar(files: Sequence[TableFile]) -> Calendar:
    """The calendar the files make together; InputError naming file, row and key where they fail."""
    tables = _read(files)
    first, last = _covered(tables.coverage)
    for day, (where, _) in tables.dates.items():
        if not first <= day <= last:
            raise InputError(f"{where}: {day} is outside the coverage, {first} to {last}")
    plans: dict[date, Plans] = {}
    for start, end in _stretches(tables, first, last):
        ordinary = _ordinary(tables, start)
        for offset in range((end - start).days + 1):
            day = start + offset * _ONE_DAY
            dated = tables.dates.get(day)
            if dated is None:
                if day.weekday() < 5:
                    plans[day] = ordinary
            elif isinstance(dated.row, SpecialRow):
                plans[day] = _special(tables, Placed(dated.where, dated.row), ordinary)
    holidays = {
        day: dated.row.name
        for day, dated in tables.dates.items()
        if isinstance(dated.row, HolidayRow)
    }
    return Calendar(first=first, last=last, plans=plans, holidays=holidays)


def _read(files: Sequence[TableFile]) -> _Tables:
    coverage: list[Placed[CoverageRow]] = []
    hours: list[list[Placed[HoursRow]]] = []
    cutoffs: list[list[Placed[CutoffsRow]]] = []
    dates: dict[date, Placed[HolidayRow] | Placed[SpecialRow]] = {}
    for file in files:
        document = parse(file, _TABLES)
        coverage += rows(file, document, "coverage", CoverageRow)
        hours.append(rows(file, document, "hours", HoursRow))
        cutoffs.append(rows(file, document, "cutoffs", CutoffsRow))
        dates |= _by_date(
            [
                *rows(file, document, "holiday", HolidayRow),
                *rows(file, document, "special", SpecialRow),
            ]
        )
    by_kind: dict[tuple[Market, str], Timeline[CutoffsRow]] = {
        (market, kind): Timeline(
            [row for row in layer if market in row.row.markets and row.row.hours == kind]
            for layer in cutoffs
        )
        for market in Market
        for kind in ("regular", "special")
    }
    return _Tables(coverage, Timeline(hours), by_kind, dates)


def _by_date(
    placed: Iterable[Placed[HolidayRow] | Placed[SpecialRow]],
) -> dict[date, Placed[HolidayRow] | Placed[SpecialRow]]:
    found: dict[date, Placed[HolidayRow] | Placed[SpecialRow]] = {}
    for entry in placed:
        day = entry.row.day
        if day in found:
            raise InputError(f"{entry.where}: {day} is already in {found[day].where}")
        found[day] = entry
    return found


def _covered(coverage: list[Placed[CoverageRow]]) -> tuple[date, date]:
    if not coverage:
        raise InputError("the calendar has no [[coverage]] row: it covers no day")
    ordered = sorted(coverage, key=lambda placed: placed.row.valid_from)
    first, last = ordered[0].row.valid_from, ordered[0].row.valid_to
    for where, row in ordered[1:]:
        if row.valid_from > last + _ONE_DAY:
            raise InputError(
                f"{where}: begins {row.valid_from}, but the rows before it end {last}; "
                "coverage must be without a gap"
            )
        last = max(last, row.valid_to)
    return first, last


def _stretches(tables: _Tables, first: date, last: date) -> Iterable[tuple[date, date]]:
    """Runs of days in which neither the hours nor the cut-offs change."""
    changes = set(tables.hours.changes())
    changes.update(*(timeline.changes() for timeline in tables.cutoffs.values()))
    starts = [first, *sorted(day for day in changes if first < day <= last)]
    return zip(starts, [*(day - _ONE_DAY for day in starts[1:]), last], strict=True)


def _ordinary(tables: _Tables, day: date) -> Plans:
    hours = tables.hours.on(day)
    if hours is None:
        raise InputError(f"no [[hours]] row holds on {day}; add one or shorten the coverage")
    return _plans(tables, day, hours, "regular")


def _special(tables: _Tables, special: Placed[SpecialRow], ordinary: Plans) -> Plans:
    row = special.row
    if not row.regular:
        return _plans(tables, row.day, special, "special", row.name)
    if row.equity or row.equity_with_derivatives or row.derivatives:
        raise InputError(f"{special.where}: has phases and is regular; only one can be true")
    return {market: plan._replace(name=row.name) for market, plan in ordinary.items()}


def _plans(
    tables: _Tables,
    day: date,
    hours: Placed[HoursRow] | Placed[SpecialRow],
    kind: str,
    name: str = "",
) -> Plans:
    row = hours.row
    texts = {
        Market.EQUITY: row.equity,
        Market.EQUITY_WITH_DERIVATIVES: row.equity_with_derivatives or row.equity,
        Market.DERIVATIVES: row.derivatives,
    }
    plans = {}
    for market in Market:
        cutoffs = tables.cutoffs[market, kind].on(day)
        if cutoffs is None:
            raise InputError(f"no [[cutoffs]] row for {market}, {kind} hours, holds on {day}")
        try:
            spans = read_spans(texts[market])
            plans[market] = DayPlan(name, spans, _cutoffs(cutoffs, spans))
        except InputError as error:
            raise InputError(f"{hours.where}: {market}: {error}") from None
    return plans


def _cutoffs(placed: Placed[CutoffsRow], spans: tuple[Span, ...]) -> Cutoffs:
    where, row = placed
    parts = continuous(spans)
    try:
        one, two, three = (cutoff_ns(text, parts[-1]) for text in row.square_off)
        entry, flat, verify = (
            cutoff_ns(text, parts[-1]) for text in (row.entry, row.flat, row.verify)
        )
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    if not entry <= one <= two <= three <= flat <= verify:
        raise InputError(f"{where}: entry, square_off, flat and verify must follow one another")
    minutes = (parts[-1].end_ns - parts[-1].start_ns) // MINUTE
    if minutes >= row.intraday_minutes:
        return Cutoffs(entry, (one, two, three), flat, verify, "")
    short = (
        f"the last part of the session has {minutes} minutes of trading, "
        f"intraday needs {row.intraday_minutes}"
    )
    return Cutoffs(parts[0].start_ns, (one, two, three), flat, verify, short)
