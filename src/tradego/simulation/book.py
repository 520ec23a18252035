"""The exchange's own book of one instrument: what rests, what is watched, where the price is."""

from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from tradego.domain.effects import Watch
from tradego.domain.money import ZERO, Price, Quantity
from tradego.domain.orders import Order, OrderType
from tradego.domain.signals import Product, Side
from tradego.simulation.tape import Spot, Tape

NEVER_BELOW, NEVER_ABOVE = float("-inf"), float("inf")


@dataclass(slots=True)
class Resting:
    """An order at the exchange. A stop that has triggered rests on as a limit or market order.

    Something happens to it at prices at or below `below`, at or above `above`. `remaining` is what
    is not filled yet, `starved_bar` a bar whose volume gives it nothing more.
    """

    order: Order
    remaining: Quantity = field(init=False)
    buys: bool = field(init=False)
    waits_for_trigger: bool = field(init=False)
    below: float = field(init=False)
    above: float = field(init=False)
    starved_bar: int = -1
    _limit: float | None = field(init=False)

    def __post_init__(self) -> None:
        self.remaining = self.order.remaining
        self.buys = self.order.side is Side.BUY
        self.waits_for_trigger = self.order.type in (OrderType.STOP, OrderType.STOP_LIMIT)
        self._aim()

    def reprice(self, limit: Price | None, trigger: Price | None) -> None:
        self.order = replace(self.order, limit=limit, trigger=trigger)
        self._aim()

    def pull_trigger(self) -> None:
        self.waits_for_trigger = False
        self._aim()

    def _aim(self) -> None:
        """Find its levels anew: they change seldom and are asked for at every step of the path."""
        order = self.order
        self._limit = None if order.limit is None else float(order.limit.value)
        if self.waits_for_trigger:
            assert order.trigger is not None
            trigger = float(order.trigger.value)
            self.below, self.above = (NEVER_BELOW, trigger) if self.buys else (trigger, NEVER_ABOVE)
        elif self._limit is None:
            self.below, self.above = NEVER_ABOVE, NEVER_BELOW
        elif self.buys:
            self.below, self.above = self._limit, NEVER_ABOVE
        else:
            self.below, self.above = NEVER_BELOW, self._limit

    @property
    def has_triggered(self) -> bool:
        return not self.waits_for_trigger and self.order.trigger is not None

    def takes(self, price: float) -> bool:
        """Whether it trades at a price, once it waits for no trigger."""
        if self._limit is None:
            return True
        return price <= self._limit if self.buys else price >= self._limit

    def is_past(self, trigger: Price | None, price: float) -> bool:
        """Whether a price is already at or beyond a new trigger."""
        if trigger is None:
            return False
        return price >= float(trigger.value) if self.buys else price <= float(trigger.value)


class Watched(msgspec.Struct, frozen=True, gc=False):
    """A watch and the prices, at or below, at or above, at which it is told."""

    watch: Watch
    below: float
    above: float

    @staticmethod
    def of(watch: Watch) -> "Watched":
        level = float(watch.level.value)
        if watch.above:
            return Watched(watch, NEVER_BELOW, level)
        return Watched(watch, level, NEVER_ABOVE)


@dataclass(slots=True)
class Book:
    """One instrument, `rank`-th of the exchange.

    `watches` are those on the path, `close_watches` those on closes. `spot` is where the path
    stands, `marked` where the last mark was made, `net` what was bought less what was sold,
    `busy_from` when the first of the messages under way was sent, `busy_until` when the last
    arrives.
    """

    tape: Tape
    rank: int = 0
    resting: dict[str, Resting] = field(default_factory=dict)
    watches: dict[str, Watched] = field(default_factory=dict)
    close_watches: dict[str, Watched] = field(default_factory=dict)
    spot: Spot | None = None
    marked: Spot | None = None
    net: Decimal = ZERO
    product: Product = Product.INTRADAY  # of what is held
    busy_from: int = 0
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

    def watch(self, watch: Watch) -> None:
        """Of two with one id the newer counts."""
        kept, other = self.watches, self.close_watches
        if watch.at_close:
            kept, other = other, kept
        other.pop(watch.watch_id, None)
        kept[watch.watch_id] = Watched.of(watch)

    def unwatch(self, watch_id: str) -> None:
        if self.watches.pop(watch_id, None) is None:
            self.close_watches.pop(watch_id, None)

    def levels(self, bar: int = -1) -> tuple[float, float]:
        """The nearest prices (at or below, at or above) at which anything happens; in `bar`, if
        one is named, without the orders it has nothing left for.
        """
        below, above = NEVER_BELOW, NEVER_ABOVE
        for resting in self.resting.values():
            if bar < 0 or resting.starved_bar != bar:
                below, above = max(below, resting.below), min(above, resting.above)
        for watched in self.watches.values():
            below, above = max(below, watched.below), min(above, watched.above)
        return below, above

    def close_levels(self) -> tuple[float, float]:
        """As `levels`, for watches on closes."""
        below, above = NEVER_BELOW, NEVER_ABOVE
        for watched in self.close_watches.values():
            below, above = max(below, watched.below), min(above, watched.above)
        return below, above

    def room(self, index: int, participation: Decimal) -> Decimal:
        """Units the bar's volume still lets trade; without volume data there is no such limit."""
        if not self.tape.has_volume:
            return Decimal("Infinity")
        if index != self.volume_bar:
            self.volume_bar, self.volume_used = index, ZERO
        volume = Decimal(int(self.tape.bars.volume[index]))
        return volume * participation / 100 - self.volume_used
