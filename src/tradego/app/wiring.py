"""From what a person asked for to what the engine runs on. The same way for backtest and paper."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from tradego.accounting.tariffs import Tariff, shipped_tables
from tradego.app.code_version import code_version
from tradego.app.config import MarketTable, Settings, StrategyTable
from tradego.app.guests import Joined, guests
from tradego.app.recorded import Progress, Recorded, Wanted, recorded, unfit
from tradego.app.strategy_files import made
from tradego.domain.bars import Bars, FloatArray
from tradego.domain.errors import InputError
from tradego.domain.events import DeskOpened, Mode
from tradego.domain.instruments import Instrument
from tradego.domain.settings import EngineSettings, StrategyPolicy
from tradego.domain.times import MINUTE, midnight, session_date
from tradego.market.calendar import Calendar
from tradego.market.calendar_tables import nse_calendar
from tradego.market.dated import TableFile
from tradego.market.news_flow import Fading
from tradego.market.sessions import Market
from tradego.market.symbols import Directory, shipped_directory
from tradego.market.watchlist import (
    NamedList,
    Preferences,
    Screen,
    shipped_lists,
    understood,
    watchlist,
)
from tradego.research.backtest import Setup
from tradego.risk.margin import intraday_margin_pct
from tradego.simulation.dice import SplitMix
from tradego.strategies.strategy import Given, Strategy


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A run as asked for. `strategies` are names or files, all that the configuration enables where
    none is named; `params` their settings by name, over those of the configuration.
    """

    settings: Settings
    data: Wanted
    mode: Mode
    account: str
    strategies: tuple[str, ...] = ()
    params: Mapping[str, Mapping[str, str]] = {}
    news: tuple[Path, ...] = ()
    seed: int = 1


class Wired(NamedTuple):
    """A run ready to go, and what is worth telling about what it stands on."""

    setup: Setup
    data: Recorded
    headlines: int
    joined: tuple[Joined, ...] = ()


def wire(asked: Asked, say: Progress) -> Wired:
    """InputError for whatever does not fit together, naming it and the remedy."""
    config = asked.settings.config
    strategies = chosen_strategies(asked)
    calendar = calendar_of(asked.settings)
    directory = shipped_directory()
    lists = shipped_lists()
    data = recorded(asked.data, calendar, directory, say)
    from_ns = _from_ns(asked.data, data)
    data, off_list = _watched(
        data, config.market, directory, lists, session_date(from_ns), with_guests=bool(asked.news)
    )
    instruments = _instruments(
        data.market_bars, config.market, directory, session_date(from_ns), lists
    )
    markets = {listed.symbol: Market.of(listed) for listed in instruments}
    sentiment, headlines = _news(asked, data.signal_bars, directory, say)
    visiting = guests(data.signal_bars, off_list, sentiment)
    config_hash = hash_of(asked, strategies)
    code = code_version()
    identity = sha256(f"{config_hash} {data.digest} {code}".encode()).hexdigest()
    opening = DeskOpened(
        ts_ns=from_ns,
        run_id=identity[:16],
        mode=asked.mode,
        account=asked.account,
        epoch=0,
        capital=config.desk.capital,
        settings=engine_settings(asked, strategies),
        instruments=instruments,
        code_version=code,
        config_hash=config_hash,
        own_tariff=tuple(
            (table.name, table.text) for table in _own(asked.settings, config.market.tariff)
        ),
    )
    setup = Setup(
        opening=opening,
        signal_bars=data.signal_bars,
        market_bars=data.market_bars,
        strategies=strategies,
        calendar=calendar,
        tariff=tariff_of(asked.settings),
        conditions=config.simulation,
        dice=SplitMix(asked.seed),
        sentiment=sentiment,
        unfit=_both(
            unfit(data.signal_bars, markets, calendar, config.market.min_average_volume),
            visiting.unfit,
        ),
        from_ns=from_ns,
    )
    return Wired(setup, data, headlines, visiting.joined)


