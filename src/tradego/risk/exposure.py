"""What is at stake now: every open tranche and every entry that may still fill, at its worst."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from tradego.domain.money import ZERO
from tradego.domain.signals import Product, Side


class Stake(NamedTuple):
    """One tranche with what is still to be filled of its entry, counted as filled.

    `value` and `margin` in rupees at entry or limit price, `heat` what is lost at the stop.
    """

    symbol: str
    direction: Side
    product: Product
    sector: str
    value: Decimal
    margin: Decimal
    heat: Decimal


class Exposure(NamedTuple):
    """The sum of all stakes. `intraday` is margin in use, `swing` the full value of delivery."""

    symbols: frozenset[str]
    sectors: dict[str, int]
    heat: Decimal
    intraday: Decimal
    swing: Decimal

    @property
    def deployed(self) -> Decimal:
        return self.intraday + self.swing


NOTHING = Exposure(frozenset(), {}, ZERO, ZERO, ZERO)


def exposure_of(stakes: Iterable[Stake]) -> Exposure:
    """Sectors are counted by symbol: two tranches of one symbol are one position."""
    symbols: dict[str, str] = {}
    heat = intraday = swing = ZERO
    for stake in stakes:
        symbols[stake.symbol] = stake.sector
        heat += stake.heat
        if stake.product is Product.INTRADAY:
            intraday += stake.margin
        else:
            swing += stake.value
    sectors: dict[str, int] = {}
    for sector in symbols.values():
        sectors[sector] = sectors.get(sector, 0) + 1
    return Exposure(frozenset(symbols), sectors, heat, intraday, swing)
