"""W1 and the replay: one symbol through the engine, and a whole run's journal taken in again."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from bench.breakout import Breakout20
from bench.market import made_up
from bench.sizes import Size
from tradego.accounting.tariffs import Tariff, shipped_tables
from tradego.domain.bars import Bars
from tradego.domain.events import DeskOpened, Mode
from tradego.domain.instruments import Instrument
from tradego.domain.settings import EngineSettings, RiskSettings
from tradego.engine.state import DeskState
from tradego.engine.step import step
from tradego.market.calendar_tables import nse_calendar
from tradego.research.backtest import Backtest, Setup, backtest
from tradego.simulation.dice import SplitMix
from tradego.simulation.exchange import Conditions
from tradego.storage.journal import Durability, decode_event, open_journal, read_journal
from tradego.storage.stamp import Stamp

Figures = dict[str, float]


def one_symbol(folder: Path, size: Size) -> Figures:
    """W1: indicators, signals and every order, from bars in memory to a journal on disk."""
    given = _setup(made_up(1, size.sessions))
    _run(given, folder)  # imports and first calls are not what is asked
    times = []
    for _ in range(size.repeats):
        started = process_time()
        done = _run(given, folder)
        times.append(process_time() - started)
    return {"cpu_s": median(times), "trades": len(done.record.trades)}


def replay(folder: Path, size: Size) -> Figures:
    """The engine alone: the journal of many symbols' run, read, decoded and taken in again."""
    given = _setup(made_up(size.symbols, size.sessions))
    with TemporaryDirectory(dir=folder) as kept:
        path = Path(kept) / "journal.db"
        _run(given, folder, path)
        whole, alone = [], []
        for _ in range(size.repeats):
            started = process_time()
            with read_journal(path) as journal:
                events = [decode_event(event) for _, event, _ in journal.read()]
            decoded = process_time()
            state = DeskState(tariff=given.tariff)
            for event in events:
                step(state, event)
            whole.append(process_time() - started)
            alone.append(process_time() - decoded)
    return {
        "events": len(events),
        "events_per_s": len(events) / median(whole),
        "steps_per_s": len(events) / median(alone),
    }


def _run(given: Setup, folder: Path, path: Path | None = None) -> Backtest:
    opening = given.opening
    stamp = Stamp(
        mode=opening.mode,
        account=opening.account,
        lineage=opening.run_id,
        created_ns=opening.ts_ns,
    )
    with (
        TemporaryDirectory(dir=folder) as passing,
        open_journal(path or Path(passing) / "j.db", stamp, Durability.BULK) as journal,
    ):
        return backtest(given, journal)


def _setup(bars: Sequence[Bars]) -> Setup:
    """As `tradego backtest` would have it, whatever confidence the signals have."""
    strategy = Breakout20()
    settings = EngineSettings(
        strategies={strategy.name: strategy.policy}, risk=RiskSettings(min_confidence=0)
    )
    opening = DeskOpened(
        ts_ns=int(bars[0].ts_ns[0]),
        run_id="bench",
        mode=Mode.BACKTEST,
        account="bench",
        epoch=0,
        capital=Decimal(1_000_000),
        settings=settings,
        instruments=tuple(Instrument(symbol=b.symbol) for b in bars),
        code_version="",
        config_hash="",
    )
    return Setup(
        opening=opening,
        signal_bars=bars,
        market_bars=bars,
        strategies=[strategy],
        calendar=nse_calendar(),
        tariff=Tariff(shipped_tables()),
        conditions=Conditions(),
        dice=SplitMix(1),
    )
