"""W5: the desk's process, loaded and holding positions, doing nothing."""

import sys
from importlib import import_module
from pathlib import Path
from time import process_time

from bench.sizes import Size

HEAVY = (
    "polars",
    "pandas",
    "pyarrow",
    "numba",
    "sqlalchemy",
    "alembic",
    "aiohttp",
    "rich",
    "typer",
)


def loaded(_folder: Path, size: Size) -> dict[str, float]:
    """CPU seconds of importing the desk; its memory is what the process comes to with positions."""
    started = process_time()
    import_module("tradego.app.desk")
    import_s = process_time() - started
    heavy = sum(name in sys.modules for name in HEAVY)

    from decimal import Decimal

    from bench.desk import PRICE, Desk, submitted
    from tradego.domain.money import Price
    from tradego.domain.settings import RiskSettings
    from tradego.engine.step import step

    room = RiskSettings(
        max_positions=size.positions,
        position_pct=Decimal("0.2"),
        max_deployed_pct=Decimal(100),
        intraday_pool_pct=Decimal(100),
        max_heat_pct=Decimal(100),
    )
    desk = Desk(size.positions, room)
    desk.next_day()
    for number in range(size.positions):
        entry = submitted(step(desk.state, desk.signal(number)))
        step(desk.state, desk.accepted(entry))
        step(desk.state, desk.filled(entry, Price.of(str(PRICE))))
    return {
        "import_s": import_s,
        "heavy_imports": heavy,
        "positions": len(desk.state.tranches),
    }
