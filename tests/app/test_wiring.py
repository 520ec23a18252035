"""From what was asked for to what the engine runs on."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from tradego.app import config
from tradego.app.recorded import Wanted
from tradego.app.wiring import Asked, Wired, wire
from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.events import Mode
from tradego.domain.times import MINUTE, at
from tradego.market.calendar_tables import nse_calendar
from tradego.storage.bars import write_bars

QUARTER = 15 * MINUTE
SYMBOLS = ("INFY", "TCS", "SBIN", "ZOMATO", "NOSUCHCO")


def market(days: int, last: date, volume: float = 100_000.0) -> list[Bars]:
    """Flat bars of the last sessions up to a day."""
    calendar = nse_calendar()
    sessions = [last]
    while len(sessions) < days:
        sessions.insert(0, calendar.previous_session(sessions[0]))
    ts = np.concatenate([calendar.bar_starts(day, QUARTER) for day in sessions])
    price = 100.0 + np.arange(len(ts)) % 7 / 10
    return [
        Bars(
            symbol=symbol,
            interval_ns=QUARTER,
            ts_ns=ts,
            open=price,
            high=price + 0.5,
            low=price - 0.5,
            close=price,
            volume=np.full(len(ts), volume) + np.arange(len(ts)),
        )
        for symbol in SYMBOLS
    ]


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    file = tmp_path / "bars.parquet"
    write_bars(file, market(30, date(2026, 6, 19)))
    return file


def wired(bars: Path, *settings: str, folder: Path | None = None, **wanted: object) -> Wired:
    loaded = config.load(folder, settings)
    data = Wanted(files=(bars,), **wanted)  # type: ignore[arg-type]
    asked = Asked(
        settings=loaded,
        data=data,
        mode=Mode.BACKTEST,
        account="backtest",
        strategies=("mean_reversion",),
    )
    return wire(asked, lambda _: None)


def watched(it: Wired) -> list[str]:
    return [bars.symbol for bars in it.setup.signal_bars]


def test_without_a_list_every_symbol_of_the_files_is_watched(bars):
    assert watched(wired(bars)) == sorted(SYMBOLS)


# S1-data-7
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # Zomato is Eternal of the Nifty 50 under its former symbol.
        (['market.watchlists=["nifty50"]'], ["INFY", "SBIN", "TCS", "ZOMATO"]),
        (['market.excluded=["infosys"]'], ["NOSUCHCO", "SBIN", "TCS", "ZOMATO"]),
        (
            ['market.watchlists=["midcap"]', 'market.preferred=["SBIN"]'],
            ["SBIN"],
        ),
        (
            [
                'market.watchlists=["nifty50"]',
                'market.excluded_sectors=["Information Technology"]',
            ],
            ["SBIN", "ZOMATO"],
        ),
    ],
)
def test_the_configuration_says_what_is_watched(bars, settings, expected):
    assert watched(wired(bars, *settings)) == expected


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ('market.watchlists=["nifty"]', "market.watchlists: no list 'nifty'; there are nifty50"),
        ('market.excluded=["WHOEVER"]', "WHOEVER"),
        ('market.excluded_sectors=["Magic"]', "sector 'Magic' is not known"),
        ('market.watchlists=["midcap"]', "watches none of the symbols that have bars"),
    ],
)
def test_a_list_nobody_knows_is_refused(bars, setting, complaint):
    with pytest.raises(InputError, match=complaint):
        wired(bars, setting)


def test_an_instrument_has_the_facts_of_its_company_and_of_the_trader(bars):
    settings = ['market.sectors={NOSUCHCO = "Toys"}', "market.margins={INFY = 25}"]
    opening = wired(bars, *settings, "market.tick=0.05").setup.opening
    by_symbol = {listed.symbol: listed for listed in opening.instruments}
    infy, unknown = by_symbol["INFY"], by_symbol["NOSUCHCO"]
    assert (infy.sector, infy.isin) == ("Information Technology", "INE009A01021")
    assert (infy.margin_pct, infy.tick) == (Decimal(25), Decimal("0.05"))
    assert (unknown.sector, unknown.margin_pct) == ("Toys", Decimal(100))


# A-cal-2
def test_shares_with_derivatives_stop_trading_for_the_closing_auction(tmp_path):
    """From 3 August 2026 their continuous trading ends at 15:15; a bar after it takes no entry."""
    file = tmp_path / "august.parquet"
    day = date(2026, 8, 4)
    write_bars(file, market(2, day))
    setup = wired(file).setup
    late = {
        symbol: [int(setup.signal_bars[0].ts_ns[row]) for row in rows]
        for symbol, rows in setup.unfit.items()
    }
    assert at(day, "15:15") in late["INFY"]
    assert "NOSUCHCO" not in late


# S1-data-9
def test_what_trades_too_little_is_not_entered(bars):
    few = wired(bars, "market.min_average_volume=10000000").setup
    row = few.signal_bars[0].count - 1
    assert "needs above 10,000,000" in few.unfit["INFY"][row]
    assert few.unfit["INFY"][0] == "volume known for 0 of 20 sessions"
    enough = wired(bars, "market.min_average_volume=1000000").setup
    assert row not in enough.unfit["INFY"]


# S1-data-12
def test_a_missing_bar_closes_its_session_to_entries(tmp_path):
    whole = market(3, date(2026, 6, 19))
    gap = 30  # the sixth bar of the second day
    kept = np.arange(75) != gap
    holed = [
        Bars(
            b.symbol,
            QUARTER,
            *(c[kept] for c in (b.ts_ns, b.open, b.high, b.low, b.close, b.volume)),
        )
        for b in whole
    ]
    file = tmp_path / "holed.parquet"
    write_bars(file, holed)
    setup = wired(file).setup
    assert sorted(setup.unfit["INFY"]) == list(range(30, 49))
    assert set(setup.unfit["INFY"].values()) == {"a bar of this session is missing"}


def test_own_tables_lie_over_the_shipped_ones(bars, tmp_path):
    (tmp_path / "holidays.toml").write_text(
        '[[holiday]]\ndate = 2026-06-18\nname = "Mine"\nsource = "me"\n'
    )
    (tmp_path / "fees.toml").write_text(
        '[[brokerage]]\nplan = "zerodha"\nsegments = ["equity_intraday"]\nflat = 3\n'
        'valid_from = 2026-01-01\nsource = "me"\n'
    )
    desk = tmp_path / "desk.toml"
    desk.write_text('[market]\ntariff = "fees.toml"\n')
    plain, own = wired(bars), wired(bars, folder=desk)
    assert own.setup.opening.config_hash != plain.setup.opening.config_hash
    assert own.setup.opening.own_tariff[0][0].endswith("fees.toml")
    desk.write_text('[market]\ncalendar = "holidays.toml"\n')
    with pytest.raises(InputError, match="rows on days without a session: 25"):
        wired(bars, folder=desk)


def test_the_run_is_named_by_bars_settings_and_code(bars, tmp_path):
    one, same = wired(bars).setup.opening, wired(bars).setup.opening
    assert one == same
    other = tmp_path / "other.parquet"
    write_bars(other, market(29, date(2026, 6, 19)))
    assert wired(other).setup.opening.run_id != one.run_id
    assert wired(other).setup.opening.config_hash == one.config_hash
    assert wired(bars, "risk.max_positions=4").setup.opening.run_id != one.run_id
