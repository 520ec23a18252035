"""An invented market as files: bars and headlines in the form in which real ones come."""

import csv
from datetime import date
from pathlib import Path

import msgspec

from tradego.domain.times import iso, session_date
from tradego.market.aggregate import aggregate
from tradego.market.calendar_tables import nse_calendar
from tradego.simulation.weather import built_in_market
from tradego.storage.bars import write_bars

_LAST_DAY = date(2026, 7, 31)  # the last session before the closing auction began


class Sample(msgspec.Struct, frozen=True):
    """What was written."""

    file: str
    symbols: int
    rows: int
    first: str
    last: str
    headlines: int


def write_sample(
    out: Path, news: Path | None, *, sessions: int, interval_ns: int, seed: int
) -> Sample:
    """Bars to `out`, headlines to `news`; the same seed makes the same market."""
    calendar = nse_calendar()
    days = [_LAST_DAY]
    while len(days) < sessions:
        days.insert(0, calendar.previous_session(days[0]))
    market = built_in_market(calendar, days, seed=seed)
    bars = [aggregate(minute, interval_ns) for minute in market.bars]
    write_bars(out, bars)
    if news is not None:
        with news.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("symbol", "headline", "published_at"))
            writer.writerows((s.symbol, s.headline, iso(s.published_ns)) for s in market.news)
    return Sample(
        file=str(out),
        symbols=len(bars),
        rows=sum(part.count for part in bars),
        first=days[0].isoformat(),
        last=session_date(int(bars[0].ts_ns[-1])).isoformat(),
        headlines=len(market.news),
    )
