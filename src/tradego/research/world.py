"""The loop of a desk whose market is recorded: one heap of time, one engine, one exchange.

Backtest and replayed paper session are this same loop; they differ in who speaks for the
strategies and in the journal they keep. What happens at one instant has a fixed order:

    0 bars close   1 equity   2 advice   3 signals   4 the session's own   5 bars open
    6 timers       7 messages
"""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import NamedTuple, Protocol

from tradego.domain.effects import Effect, SetTimer, TrancheChanged
from tradego.domain.events import (
    AdviceGiven,
    DayClosed,
    Event,
    SessionOpened,
    TimerFired,
    TimerKind,
)
from tradego.domain.ports import Journal
from tradego.engine.state import DeskState
from tradego.engine.step import step
from tradego.simulation.exchange import CARRIED_OUT, Exchange

AT_ADVICE, AT_SIGNALS, AT_SESSION, AT_TIMER = 2, 3, 4, 6
_NEEDS_MARKS = frozenset({TimerKind.SQUARE_OFF, TimerKind.FLAT_CHECK})
_OF_ORDERS = frozenset({TimerKind.ENTRY_TIMEOUT, TimerKind.EXIT_RETRY, TimerKind.STOP_UNFILLED})


class Scheduled(NamedTuple):
    """Something of the calendar's. `ends_trading` also lets the day's orders expire."""

    ts_ns: int
    phase: int
    order: int
    event: Event | None
    ends_trading: bool = False


class Voice(Protocol):
    """Who speaks for the strategies."""

    def peek(self) -> tuple[int, int] | None:
        """Time and phase (advice or signals) of the next word."""
        ...

    def speak(self) -> Event | None:
        """The next word; None when there was nothing to say after all."""
        ...

    def hear(self, effect: TrancheChanged, now_ns: int) -> None:
        """Learn what became of a tranche."""
        ...


Observer = Callable[[Event, list[Effect]], None]


class World:
    """Feed events to the engine in time order, write them down, carry out what it says."""

    def __init__(
        self,
        state: DeskState,
        exchange: Exchange,
        voice: Voice,
        schedule: Iterable[Scheduled],
        journal: Journal,
        observe: Observer,
    ) -> None:
        self.state, self.exchange, self.voice, self.journal = state, exchange, voice, journal
        self._observe = observe
        self._schedule = list(schedule)
        heapify(self._schedule)
        self._timers = 0
        self.feeding: Event

    def feed(self, event: Event) -> None:
        """One event: the engine's answer is durable before any of it leaves."""
        self.feeding = event
        effects = step(self.state, event)
        self.journal.record(event, effects)
        self.journal.commit()
        self._observe(event, effects)
        now = event.ts_ns
        for effect in effects:
            if type(effect) in CARRIED_OUT:
                self.exchange.carry_out(effect, now)
            elif isinstance(effect, SetTimer):
                self._set(effect)
            elif isinstance(effect, TrancheChanged):
                self.voice.hear(effect, now)

    def turn(self) -> bool:
        """Let the next thing happen; False when the calendar has nothing more to say."""
        if not self._schedule:
            return False
        following = self._schedule[0][:2]
        market, voice = self.exchange.peek(), self.voice.peek()
        if market is not None and market < following and (voice is None or market < voice):
            for event in self.exchange.advance():
                self.feed(event)
        elif voice is not None and voice < following:
            self._let_speak()
        else:
            self._on_schedule(heappop(self._schedule))
        return True

    def next_ns(self) -> int | None:
        """When the next thing will happen; None when the calendar has nothing more to say."""
        if not self._schedule:
            return None
        heads = (self._schedule[0][:2], self.exchange.peek(), self.voice.peek())
        return min(head for head in heads if head is not None)[0]

    def run(self) -> None:
        """To the end of the schedule; what the market does after it is nobody's business."""
        while self.turn():
            pass

    def _let_speak(self) -> None:
        word = self.voice.speak()
        if word is None:
            return
        if isinstance(word, AdviceGiven):
            self._feed_marks(word.ts_ns, opened=False)
        self.feed(word)

    def _feed_marks(self, now_ns: int, *, opened: bool) -> None:
        """What is decided about holdings is decided on the newest price."""
        for mark in self.exchange.marks(now_ns, opened=opened):
            self.feed(mark)

    def _on_schedule(self, item: Scheduled) -> None:
        if item.ends_trading:
            for event in self.exchange.end_session(item.ts_ns):
                self.feed(event)
        if item.event is not None and not self._is_idle(item.event):
            self._announce(item.event)

    def _is_idle(self, event: Event) -> bool:
        """A timer of an order that is over: the engine would ignore it, so it is not told."""
        if isinstance(event, TimerFired) and event.timer in _OF_ORDERS:
            order = self.state.orders.get(event.key)
            over = order is None or order.is_terminal
            return over and event.key not in self.state.tranches
        return False

    def _announce(self, event: Event) -> None:
        if isinstance(event, SessionOpened):
            self.exchange.begin_session(event)
        if isinstance(event, TimerFired) and event.timer in _NEEDS_MARKS:
            self._feed_marks(event.ts_ns, opened=True)
        self.feed(event)
        if isinstance(event, DayClosed):
            self.feed(self.exchange.positions(event.ts_ns))

    def _set(self, effect: SetTimer) -> None:
        self._timers += 1
        event = TimerFired(ts_ns=effect.at_ns, timer=effect.timer, key=effect.key)
        heappush(
            self._schedule, Scheduled(effect.at_ns, AT_TIMER, -1_000_000 + self._timers, event)
        )
