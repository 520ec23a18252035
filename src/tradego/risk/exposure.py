"""What is at stake now: every open tranche and every entry that may still fill, at its worst."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from tradego.domain.money import ZERO
from tradego.domain.signals import Product, Side


class Stake(msgspec.Struct, frozen=True, gc=False):
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


class Exposure(msgspec.Struct, frozen=True, gc=False):
    """The sum of all stakes. `values` are positions at entry, by symbol; `intraday` is margin in
    use, `swing` the full value of delivery.
    """

    values: dict[str, Decimal]
    sectors: dict[str, int]
    heat: Decimal
    intraday: Decimal
    swing: Decimal

    @property
    def deployed(self) -> Decimal:
        return self.intraday + self.swing


NOTHING = Exposure({}, {}, ZERO, ZERO, ZERO)


def exposure_of(stakes: Iterable[Stake]) -> Exposure:
    """Sectors are counted by symbol: two tranches of one symbol are one position."""
    sector_of: dict[str, str] = {}
    values: dict[str, Decimal] = {}
    heat = intraday = swing = ZERO
    for stake in stakes:
        sector_of[stake.symbol] = stake.sector
        values[stake.symbol] = values.get(stake.symbol, ZERO) + stake.value
        heat += stake.heat
        if stake.product is Product.INTRADAY:
            intraday += stake.margin
        else:
            swing += stake.value
    sectors: dict[str, int] = {}
    for sector in sector_of.values():
        sectors[sector] = sectors.get(sector, 0) + 1
    return Exposure(values, sectors, heat, intraday, swing)
