"""What to watch today: a list, what the trader prefers or excludes, and what the news brings.

Each entry says where it comes from. Refusals are values, so that they can be shown too.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from importlib.resources import files
from typing import NamedTuple

import msgspec
import numpy as np

from tradego.domain.bars import FloatArray
from tradego.domain.errors import InputError
from tradego.market.symbols import Company, Directory

# Shares per finished session by symbol, the newest last.
Volumes = Mapping[str, Sequence[float] | FloatArray]


class NamedList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of symbols as it stood on a date."""

    name: str
    title: str
    as_of: date
    source: str
    symbols: tuple[str, ...]


class _ListFile(msgspec.Struct, forbid_unknown_fields=True):
    list: tuple[NamedList, ...]


class Origin(StrEnum):
    LIST = "list"
    PREFERRED = "preferred"
    NEWS = "news"


class Entry(msgspec.Struct, frozen=True):
    """A symbol to watch, and why: the list and its date, or the headline that brought it."""

    symbol: str
    origin: Origin
    reason: str


class NotWatched(StrEnum):
    """Why a symbol in the news does not join."""

    UNKNOWN = "unknown"  # not in the directory
    EXCLUDED = "excluded"  # by symbol or sector
    WEAK = "weak"  # the news is not strong enough
    ILLIQUID = "illiquid"  # average volume at or below the minimum
    SHORT_HISTORY = "short_history"  # fewer sessions of volume than the average needs


class Refused(msgspec.Struct, frozen=True):
    symbol: str
    why: NotWatched
    detail: str


class Preferences(msgspec.Struct, frozen=True):
    """The trader's wishes. Preferred come first, excluded never; to exclude wins over to prefer."""

    preferred: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    preferred_sectors: frozenset[str] = frozenset()
    excluded_sectors: frozenset[str] = frozenset()


class Liquidity(msgspec.Struct, frozen=True):
    """Enough trading to get out again: average shares a session, over so many sessions."""

    average_above: float = 1_000_000.0
    sessions: int = 20

    def lacking(self, volumes: FloatArray) -> tuple[NotWatched, str] | None:
        """Why these volumes, one a finished session and the newest last, do not do; or None."""
        if len(volumes) < self.sessions:
            return NotWatched.SHORT_HISTORY, f"{len(volumes)} of {self.sessions} sessions"
        average = float(np.mean(volumes[-self.sessions :]))
        if average > self.average_above:
            return None
        return (
            NotWatched.ILLIQUID,
            f"{average:,.0f} shares a session, needs above {self.average_above:,.0f}",
        )


class News(NamedTuple):
    """The state of the news about a symbol: its decayed sentiment and the headline behind it."""

    symbol: str
    sentiment: float
    headline: str


def parse_lists(text: str, name: str) -> dict[str, NamedList]:
    """Lists from TOML ([[list]] tables) by name; InputError names the file and the fault."""
    try:
        lists = msgspec.convert(tomllib.loads(text), _ListFile).list
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{name}: {error}; compare with the shipped lists") from None
    return {item.name: item for item in lists}


def shipped_lists() -> dict[str, NamedList]:
    """`nifty50`, and `midcap`: the rest of the Nifty 200."""
    name = "watchlists.toml"
    return parse_lists(files("tradego.market").joinpath("data", name).read_text("utf-8"), name)


class Screen(NamedTuple):
    """What may be watched on a day."""

    directory: Directory
    on: date
    wishes: Preferences = Preferences()
    liquidity: Liquidity = Liquidity()
    sentiment_above: float = 0.6  # of the size of a sentiment: bad news is news too

    def excludes(self, company: Company) -> bool:
        sector = self.directory.sector_of(company.symbol, self.on)
        symbols = set(company.symbols)
        return bool(self.wishes.excluded & symbols) or sector in self.wishes.excluded_sectors

    def rank(self, entry: Entry) -> int:
        """0 for preferred symbols, 1 for preferred sectors, 2 for the rest."""
        if entry.origin is Origin.PREFERRED:
            return 0
        sector = self.directory.sector_of(entry.symbol, self.on)
        return 1 if sector in self.wishes.preferred_sectors else 2


