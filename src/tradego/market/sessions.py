"""The trading day: its phases, and the hours by which intraday positions must be gone.

pre-open    orders are collected for the opening price
continuous  orders match as they come; the only phase in which the desk trades
auction     the closing auction: limit and market orders only, no stops
post-close  trades at the closing price
"""

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import msgspec

from tradego.domain.errors import InputError
from tradego.domain.instruments import Instrument, Segment
from tradego.domain.times import HOUR, MINUTE, midnight


class Market(StrEnum):
    """The timetable an instrument trades by."""

    EQUITY = "equity"
    EQUITY_WITH_DERIVATIVES = "equity_with_derivatives"
    DERIVATIVES = "derivatives"

    @staticmethod
    def of(instrument: Instrument) -> "Market":
        if instrument.segment is not Segment.EQUITY:
            return Market.DERIVATIVES
        return Market.EQUITY_WITH_DERIVATIVES if instrument.has_derivatives else Market.EQUITY


class Phase(StrEnum):
    CLOSED = "closed"
    PRE_OPEN = "pre-open"
    CONTINUOUS = "continuous"
    AUCTION = "auction"
    POST_CLOSE = "post-close"


class Span(NamedTuple):
    """One phase, from `start_ns` up to but without `end_ns`."""

    phase: Phase
    start_ns: int
    end_ns: int


class Cutoffs(NamedTuple):
    """When an intraday position must not be opened any more, is squared off, and must be gone.

    `no_intraday` says why nothing intraday may be opened in this session at all, or is empty;
    `entry_ns` is then the opening itself. `verify_ns` is when what is still open becomes an alarm.
    """

    entry_ns: int
    square_off_ns: tuple[int, int, int]
    flat_ns: int
    verify_ns: int
    no_intraday: str


class Session(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One trading day of one market, in UTC nanoseconds. `name` is empty on an ordinary day."""

    day: date
    market: Market
    name: str
    spans: tuple[Span, ...]
    cutoffs: Cutoffs

    @property
    def parts(self) -> tuple[Span, ...]:
        """Continuous trading: one span, or two where the day was cut."""
        return continuous(self.spans)

    @property
    def open_ns(self) -> int:
        """When continuous trading first begins."""
        return self.parts[0].start_ns

    @property
    def close_ns(self) -> int:
        """When continuous trading ends for the day."""
        return self.parts[-1].end_ns

    @property
    def end_ns(self) -> int:
        """When the last phase ends."""
        return self.spans[-1].end_ns


class DayPlan(NamedTuple):
    """A session before it has a date: the same times, in nanoseconds after Indian midnight."""

    name: str
    spans: tuple[Span, ...]
    cutoffs: Cutoffs

    def on(self, day: date, market: Market) -> Session:
        base = midnight(day)
        entry, rungs, flat, verify, no_intraday = self.cutoffs
        return Session(
            day=day,
            market=market,
            name=self.name,
            spans=tuple(Span(phase, base + start, base + end) for phase, start, end in self.spans),
            cutoffs=Cutoffs(
                base + entry,
                (base + rungs[0], base + rungs[1], base + rungs[2]),
                base + flat,
                base + verify,
                no_intraday,
            ),
        )


def continuous(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(span for span in spans if span.phase is Phase.CONTINUOUS)


def phase_in(spans: Sequence[Span], at_ns: int) -> Phase:
    for phase, start, end in spans:
        if start <= at_ns < end:
            return phase
    return Phase.CLOSED


_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SPAN = re.compile(r"(\S+) (\S+)-(\S+)")
_BEFORE_END = re.compile(r"end-(\d{1,3})")


def clock_ns(text: str) -> int:
    """Nanoseconds after midnight of "HH:MM"."""
    match = _CLOCK.fullmatch(text)
    if not match:
        raise InputError(f"{text!r} is not a time of day such as 09:15")
    return int(match[1]) * HOUR + int(match[2]) * MINUTE


def clock_text(at_ns: int) -> str:
    return f"{at_ns // HOUR:02}:{at_ns % HOUR // MINUTE:02}"


def read_spans(texts: Sequence[str]) -> tuple[Span, ...]:
    """Phases written as "continuous 09:15-15:30", in order of time and without overlap."""
    spans: list[Span] = []
    for text in texts:
        match = _SPAN.fullmatch(text)
        if not match or match[1] not in _TRADING_PHASES:
            raise InputError(
                f"{text!r} is not a phase such as 'continuous 09:15-15:30'; "
                f"phases are {', '.join(_TRADING_PHASES)}"
            )
        span = Span(Phase(match[1]), clock_ns(match[2]), clock_ns(match[3]))
        if span.start_ns >= span.end_ns:
            raise InputError(f"{text!r} ends before it begins")
        if spans and span.start_ns < spans[-1].end_ns:
            raise InputError(f"{text!r} begins before {clock_text(spans[-1].end_ns)}")
        spans.append(span)
    if not continuous(spans):
        raise InputError("a session needs a continuous phase")
    return tuple(spans)


_TRADING_PHASES = tuple(phase.value for phase in Phase if phase is not Phase.CLOSED)


def cutoff_ns(text: str, part: Span) -> int:
    """A cut-off within the last part of continuous trading, in the part's own count of time.

    Written "14:55", or "end-20": minutes before the part ends, and in a part shorter than that
    its beginning.
    """
    before = _BEFORE_END.fullmatch(text)
    if before:
        return max(part.start_ns, part.end_ns - int(before[1]) * MINUTE)
    at_ns = clock_ns(text)
    if not part.start_ns <= at_ns <= part.end_ns:
        raise InputError(
            f"cut-off {text} lies outside continuous trading "
            f"{clock_text(part.start_ns)}-{clock_text(part.end_ns)}; write it as end-MINUTES"
        )
    return at_ns
