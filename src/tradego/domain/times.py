"""Time inside is int64 nanoseconds since 1970-01-01 UTC. Indian time is shown at the edges.

India has kept UTC+05:30 without daylight saving since 1945, so the conversion is arithmetic.
"""

from datetime import UTC, date, datetime, timedelta, timezone

from tradego.domain.errors import InputError

MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

IST = timezone(timedelta(hours=5, minutes=30), "IST")
IST_OFFSET = 5 * HOUR + 30 * MINUTE
_EPOCH = date(1970, 1, 1).toordinal()


def session_date(ts_ns: int) -> date:
    """The Indian calendar date of an instant."""
    return date.fromordinal(_EPOCH + (ts_ns + IST_OFFSET) // DAY)


def minute_of_day(ts_ns: int) -> int:
    """Minutes since Indian midnight, 0..1439."""
    return (ts_ns + IST_OFFSET) % DAY // MINUTE


def midnight(day: date) -> int:
    """The instant at which an Indian date begins."""
    return (day.toordinal() - _EPOCH) * DAY - IST_OFFSET


def at(day: date, clock: str) -> int:
    """The instant of an Indian wall-clock time "HH:MM" or "HH:MM:SS" on a date."""
    parts = [int(part) for part in clock.split(":")]
    hours, minutes, seconds = (*parts, 0)[:3] if len(parts) < 4 else (-1, 0, 0)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 60):
        raise InputError(f"clock time {clock!r} is not HH:MM or HH:MM:SS")
    return midnight(day) + hours * HOUR + minutes * MINUTE + seconds * SECOND


def iso(ts_ns: int) -> str:
    """ISO 8601 in IST, "2025-03-03T10:15:00+05:30"; a fraction only where there is one."""
    seconds, nanos = divmod(ts_ns, SECOND)
    moment = datetime.fromtimestamp(seconds, IST)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{text}{fraction}+05:30"


def from_datetime(moment: datetime) -> int:
    """Nanoseconds of an aware datetime; InputError for a naive one."""
    if moment.tzinfo is None:
        raise InputError(f"time {moment.isoformat()} has no zone; write e.g. +05:30")
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * MICROSECOND
