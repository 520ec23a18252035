"""What a day's trading in one scrip costs, line by line, as the broker's contract note has it.

One note is for one scrip, one day, one product and one account. Where each line is rounded:

    brokerage   per executed order, to the paisa
    stt         per scrip and day, to the rupee, 50 paise up; for delivery, buys and sells apart
    exchange    on the note's turnover, to the paisa; so are ipft, sebi and stamp
    gst         on the sum of the rounded lines it is due on, to the paisa
    dp          on a delivery sale, once, GST included, to the paisa; beside the contract note

Halves round up. All amounts are rupees.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import msgspec

from tradego.accounting.tariffs import (
    BrokerageRow,
    DpRow,
    LeviedOn,
    LevyRow,
    Rates,
    TariffSegment,
    Taxable,
    percent_text,
)
from tradego.domain.charges import Charges
from tradego.domain.errors import InputError, require
from tradego.domain.money import ONE, PAISA, ZERO, Money, Price, Quantity, divide, proportions
from tradego.domain.signals import Side

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


class ExecutedOrder(msgspec.Struct, frozen=True, gc=False):
    """What one order did: `value` is the sum of price x quantity over its fills."""

    side: Side
    quantity: Decimal
    value: Decimal

    @staticmethod
    def at(side: Side, quantity: Quantity, price: Price) -> "ExecutedOrder":
        return ExecutedOrder(side, quantity.value, quantity.value * price.value)

    @staticmethod
    def of_fills(side: Side, fills: Iterable[tuple[Quantity, Price]]) -> "ExecutedOrder":
        pairs = [(quantity.value, price.value) for quantity, price in fills]
        quantity = sum((quantity for quantity, _ in pairs), ZERO)
        return ExecutedOrder(side, quantity, sum((q * p for q, p in pairs), ZERO))


class Turnover(msgspec.Struct, frozen=True, gc=False):
    """Value bought and value sold; of a note, or of the part of it that is one trade's."""

    bought: Decimal
    sold: Decimal

    @property
    def total(self) -> Decimal:
        return self.bought + self.sold

    def plus(self, order: ExecutedOrder) -> "Turnover":
        if order.side is Side.BUY:
            return Turnover(self.bought + order.value, self.sold)
        return Turnover(self.bought, self.sold + order.value)

    def on(self, side: LeviedOn) -> Decimal:
        if side is LeviedOn.BOTH:
            return self.bought + self.sold
        return self.bought if side is LeviedOn.BUY else self.sold


NO_TURNOVER = Turnover(ZERO, ZERO)


class ChargeLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line as a person reads it: `rate` of `basis` is `amount`, and `source` says so."""

    charge: str
    name: str
    basis: Decimal
    rate: str
    amount: Decimal
    source: str


class ContractNote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The charges of one scrip, day and product, and what they were computed from.

    `stt_base` is the value on which STT was due, by side.
    """

    rates: Rates
    orders: int
    quantity: Decimal
    turnover: Turnover
    stt_base: Turnover
    charges: Charges

    @property
    def total(self) -> Decimal:
        """All eight lines."""
        return self.charges.total

    @property
    def printed_total(self) -> Decimal:
        """Without the depository's fee, which brokers debit beside the contract note."""
        return self.charges.total - self.charges.dp

    @property
    def breakeven_points(self) -> Decimal:
        """The price move per unit that pays the charges, rounded up to the paisa."""
        return (self.charges.total / self.quantity).quantize(PAISA, ROUND_CEILING)


def contract_note(
    orders: Sequence[ExecutedOrder], rates: Rates, *, lot: Decimal | None = None
) -> ContractNote:
    """The note of a day's executed orders in one scrip and product.

    `lot` is the contract's lot size, needed only where a plan charges by the lot (InputError says
    so). A day that mixes intraday and delivery in one scrip has two notes.
    """
    require(bool(orders), "a contract note needs an executed order")
    bought = sold = bought_quantity = sold_quantity = brokerage = ZERO
    for order in orders:
        brokerage += _brokerage(order, rates.brokerage, lot)
        if order.side is Side.BUY:
            bought += order.value
            bought_quantity += order.quantity
        else:
            sold += order.value
            sold_quantity += order.quantity
    turnover = Turnover(bought, sold)
    stt_base = _stt_base(rates.segment, turnover, bought_quantity, sold_quantity)
    transaction = _levied(rates.transaction, turnover)
    ipft = _levied(rates.ipft, turnover)
    sebi = _levied(rates.sebi, turnover)
    taxable = {
        Taxable.BROKERAGE: brokerage,
        Taxable.EXCHANGE: transaction,
        Taxable.IPFT: ipft,
        Taxable.SEBI: sebi,
    }
    taxed = ZERO
    for line in rates.gst.on:
        taxed += taxable[line]
    charges = Charges(
        brokerage=brokerage,
        stt=_stt(rates.stt, stt_base, LeviedOn.BUY) + _stt(rates.stt, stt_base, LeviedOn.SELL),
        exchange=transaction,
        ipft=ipft,
        sebi=sebi,
        stamp=_levied(rates.stamp, turnover),
        gst=_paisa(taxed * rates.gst.percent * CENT),
        dp=_dp(rates.dp, sold, rates.gst.percent) if rates.dp and sold else NOTHING,
    )
    return ContractNote(
        rates=rates,
        orders=len(orders),
        quantity=max(bought_quantity, sold_quantity),
        turnover=turnover,
        stt_base=stt_base,
        charges=charges,
    )


