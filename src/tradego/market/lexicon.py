"""The words of financial headlines: tokens, phrase patterns and the shipped lexicon."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import NamedTuple

import msgspec

from tradego.domain.errors import InputError

_GAP = 4  # words that a ~ may stand for
_STEM_MIN = 3  # letters a pattern ending in * has at least

_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[a-z][a-z0-9&]*(?:'[a-z]+)?|%|[.;:!?,()\u2013\u2014]|--")
_PERCENT_WORD = re.compile(r"\b(?:per cent|percent|percentage points?|pct)\b")


class Token(NamedTuple):
    """A word in lower case, a number, or a break: a comma, or a stop between clauses."""

    word: str
    number: float | None = None
    is_percent: bool = False
    is_break: bool = False

    @property
    def is_stop(self) -> bool:
        return self.is_break and self.word != ","


def tokenise(text: str) -> list[Token]:
    """Words and numbers of a headline in order; hyphens part words, stops and commas break."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = plain.replace("\u2019", "'").replace("`", "'")
    plain = _PERCENT_WORD.sub("%", plain).replace(" - ", " ; ")
    tokens: list[Token] = []
    for match in _TOKEN.finditer(plain):
        word = match.group()
        if word == "%":
            if tokens and tokens[-1].number is not None:
                tokens[-1] = tokens[-1]._replace(is_percent=True)
        elif word[0].isdigit():
            tokens.append(Token(word, float(word.rstrip(",").replace(",", ""))))
        elif word[0].isalpha():
            tokens.append(Token(word.removesuffix("'s").replace("'", "")))
        else:
            tokens.append(Token(word, is_break=True))
    return tokens


class Phrase(NamedTuple):
    """A pattern: words, stems (ending in *) and gaps (~), with what it weighs."""

    parts: tuple[str, ...]
    weight: float

    @property
    def words(self) -> int:
        return sum(part != "~" for part in self.parts)

    def end(self, tokens: list[Token], start: int) -> int:
        """The index after the phrase when it begins at `start`, else -1. Never crosses a break."""
        return _end(self.parts, 0, tokens, start)


def _end(parts: tuple[str, ...], part: int, tokens: list[Token], at: int) -> int:
    if part == len(parts):
        return at
    if parts[part] == "~":
        for skipped in range(_GAP + 1):
            if at + skipped >= len(tokens) or (skipped and tokens[at + skipped - 1].is_break):
                return -1
            if (end := _end(parts, part + 1, tokens, at + skipped)) >= 0:
                return end
        return -1
    if at < len(tokens) and _fits(parts[part], tokens[at].word):
        return _end(parts, part + 1, tokens, at + 1)
    return -1


