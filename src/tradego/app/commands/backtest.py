"""`tradego backtest`: strategies over recorded bars; trades, orders, equity and a report out."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Annotated

import msgspec
import typer

from tradego.app import config
from tradego.app.backtest_words import interval_words, notes, told
from tradego.app.out_folder import REPORT, SUMMARY, OutFolder
from tradego.app.progress import DaysTold, progress, silent
from tradego.app.recorded import Progress, Wanted, day_of, interval_of
from tradego.app.wiring import Asked, Wired, wire
from tradego.domain.errors import InputError
from tradego.domain.events import Mode
from tradego.market.findings import Fault
from tradego.market.repairs import Repair
from tradego.research.backtest import Backtest
from tradego.research.backtest import backtest as run
from tradego.research.summary import RunFacts, RunResult, result_files
from tradego.storage.journal import Durability, open_journal
from tradego.storage.stamp import Stamp
from tradego.strategies.strategy import overrides

Files = list[Path]
Texts = list[str]

BarFiles = Annotated[Files, typer.Option(help="Parquet or CSV; finer bars too, for the fills")]
Out = Annotated[Path, typer.Option(help="Folder for the results")]
Strategies = Annotated[
    Texts | None, typer.Option(help="NAME[,NAME...] or FILE.py; else what the settings enable")
]
NewsFiles = Annotated[Files | None, typer.Option(help="Headlines; may be repeated")]
Symbols = Annotated[Texts | None, typer.Option(help="A,B: only these")]
First = Annotated[
    str | None, typer.Option("--from", help="First day traded; bars before it warm up")
]
Last = Annotated[str | None, typer.Option("--to", help="Last day traded")]
Capital = Annotated[str | None, typer.Option(help="Rupees at the start")]
Broker = Annotated[str | None, typer.Option(help="Brokerage plan")]
Params = Annotated[Texts | None, typer.Option(help="NAME.KEY=VALUE of a strategy; repeatable")]
Sets = Annotated[
    Texts | None, typer.Option("--set", help="TABLE.KEY=VALUE of the settings; repeatable")
]
Interval = Annotated[str | None, typer.Option(help="Bars that strategies judge on, such as 15m")]
OwnCalendar = Annotated[Path | None, typer.Option(help="Your own sessions and holidays")]
OwnTariff = Annotated[Path | None, typer.Option(help="Your own taxes and fees")]
Repairs = Annotated[list[Repair] | None, typer.Option(help="Mend bars so; may be repeated")]
Accepted = Annotated[list[Fault] | None, typer.Option(help="Use bars in spite of this; repeatable")]
Seed = Annotated[int, typer.Option(help="Of chance, where the settings have any")]
Settings = Annotated[
    Path | None, typer.Option("--config", help="Settings; else tradego.toml, if there is one")
]
Fast = Annotated[bool, typer.Option("--fast", help="Use the compiled kernel")]
WithReport = Annotated[bool, typer.Option(help="Write report.html")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Write into a folder that holds other things")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print summary.json and nothing else")]


def backtest(  # noqa: PLR0913, PLR0917 - one argument an option
    bars: BarFiles,
    out: Out,
    strategy: Strategies = None,
    news: NewsFiles = None,
    symbols: Symbols = None,
    first: First = None,
    last: Last = None,
    capital: Capital = None,
    broker: Broker = None,
    param: Params = None,
    setting: Sets = None,
    interval: Interval = None,
    calendar: OwnCalendar = None,
    tariff: OwnTariff = None,
    repair: Repairs = None,
    accept: Accepted = None,
    seed: Seed = 1,
    settings: Settings = None,
    fast: Fast = False,
    report: WithReport = True,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Strategies over recorded bars, through the engine that trades.

    Writes trades.json, orders.json, open.json, equity.json, data.json, summary.json, journal.db
    and report.html into --out.
    """
    if fast:
        raise InputError("--fast: the compiled kernel is not there yet; leave it out")
    laid_over = [
        *(setting or ()),
        *_option("desk.capital", capital),
        *_option("desk.broker", broker),
        *_option("market.calendar", calendar and calendar.absolute()),
        *_option("market.tariff", tariff and tariff.absolute()),
    ]
    wanted = Wanted(
        files=tuple(bars),
        interval_ns=interval_of(interval) if interval else None,
        symbols=_split(symbols),
        first=day_of("--from", first),
        last=day_of("--to", last),
        repairs=frozenset(repair or ()),
        accepted=frozenset(accept or ()),
    )
    asked = Asked(
        settings=config.load(settings, laid_over),
        data=wanted,
        mode=Mode.BACKTEST,
        account="backtest",
        strategies=_split(strategy),
        params=overrides(param or []),
        news=tuple(news or ()),
        seed=seed,
    )
    _backtest(asked, OutFolder(out, overwrite=overwrite), with_report=report, as_json=as_json)


