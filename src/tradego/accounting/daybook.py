"""The charges of one session, scrip by scrip, as the contract notes will have them.

Some charges arise per executed order, some per scrip and day; only together are they exact. So the
note of a scrip is made from all its orders of the day, and divided among the tranches that traded.
"""

from datetime import date
from decimal import Decimal

from tradego.accounting.charges import (
    NO_TURNOVER,
    ContractNote,
    ExecutedOrder,
    Turnover,
    allot_charges,
    closing_cost,
    contract_note,
)
from tradego.accounting.tariffs import Rates, Tariff, TariffSegment
from tradego.domain.charges import NO_CHARGES, Charges
from tradego.domain.instruments import Exchange, Instrument, Segment
from tradego.domain.money import ZERO
from tradego.domain.orders import Fill
from tradego.domain.signals import Product


class _Scrip:
    """The executed orders of one instrument and product today, and their note once made."""

    def __init__(self, rates: Rates, lot: Decimal) -> None:
        self.rates, self.lot = rates, lot
        self.orders: dict[str, tuple[str, ExecutedOrder]] = {}
        self._note: ContractNote | None = None

    def add(self, fill: Fill) -> None:
        value = fill.price.value * fill.quantity.value
        _, before = self.orders.get(fill.order_id, ("", ExecutedOrder(fill.side, ZERO, ZERO)))
        executed = ExecutedOrder(
            fill.side, before.quantity + fill.quantity.value, before.value + value
        )
        self.orders[fill.order_id] = (fill.tranche_id, executed)
        self._note = None

    @property
    def note(self) -> ContractNote:
        if self._note is None:
            executed = [order for _, order in self.orders.values()]
            self._note = contract_note(executed, self.rates, lot=self.lot)
        return self._note

    def shares(self) -> dict[str, Charges]:
        turnovers: dict[str, Turnover] = {}
        for tranche_id, order in self.orders.values():
            turnovers[tranche_id] = turnovers.get(tranche_id, NO_TURNOVER).plus(order)
        parts = allot_charges(self.note, list(turnovers.values()))
        return dict(zip(turnovers, parts, strict=True))


class DayBook:
    """All executed orders of a session, priced by one broker's plan."""

    def __init__(self, tariff: Tariff, plan: str) -> None:
        self._tariff, self._plan = tariff, plan
        self._day = date.min
        self._rates: dict[tuple[Exchange, Segment, Product], Rates] = {}  # of the day
        self._scrips: dict[tuple[str, Product], _Scrip] = {}
        self._known: dict[tuple[str, Product], Decimal] = {}  # totals of notes already added up
        self._amount = ZERO

    def begin(self, day: date) -> None:
        self._day = day
        self._rates.clear()

    def rates(self, instrument: Instrument, product: Product) -> Rates:
        """The rates in force today."""
        key = (instrument.exchange, instrument.segment, product)
        rates = self._rates.get(key)
        if rates is None:
            rates = self._rates[key] = self._tariff.rates(
                plan=self._plan,
                segment=TariffSegment.of(instrument.segment, product),
                exchange=instrument.exchange,
                on=self._day,
            )
        return rates

    def book(self, instrument: Instrument, product: Product, fill: Fill) -> None:
        key = (fill.symbol, product)
        scrip = self._scrips.get(key)
        if scrip is None:
            scrip = _Scrip(self.rates(instrument, product), instrument.lot)
            self._scrips[key] = scrip
        scrip.add(fill)
        self._amount -= self._known.pop(key, ZERO)

    def cost_of(self, instrument: Instrument, product: Product, order: ExecutedOrder) -> Decimal:
        """What one more executed order would add to the day's charges."""
        scrip = self._scrips.get((instrument.symbol, product))
        if scrip is None:
            scrip = _Scrip(self.rates(instrument, product), instrument.lot)
        executed = [known for _, known in scrip.orders.values()]
        return closing_cost(executed, scrip.rates, order, lot=scrip.lot).amount

    def shares(self, symbol: str, product: Product) -> dict[str, Charges]:
        """A scrip's note divided among its tranches; the parts sum to it, line by line."""
        scrip = self._scrips.get((symbol, product))
        return {} if scrip is None else scrip.shares()

    def scrips(self) -> list[tuple[str, Product]]:
        return list(self._scrips)

    def amount(self) -> Decimal:
        """The day's charges so far, in rupees. Only scrips traded since the last call cost time."""
        if len(self._known) < len(self._scrips):
            for key, scrip in self._scrips.items():
                if key not in self._known:
                    self._known[key] = scrip.note.charges.total
                    self._amount += self._known[key]
        return self._amount

    def total(self, product: Product) -> Charges:
        """The day's charges so far of one product, line by line."""
        notes = (s.note.charges for (_, traded), s in self._scrips.items() if traded is product)
        return sum(notes, NO_CHARGES)

    def close(self) -> Decimal:
        """The day's charges; the book is then empty."""
        amount = self.amount()
        self._scrips.clear()
        self._known.clear()
        self._amount = ZERO
        return amount
