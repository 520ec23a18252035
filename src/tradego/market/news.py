"""Headlines whose times can be trusted, each counted once.

A headline may be used from `received_ns` on and ages from `published_ns`. What is not known is
settled against us: a story known only by its date is usable when that day is over.
"""

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from tradego.domain.errors import InputError, require
from tradego.domain.times import DAY, IST, from_datetime, midnight


class Stamp(StrEnum):
    """How the publication time of a headline came about."""

    MINUTE = "minute"  # given by the publisher to the minute or better
    DATE_ONLY = "date_only"  # only the date was given
    MISSING = "missing"  # none was given: the time of receipt
    FUTURE = "future"  # later than its receipt, so untrue: the time of receipt


class Headline(msgspec.Struct, frozen=True):
    """One headline about one symbol. Both times are UTC nanoseconds; published <= received.

    `received_ns` is when the desk had it in hand; for recorded news without a time of receipt, the
    earliest moment at which it was certainly out.
    """

    symbol: str
    text: str
    published_ns: int
    received_ns: int
    stamp: Stamp = Stamp.MINUTE
    source: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        require(self.published_ns <= self.received_ns, f"headline from the future: {self.text!r}")

    @property
    def has_minute(self) -> bool:
        return self.stamp is Stamp.MINUTE


class Published(msgspec.Struct, frozen=True):
    """A publication time as written: an instant, or only an Indian date."""

    ts_ns: int
    day_only: date | None = None


def parse_published(text: str) -> Published | None:
    """A time a publisher wrote: ISO 8601, a blank or "T" between date and time, zone optional.

    Without a zone the time is Indian. None for an empty text; InputError for anything else.
    """
    text = text.strip()
    if not text:
        return None
    try:
        if len(text) == len("YYYY-MM-DD"):
            day = date.fromisoformat(text)
            return Published(midnight(day), day)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"published time {text!r} is not YYYY-MM-DD HH:MM, an ISO 8601 time or a date"
        ) from None
    return Published(from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=IST)))


def headline(
    symbol: str,
    text: str,
    published: Published | None,
    received_ns: int | None = None,
    *,
    source: str = "",
    url: str = "",
) -> Headline:
    """A headline with times settled; `received_ns` is None for recorded news without that column.

    Raises InputError when the text is empty, or neither time is known.
    """
    if not text.strip():
        raise InputError(f"{symbol}: headline without text; leave the row out")
    if published is not None:
        stamp, published_ns, usable_ns = _settled(published, received_ns)
    elif received_ns is not None:
        stamp, published_ns, usable_ns = Stamp.MISSING, received_ns, received_ns
    else:
        raise InputError(f"{symbol}: no published time and none of receipt for {text!r}")
    return Headline(symbol, text.strip(), published_ns, usable_ns, stamp, source, url)


def _settled(published: Published, received_ns: int | None) -> tuple[Stamp, int, int]:
    """(stamp, published, received) such that nothing is used before it can have been known."""
    if published.day_only is not None and (received_ns is None or published.ts_ns <= received_ns):
        day_over = midnight(published.day_only + timedelta(days=1))
        usable = day_over if received_ns is None else received_ns
        return Stamp.DATE_ONLY, min(usable, day_over), usable
    if received_ns is not None and published.ts_ns > received_ns:
        return Stamp.FUTURE, received_ns, received_ns
    received = published.ts_ns if received_ns is None else received_ns
    return Stamp.MINUTE, published.ts_ns, received


def parse_headline(row: int, symbol: str, text: str, published: str, source: str = "") -> Headline:
    """A row of recorded news (contract columns symbol, headline, published_ist or published_at).

    `row` only names the place in the InputError of a bad row.
    """
    try:
        return headline(symbol.strip(), text, parse_published(published), source=source)
    except InputError as error:
        raise InputError(f"news row {row}: {error}") from None


_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_SPACES = re.compile(r"[^\w%+&'.-]+")


def normalised(text: str) -> str:
    """Text under which two headlines count as the same: case, spaces, quotes and stops apart."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    return " ".join(word.strip(".-'") for word in _SPACES.split(plain)).strip()


class Deduplicator:
    """Lets the same headline about the same symbol through once.

    A repetition within `window_ns` of the last sighting is the same story, so a feed that shows one
    for days does not make it news every day. Headlines come in order of receipt.
    """

    def __init__(self, window_ns: int = DAY) -> None:
        self._window_ns = window_ns
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._newest_ns = 0

    def is_new(self, item: Headline) -> bool:
        require(item.received_ns >= self._newest_ns, "headlines come in order of receipt")
        self._newest_ns = item.received_ns
        self._forget(item.received_ns - self._window_ns)
        key = (item.symbol, normalised(item.text))
        known = key in self._seen
        self._seen[key] = item.received_ns
        self._seen.move_to_end(key)
        return not known

    def _forget(self, before_ns: int) -> None:
        while self._seen and next(iter(self._seen.values())) < before_ns:
            self._seen.popitem(last=False)


def deduplicated(items: Iterable[Headline], window_ns: int = DAY) -> list[Headline]:
    """In order of receipt, each story once per symbol."""
    seen = Deduplicator(window_ns)
    return [item for item in sorted(items, key=receipt_order) if seen.is_new(item)]


def receipt_order(item: Headline) -> tuple[int, int, str, str]:
    """A total order, so that equal files give equal runs."""
    return (item.received_ns, item.published_ns, item.symbol, item.text)
