"""`tradego data`: bars, news and tradebooks in; how good bars are; samples to play with."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tradego.accounting.tradebook import (
    Reconciliation,
    Verdict,
    parse_reported_pnl,
    parse_tradebook,
    reconcile,
)
from tradego.app import config
from tradego.app.commands.options import AsJson, ConfigFile, print_json
from tradego.app.imports import Kind, import_bars, import_news, kind_of
from tradego.app.progress import progress
from tradego.app.recorded import Wanted, inspected, interval_of
from tradego.app.wiring import calendar_of
from tradego.domain import formats
from tradego.domain.errors import InputError
from tradego.market.findings import Fault, Report, Standing
from tradego.market.repairs import Repair
from tradego.market.symbols import shipped_directory

data = typer.Typer(rich_markup_mode=None, no_args_is_help=False)

Files = Annotated[list[Path], typer.Argument(help="Parquet or CSV")]
Repairs = Annotated[list[Repair] | None, typer.Option("--repair", help="Mend bars so; repeatable")]
Accepted = Annotated[
    list[Fault] | None, typer.Option("--accept", help="Use bars in spite of this; repeatable")
]
Interval = Annotated[str | None, typer.Option(help="Of the bars, where the file does not tell")]


class ImportDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `data import --json` prints; only of what was given."""

    bars: Report | None = None
    written: tuple[str, ...] = ()
    headlines_added: int | None = None
    headlines_repeated: int | None = None
    reconciliation: Reconciliation | None = None


@data.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Bars, news, a tradebook with the P&L to it")],
    repair: Repairs = None,
    accept: Accepted = None,
    interval: Interval = None,
    settings: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Bars and news into the desk's data folder; a broker's tradebook against its own P&L."""
    kinds = {path: kind_of(path) for path in files}
    of = {kind: tuple(p for p in files if kinds[p] is kind) for kind in Kind}
    document = ImportDocument(reconciliation=_reconciled(of[Kind.TRADEBOOK], of[Kind.BROKER_PNL]))
    if of[Kind.BARS] or of[Kind.NEWS]:
        desk = config.required(settings)
        desk.data.mkdir(parents=True, exist_ok=True)
        with progress(quiet=as_json) as say:
            if of[Kind.BARS]:
                wanted = _wanted(of[Kind.BARS], interval, repair, accept)
                bars = import_bars(wanted, desk.data, calendar_of(desk), shipped_directory(), say)
                document = msgspec.structs.replace(
                    document, bars=bars.report, written=tuple(map(str, bars.files))
                )
            if of[Kind.NEWS]:
                news = import_news(of[Kind.NEWS], desk.data)
                document = msgspec.structs.replace(
                    document,
                    written=(*document.written, str(news.file)),
                    headlines_added=news.added,
                    headlines_repeated=news.repeated,
                )
    if as_json:
        print_json(document)
    else:
        for line in _told(document):
            typer.echo(line)


@data.command()
def check(
    files: Files,
    repair: Repairs = None,
    accept: Accepted = None,
    interval: Interval = None,
    settings: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """How good bars are, symbol by symbol; exit code 1 when any symbol is refused."""
    wanted = _wanted(tuple(files), interval, repair, accept)
    with progress(quiet=as_json) as say:
        calendar = calendar_of(config.load(settings))
        found = inspected(wanted, calendar, shipped_directory(), say)
    if as_json:
        print_json(found.report)
    else:
        for line in found.lines():
            typer.echo(line)
    if found.report.having(Standing.REFUSED):
        raise typer.Exit(1)


@data.command()
def sample(
    out: Annotated[Path, typer.Argument(help="Parquet file to write")],
    sessions: Annotated[int, typer.Option(help="Trading days, 1 to 750")] = 60,
    interval: Annotated[str, typer.Option(help="Length of the bars, such as 1m or 15m")] = "15m",
    seed: Annotated[int, typer.Option(help="The same seed makes the same market")] = 7,
    news: Annotated[Path | None, typer.Option(help="Write its headlines here, as CSV")] = None,
    as_json: AsJson = False,
) -> None:
    """Bars of an invented market, to learn with; nothing in them is real."""
    from tradego.app.samples import write_sample

    for path in (out, news):
        if path is not None and path.exists():
            raise InputError(f"{path} exists; name another file")
    if not 1 <= sessions <= 750:
        raise InputError(f"--sessions {sessions} is not between 1 and 750")
    made = write_sample(out, news, sessions=sessions, interval_ns=interval_of(interval), seed=seed)
    if as_json:
        print_json(made)
    else:
        typer.echo(
            f"{formats.counted(made.rows, 'bar')} of {formats.counted(made.symbols, 'symbol')}, "
            f"{made.first} to {made.last}, in {out}"
        )


def _wanted(
    files: tuple[Path, ...],
    interval: str | None,
    repair: list[Repair] | None,
    accept: list[Fault] | None,
) -> Wanted:
    return Wanted(
        files=files,
        interval_ns=interval_of(interval) if interval else None,
        repairs=frozenset(repair or ()),
        accepted=frozenset(accept or ()),
    )


def _reconciled(books: Sequence[Path], reports: Sequence[Path]) -> Reconciliation | None:
    if not books and not reports:
        return None
    if len(books) != 1 or len(reports) != 1:
        raise InputError(
            f"{len(books)} tradebooks and {len(reports)} P&L reports: give one of each, together"
        )
    book = parse_tradebook(_text(books[0]), str(books[0]))
    return reconcile(book, parse_reported_pnl(_text(reports[0]), str(reports[0])))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None


# ---- in words ------------------------------------------------------------------------------------


def _told(document: ImportDocument) -> Iterator[str]:
    if document.bars is not None:
        yield from document.bars.lines()
    if document.headlines_added is not None:
        yield (
            f"{formats.counted(document.headlines_added, 'headline')} added, "
            f"{formats.quantity(document.headlines_repeated or 0)} known already"
        )
    for file in document.written:
        yield f"Written to {file}"
    if document.reconciliation is not None:
        yield from _reconciliation(document.reconciliation)


def _reconciliation(found: Reconciliation) -> Iterator[str]:
    width = max(len(check.symbol) for check in found.checks)
    for check in sorted(found.checks, key=lambda check: (check.verdict, check.symbol)):
        words = check.verdict.value.lower().replace("_", " ")
        yield (
            f"{check.symbol:<{width}}  {words:<20}  ours {formats.plain(check.ours):>14}  "
            f"broker {formats.plain(check.theirs):>14}  {check.reason}".rstrip()
        )
    counts = {verdict: len(found.with_verdict(verdict)) for verdict in Verdict}
    apart = counts[Verdict.DISAGREES] + counts[Verdict.ABSENT]
    yield (
        f"{formats.counted(len(found.checks), 'symbol')}: {counts[Verdict.EQUAL]} equal, "
        f"{counts[Verdict.MISSING_OPENING_LOTS]} with lots bought before the tradebook begins, "
        f"{apart} that disagree with it or are absent from it."
    )
    if found.unreported:
        yield f"Sold, but not in the broker's report: {', '.join(found.unreported)}"
