"""Files into the desk's data folder: bars and headlines, judged, then merged with what is there."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tradego.app.recorded import Inspected, Progress, Wanted, inspected
from tradego.app.recorded_news import read_headlines
from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.times import MINUTE, iso
from tradego.market.calendar import Calendar
from tradego.market.findings import Report
from tradego.market.news import Headline, Stamp
from tradego.market.repairs import Repair
from tradego.market.symbols import Directory
from tradego.storage.bars import write_bars


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
    it had; a file that breaks the rules changes nothing and is an InputError.
    """
    new = inspected(wanted, calendar, directory, say)
    new.sources.require_sound(new.report)
    written = []
    for interval_ns in sorted({interval for of in new.fit.values() for interval in of}):
        store = folder / f"bars_{interval_ns // MINUTE}m.parquet"
        fresh = _of_interval(new, interval_ns)
        say(f"writing {store.name}")
        write_bars(store, _merged(store, fresh, wanted, calendar, directory))
        written.append(store)
    return BarsImported(tuple(written), new.report)


def _of_interval(found: Inspected, interval_ns: int) -> dict[str, Bars]:
    return {
        symbol: of[interval_ns] for symbol, of in sorted(found.fit.items()) if interval_ns in of
    }


def _merged(
    store: Path, fresh: dict[str, Bars], wanted: Wanted, calendar: Calendar, directory: Directory
) -> Sequence[Bars]:
    """Old and new together; a bar that is in both must be the same, unless `keep_last` was said."""
    if not store.is_file():
        return list(fresh.values())
    unfinished = store.with_name(f"{store.stem}.new.parquet")
    write_bars(unfinished, list(fresh.values()))
    try:
        repairs = wanted.repairs & {Repair.KEEP_LAST} | {Repair.SORT, Repair.DROP_DUPLICATES}
        both = Wanted(files=(store, unfinished), repairs=repairs, accepted=wanted.accepted)
        found = inspected(both, calendar, directory, lambda _: None)
        found.sources.require_sound(found.report)
    finally:
        unfinished.unlink()
    interval_ns = next(iter(fresh.values())).interval_ns
    old = inspected(
        Wanted(files=(store,), accepted=wanted.accepted), calendar, directory, lambda _: None
    )
    merged = _of_interval(old, interval_ns) | _of_interval(found, interval_ns)
    return [merged[symbol] for symbol in sorted(merged)]


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
