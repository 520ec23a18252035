"""What can be wrong with bars: the fault's name, how grave it is, and what to do about it."""

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum, StrEnum
from typing import NamedTuple

import msgspec

from tradego.domain.times import iso


class Severity(IntEnum):
    REPAIRED = 0
    FLAG = 1
    REFUSE = 2


class Fault(StrEnum):
    EMPTY = "empty"
    TIME_UNIT = "time_unit"
    TIME_SHIFT = "time_shift"
    DISORDER = "disorder"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    NOT_FINITE = "not_finite"
    NOT_POSITIVE = "not_positive"
    NEGATIVE_VOLUME = "negative_volume"
    RANGE = "range"
    OFF_GRID = "off_grid"
    OUTSIDE_SESSION = "outside_session"
    UNEXPECTED_SESSION = "unexpected_session"
    MISSING_SESSION = "missing_session"
    GAP = "gap"
    STALE = "stale"
    NO_VOLUME = "no_volume"
    ZERO_VOLUME_SESSION = "zero_volume_session"
    ZERO_VOLUME_BAR = "zero_volume_bar"
    FROZEN = "frozen"
    SPLIT_LIKE = "split_like"
    JUMP = "jump"


class Rule(NamedTuple):
    severity: Severity
    says: str
    remedy: str


_R, _F = Severity.REFUSE, Severity.FLAG

RULES: dict[Fault, Rule] = {
    Fault.EMPTY: Rule(_R, "no rows", "load bars for this symbol"),
    Fault.TIME_UNIT: Rule(
        _R, "times that are not nanoseconds since 1970", "multiply to nanoseconds (UTC, bar start)"
    ),
    Fault.TIME_SHIFT: Rule(
        _R, "times shifted as a whole", "load with the right zone, or repair shift_time"
    ),
    Fault.DISORDER: Rule(_R, "rows earlier than the row before", "repair sort"),
    Fault.DUPLICATE: Rule(_R, "rows repeated exactly", "repair drop_duplicates"),
    Fault.CONFLICT: Rule(
        _R, "rows of one time with different values", "fix the source, or repair keep_last"
    ),
    Fault.NOT_FINITE: Rule(
        _R, "rows with NaN or infinity", "fix the source, or repair drop_invalid"
    ),
    Fault.NOT_POSITIVE: Rule(
        _R, "rows with a price of zero or less", "fix the source, or repair drop_invalid"
    ),
    Fault.NEGATIVE_VOLUME: Rule(
        _R, "rows with a volume below zero", "fix the source, or repair drop_invalid"
    ),
    Fault.RANGE: Rule(
        _R, "rows with open or close outside high and low", "fix the source, or repair widen_range"
    ),
    Fault.OFF_GRID: Rule(
        _R, "rows that do not start on the bar grid of the session", "repair drop_outside"
    ),
    Fault.OUTSIDE_SESSION: Rule(_R, "rows outside the session's hours", "repair drop_outside"),
    Fault.UNEXPECTED_SESSION: Rule(
        _R, "rows on days without a session", "correct the calendar, or repair drop_outside"
    ),
    Fault.MISSING_SESSION: Rule(_F, "sessions without any bar", "fetch them again"),
    Fault.GAP: Rule(_F, "bars missing inside sessions", "fetch them again; no entry until then"),
    Fault.STALE: Rule(_F, "bars expected after the newest", "fetch the newest bars"),
    Fault.NO_VOLUME: Rule(
        _F, "no volume in any row", "fine for an index; anything else cannot be traded on"
    ),
    Fault.ZERO_VOLUME_SESSION: Rule(
        _F, "sessions in which nothing traded", "no entry in these sessions"
    ),
    Fault.ZERO_VOLUME_BAR: Rule(_F, "bars in which nothing traded", "none needed"),
    Fault.FROZEN: Rule(_F, "bars that repeat the one before in every value", "check the feed"),
    Fault.SPLIT_LIKE: Rule(
        _R,
        "overnight jumps the size of a split, bonus or demerger",
        "load adjusted bars or give the divisor; accept split_like if the jump is real",
    ),
    Fault.JUMP: Rule(_F, "jumps too large to pass unseen", "look at the day"),
}


class Finding(msgspec.Struct, frozen=True):
    """One kind of fault in one symbol.

    `ts_ns` is the first place in time; `row` the first place in the columns as given (0-based),
    None where the fault is that something is absent. `detail` holds measured figures, or nothing.
    """

    fault: Fault
    count: int
    severity: Severity
    ts_ns: int | None = None
    row: int | None = None
    detail: str = ""

    @property
    def remedy(self) -> str:
        return RULES[self.fault].remedy

    @property
    def text(self) -> str:
        """One line for a person: what, how many, where, what was or should be done."""
        where = [] if self.row is None else [f"row {self.row}"]
        where += [] if self.ts_ns is None else [iso(self.ts_ns)]
        first = f", first at {' '.join(where)}" if where else ""
        detail = f" ({self.detail})" if self.detail else ""
        done = "repaired" if self.severity is Severity.REPAIRED else self.remedy
        return f"{RULES[self.fault].says}: {self.count}{detail}{first}; {done}"


class Standing(StrEnum):
    OK = "ok"
    FLAGGED = "flagged"
    REFUSED = "refused"


class Verdict(msgspec.Struct, frozen=True):
    """What to think of one symbol's bars. A repair leaves it FLAGGED, so that it is seen."""

    symbol: str
    interval_ns: int
    rows: int
    findings: tuple[Finding, ...] = ()

    @property
    def standing(self) -> Standing:
        if not self.findings:
            return Standing.OK
        worst = max(finding.severity for finding in self.findings)
        return Standing.REFUSED if worst is Severity.REFUSE else Standing.FLAGGED

    def found(self, fault: Fault) -> int:
        """How many of one fault, whatever became of them."""
        return sum(finding.count for finding in self.findings if finding.fault is fault)

    def lines(self) -> Iterator[str]:
        for finding in sorted(self.findings, key=lambda finding: -finding.severity):
            yield f"{self.symbol}: {finding.severity.name.lower()}: {finding.text}"


class Report(msgspec.Struct, frozen=True):
    """The verdicts on many symbols, as `tradego data check` prints them."""

    verdicts: tuple[Verdict, ...]

    def having(self, standing: Standing) -> tuple[str, ...]:
        return tuple(v.symbol for v in self.verdicts if v.standing is standing)

    def totals(self) -> dict[Fault, int]:
        """Count of each fault over all symbols, in the order the faults are declared."""
        counts: Counter[Fault] = Counter()
        for verdict in self.verdicts:
            for finding in verdict.findings:
                counts[finding.fault] += finding.count
        return {fault: counts[fault] for fault in Fault if fault in counts}

    def summary(self) -> str:
        standings = Counter(verdict.standing for verdict in self.verdicts)
        rows = sum(verdict.rows for verdict in self.verdicts)
        parts = ", ".join(f"{standings[standing]} {standing}" for standing in Standing)
        return f"{len(self.verdicts)} symbols, {rows} rows: {parts}"

    def lines(self) -> Iterator[str]:
        yield self.summary()
        for verdict in self.verdicts:
            yield from verdict.lines()