def _both(
    one: Mapping[str, dict[int, str]], other: Mapping[str, dict[int, str]]
) -> dict[str, dict[int, str]]:
    return {symbol: one.get(symbol, {}) | other.get(symbol, {}) for symbol in {**one, **other}}


# ---- facts of the trader's own -------------------------------------------------------------------


def calendar_of(settings: Settings) -> Calendar:
    """The shipped calendar, with the trader's file laid over it."""
    return nse_calendar(_own(settings, settings.config.market.calendar))


def tariff_of(settings: Settings) -> Tariff:
    """The shipped rates, with the trader's file laid over them."""
    return Tariff((*shipped_tables(), *_own(settings, settings.config.market.tariff)))


def _own(settings: Settings, name: str | None) -> tuple[TableFile, ...]:
    if name is None:
        return ()
    path = settings.folder / name
    try:
        return (TableFile(str(path), path.read_text("utf-8")),)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None


# ---- strategies ----------------------------------------------------------------------------------


def chosen_strategies(asked: Asked) -> list[Strategy]:
    """Those named, or those enabled; each with the configuration's settings under those asked."""
    tables = asked.settings.config.strategies
    words = asked.strategies or tuple(name for name, table in tables.items() if table.enabled)
    if not words:
        raise InputError("no strategy is named, and the configuration enables none")
    chosen: dict[str, Strategy] = {}
    for word in words:
        strategy = _strategy(word, asked)
        if strategy.name in chosen:
            raise InputError(f"strategy {strategy.name} is named twice")
        chosen[strategy.name] = strategy
    if astray := sorted(asked.params.keys() - chosen.keys()):
        raise InputError(
            f"parameter for {astray[0]}, which is not run; running {', '.join(chosen)}"
        )
    return list(chosen.values())


def _strategy(word: str, asked: Asked) -> Strategy:
    table = asked.settings.config.strategies.get(word, StrategyTable())
    file = str(asked.settings.folder / table.file) if table.file else word
    name = made(file, {}).name
    table = asked.settings.config.strategies.get(name, table)
    given: dict[str, Given] = dict(table.params)
    for key in ("product", "min_reward_risk", "on_advice", "exits"):
        value = getattr(table, key)
        if value is not None:
            given[key] = value
    return made(file, given | dict(asked.params.get(name, {})))


def engine_settings(asked: Asked, strategies: Sequence[Strategy]) -> EngineSettings:
    """What the engine goes by: the configuration, and each strategy's own terms."""
    config = asked.settings.config
    return EngineSettings(
        risk=config.risk,
        execution=config.execution,
        strategies={s.name: _policy(s, config.strategies.get(s.name)) for s in strategies},
        broker=config.desk.broker,
    )


def _policy(strategy: Strategy, table: StrategyTable | None) -> StrategyPolicy:
    if table is None:
        return strategy.policy
    return replace(strategy.policy, may_add_tranche=table.may_add_tranche)


def hash_of(asked: Asked, strategies: Sequence[Strategy]) -> str:
    """A digest of everything that was set, whichever way: equal settings, equal hash."""
    config = asked.settings.config
    told = {
        "settings": engine_settings(asked, strategies),
        "strategies": {
            s.name: (s.product, s.values, [rule.name for rule in s.exits], s.rules())
            for s in strategies
        },
        "files": _own_strategies(asked),
        "capital": config.desk.capital,
        "market": config.market,
        "own": [
            *_own(asked.settings, config.market.calendar),
            *_own(asked.settings, config.market.tariff),
        ],
        "simulation": config.simulation,
        "seed": asked.seed,
        "data": replace(asked.data, files=()),
    }
    return sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()[:16]


def _own_strategies(asked: Asked) -> list[str]:
    """What the strategy files say, down to the last word: their rules are not all there is."""
    tables = asked.settings.config.strategies
    found = []
    for word in asked.strategies or tuple(tables):
        table = tables.get(word)
        named = asked.settings.folder / table.file if table and table.file else Path(word)
        path = Path(str(named).partition(":")[0])
        if path.suffix == ".py" and path.is_file():
            found.append(path.read_text("utf-8"))
    return found


