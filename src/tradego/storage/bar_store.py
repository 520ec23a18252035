"""Bars kept on disk, one Parquet file for a symbol and interval, and fresh ones kept in memory."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

import numpy as np

from tradego.domain.bars import Bars
from tradego.domain.times import DAY, MINUTE, SECOND
from tradego.market.quality import RawBars
from tradego.storage.bars import read_bars, write_bars

_UNITS = ((DAY, "day"), (MINUTE, "min"), (SECOND, "s"))
_KEPT_NS = 5 * MINUTE


class Imported(NamedTuple):
    """Bars of new times, and bars of times that were there: of these the new ones count."""

    added: int
    replaced: int


class BarStore:
    """A folder of files like `15min/INFY.parquet`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, bars: Bars) -> Imported:
        """Add bars to what is there, all or none."""
        before = self.get(bars.symbol, bars.interval_ns)
        merged = bars if before is None else _merged(before, bars)
        path = self._path(bars.symbol, bars.interval_ns)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bars(path, [merged])
        added = merged.count - (before.count if before else 0)
        return Imported(added, bars.count - added)

    def get(
        self,
        symbol: str,
        interval_ns: int,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Bars | None:
        """Bars that start in [start_ns, end_ns); None when there is not one."""
        path = self._path(symbol, interval_ns)
        if not path.is_file():
            return None
        found = read_bars(path, interval_ns=interval_ns, start_ns=start_ns, end_ns=end_ns)
        return Bars(**found[0]._asdict()).check() if found else None

    def symbols(self, interval_ns: int) -> list[str]:
        """Of which there are bars, in alphabetical order."""
        files = (self._folder / _word(interval_ns)).glob("*.parquet")
        return sorted(unquote(file.stem) for file in files)

    def _path(self, symbol: str, interval_ns: int) -> Path:
        return self._folder / _word(interval_ns) / f"{quote(symbol, safe=' &')}.parquet"


class BarCache:
    """Bars asked for a moment ago, by symbol and interval.

    Kept for five minutes, but never past the close of the next bar: then there is a newer one.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[int, Bars]] = {}

    def put(self, bars: Bars, now_ns: int) -> None:
        """Keep bars that are all there is at `now_ns`. Bars without a row are not kept."""
        if bars.count == 0:
            return
        since_close = (now_ns - int(bars.close_ns[-1])) % bars.interval_ns
        until = now_ns + min(_KEPT_NS, bars.interval_ns - since_close)
        self._kept[bars.symbol, bars.interval_ns] = (until, bars)

    def get(self, symbol: str, interval_ns: int, now_ns: int) -> Bars | None:
        """None when there are none, or not any more."""
        until, bars = self._kept.get((symbol, interval_ns), (now_ns, None))
        return bars if now_ns < until else None


def _merged(before: Bars, bars: Bars) -> Bars:
    """Both in order of time; of two bars of one time the later given."""
    ts_ns = np.concatenate((before.ts_ns, bars.ts_ns))
    order = np.argsort(ts_ns, kind="stable")
    rows = order[np.append(np.diff(ts_ns[order]) > 0, True)]
    parts = zip(RawBars.of(before).columns, RawBars.of(bars).columns, strict=True)
    columns = (np.concatenate(pair)[rows] for pair in parts)
    return Bars(**RawBars(bars.symbol, bars.interval_ns, *columns)._asdict())


def _word(interval_ns: int) -> str:
    """`15min`, `1day`, `30s`."""
    for unit, word in _UNITS:
        if interval_ns % unit == 0:
            return f"{interval_ns // unit}{word}"
    return f"{interval_ns}ns"
