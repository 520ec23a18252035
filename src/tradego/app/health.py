"""Is a desk fit to start? Every part is looked at, each with a verdict and a remedy."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from shutil import disk_usage
from typing import Protocol

import msgspec

from tradego.accounting.tariffs import TariffSegment
from tradego.app.config import Settings, required
from tradego.app.journal_reading import entries
from tradego.app.recorded import Wanted
from tradego.app.wiring import Asked, calendar_of, chosen_strategies, tariff_of
from tradego.domain.errors import TradeGoError
from tradego.domain.events import Mode
from tradego.domain.instruments import Exchange
from tradego.domain.times import SECOND, iso, session_date
from tradego.market.symbols import shipped_directory
from tradego.storage.bars import read_bars
from tradego.storage.database import is_postgres
from tradego.storage.engines import make_engine
from tradego.storage.journal import read_journal
from tradego.storage.migrate import revision
from tradego.storage.schema import REVISION
from tradego.storage.tables import Tables

_DAYS_AHEAD = 30  # of known sessions; less and it is time for next year's holidays
_FREE_BYTES = 1_000_000_000


class Standing(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One part: what was found, and what to do where it is not well."""

    part: str
    standing: Standing
    found: str
    remedy: str = ""


class TimeOfDay(Protocol):
    """A clock as far as it is needed here."""

    def now_ns(self) -> int: ...


def examine(path: Path | None, clock: TimeOfDay) -> list[Check]:
    """All checks; those that need the configuration are left out when it cannot be read."""
    try:
        settings = required(path)
    except TradeGoError as error:
        return [_failed("configuration", str(error), "")]
    now_ns = clock.now_ns()
    parts: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("configuration", lambda: _configuration(settings, now_ns)),
        ("database", lambda: _stamp(settings)),
        ("journal", lambda: _journal(settings, now_ns)),
        ("tables", lambda: _tables(settings)),
        ("calendar", lambda: _calendar(settings, now_ns)),
        ("instruments", lambda: _instruments(settings)),
        ("disk", lambda: _disk(settings)),
    ]
    checks: list[Check] = []
    for part, examined in parts:
        try:
            checks += examined()
        except TradeGoError as error:
            checks.append(_failed(part, str(error), ""))
    return checks


def _ok(part: str, found: str) -> Check:
    return Check(part=part, standing=Standing.OK, found=found)


def _warning(part: str, found: str, remedy: str) -> Check:
    return Check(part=part, standing=Standing.WARNING, found=found, remedy=remedy)


def _failed(part: str, found: str, remedy: str) -> Check:
    return Check(part=part, standing=Standing.FAILED, found=found, remedy=remedy)


def _configuration(settings: Settings, now_ns: int) -> Iterator[Check]:
    desk = settings.config.desk
    asked = Asked(settings=settings, data=Wanted(files=()), mode=desk.mode, account=desk.account)
    names = ", ".join(strategy.name for strategy in chosen_strategies(asked))
    tariff_of(settings).rates(
        plan=desk.broker,
        segment=TariffSegment.EQUITY_DELIVERY,
        exchange=Exchange.NSE,
        on=session_date(now_ns),
    )
    yield _ok("configuration", f"{settings.source}: {names}; charges of {desk.broker}")
    if desk.mode is not Mode.PAPER:
        yield _failed(
            "mode", f"desk.mode is {desk.mode}", "set it to paper: no live broker is there yet"
        )


def _stamp(settings: Settings) -> Iterator[Check]:
    desk = settings.config.desk
    with read_journal(settings.database) as journal:
        stamp = journal.stamp
    if (stamp.mode, stamp.account) == (desk.mode, desk.account):
        yield _ok("database", f"{settings.database} belongs to {stamp.owner}")
    else:
        yield _failed(
            "database",
            f"{settings.database} belongs to {stamp.owner}, the configuration is of {desk.mode} "
            f"account {desk.account!r}",
            "name the database of that account",
        )


def _journal(settings: Settings, now_ns: int) -> Iterator[Check]:
    with read_journal(settings.database) as journal:
        last, torn = journal.verify_chain()
        aside = journal.quarantined()
    if torn:
        yield _warning(
            "journal", f"{torn} rows at the end do not verify", "the next start drops them"
        )
    else:
        yield _ok("journal", f"{last.seq} rows, every hash verified")
    if aside:
        seq, _, reason = aside[-1]
        yield _warning(
            "quarantine", f"an event after row {seq}: {reason}", "report it, then resume"
        )
    newest = max((entry.event.ts_ns for entry in entries(settings.database)), default=0)
    if newest > now_ns + SECOND:
        yield _warning(
            "clock",
            f"it is {iso(now_ns // SECOND * SECOND)}, the journal is at {iso(newest)}",
            "set the clock; for a recording of later days this is as it should be",
        )
    else:
        yield _ok("clock", f"{iso(now_ns // SECOND * SECOND)}")


def _tables(settings: Settings) -> Iterator[Check]:
    engine = make_engine(settings.database)
    with engine.connect() as connection:
        found = revision(connection)
    engine.dispose()
    if found != REVISION:
        yield _warning(
            "tables",
            f"they are of version {found or 'none'}, this TradeGo makes {REVISION}",
            "the next start brings an older one up, after a copy",
        )
        return
    tables = Tables(settings.database)
    try:
        differences = tables.verify()
    finally:
        tables.close()
    if not differences:
        yield _ok("tables", "equal to what the journal tells")
    for line in differences:
        yield _failed(
            "tables", line, "they are made anew from the journal: tradego doctor --rebuild"
        )


def _calendar(settings: Settings, now_ns: int) -> Iterator[Check]:
    calendar, today = calendar_of(settings), session_date(now_ns)
    found = f"sessions known from {calendar.first} to {calendar.last}"
    remedy = "add next year's holidays to a file of yours: market.calendar"
    if calendar.last < today:
        yield _failed("calendar", found, remedy)
    elif calendar.last < today + timedelta(days=_DAYS_AHEAD):
        yield _warning("calendar", found, remedy)
    else:
        yield _ok("calendar", found)


def _instruments(settings: Settings) -> Iterator[Check]:
    files = sorted(settings.data.glob("bars_*.parquet"))
    if not files:
        yield _warning("instruments", f"no bars in {settings.data}", "tradego data import FILE")
        return
    directory = shipped_directory()
    for path in files:
        bars = read_bars(path)
        newest = max((int(part.ts_ns[-1]) for part in bars if len(part.ts_ns)), default=0)
        found = f"{path.name}: {len(bars)} symbols to {session_date(newest)}"
        unknown = [part.symbol for part in bars if directory.find(part.symbol) is None]
        if unknown:
            yield _warning(
                "instruments",
                f"{found}; no sector known for {', '.join(unknown[:5])}"
                + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""),
                "each counts as a sector of its own; name it in market.sectors",
            )
        else:
            yield _ok("instruments", found)


def _disk(settings: Settings) -> Iterator[Check]:
    if is_postgres(settings.database):
        return
    free = disk_usage(Path(settings.database).resolve().parent).free
    found = f"{free / 1e9:.1f} GB free beside {settings.database}"
    if free < _FREE_BYTES:
        yield _warning("disk", found, "make room: a journal that cannot be written stops the desk")
    else:
        yield _ok("disk", found)
