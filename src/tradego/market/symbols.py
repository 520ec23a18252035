"""Which instrument is meant: by symbol, ISIN, name, former name or a typing mistake.

One company or none. What could be several is answered with the candidates, never with a guess.
"""

import csv
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from importlib.resources import files
from typing import NamedTuple, TypeVar

import msgspec

from tradego.domain.errors import InputError


class Listing(msgspec.Struct, frozen=True, order=True):
    """A symbol's facts as seen on a date; a later listing replaces them. No industry: unknown."""

    seen: date
    symbol: str
    isin: str
    name: str
    industry: str


class Rename(msgspec.Struct, frozen=True, order=True):
    """From `on` the company of symbol `former` trades as `symbol`."""

    on: date
    former: str
    symbol: str
    former_name: str = ""


class Company(msgspec.Struct, frozen=True):
    """One instrument through its names. `listings` and `renames` ascend in time."""

    symbol: str
    listings: tuple[Listing, ...]
    renames: tuple[Rename, ...] = ()

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol it ever had, the newest first."""
        return (self.symbol, *(rename.former for rename in reversed(self.renames)))

    @property
    def name(self) -> str:
        return self.listings[-1].name

    def symbol_on(self, on: date) -> str:
        """The symbol under which it traded on a date."""
        coming = (rename.former for rename in self.renames if on < rename.on)
        return next(coming, self.symbol)

    def listing_on(self, on: date) -> Listing:
        """Its facts on a date; before the first sighting, those of the first."""
        place = bisect_right(self.listings, on, key=lambda listing: listing.seen)
        return self.listings[max(place - 1, 0)]


class Match(StrEnum):
    SYMBOL = "symbol"
    FORMER_SYMBOL = "former_symbol"
    ISIN = "isin"
    NAME = "name"
    FUZZY = "fuzzy"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Candidate(NamedTuple):
    """A company that may be meant; `score` 0..100 is the likeness of the words."""

    symbol: str
    name: str
    score: float


class Resolution(msgspec.Struct, frozen=True):
    """The company meant, or None with the candidates a person should choose from."""

    text: str
    match: Match
    company: Company | None = None
    candidates: tuple[Candidate, ...] = ()

    def required(self) -> Company:
        """The company; InputError that names the candidates when there is not exactly one."""
        if self.company is not None:
            return self.company
        if not self.candidates:
            raise InputError(f"symbol {self.text!r} is not known; give its NSE symbol or ISIN")
        choices = ", ".join(f"{c.symbol} ({c.name})" for c in self.candidates)
        raise InputError(f"symbol {self.text!r} may mean {choices}; give the symbol or ISIN")


RowT = TypeVar("RowT", bound=msgspec.Struct)

# A typing mistake is believed when nothing else is nearly as like; both of 100.
_LIKE = 85.0
_LEAD = 6.0
_CANDIDATE = 65.0
_CANDIDATES = 5
_PREFIX_LETTERS = 3

_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_ADORNMENT = re.compile(r"^(?:NSE|BSE)[:|]|(?:-(?:EQ|BE|BZ|SM|ST)|\.(?:NS|BO))$")
_LEGAL = frozenset({"ltd", "limited", "the", "corp", "corporation", "company", "co", "inc"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")


class Directory:
    """The companies we know."""

    def __init__(
        self,
        listings: Iterable[Listing],
        renames: Iterable[Rename] = (),
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """Raises InputError for a rename or alias of a symbol that no listing leads to."""
        self._by_symbol: dict[str, Company] = {}
        self._by_former: dict[str, Company] = {}
        self._by_isin: dict[str, Company] = {}
        self._by_name: dict[str, list[Company]] = {}
        self._by_former_name: dict[str, list[Company]] = {}
        for company in _companies(listings, renames):
            self._by_symbol[company.symbol] = company
        for company in self._by_symbol.values():
            self._index(company)
        for alias, symbol in (aliases or {}).items():
            self._by_name.setdefault(_name_key(alias), []).append(self.company(symbol))

    def _index(self, company: Company) -> None:
        for former in company.symbols[1:]:
            self._by_former[former] = company
        for listing in company.listings:
            self._by_isin[listing.isin] = company
        self._by_name.setdefault(_name_key(company.name), []).append(company)
        earlier = [listing.name for listing in company.listings[:-1]]
        earlier += [rename.former_name for rename in company.renames]
        for key in {_name_key(name) for name in earlier} - {"", _name_key(company.name)}:
            self._by_former_name.setdefault(key, []).append(company)

    @property
    def companies(self) -> tuple[Company, ...]:
        return tuple(self._by_symbol.values())

    def find(self, symbol: str) -> Company | None:
        """The company of an exact symbol, new or former."""
        return self._by_symbol.get(symbol) or self._by_former.get(symbol)

    def company(self, symbol: str) -> Company:
        """The company of an exact symbol; InputError when there is none."""
        return self.find(symbol) or self._unknown(symbol)

    def _unknown(self, symbol: str) -> Company:
        raise InputError(f"symbol {symbol!r} is not among the {len(self._by_symbol)} listed")

    def sector_of(self, symbol: str, on: date) -> str:
        """The industry on a date; `unknown:SYMBOL`, a sector of its own, where none is known."""
        company = self.find(symbol)
        industry = company.listing_on(on).industry if company else ""
        return industry or f"unknown:{symbol}"

    def resolve(self, text: str) -> Resolution:
        """What `text` means. Needs the extra `news` only when nothing matches exactly."""
        asked = text.strip()
        written = asked.upper()
        for symbol in (written, _ADORNMENT.sub("", written)):
            if company := self._by_symbol.get(symbol):
                return Resolution(asked, Match.SYMBOL, company)
            if company := self._by_former.get(symbol):
                return Resolution(asked, Match.FORMER_SYMBOL, company)
        if _ISIN.fullmatch(written):
            found = self._by_isin.get(written)
            return Resolution(asked, Match.ISIN if found else Match.NONE, found)
        if named := self._named(_name_key(asked)):
            return _chosen(asked, Match.NAME, [(company, 100.0) for company in named])
        return self._guessed(asked)

    def _named(self, key: str) -> list[Company]:
        """Companies whose name is `key` or begins with it; the full present name decides alone."""
        now = self._by_name.get(key, [])
        before = self._by_former_name.get(key, [])
        if now or len(key) < _PREFIX_LETTERS:
            return _unique([*now, *before])
        names = (*self._by_name.items(), *self._by_former_name.items())
        begun = (company for name, found in names if name.startswith(key) for company in found)
        return _unique([*before, *begun])

    def _guessed(self, text: str) -> Resolution:
        """By likeness to names and symbols, for mistakes in typing."""
        try:
            from rapidfuzz import fuzz, process, utils
        except ImportError:
            raise InputError(
                f"symbol {text!r} matches nothing exactly; to match it by likeness: "
                "pip install tradego[news]"
            ) from None
        best: dict[str, float] = {}
        spellings = list(self._spellings())
        for _, score, place in process.extract(
            _name_key(text),
            [spelling for spelling, _ in spellings],
            scorer=fuzz.ratio,
            processor=utils.default_process,
            score_cutoff=_CANDIDATE,
            limit=None,
        ):
            symbol = spellings[place][1].symbol
            best[symbol] = max(best.get(symbol, 0.0), score)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        found = [(self._by_symbol[symbol], score) for symbol, score in ranked]
        lead = found[0][1] - (found[1][1] if len(found) > 1 else 0.0) if found else 0.0
        if found and found[0][1] >= _LIKE and lead >= _LEAD:
            found = found[:1]
        elif len(found) == 1:
            return Resolution(text, Match.AMBIGUOUS, None, _candidates(found))
        return _chosen(text, Match.FUZZY, found)

    def _spellings(self) -> Iterator[tuple[str, Company]]:
        for key, companies in (*self._by_name.items(), *self._by_former_name.items()):
            for company in companies:
                yield key, company
        for symbol, company in (*self._by_symbol.items(), *self._by_former.items()):
            yield _name_key(symbol), company


def _chosen(text: str, match: Match, found: list[tuple[Company, float]]) -> Resolution:
    if not found:
        return Resolution(text, Match.NONE)
    if len(found) == 1:
        return Resolution(text, match, found[0][0])
    return Resolution(text, Match.AMBIGUOUS, None, _candidates(found))


def _candidates(found: list[tuple[Company, float]]) -> tuple[Candidate, ...]:
    return tuple(Candidate(c.symbol, c.name, score) for c, score in found[:_CANDIDATES])


def _unique(companies: list[Company]) -> list[Company]:
    return list({company.symbol: company for company in companies}.values())


def _name_key(name: str) -> str:
    """A company name without case, punctuation and legal form: "larsen and toubro"."""
    plain = unicodedata.normalize("NFKD", name).casefold().replace("&", " and ")
    words = _NOT_WORD.sub(" ", re.sub(r"['\u2019.]", "", plain)).split()
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def _companies(listings: Iterable[Listing], renames: Iterable[Rename]) -> Iterator[Company]:
    """Listings joined over renames, each under its newest symbol."""
    by_former: dict[str, list[Rename]] = {}
    for rename in sorted(renames):
        by_former.setdefault(rename.former, []).append(rename)
    joined: dict[str, list[Listing]] = {}
    for listing in sorted(listings):
        newest = _newest(listing.symbol, listing.seen, by_former)
        joined.setdefault(newest, []).append(listing)
    earlier: dict[str, list[Rename]] = {}
    for rename in sorted(rename for found in by_former.values() for rename in found):
        earlier.setdefault(_newest(rename.symbol, rename.on, by_former), []).append(rename)
    if astray := sorted(earlier.keys() - joined.keys()):
        raise InputError(f"rename to {astray[0]}: no such listing; add it or drop the rename")
    for symbol in sorted(joined):
        yield Company(symbol, tuple(joined[symbol]), tuple(earlier.get(symbol, ())))


def _newest(symbol: str, since: date, by_former: Mapping[str, list[Rename]]) -> str:
    """Follow the renames after `since`: a symbol may have come back to another company."""
    while later := [rename for rename in by_former.get(symbol, ()) if rename.on > since]:
        symbol, since = later[0].symbol, later[0].on
    return symbol


def parse_listings(text: str, name: str = "listings") -> tuple[Listing, ...]:
    """CSV with symbol, isin, name, industry, seen; lines beginning with # are comments."""
    return tuple(_rows(text, name, Listing))


