"""News as an input to strategies: one number a moment for a symbol, from its recent headlines.

    value(t) = sum(weight x score) / max(1, sum(weight)),   weight = 0.5 ^ (age / half-life)

over the headlines received by t whose age is at most the look-back. A fresh headline counts in
full; alone, it fades towards 0; many share the vote. Headlines without an opinion (score 0, half of
them filing notices) do not dilute the others, and without any news the value is 0.0: no opinion.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import numpy as np

from tradego.domain.bars import FloatArray, IntArray
from tradego.domain.errors import InputError, require
from tradego.domain.times import DAY, HOUR
from tradego.market.news import Deduplicator, Headline, deduplicated
from tradego.market.sentiment import Scorer


class Fading(msgspec.Struct, frozen=True):
    """How long news matters, and for how long a repetition is the same story."""

    half_life_ns: int = 4 * HOUR
    lookback_ns: int = 4 * HOUR
    same_story_ns: int = DAY

    def __post_init__(self) -> None:
        if self.half_life_ns <= 0 or self.lookback_ns < 0:
            raise InputError("news half-life must be above zero, and its look-back not below")

    def weight(self, age_ns: int) -> float:
        # A Python power in both faces: numpy's may differ from it in the last bit.
        return float(0.5 ** (age_ns / self.half_life_ns))


class Opinion(NamedTuple):
    """A scored headline. Sorts by the time it ages from, then so that equal input sums alike."""

    published_ns: int
    received_ns: int
    text: str
    score: float


class Voice(NamedTuple):
    """One headline's part in a value."""

    opinion: Opinion
    weight: float


def _value(voices: Iterable[Voice]) -> float:
    total = weights = 0.0
    for voice in voices:
        total += voice.weight * voice.opinion.score
        weights += voice.weight
    return total / max(1.0, weights)


def _voices(opinions: list[Opinion], at_ns: int, fading: Fading) -> list[Voice]:
    return [
        Voice(opinion, fading.weight(at_ns - opinion.published_ns))
        for opinion in opinions
        if opinion.received_ns <= at_ns
    ]


class SentimentStream:
    """The value for one symbol as time goes by: headlines and moments come in their order."""

    def __init__(self, scorer: Scorer, fading: Fading | None = None) -> None:
        self._scorer = scorer
        self._fading = fading or Fading()
        self._new = Deduplicator(self._fading.same_story_ns)
        self._opinions: list[Opinion] = []
        self._now_ns = 0

    def add(self, item: Headline) -> float:
        """Take in a headline; its own score, 0.0 for one told before."""
        if not self._new.is_new(item):
            return 0.0
        opinion = _opinion(self._scorer, item)
        if opinion.score:
            insort(self._opinions, opinion)
        return opinion.score

    def value(self, at_ns: int) -> float:
        return _value(self.voices(at_ns))

    def voices(self, at_ns: int) -> list[Voice]:
        """The headlines that make the value: what a trader asks when it surprises."""
        require(at_ns >= self._now_ns, "sentiment is asked for in order of time")
        self._now_ns = at_ns
        horizon = at_ns - self._fading.lookback_ns
        del self._opinions[: bisect_left(self._opinions, horizon, key=_published)]
        return _voices(self._opinions, at_ns, self._fading)


def sentiment_series(
    items: Iterable[Headline], at_ns: IntArray, scorer: Scorer, fading: Fading | None = None
) -> FloatArray:
    """The value at each moment for one symbol's headlines; bit for bit what the stream says.

    `at_ns` are the moments of decision (bar closes), in any order.
    """
    fading = fading or Fading()
    stories = deduplicated(items, fading.same_story_ns)
    opinions = sorted(o for o in (_opinion(scorer, item) for item in stories) if o.score)
    published = np.array([opinion.published_ns for opinion in opinions], dtype=np.int64)
    values = np.zeros(len(at_ns))
    first = np.searchsorted(published, at_ns - fading.lookback_ns, side="left")
    last = np.searchsorted(published, at_ns, side="right")
    for place in np.flatnonzero(first < last):
        heard = opinions[first[place] : last[place]]
        values[place] = _value(_voices(heard, int(at_ns[place]), fading))
    return values


def _published(opinion: Opinion) -> int:
    return opinion.published_ns


def _opinion(scorer: Scorer, item: Headline) -> Opinion:
    return Opinion(item.published_ns, item.received_ns, item.text, scorer.score(item.text))