# ---- what is traded ------------------------------------------------------------------------------


def _from_ns(wanted: Wanted, data: Recorded) -> int:
    """Midnight before the first session that trades."""
    first = min(session_date(int(bars.ts_ns[0])) for bars in data.market_bars)
    last = max(session_date(int(bars.ts_ns[-1])) for bars in data.market_bars)
    if wanted.first and wanted.first > last:
        raise InputError(f"no bars from {wanted.first} on: the last are of {last}")
    return midnight(max(first, wanted.first or first))


def _watched(
    data: Recorded,
    market: MarketTable,
    directory: Directory,
    lists: Mapping[str, NamedList],
    on: date,
    *,
    with_guests: bool,
) -> tuple[Recorded, frozenset[str]]:
    """Only the symbols the configuration watches; all of them where it names no list. With guests:
    also those off its lists, which are named; they need news to be entered.
    """
    for name in market.watchlists:
        if name not in lists:
            raise InputError(f"market.watchlists: no list {name!r}; there are {', '.join(lists)}")
    wishes = understood(
        Preferences(
            preferred=frozenset(market.preferred),
            excluded=frozenset(market.excluded),
            excluded_sectors=frozenset(market.excluded_sectors),
        ),
        directory,
    )
    screen = Screen(directory, on, wishes)
    listed = {entry.symbol for entry in watchlist([lists[n] for n in market.watchlists], screen)}

    off_list: set[str] = set()

    def is_watched(bars: Bars) -> bool:
        company = directory.find(bars.symbol)
        if company is None:
            return not market.watchlists
        if screen.excludes(company):
            return False
        if not market.watchlists or {*company.symbols, company.symbol_on(on)} & listed:
            return True
        off_list.add(bars.symbol)
        return with_guests

    kept = data._replace(
        signal_bars=[bars for bars in data.signal_bars if is_watched(bars)],
        market_bars=[bars for bars in data.market_bars if is_watched(bars)],
    )
    if not kept.signal_bars:
        raise InputError("market: the configuration watches none of the symbols that have bars")
    return kept, frozenset(off_list)


def _instruments(
    all_bars: Sequence[Bars],
    market: MarketTable,
    directory: Directory,
    on: date,
    lists: Mapping[str, NamedList],
) -> tuple[Instrument, ...]:
    with_derivatives = {directory.company(symbol) for symbol in lists["derivatives"].symbols}
    found = []
    for bars in all_bars:
        company = directory.find(bars.symbol)
        listing = company.listing_on(on) if company else None
        found.append(
            Instrument(
                symbol=bars.symbol,
                tick=market.tick,
                isin=listing.isin if listing else "",
                sector=market.sectors.get(bars.symbol, listing.industry if listing else ""),
                has_derivatives=company in with_derivatives,
                margin_pct=_margin(bars.symbol, market),
            )
        )
    return tuple(found)


def _margin(symbol: str, market: MarketTable) -> Decimal:
    """The broker's own figure; else the tier of the exchange's; else the whole value."""
    if symbol in market.margins:
        return market.margins[symbol]
    return intraday_margin_pct(market.exchange_margins.get(symbol, Decimal(100)))


def _news(
    asked: Asked, all_bars: Sequence[Bars], directory: Directory, say: Progress
) -> tuple[dict[str, FloatArray], int]:
    if not asked.news:
        return {}, 0
    from tradego.app.recorded_news import read_headlines, sentiment_of

    market = asked.settings.config.market
    fading = Fading(
        half_life_ns=market.news_half_life_minutes * MINUTE,
        lookback_ns=market.news_lookback_minutes * MINUTE,
    )
    say("reading the news")
    headlines = [item for path in asked.news for item in read_headlines(path)]
    told = sentiment_of(headlines, all_bars, directory, fading)
    return told.sentiment, told.headlines
