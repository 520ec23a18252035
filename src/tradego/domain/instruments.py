"""What can be traded, as the exchange lists it on one session."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from tradego.domain.errors import DomainError
from tradego.domain.money import ZERO, Currency, Price, Quantity


class Exchange(StrEnum):
    NSE = "NSE"
    BSE = "BSE"


class Segment(StrEnum):
    EQUITY = "equity"
    FUTURES = "futures"
    OPTIONS = "options"


class Instrument(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One tradable contract. `symbol` is unique on the desk.

    Ticks, bands and margins change from day to day, so an instrument is listed anew when they do.
    `freeze` is the largest quantity the exchange takes in one order. `margin_pct` is the margin an
    intraday position needs, in percent of its value: 20 means fivefold; 100 where nothing is known.
    An empty `sector` means unknown, and counts as a sector of its own.
    """

    symbol: str
    exchange: Exchange = Exchange.NSE
    segment: Segment = Segment.EQUITY
    currency: Currency = Currency.INR
    tick: Decimal = Decimal("0.05")
    lot: Decimal = Decimal(1)
    freeze: Quantity | None = None
    isin: str = ""
    sector: str = ""
    has_derivatives: bool = False
    margin_pct: Decimal = Decimal(100)
    lower_band: Price | None = None
    upper_band: Price | None = None

    def __post_init__(self) -> None:
        if not (self.tick > ZERO and self.lot > ZERO and ZERO < self.margin_pct <= 100):
            raise DomainError(
                f"{self.symbol}: tick {self.tick}, lot {self.lot}, margin {self.margin_pct} %"
            )

    def price(self, value: Decimal) -> Price:
        """A price of this instrument; DomainError when it is off the tick or outside the band."""
        price = Price(value)
        if value % self.tick:
            raise DomainError(f"{self.symbol}: {value} is not on the tick {self.tick}")
        if not self.is_in_band(price):
            raise DomainError(f"{self.symbol}: {value} is outside the price band")
        return price

    def is_in_band(self, price: Price) -> bool:
        above = self.lower_band is None or price.value >= self.lower_band.value
        return above and (self.upper_band is None or price.value <= self.upper_band.value)

    def in_band(self, price: Price) -> Price:
        """The price itself, or the end of the band that is nearest to it."""
        if self.lower_band is not None and price < self.lower_band:
            return self.lower_band
        if self.upper_band is not None and price > self.upper_band:
            return self.upper_band
        return price

    @property
    def sector_key(self) -> str:
        return self.sector or f"unknown:{self.symbol}"
