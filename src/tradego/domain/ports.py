"""What the shell must offer the core, as small interfaces. Implementations live above."""

from collections.abc import Sequence
from typing import Protocol

from tradego.domain.effects import Effect
from tradego.domain.events import Event


class Journal(Protocol):
    """The append-only truth. `record` buffers; nothing may leave before `commit` returns."""

    def record(self, event: Event, effects: Sequence[Effect]) -> int:
        """The sequence number given to the event."""
        ...

    def commit(self) -> None: ...


class Broker(Protocol):
    """Carries out effects at a venue and turns what happens there into events.

    A write is sent once; its answer, whatever it is, comes back as an event.
    """

    def carry_out(self, effect: Effect, now_ns: int) -> None: ...


class Notifier(Protocol):
    """Tells a person. May drop, may die; the desk goes on."""

    def tell(self, effect: Effect) -> None: ...


class Dice(Protocol):
    """Seeded randomness, handed in, so that a seed is always visible in a signature."""

    def uniform(self) -> float:
        """In [0, 1)."""
        ...
