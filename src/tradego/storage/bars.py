"""Bars out of files and into them: Parquet or CSV, one row a bar, rows counted from 1.

What a file must have to be read at all is asked here; whether its bars are fit to trade on is the
business of `tradego.market.quality`. polars is imported with the first file, not before.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tradego.domain.bars import Bars, FloatArray, IntArray
from tradego.domain.errors import InputError
from tradego.market.quality import RawBars
from tradego.storage.files import written_whole

if TYPE_CHECKING:
    from polars import Expr, LazyFrame, Series

_TIME, _SYMBOL = "ts_utc_ns", "symbol"
_VALUES = ("open", "high", "low", "close", "volume")
_COLUMNS = (_SYMBOL, _TIME, *_VALUES)
_MEANT = {_SYMBOL: "a symbol", _TIME: "a time with its zone (2025-03-03T10:15:00+05:30)"}
_ZONE = r"(Z|[+-]\d\d:?\d\d)$"
# Larger files are read a column at a time: half the memory, and no slower.
_LARGE_BYTES = 8_000_000
# Rows of each symbol that are looked at to find the interval.
_SAMPLE = 250

Read = TypeVar("Read")
Array = TypeVar("Array", IntArray, FloatArray)


def read_bars(
    path: Path,
    *,
    interval_ns: int | None = None,
    symbols: Sequence[str] | None = None,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> list[RawBars]:
    """The bars of a file by symbol, symbols and rows in the order of the file.

    Kept are `symbols` and bars that start in [start_ns, end_ns). Without `interval_ns` it is the
    commonest step from one bar to the next. An empty number becomes NaN. Raises InputError with the
    file, and the row where there is one, when a column is missing or a cell is not what it should
    be.
    """
    names: list[str] = []
    order: IntArray | None = None
    edges = [0]
    ts_ns = np.empty(0, dtype=np.int64)
    values: list[FloatArray] = []
    for name, cells in _BarFile(path).columns(symbols, start_ns, end_ns):
        match name:
            case "symbol":
                names, order, edges = _by_symbol(cells)
            case "ts_utc_ns":
                ts_ns = _filled(np.empty(len(cells), dtype=np.int64), cells, order)
            case _:
                values.append(_filled(np.empty(len(cells), dtype=np.float64), cells, order))
    step = interval_ns or _commonest_step(ts_ns, edges)
    if step is None and names:
        raise InputError(f"{path.name}: too few bars to tell their interval; give it")
    return [
        RawBars(name, step or 0, ts_ns[a:b], *(column[a:b] for column in values))
        for name, (a, b) in zip(names, pairwise(edges), strict=True)
    ]


def row_in_file(path: Path, symbol: str, row: int) -> int:
    """Where row `row` (from 0) of a symbol stands in its file (from 1): for telling a person."""
    import polars as pl

    rows = _BarFile(path).cells.with_row_index("row", offset=1).filter(pl.col(_SYMBOL) == symbol)
    return int(rows.select("row").slice(row, 1).collect().item())


def joined(parts: Sequence[RawBars]) -> list[RawBars]:
    """Bars of several files by symbol, in the order given. InputError when the interval of a symbol
    differs between two of them.
    """
    by_symbol: dict[str, list[RawBars]] = {}
    for part in parts:
        by_symbol.setdefault(part.symbol, []).append(part)
    return [_end_to_end(same) for same in by_symbol.values()]


def _end_to_end(parts: list[RawBars]) -> RawBars:
    first = parts[0]
    if len(parts) == 1:
        return first
    if len({part.interval_ns for part in parts}) > 1:
        raise InputError(f"{first.symbol} has bars of different intervals; give files of one")
    columns = (np.concatenate(same) for same in zip(*(p.columns for p in parts), strict=True))
    return RawBars(first.symbol, first.interval_ns, *columns)


def write_bars(path: Path, bars: Sequence[Bars]) -> None:
    """A Parquet file, whole or not at all: a reader has the old one until the new one is there."""
    import polars as pl

    frames = [
        pl.DataFrame(
            {
                _TIME: part.ts_ns,
                _SYMBOL: pl.repeat(part.symbol, part.count, eager=True),
                **{name: getattr(part, name) for name in _VALUES},
            }
        )
        for part in bars
    ]
    with written_whole(path) as unfinished:
        pl.concat(frames).write_parquet(unfinished)


class _BarFile:
    """A file in which every column is there. `cells` is a plan to read them in the right types; a
    cell is null in it where it is not what it should be.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._raw = path, scan(path)
        self._schema = tried(path, self._raw.collect_schema)
        self._time = "timestamp" if _TIME not in self._schema else _TIME
        for name in (_SYMBOL, self._time, *_VALUES):
            if name not in self._schema:
                wanted = f"{_TIME} or timestamp" if name == self._time else name
                there = ", ".join(self._schema.names())
                raise InputError(f"{path.name} has no column {wanted}; it has {there}")
        self.cells: LazyFrame = self._raw.select(map(self._cell, _COLUMNS))

    def columns(
        self, symbols: Sequence[str] | None, start_ns: int | None, end_ns: int | None
    ) -> Iterator[tuple[str, "Series"]]:
        """Name and cells of each column, the symbols first; InputError for a bad cell."""
        import polars as pl

        kept, time = self.cells, pl.col(_TIME)
        if symbols is not None:
            kept = kept.filter(pl.col(_SYMBOL).is_in(symbols))
        if start_ns is not None:
            kept = kept.filter(time >= start_ns)
        if end_ns is not None:
            kept = kept.filter(time < end_ns)
        large = kept is self.cells and self._path.stat().st_size > _LARGE_BYTES
        for group in [[name] for name in _COLUMNS] if large else [list(_COLUMNS)]:
            frame = tried(self._path, kept.select(group).collect)
            for name in group:
                if frame[name].null_count():
                    self._refuse_bad(name)
                yield name, frame[name]

    def _refuse_bad(self, name: str) -> None:
        """InputError for the first cell that is not what it should be; a number may be absent."""
        import polars as pl

        source = self._time if name == _TIME else name
        bad = pl.col("cell").is_null()
        if name in _VALUES:
            bad &= pl.col("given").is_not_null()
        found = (
            self._raw.select(pl.col(source).alias("given"), self._cell(name).alias("cell"))
            .with_row_index("row", offset=1)
            .filter(bad)
            .head(1)
            .collect()
        )
        for row, given, _ in found.iter_rows():
            meant = _MEANT.get(name, "a number")
            raise InputError(f"{self._path.name} row {row}: {source} {given!r} is not {meant}")

    def _cell(self, name: str) -> "Expr":
        import polars as pl

        if name == _TIME:
            return self._moment().alias(_TIME)
        kind, cell = self._schema[name], pl.col(name)
        if name == _SYMBOL:
            return cell.cast(pl.String)
        if kind != pl.String and not kind.is_numeric():
            raise InputError(f"{self._path.name}: column {name} holds {kind}, not numbers")
        return cell.cast(pl.Float64, strict=False)

    def _moment(self) -> "Expr":
        """Nanoseconds of the start of the bar. A time without a zone is never guessed at."""
        import polars as pl

        kind, cell = self._schema[self._time], pl.col(self._time)
        if self._time == _TIME:
            if kind != pl.String and not kind.is_integer():
                raise InputError(f"{self._path.name}: column {_TIME} holds {kind}, not integers")
            return cell.cast(pl.Int64, strict=False)
        if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
            return cell.dt.epoch("ns")
        if kind != pl.String:
            raise InputError(
                f"{self._path.name}: column timestamp holds {kind}, which has no zone; "
                f"write +05:30, or nanoseconds since 1970 in UTC as {_TIME}"
            )
        zoned = pl.when(cell.str.contains(_ZONE)).then(cell)
        parsed = zoned.str.to_datetime(time_unit="ns", time_zone="UTC", strict=False)
        return parsed.dt.epoch("ns")


