"""W4 and W6: from a signal to a position, and what it takes to make it durable."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter_ns

from bench.desk import PRICE, Desk, submitted
from bench.sizes import Size
from tradego.domain.effects import Effect
from tradego.domain.events import Event, Mode
from tradego.domain.money import Price
from tradego.engine.step import step
from tradego.storage.journal import SqlJournal, open_journal
from tradego.storage.stamp import Stamp

A_DAY = 50  # trades a session, one in each instrument

Figures = dict[str, float]
Take = Callable[[Event], list[Effect]]


def signal_to_position(folder: Path, size: Size) -> Figures:
    """W4: three events, with their answers: a signal, its order acknowledged, its order filled.

    Risk review, order, tranche, cash, charges, stop and equity watch are all in it. Microseconds.
    """
    desk = Desk(A_DAY)
    plain = _times(desk, lambda event: step(desk.state, event), size.trades)
    durable_desk = Desk(A_DAY)
    raw = _RawFile(folder / "w4.raw")
    with _journal(folder / "w4.db") as journal:

        def take(event: Event) -> list[Effect]:
            effects = step(durable_desk.state, event)
            journal.record(event, effects)
            journal.commit()
            return effects

        durable = _times(durable_desk, take, min(size.trades, size.appends), raw.append)
    return {
        "p50_us": median(plain),
        "p99_us": _p99(plain),
        "commit_us": median(durable) / 3,
        "fdatasync_us": median(raw.times),
    }


def _times(
    desk: Desk, take: Take, trades: int, between: Callable[[], None] = lambda: None
) -> list[float]:
    """Microseconds of each entry; positions are closed again in between, unmeasured."""
    times = []
    for number in range(trades):
        if number % A_DAY == 0:
            desk.next_day()
        signal = desk.signal(number % A_DAY)
        started = perf_counter_ns()
        entry = submitted(take(signal))
        lap = perf_counter_ns()
        answer, fill = desk.accepted(entry), desk.filled(entry, Price.of(str(PRICE)))
        resumed = perf_counter_ns()
        take(answer)
        effects = take(fill)
        times.append((perf_counter_ns() - resumed + lap - started) / 1000)
        stop = submitted(effects)
        step(desk.state, desk.accepted(stop))
        step(desk.state, desk.filled(stop, Price.of(str(PRICE + 1))))
        between()
    return times


def append(folder: Path, size: Size) -> Figures:
    """W6: a row of the journal, recorded and on disk, beside a plain write and fdatasync."""
    desk = Desk(1)
    desk.next_day()
    event = desk.signal(0)
    effects = step(desk.state, event)
    raw = _RawFile(folder / "w6.raw")
    times = []
    with _journal(folder / "w6.db") as journal:
        for _ in range(size.appends):
            raw.append()
            started = perf_counter_ns()
            journal.record(event, effects)
            journal.commit()
            times.append((perf_counter_ns() - started) / 1000)
    return {
        "p50_us": median(times),
        "p99_us": _p99(times),
        "fdatasync_us": median(raw.times),
    }


class _RawFile:
    """What the disk itself needs for as many bytes as a small row has."""

    def __init__(self, path: Path) -> None:
        self.times: list[float] = []
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self) -> None:
        started = perf_counter_ns()
        os.write(self._file, bytes(512))
        os.fdatasync(self._file)
        self.times.append((perf_counter_ns() - started) / 1000)


_numbers = count()


def _journal(path: Path) -> SqlJournal:
    path = path.with_stem(f"{path.stem}-{os.getpid()}-{next(_numbers)}")
    stamp = Stamp(mode=Mode.PAPER, account="bench", lineage="bench", created_ns=0)
    return open_journal(path, stamp)


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]