def parse_renames(text: str, name: str = "renames") -> tuple[Rename, ...]:
    """CSV with former, symbol, on, former_name."""
    return tuple(_rows(text, name, Rename))


class _Alias(msgspec.Struct, frozen=True):
    alias: str
    symbol: str


def parse_aliases(text: str, name: str = "aliases") -> dict[str, str]:
    """CSV with alias, symbol."""
    return {row.alias: row.symbol for row in _rows(text, name, _Alias)}


def _rows(text: str, name: str, kind: type[RowT]) -> Iterator[RowT]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for row in csv.DictReader(lines):
        try:
            yield msgspec.convert(row, kind, strict=False)
        except msgspec.ValidationError as error:
            raise InputError(f"{name}: {error} in row {','.join(map(str, row.values()))}") from None


def shipped_directory() -> Directory:
    """The Nifty 500 of late 2025 and of late 2024, with the renames up to July 2026."""
    folder = files("tradego.market").joinpath("data")

    def read(name: str) -> str:
        return folder.joinpath(name).read_text("utf-8")

    return Directory(
        parse_listings(read("nse_listings.csv"), "nse_listings.csv"),
        parse_renames(read("nse_renames.csv"), "nse_renames.csv"),
        parse_aliases(read("nse_aliases.csv"), "nse_aliases.csv"),
    )