def _backtest(asked: Asked, folder: OutFolder, *, with_report: bool, as_json: bool) -> None:
    with progress(quiet=as_json) as say, _no_collector():
        started = perf_counter()
        wired = wire(asked, say)
        done = _run(wired, folder, say)
        result = _result(wired, done, perf_counter() - started)
        say("writing")
        files = result_files(result)
        files["data.json"] = _data(wired)
        if with_report:
            files[REPORT] = _report(wired, done, result, asked)
        for name in sorted(files, key=SUMMARY.__eq__):  # the summary last: it says all is there
            folder.write(name, files[name])
    if as_json:
        typer.echo(files[SUMMARY].decode(), nl=False)
        return
    for line in told(wired, done, result):
        typer.echo(line)
    typer.echo(f"Settings {asked.settings.source}. Everything is in {folder.path}.")


@contextmanager
def _no_collector() -> Iterator[None]:
    """A run makes next to no cycles, and looking for them would take a tenth of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _run(wired: Wired, folder: OutFolder, say: Progress) -> Backtest:
    opening = wired.setup.opening
    stamp = Stamp(
        mode=opening.mode,
        account=opening.account,
        lineage=opening.run_id,
        created_ns=opening.ts_ns,
    )
    say("judging all bars")
    with open_journal(folder.journal, stamp, Durability.BULK) as journal:
        return run(wired.setup, journal if say is silent else DaysTold(journal, say))


def _result(wired: Wired, done: Backtest, seconds: float) -> RunResult:
    opening, record = wired.setup.opening, done.record
    facts = RunFacts(
        run_id=opening.run_id,
        code_version=opening.code_version,
        config_hash=opening.config_hash,
        starting_capital=opening.capital,
        bars=done.bars,
        seconds=seconds,
    )
    return RunResult(
        facts=facts,
        trades=list(record.trades.values()),
        orders=record.lives(),
        still_open=done.still_open,
        equity=record.equity(),
        refusals=record.refusals,
    )


def _data(wired: Wired) -> bytes:
    """What was found in the bars, symbol by symbol."""
    report = wired.data.report
    document = {"summary": report.summary(), "verdicts": report.verdicts}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _report(wired: Wired, done: Backtest, result: RunResult, asked: Asked) -> bytes:
    from tradego.research.report import ReportData, report_html

    setup = wired.setup
    data = ReportData(
        result=result,
        strategies=tuple(strategy.name for strategy in setup.strategies),
        symbols=len(setup.signal_bars),
        interval=interval_words(setup.signal_bars[0].interval_ns),
        notes=notes(wired),
        settings=(
            ("Settings", asked.settings.source),
            *(
                (f"{strategy.name}.{key}", f"{value}")
                for strategy in setup.strategies
                for key, value in strategy.values.items()
            ),
        ),
        funnels=tuple(done.funnels),
        bars={bars.symbol: bars for bars in setup.signal_bars},
    )
    return report_html(data).encode()


def _option(key: str, value: object) -> list[str]:
    """An option of its own name, as a setting."""
    return [] if value is None else [f"{key}={value}"]


def _split(given: Texts | None) -> tuple[str, ...]:
    """Repeated and comma-separated values, in the order given."""
    words = [word.strip() for text in given or () for word in text.split(",")]
    return tuple(word for word in words if word)
