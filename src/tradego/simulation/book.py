"""The exchange's own book of one instrument: what rests, what is watched, where the price is."""

from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from tradego.domain.effects import Watch
from tradego.domain.money import ZERO, Quantity
from tradego.domain.orders import Order, OrderType
from tradego.domain.signals import Product, Side
from tradego.simulation.tape import Spot, Tape

NEVER_BELOW, NEVER_ABOVE = float("-inf"), float("inf")


@dataclass(slots=True)
class Resting:
    """An order at the exchange. A stop that has triggered rests on as a limit or market order.

    `starved_bar` is a bar whose volume gives it nothing more.
    """

    order: Order
    triggered: bool = False
    starved_bar: int = -1

    @property
    def buys(self) -> bool:
        return self.order.side is Side.BUY

    @property
    def waits_for_trigger(self) -> bool:
        return not self.triggered and self.order.type in (OrderType.STOP, OrderType.STOP_LIMIT)

    @property
    def level(self) -> tuple[float, float]:
        """Prices (at or below, at or above) at which something happens to it."""
        if self.waits_for_trigger:
            assert self.order.trigger is not None
            trigger = float(self.order.trigger.value)
            return (NEVER_BELOW, trigger) if self.buys else (trigger, NEVER_ABOVE)
        if self.order.limit is None:
            return NEVER_ABOVE, NEVER_BELOW
        limit = float(self.order.limit.value)
        return (limit, NEVER_ABOVE) if self.buys else (NEVER_BELOW, limit)

    def takes(self, price: float) -> bool:
        """Whether it trades at a price, once it waits for no trigger."""
        if self.order.limit is None:
            return True
        limit = float(self.order.limit.value)
        return price <= limit if self.buys else price >= limit

    def fill(self, quantity: Quantity) -> None:
        self.order = replace(self.order, filled=self.order.filled + quantity)


@dataclass(slots=True)
class Book:
    """One instrument, `rank`-th of the exchange. `spot` is where the path stands, `marked` where the last mark was made, `net`
    what was bought less what was sold, `busy_until` when the last message under way arrives.
    """

    tape: Tape
    rank: int = 0
    resting: dict[str, Resting] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    spot: Spot | None = None
    marked: Spot | None = None
    net: Decimal = ZERO
    product: Product = Product.INTRADAY  # of what is held
    busy_until: int = 0
    version: int = 0
    volume_bar: int = -1
    volume_used: Decimal = ZERO

    @property
    def low_first(self) -> bool:
        """Whose hurt comes first: the holder's, else that of an entry that rests."""
        if self.net:
            return self.net > 0
        return all(resting.buys for resting in self.resting.values())

    def levels(self, bar: int = -1) -> tuple[float, float]:
        """The nearest prices (at or below, at or above) at which anything happens; in `bar`, if
        one is named, without the orders it has nothing left for.
        """
        below, above = NEVER_BELOW, NEVER_ABOVE
        for resting in self.resting.values():
            if bar < 0 or resting.starved_bar != bar:
                low, high = resting.level
                below, above = max(below, low), min(above, high)
        for watch in self.watches.values():
            if not watch.at_close:
                low, high = level_of(watch)
                below, above = max(below, low), min(above, high)
        return below, above

    def close_levels(self) -> tuple[float, float]:
        """As `levels`, for watches on closes."""
        below, above = NEVER_BELOW, NEVER_ABOVE
        for watch in self.watches.values():
            if watch.at_close:
                low, high = level_of(watch)
                below, above = max(below, low), min(above, high)
        return below, above

    def room(self, index: int, participation: Decimal) -> Decimal:
        """Units the bar's volume still lets trade; without volume data there is no such limit."""
        if not self.tape.has_volume:
            return Decimal("Infinity")
        if index != self.volume_bar:
            self.volume_bar, self.volume_used = index, ZERO
        volume = Decimal(int(self.tape.bars.volume[index]))
        return volume * participation / 100 - self.volume_used


def level_of(watch: Watch) -> tuple[float, float]:
    level = float(watch.level.value)
    return (NEVER_BELOW, level) if watch.above else (level, NEVER_ABOVE)
