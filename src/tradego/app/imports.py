"""Files into the desk's data folder: bars and headlines, judged, then merged with what is there."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tradego.app.recorded import Inspected, Progress, Wanted, inspected, reason_of
from tradego.app.recorded_news import read_headlines
from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.times import MINUTE, iso
from tradego.market.calendar import Calendar
from tradego.market.findings import Report, Standing
from tradego.market.news import Headline, Stamp
from tradego.market.quality import RawBars
from tradego.market.repairs import Repair
from tradego.market.symbols import Directory
from tradego.storage.bars import read_bars, write_bars


class Kind(StrEnum):
    BARS = "bars"
    NEWS = "news"
    TRADEBOOK = "tradebook"
    BROKER_PNL = "broker_pnl"


# A column that only a file of this kind has.
_TELLS = {
    "high": Kind.BARS,
    "headline": Kind.NEWS,
    "order_execution_time": Kind.TRADEBOOK,
    "Realized P&L": Kind.BROKER_PNL,
}


def kind_of(path: Path) -> Kind:
    """What a file holds, by its columns; InputError for anything else."""
    if not path.is_file():
        raise InputError(f"file {path} not found")
    try:
        scan = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path)
        columns = scan.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} cannot be read: {reason}") from None
    for column, kind in _TELLS.items():
        if column in columns:
            return kind
    raise InputError(
        f"{path} holds neither bars (open, high, low, close, volume), news (symbol, headline, "
        f"published_at) nor a tradebook; it has {', '.join(columns)}"
    )


class BarsImported(NamedTuple):
    """Where bars went, and what was found in them."""

    files: tuple[Path, ...]
    report: Report


def import_bars(
    wanted: Wanted, folder: Path, calendar: Calendar, directory: Directory, say: Progress
) -> BarsImported:
    """Merge bars with those of the same interval in the folder. A symbol that is refused keeps what
    it had. InputError, and nothing changed, when a file breaks the rules of a file of bars or does
    not fit what is there.
    """
    new = inspected(wanted, calendar, directory, say)
    new.sources.require_sound(new.report)
    merged = {}
    for interval_ns in sorted({verdict.interval_ns for verdict in new.report.verdicts}):
        fresh = _sound(new, interval_ns)
        store = folder / f"bars_{interval_ns // MINUTE}m.parquet"
        if fresh:
            merged[store] = _merged(store, fresh, wanted, calendar, directory)
    for store, bars in merged.items():
        say(f"writing {store.name}")
        write_bars(store, bars)
    return BarsImported(tuple(merged), new.report)


def _sound(found: Inspected, interval_ns: int) -> dict[str, Bars]:
    """The symbols of an interval that are fit as a whole, with their bars."""
    return {
        verdict.symbol: found.fit[verdict.symbol][interval_ns]
        for verdict in found.report.verdicts
        if verdict.interval_ns == interval_ns and verdict.standing is not Standing.REFUSED
    }


def _merged(
    store: Path, fresh: dict[str, Bars], wanted: Wanted, calendar: Calendar, directory: Directory
) -> list[Bars]:
    """Old and new together; a bar that is in both must be the same, unless `keep_last` was said."""
    if not store.is_file():
        return list(fresh.values())
    interval_ns = next(iter(fresh.values())).interval_ns
    unfinished = store.with_name(f"{store.stem}.new.parquet")
    write_bars(unfinished, list(fresh.values()))
    try:
        both = Wanted(
            files=(store, unfinished),
            interval_ns=interval_ns,
            symbols=tuple(fresh),
            repairs=wanted.repairs & {Repair.KEEP_LAST} | {Repair.SORT, Repair.DROP_DUPLICATES},
            accepted=wanted.accepted,
        )
        found = inspected(both, calendar, directory, lambda _: None)
        found.sources.require_sound(found.report)
    finally:
        unfinished.unlink()
    for verdict in found.report.verdicts:
        if verdict.standing is Standing.REFUSED:
            raise InputError(
                f"{verdict.symbol} does not fit what is in {store.name}: {reason_of(verdict)}"
            )
    together = _sound(found, interval_ns)
    for raw in read_bars(store, interval_ns=interval_ns):
        together.setdefault(raw.symbol, _as_stored(raw))
    return [together[symbol] for symbol in sorted(together)]


def _as_stored(raw: RawBars) -> Bars:
    """Bars of the folder's own: they were judged when they came."""
    prices = (raw.open, raw.high, raw.low, raw.close)
    return Bars(raw.symbol, raw.interval_ns, raw.ts_ns, *prices, raw.volume).check()


class NewsImported(NamedTuple):
    file: Path
    added: int
    repeated: int


def import_news(paths: Sequence[Path], folder: Path) -> NewsImported:
    """Add headlines to the folder's; one that is there already, word for word, is not added."""
    store = folder / "news.parquet"
    known = {_cells(item) for item in (read_headlines(store) if store.is_file() else ())}
    read = [_cells(item) for path in paths for item in read_headlines(path)]
    fresh = set(read) - known
    rows = sorted(known | fresh, key=lambda row: (row[2], row[0], row[1]))
    frame = pl.DataFrame(rows, schema=["symbol", "headline", "published_at"], orient="row")
    unfinished = store.with_name(f"{store.name}.unfinished")
    frame.write_parquet(unfinished)
    unfinished.replace(store)
    return NewsImported(store, len(fresh), len(read) - len(fresh))


def _cells(item: Headline) -> tuple[str, str, str]:
    time = iso(item.published_ns)
    return item.symbol, item.text, time[:10] if item.stamp is Stamp.DATE_ONLY else time