def understood(wishes: Preferences, directory: Directory) -> Preferences:
    """The same wishes in exact symbols; InputError for a symbol or sector nobody knows.

    A misspelt exclusion must not pass in silence.
    """
    sectors = {listing.industry for company in directory.companies for listing in company.listings}
    for sector in sorted(wishes.preferred_sectors | wishes.excluded_sectors):
        if sector not in sectors:
            known = ", ".join(sorted(sectors - {""}))
            raise InputError(f"sector {sector!r} is not known; known are {known}")

    def symbols(texts: frozenset[str]) -> frozenset[str]:
        return frozenset(directory.resolve(text).required().symbol for text in texts)

    return msgspec.structs.replace(
        wishes, preferred=symbols(wishes.preferred), excluded=symbols(wishes.excluded)
    )


def watchlist(lists: Iterable[NamedList], screen: Screen) -> tuple[Entry, ...]:
    """The day's entries by rank, then as listed; symbols are those in use on the day.

    Raises InputError for a symbol that the directory does not know.
    """
    entries: dict[str, Entry] = {}
    for symbol in sorted(screen.wishes.preferred):
        company = screen.directory.company(symbol)
        entry = Entry(company.symbol_on(screen.on), Origin.PREFERRED, "your choice")
        entries.setdefault(company.symbol, entry)
    for item in lists:
        for symbol in item.symbols:
            company = screen.directory.company(symbol)
            reason = f"{item.title} of {item.as_of}"
            entry = Entry(company.symbol_on(screen.on), Origin.LIST, reason)
            entries.setdefault(company.symbol, entry)
    kept = (
        entry
        for symbol, entry in entries.items()
        if not screen.excludes(screen.directory.company(symbol))
    )
    return tuple(sorted(kept, key=screen.rank))


def liquid(
    entries: Iterable[Entry], volumes: Volumes, liquidity: Liquidity
) -> tuple[tuple[Entry, ...], tuple[Refused, ...]]:
    """The entries that trade enough, and those that do not."""
    kept: list[Entry] = []
    refused: list[Refused] = []
    for entry in entries:
        if lack := liquidity.lacking(_volumes_of(volumes, entry.symbol)):
            refused.append(Refused(entry.symbol, *lack))
        else:
            kept.append(entry)
    return tuple(kept), tuple(refused)


def from_news(
    news: Iterable[News], watched: Collection[str], volumes: Volumes, screen: Screen
) -> tuple[tuple[Entry, ...], tuple[Refused, ...]]:
    """Symbols that join for this session, strongest news first, and those that do not, with why.

    What is watched already is passed over.
    """
    joining: list[Entry] = []
    refused: list[Refused] = []
    for item in sorted(news, key=lambda item: (-abs(item.sentiment), item.symbol)):
        company = screen.directory.find(item.symbol)
        if company is not None and set(company.symbols) & set(watched):
            continue
        if lack := _lacking(item, company, volumes, screen):
            refused.append(Refused(item.symbol, *lack))
        else:
            reason = f"news {item.sentiment:+.2f}: {item.headline}"
            joining.append(Entry(item.symbol, Origin.NEWS, reason))
    return tuple(joining), tuple(refused)


def _lacking(
    item: News, company: Company | None, volumes: Volumes, screen: Screen
) -> tuple[NotWatched, str] | None:
    if abs(item.sentiment) <= screen.sentiment_above:
        return NotWatched.WEAK, f"{item.sentiment:+.2f}, needs beyond {screen.sentiment_above:.2f}"
    if company is None:
        return NotWatched.UNKNOWN, "not in the directory of listings"
    if screen.excludes(company):
        return NotWatched.EXCLUDED, screen.directory.sector_of(company.symbol, screen.on)
    return screen.liquidity.lacking(_volumes_of(volumes, item.symbol))


def _volumes_of(volumes: Volumes, symbol: str) -> FloatArray:
    return np.asarray(volumes.get(symbol, ()), dtype=np.float64)
