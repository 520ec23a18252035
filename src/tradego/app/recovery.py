"""Taking up a recorded session where a dead process left it.

The market is recorded and the engine is a function of its log, so the whole world is lived again up
to the last row of the journal: what the strategies and people said is read from it, what the
exchange and the engine did is done anew, and each row must come out as it was written.
"""

from collections.abc import Callable, Sequence

import msgspec

from tradego.domain.effects import Effect, TrancheChanged
from tradego.domain.errors import InputError
from tradego.domain.events import AdviceGiven, CommandReceived, Event, SignalsRaised
from tradego.domain.ports import Journal
from tradego.domain.times import iso
from tradego.research.world import AT_ADVICE, AT_SIGNALS, Voice

Row = tuple[Event, bytes, bytes]  # the event, and both halves as written
_encode = msgspec.json.Encoder().encode


class Rejoined:
    """A journal that first checks what it is told against its rows, then goes on writing."""

    def __init__(self, journal: Journal, rows: Sequence[Row]) -> None:
        self._journal, self._rows = journal, rows
        self._at = 0

    @property
    def behind(self) -> Event | None:
        """The next event still to be lived again; None once the present is reached."""
        return self._rows[self._at][0] if self._at < len(self._rows) else None

    def record(self, event: Event, effects: Sequence[Effect]) -> int:
        if self.behind is None:
            return self._journal.record(event, effects)
        _, event_bytes, effects_bytes = self._rows[self._at]
        self._at += 1
        if _encode(event) != event_bytes or _encode(effects) != effects_bytes:
            raise InputError(
                f"row {self._at} of the journal ({iso(event.ts_ns)}) does not come out again from "
                "these bars and this configuration; give the ones the session began with, or "
                "begin a new one"
            )
        return self._at

    def commit(self) -> None:
        if self.behind is None:
            self._journal.commit()


class RememberingVoice:
    """What the strategies said according to the journal; after its last word, the living voice.

    `awaken` makes the living voice from an instant on. What was already said at that instant is
    not said twice.
    """

    def __init__(self, events: Sequence[Event], awaken: Callable[[int], Voice]) -> None:
        self._words = [e for e in events if isinstance(e, AdviceGiven | SignalsRaised)]
        self._last_ns = events[-1].ts_ns if events else 0
        self._said = {type(word) for word in self._words if word.ts_ns == self._last_ns}
        self._awaken = awaken
        self._living: Voice | None = None
        self._heard: list[tuple[TrancheChanged, int]] = []
        self._at = 0

    def peek(self) -> tuple[int, int] | None:
        if self._at < len(self._words):
            word = self._words[self._at]
            return word.ts_ns, AT_ADVICE if isinstance(word, AdviceGiven) else AT_SIGNALS
        return self._voice().peek()

    def speak(self) -> Event | None:
        if self._at < len(self._words):
            self._at += 1
            return self._words[self._at - 1]
        word = self._voice().speak()
        if word is not None and word.ts_ns == self._last_ns and type(word) in self._said:
            return None
        return word

    def hear(self, effect: TrancheChanged, now_ns: int) -> None:
        if self._living is None:
            self._heard.append((effect, now_ns))
        else:
            self._living.hear(effect, now_ns)

    def _voice(self) -> Voice:
        if self._living is None:
            self._living = self._awaken(self._last_ns)
            for effect, now_ns in self._heard:
                self._living.hear(effect, now_ns)
            self._heard.clear()
        return self._living


def is_command(event: Event | None) -> bool:
    """A person's word comes from outside the world and is told again when its turn comes."""
    return isinstance(event, CommandReceived)
