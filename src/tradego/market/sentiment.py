"""What a headline means for the share, -1..+1.

Arithmetic over a lexicon (lexicon.py): events weigh what the lexicon says; a movement ("profit
rose", "debt was cut", "sales of 5 mn against 4 mn") takes its sign from what moves; degree, figures
and negation modify. Good and bad evidence each accumulate as 1 - (1 - a)(1 - b)..., which nears 1
and never passes it; the score is their difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from tradego.domain.errors import InputError
from tradego.market.lexicon import Hit, Lexicon, Token, shipped_lexicon, tokenise

_MOVE = 0.55  # a good thing rising, nothing else said
_MOVE_OF_NOTHING = 0.25  # "rose 5 %", and no word of what
_WEIGHT_MAX = 0.95
_THING_REACH = 8  # words between a movement and what moves
_FIGURE_REACH = 6
_COMPARISON_REACH = 12
_DEGREE_REACH = 2
_TURN_REACH = 3

_COMPARATORS = frozenset({"compared", "comparing", "against", "versus", "vs", "from", "while"})
_LOSS = "loss"
_SCALES = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "lakhs": 1e5, "million": 1e6, "mn": 1e6, "mln": 1e6,
    "m": 1e6, "crore": 1e7, "crores": 1e7, "cr": 1e7, "billion": 1e9, "bn": 1e9, "bln": 1e9,
    "trillion": 1e12, "tn": 1e12,
}  # fmt: skip


class Evidence(NamedTuple):
    """One reason for a score: the words, and what they weigh in this headline."""

    words: str
    weight: float


class Reading(NamedTuple):
    """A headline's score with its reasons."""

    score: float
    evidence: tuple[Evidence, ...]