def scan(path: Path) -> "LazyFrame":
    """A plan to read a file; the cells of a CSV are texts. InputError when it is not there."""
    import polars as pl

    if not path.is_file():
        raise InputError(f"file {path} not found")
    match path.suffix:
        case ".parquet":
            return pl.scan_parquet(path)
        case ".csv":
            return pl.scan_csv(path, infer_schema=False)
        case _:
            raise InputError(f"{path.name} is neither .parquet nor .csv")


def tried(path: Path, read: Callable[[], Read]) -> Read:
    """InputError, in one line, for a file that polars cannot read."""
    import polars as pl

    try:
        return read()
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from None


def _by_symbol(symbol: "Series") -> tuple[list[str], IntArray | None, list[int]]:
    """Names in order of appearance; the order of rows that puts each symbol's together (None: they
    are already); and where each begins, with the end.
    """
    import polars as pl

    runs = symbol.rle().struct
    names = runs.field("value")
    if names.n_unique() == len(names):
        return names.to_list(), None, [0, *runs.field("len").cum_sum().to_list()]
    listed = symbol.unique(maintain_order=True).to_list()
    codes = symbol.cast(pl.Enum(listed)).to_physical().to_numpy()
    edges = np.cumsum(np.bincount(codes)).tolist()
    return listed, np.argsort(codes, kind="stable"), [0, *edges]


def _filled(array: Array, cells: "Series", order: IntArray | None) -> Array:
    """The cells, copied out of the pieces in which a file is read into one contiguous array."""
    start = 0
    for piece in cells.get_chunks():
        array[start : start + len(piece)] = piece.to_numpy()
        start += len(piece)
    return array if order is None else array[order]


def _commonest_step(ts_ns: IntArray, edges: Sequence[int]) -> int | None:
    """Of the steps forward in time from row to row of a symbol; the shorter of equally common."""
    heads = [np.diff(ts_ns[a : min(b, a + _SAMPLE)]) for a, b in pairwise(edges)]
    steps = np.concatenate([np.empty(0, dtype=np.int64), *heads])
    values, counts = np.unique(steps[steps > 0], return_counts=True)
    return int(values[counts.argmax()]) if len(values) else None