def _fits(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


class Hit(NamedTuple):
    """A phrase found at tokens [start, end)."""

    start: int
    end: int
    weight: float


class Phrases:
    """Phrases found by their first word; of several at one place, the one with the most words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_word: dict[str, list[Phrase]] = {}
        self._by_stem: dict[str, list[Phrase]] = {}
        for phrase in sorted(phrases, key=lambda phrase: (-phrase.words, phrase.parts)):
            first = phrase.parts[0]
            index = self._by_stem if first.endswith("*") else self._by_word
            index.setdefault(first.removesuffix("*"), []).append(phrase)

    def at(self, tokens: list[Token], start: int, free: list[bool], words: int = 1) -> Hit | None:
        """The phrase of at least `words` words that begins at `start` on free tokens."""
        best: Phrase | None = None
        best_end = 0
        for phrase in self._candidates(tokens[start].word):
            if phrase.words < words or (best and phrase.words <= best.words):
                continue
            end = phrase.end(tokens, start)
            if end > 0 and all(free[start:end]):
                best, best_end = phrase, end
        return Hit(start, best_end, best.weight) if best else None

    def all_in(self, tokens: list[Token], free: list[bool], words: int = 1) -> Iterator[Hit]:
        """From left to right without overlap; found tokens are no longer free."""
        for start, token in enumerate(tokens):
            if free[start] and not token.is_break and (hit := self.at(tokens, start, free, words)):
                free[hit.start : hit.end] = [False] * (hit.end - hit.start)
                yield hit

    def _candidates(self, word: str) -> Iterator[Phrase]:
        yield from self._by_word.get(word, ())
        for length in range(_STEM_MIN, len(word) + 1):
            yield from self._by_stem.get(word[:length], ())


class _Event(msgspec.Struct, forbid_unknown_fields=True):
    weight: float
    phrases: list[str]


class _Direction(msgspec.Struct, forbid_unknown_fields=True):
    up: list[str]
    down: list[str]
    up_with_figure: list[str]
    down_with_figure: list[str]
    sharply: list[str]
    slightly: list[str]


class _Things(msgspec.Struct, forbid_unknown_fields=True):
    good: list[str]
    bad: list[str]


class _Turning(msgspec.Struct, forbid_unknown_fields=True):
    negators: list[str]
    doubters: list[str]


class _Neutral(msgspec.Struct, forbid_unknown_fields=True):
    phrases: list[str]


class _Filing(msgspec.Struct, forbid_unknown_fields=True):
    floor: float
    phrases: list[str]


class _LexiconFile(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    direction: _Direction
    things: _Things
    events: list[_Event]
    turning: _Turning
    neutral: _Neutral
    filing: _Filing


class Lexicon(NamedTuple):
    """A lexicon ready for use; what each list means stands in the shipped file."""

    version: str
    directions: Phrases  # weight +1 up, -1 down
    directions_with_figure: Phrases
    degrees: Phrases  # weight is the factor
    things: Phrases  # weight +1: more is good, -1: more is bad
    events: Phrases
    turns: Phrases  # weight is the factor
    neutral: Phrases
    filing: Phrases
    filing_floor: float


_NEGATED, _DOUBTED = -0.6, 0.0
_SHARPLY, _SLIGHTLY = 1.3, 0.6


def parse_lexicon(text: str, name: str = "lexicon") -> Lexicon:
    """A lexicon from TOML; InputError names the file and what is wrong in it."""
    try:
        raw = msgspec.convert(tomllib.loads(text), _LexiconFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{name}: {error}; compare with the shipped lexicon") from None
    for event in raw.events:
        if not -1 <= event.weight <= 1:
            raise InputError(f"{name}: weight {event.weight} of an event is not within -1..1")
    direction, turning = raw.direction, raw.turning
    return Lexicon(
        version=raw.version,
        directions=_phrases(name, (direction.up, 1.0), (direction.down, -1.0)),
        directions_with_figure=_phrases(
            name, (direction.up_with_figure, 1.0), (direction.down_with_figure, -1.0)
        ),
        degrees=_phrases(name, (direction.sharply, _SHARPLY), (direction.slightly, _SLIGHTLY)),
        things=_phrases(name, (raw.things.good, 1.0), (raw.things.bad, -1.0)),
        events=_phrases(name, *((event.phrases, event.weight) for event in raw.events)),
        turns=_phrases(name, (turning.negators, _NEGATED), (turning.doubters, _DOUBTED)),
        neutral=_phrases(name, (raw.neutral.phrases, 0.0)),
        filing=_phrases(name, (raw.filing.phrases, 0.0)),
        filing_floor=raw.filing.floor,
    )


def shipped_lexicon() -> Lexicon:
    """The lexicon that comes with the package."""
    name = "sentiment_lexicon.toml"
    return parse_lexicon(files("tradego.market").joinpath("data", name).read_text("utf-8"), name)


def _phrases(name: str, *weighted: tuple[list[str], float]) -> Phrases:
    return Phrases(_phrase(name, text, weight) for texts, weight in weighted for text in texts)


def _phrase(name: str, text: str, weight: float) -> Phrase:
    parts = tuple(text.casefold().split())
    first = parts[0] if parts else "~"
    if (
        first == "~"
        or parts[-1] == "~"
        or len(first.removesuffix("*")) < (_STEM_MIN if first.endswith("*") else 1)
    ):
        raise InputError(
            f"{name}: phrase {text!r} must begin with a word or a stem of {_STEM_MIN} letters "
            "and end with a word"
        )
    return Phrase(parts, weight)