class Scorer:
    """Reads headlines by one lexicon, the shipped one unless told otherwise."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or shipped_lexicon()

    def score(self, text: str) -> float:
        """-1..+1; 0.0 when nothing is said."""
        return self.read(text).score

    def read(self, text: str) -> Reading:
        lexicon = self._lexicon
        tokens = tokenise(text)
        free = [True] * len(tokens)
        filed = next(iter(lexicon.filing.all_in(tokens, free)), None)
        for _ in lexicon.neutral.all_in(tokens, free):
            pass  # found words are no longer free, so they carry no opinion
        hits = list(lexicon.events.all_in(tokens, free, words=3))
        hits += self._movements(tokens, free)
        hits += self._comparisons(tokens, free)
        hits += lexicon.events.all_in(tokens, free)
        hits = [self._turned(tokens, hit) for hit in hits]
        if filed:
            floor = lexicon.filing_floor
            hits = [hit for hit in hits if hit.start >= filed.end and abs(hit.weight) >= floor]
        hits = sorted(hit for hit in hits if hit.weight)
        good = bad = 1.0
        for hit in hits:
            good *= 1 - max(hit.weight, 0.0)
            bad *= 1 + min(hit.weight, 0.0)
        evidence = (Evidence(_words(tokens, hit), hit.weight) for hit in hits)
        return Reading(bad - good, tuple(evidence))

    def _movements(self, tokens: list[Token], free: list[bool]) -> Iterator[Hit]:
        for start, token in enumerate(tokens):
            if token.is_break or not free[start]:
                continue
            beside_figure = False
            move = self._lexicon.directions.at(tokens, start, free)
            if move is None:
                move = self._lexicon.directions_with_figure.at(tokens, start, free)
                beside_figure = move is not None and _is_beside_figure(tokens, move)
                if not beside_figure:
                    continue
            if move and (hit := self._moved(tokens, free, move, across_comma=beside_figure)):
                yield hit

    def _moved(
        self, tokens: list[Token], free: list[bool], move: Hit, *, across_comma: bool
    ) -> Hit | None:
        """The movement weighed with what moves; None when neither that nor a figure is there."""
        percent = _percent(tokens, move)
        thing = self._thing(tokens, free, move, across_comma=across_comma)
        if thing is None and percent is None:
            return None
        weight = move.weight * (_MOVE * thing.weight if thing else _MOVE_OF_NOTHING)
        weight *= self._degree(tokens, move) * _magnitude(percent)
        used = (move, thing) if thing else (move,)
        for hit in used:
            free[hit.start : hit.end] = [False] * (hit.end - hit.start)
        return Hit(min(hit.start for hit in used), max(hit.end for hit in used), _capped(weight))

    def _thing(
        self, tokens: list[Token], free: list[bool], move: Hit, *, across_comma: bool
    ) -> Hit | None:
        """The nearest thing; "rise in", "growth of" look to the right first."""
        found: list[tuple[int, int, int, Hit]] = []
        rightward = move.end < len(tokens) and tokens[move.end].word in {"in", "of", "for"}
        for at in _reach(tokens, range(move.start - 1, -1, -1), _THING_REACH, across_comma):
            if (hit := self._lexicon.things.at(tokens, at, free)) and hit.end <= move.start:
                found.append((int(rightward), move.start - hit.end, hit.start - hit.end, hit))
        for at in _reach(tokens, range(move.end, len(tokens)), _THING_REACH, across_comma=False):
            if hit := self._lexicon.things.at(tokens, at, free):
                found.append((0, hit.start - move.end, hit.start - hit.end, hit))
        return min(found)[-1] if found else None

    def _degree(self, tokens: list[Token], move: Hit) -> float:
        """The factor of "sharply" or "slightly" beside the movement, or in its own word."""
        anything = [True] * len(tokens)
        first = max(move.start - _DEGREE_REACH, 0)
        for at in range(first, min(move.end + _DEGREE_REACH, len(tokens))):
            if hit := self._lexicon.degrees.at(tokens, at, anything):
                return hit.weight
        return 1.0

    def _comparisons(self, tokens: list[Token], free: list[bool]) -> Iterator[Hit]:
        """Movements told by two figures: "sales were 5 mn, compared with 4 mn"."""
        for at, token in enumerate(tokens):
            if token.word not in _COMPARATORS:
                continue
            before = _figure(tokens, range(at - 1, -1, -1))
            after = _figure(tokens, range(at + 1, len(tokens)))
            if before is None or after is None or before.is_percent != after.is_percent:
                continue
            thing = self._compared_thing(tokens, free, before.at)
            if thing is None:
                continue
            is_loss = _LOSS in _words(tokens, thing)
            now = -before.value if is_loss else before.value
            between = [token.word for token in tokens[at : after.at]]
            was_loss = any(word.startswith(_LOSS) for word in between)
            was_profit = any(word.startswith("profit") for word in between)
            was = -after.value if was_loss or (is_loss and not was_profit) else after.value
            sense = 1.0 if is_loss else thing.weight
            if now != was:
                end = after.at + 1
                free[thing.start : end] = [False] * (end - thing.start)
                change = 100 * abs(now - was) / max(abs(was), 1e-9)
                weight = _MOVE * sense * (1 if now > was else -1) * _magnitude(change)
                yield Hit(thing.start, end, _capped(weight))

    def _compared_thing(self, tokens: list[Token], free: list[bool], at: int) -> Hit | None:
        found = [
            hit
            for place in _reach(tokens, range(at - 1, -1, -1), _COMPARISON_REACH, across_comma=True)
            if (hit := self._lexicon.things.at(tokens, place, free)) and hit.end <= at
        ]
        return max(found, key=lambda hit: (hit.end, -hit.start)) if found else None

    def _turned(self, tokens: list[Token], hit: Hit) -> Hit:
        """The hit after a negation or a denial close before it."""
        anything = [True] * len(tokens)
        for at in _reach(tokens, range(hit.start - 1, -1, -1), _TURN_REACH, across_comma=False):
            if turn := self._lexicon.turns.at(tokens, at, anything):
                return hit._replace(weight=hit.weight * turn.weight)
        return hit


class _Figure(NamedTuple):
    at: int
    value: float
    is_percent: bool


def _figure(tokens: list[Token], places: range) -> _Figure | None:
    """The first number that is not a year, with its scale ("5 mn")."""
    for at in _reach(tokens, places, _COMPARISON_REACH, across_comma=True):
        number = tokens[at].number
        if number is None or _is_year(tokens[at]):
            continue
        unit = tokens[at + 1].word if at + 1 < len(tokens) else ""
        return _Figure(at, number * _SCALES.get(unit, 1.0), tokens[at].is_percent)
    return None


def _is_year(token: Token) -> bool:
    return token.word.isdigit() and 1900 <= int(token.word) <= 2100 and not token.is_percent


def _is_beside_figure(tokens: list[Token], move: Hit) -> bool:
    """As in "up 5 %", "up from", "up by"; not as in "set up", "up to"."""
    ahead = tokens[move.end : move.end + 2]
    if not ahead or ahead[0].is_break:
        return False
    return ahead[0].word in {"from", "by"} or any(
        token.number is not None and not _is_year(token) for token in ahead if ahead[0].word != "to"
    )


def _percent(tokens: list[Token], move: Hit) -> float | None:
    """The nearest percentage around a movement."""
    ahead = _reach(tokens, range(move.end, len(tokens)), _FIGURE_REACH, across_comma=False)
    behind = _reach(tokens, range(move.start - 1, -1, -1), _FIGURE_REACH, across_comma=False)
    for at in (*ahead, *behind):
        if tokens[at].is_percent:
            return tokens[at].number
    return None


def _magnitude(percent: float | None) -> float:
    if percent is None:
        return 1.0
    if percent < 2:
        return 0.6
    if percent < 10:
        return 1.0
    return 1.2 if percent < 25 else 1.4


def _capped(weight: float) -> float:
    return max(-_WEIGHT_MAX, min(_WEIGHT_MAX, weight))


def _reach(tokens: list[Token], places: range, count: int, across_comma: bool) -> Iterator[int]:
    """The first `count` places up to a stop (or a comma, unless it may be crossed)."""
    for at in places[:count]:
        if tokens[at].is_stop or (tokens[at].is_break and not across_comma):
            return
        yield at


def _words(tokens: list[Token], hit: Hit) -> str:
    return " ".join(token.word for token in tokens[hit.start : hit.end])


class Label(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


NEUTRAL_BAND = 0.1


def label_of(score: float, band: float = NEUTRAL_BAND) -> Label:
    if abs(score) <= band:
        return Label.NEUTRAL
    return Label.POSITIVE if score > 0 else Label.NEGATIVE


class Accuracy(NamedTuple):
    """How a scorer's labels agree with those of people. `confusion` counts (theirs, ours)."""

    confusion: Mapping[tuple[Label, Label], int]

    @property
    def sentences(self) -> int:
        return sum(self.confusion.values())

    @property
    def accuracy(self) -> float:
        """The share of all sentences labelled as people did."""
        return sum(self.confusion.get((label, label), 0) for label in Label) / self.sentences

    @property
    def balanced(self) -> float:
        """The mean over the labels people gave of the share found: always "neutral" gets 1/3."""
        shares = []
        for theirs in Label:
            row = [self.confusion.get((theirs, ours), 0) for ours in Label]
            if sum(row):
                shares.append(self.confusion.get((theirs, theirs), 0) / sum(row))
        return sum(shares) / len(shares)

    def table(self) -> str:
        """The confusion matrix and both figures, for printing."""
        lines = ["people / ours".ljust(14) + "".join(ours.rjust(10) for ours in Label)]
        for theirs in Label:
            counts = (str(self.confusion.get((theirs, ours), 0)).rjust(10) for ours in Label)
            lines.append(theirs.ljust(14) + "".join(counts))
        figures = f"accuracy {self.accuracy:.1%}, balanced {self.balanced:.1%}"
        return "\n".join([*lines, f"{self.sentences} sentences: {figures}"])


def measure(
    scorer: Scorer, labelled: Iterable[tuple[Label, str]], band: float = NEUTRAL_BAND
) -> Accuracy:
    """The scorer against sentences labelled by people; InputError when there are none."""
    confusion = Counter((theirs, label_of(scorer.score(text), band)) for theirs, text in labelled)
    if not confusion:
        raise InputError("no labelled sentences to measure against")
    return Accuracy(confusion)
