"""The built-in session: an invented market, the shipped strategies, no account and no network."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tradego import __version__
from tradego.accounting.tariffs import Tariff, shipped_tables
from tradego.domain.bars import Bars, FloatArray
from tradego.domain.events import DeskOpened, Mode
from tradego.domain.instruments import Instrument
from tradego.domain.settings import EngineSettings
from tradego.domain.times import MINUTE, midnight
from tradego.market.aggregate import aggregate
from tradego.market.calendar_tables import nse_calendar
from tradego.market.news import Headline
from tradego.market.news_flow import sentiment_series
from tradego.market.sentiment import Scorer
from tradego.research.backtest import Setup
from tradego.simulation.dice import SplitMix
from tradego.simulation.exchange import Conditions
from tradego.simulation.weather import COMPANIES, Story, built_in_market
from tradego.strategies.shipped import SHIPPED

_WARM_UP = 25  # sessions the strategies have lived through before the first that is shown
_LAST_DAY = date(2026, 10, 16)
_CAPITAL = Decimal(1_000_000)
_SIGNAL_BARS_NS = 15 * MINUTE


class Demo(NamedTuple):
    """What the demo plays, and when it begins."""

    setup: Setup
    news: list[Story]


def demo(seed: int, sessions: int) -> Demo:
    """The last `sessions` days of a market made from `seed`; the same seed, the same session."""
    calendar = nse_calendar()
    days = [_LAST_DAY]
    while len(days) < _WARM_UP + sessions:
        days.insert(0, calendar.previous_session(days[0]))
    market = built_in_market(calendar, days, seed=seed)
    signal_bars = [aggregate(bars, _SIGNAL_BARS_NS) for bars in market.bars]
    strategies = [cls() for cls in SHIPPED.values()]
    from_ns = midnight(days[_WARM_UP])
    opening = DeskOpened(
        ts_ns=from_ns,
        run_id=f"demo-{seed}-{sessions}",
        mode=Mode.PAPER,
        account="demo",
        epoch=0,
        capital=_CAPITAL,
        settings=EngineSettings(strategies={s.name: s.policy for s in strategies}),
        instruments=tuple(
            Instrument(
                symbol=company.symbol,
                sector=company.sector,
                has_derivatives=True,
                margin_pct=Decimal(20),
            )
            for company in COMPANIES
        ),
        code_version=__version__,
        config_hash=f"demo-{seed}-{sessions}",
    )
    setup = Setup(
        opening=opening,
        signal_bars=signal_bars,
        market_bars=market.bars,
        strategies=strategies,
        calendar=calendar,
        tariff=Tariff(shipped_tables()),
        conditions=Conditions(),
        dice=SplitMix(seed),
        sentiment=_sentiment(market.news, signal_bars),
        from_ns=from_ns,
    )
    return Demo(setup, market.news)


def _sentiment(news: list[Story], all_bars: list[Bars]) -> dict[str, FloatArray]:
    scorer = Scorer()
    told: dict[str, list[Headline]] = {}
    for story in news:
        item = Headline(story.symbol, story.headline, story.published_ns, story.published_ns)
        told.setdefault(story.symbol, []).append(item)
    return {
        bars.symbol: sentiment_series(told[bars.symbol], bars.close_ns, scorer)
        for bars in all_bars
        if bars.symbol in told
    }