def note_lines(note: ContractNote) -> list[ChargeLine]:
    """The note for display, to the paisa; the amounts sum to its total."""
    rates, charges, turnover = note.rates, note.charges, note.turnover
    fee, tax, depository = rates.brokerage, rates.gst, rates.dp
    executed = "1 order" if note.orders == 1 else f"{note.orders} orders"

    def line(charge: str, name: str, basis: Decimal, rate: str, source: str) -> ChargeLine:
        return ChargeLine(
            charge=charge,
            name=name,
            basis=_paisa(basis),
            rate=rate,
            amount=_paisa(getattr(charges, charge)),
            source=source,
        )

    def levied(row: LevyRow, name: str) -> ChargeLine:
        rate = percent_text(row.percent)
        return line(row.charge, name, turnover.on(row.side), rate, row.source)

    taxes = [
        msgspec.structs.replace(
            levied(rates.stt, f"Securities transaction tax on the {side}"),
            basis=_paisa(note.stt_base.on(side)),
            amount=_paisa(_stt(rates.stt, note.stt_base, side)),
        )
        for side in (LeviedOn.BUY, LeviedOn.SELL)
        if rates.stt.side in (side, LeviedOn.BOTH)
    ]
    taxed = sum((getattr(charges, name) for name in tax.on), ZERO)
    lines = [
        line("brokerage", f"Brokerage, {executed}", turnover.total, fee.rate, fee.source),
        *taxes,
        levied(rates.transaction, f"{rates.exchange} transaction charge"),
        levied(rates.ipft, "Investor protection fund"),
        levied(rates.sebi, "SEBI turnover fee"),
        levied(rates.stamp, "Stamp duty"),
        line("gst", "GST", taxed, percent_text(tax.percent), tax.source),
    ]
    if depository and turnover.sold:
        name = "Depository, beside the contract note"
        lines.append(line("dp", name, turnover.sold, depository.rate, depository.source))
    return lines


def allot_charges(note: ContractNote, turnovers: Sequence[Turnover]) -> list[Charges]:
    """The note's charges divided among trades, each line by the turnover that bears it.

    Stamp follows what was bought, STT what it is levied on, the depository's fee what was sold,
    the rest all turnover. Every line sums exactly (largest remainder). The turnovers must be all
    of the note's.
    """
    require(
        sum((part.bought for part in turnovers), ZERO) == note.turnover.bought
        and sum((part.sold for part in turnovers), ZERO) == note.turnover.sold,
        "the parts of a contract note do not sum to its turnover",
    )
    if len(turnovers) == 1:
        return [note.charges]
    bearers = {
        "stt": note.rates.stt.side,
        "stamp": note.rates.stamp.side,
        "dp": LeviedOn.SELL,
    }
    shares = {side: proportions([part.on(side) for part in turnovers]) for side in LeviedOn}
    lines = {
        line: divide(getattr(note.charges, line), shares[bearers.get(line, LeviedOn.BOTH)])
        for line in Charges.__struct_fields__
    }
    return [
        Charges(**{line: amounts[index] for line, amounts in lines.items()})
        for index in range(len(turnovers))
    ]


def estimate(
    rates: Rates,
    side: Side,
    quantity: Quantity,
    entry: Price,
    exit: Price,
    *,
    lot: Decimal | None = None,
) -> Money:
    """What a round trip of one entry and one exit order would cost, `side` being the entry's."""
    orders = (
        ExecutedOrder.at(side, quantity, entry),
        ExecutedOrder.at(side.opposite, quantity, exit),
    )
    return Money(contract_note(orders, rates, lot=lot).total)


def closing_cost(
    orders: Sequence[ExecutedOrder],
    rates: Rates,
    closing: ExecutedOrder,
    *,
    lot: Decimal | None = None,
) -> Money:
    """What `closing` would add to the note of the day's `orders` so far; they may be none."""
    after = contract_note((*orders, closing), rates, lot=lot).total
    return Money(after - contract_note(orders, rates, lot=lot).total if orders else after)


def _paisa(amount: Decimal) -> Decimal:
    return amount.quantize(PAISA, ROUND_HALF_UP)


def _levied(row: LevyRow, turnover: Turnover) -> Decimal:
    return (turnover.on(row.side) * row.percent * CENT).quantize(PAISA, ROUND_HALF_UP)


def _brokerage(order: ExecutedOrder, row: BrokerageRow, lot: Decimal | None) -> Decimal:
    fee = row.flat + order.value * row.percent * CENT
    if row.per_lot:
        if lot is None:
            raise InputError(f"{row.plan} charges by the lot: the lot size is needed")
        fee += row.per_lot * order.quantity / lot
    fee = max(fee, row.minimum, row.per_unit * order.quantity)
    if row.cap is not None and fee > row.cap:
        fee = row.cap
    return fee.quantize(PAISA, ROUND_HALF_UP)


def _stt_base(
    segment: TariffSegment, turnover: Turnover, bought: Decimal, sold: Decimal
) -> Turnover:
    """Intraday: quantities at the average price of all the day's buys and sells. Else as traded.

    Source: the method published by Zerodha, by which 500 bought at 100 and sold at 105 are taxed
    at 102.50.
    """
    if segment is not TariffSegment.EQUITY_INTRADAY:
        return turnover
    total, quantity = turnover.bought + turnover.sold, bought + sold
    return Turnover(total * bought / quantity, total * sold / quantity)


def _stt(row: LevyRow, base: Turnover, side: LeviedOn) -> Decimal:
    if row.side not in (side, LeviedOn.BOTH):
        return NOTHING
    rupees = (base.on(side) * row.percent * CENT).quantize(ONE, ROUND_HALF_UP)
    return rupees.quantize(PAISA)


def _dp(row: DpRow, sold: Decimal, gst_percent: Decimal) -> Decimal:
    fee = max(row.flat + sold * row.percent * CENT, row.minimum)
    return _paisa(fee + fee * gst_percent * CENT if row.gst else fee)
