"""Which rates hold on a day: taxes, exchange fees and brokerage plans as dated data.

The shipped files (`data/levies.toml`, `data/brokers.toml`) explain their own keys. A trader's file
of the same form is laid over them. What is not known is refused by name, never taken as zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from typing import Generic, TypeVar

import msgspec

from tradego.domain.errors import InputError
from tradego.domain.instruments import Exchange, Segment
from tradego.domain.money import ZERO
from tradego.domain.signals import Product
from tradego.market.dated import DatedRow, Placed, TableFile, Timeline, parse, rows


class TariffSegment(StrEnum):
    """What a trade counts as when it is charged."""

    EQUITY_INTRADAY = "equity_intraday"
    EQUITY_DELIVERY = "equity_delivery"
    FUTURES = "futures"
    OPTIONS = "options"

    @staticmethod
    def of(segment: Segment, product: Product) -> "TariffSegment":
        if segment is not Segment.EQUITY:
            return TariffSegment(segment.value)
        if product is Product.INTRADAY:
            return TariffSegment.EQUITY_INTRADAY
        return TariffSegment.EQUITY_DELIVERY


class Levy(StrEnum):
    """A charge in proportion to the traded value."""

    STT = "stt"
    EXCHANGE = "exchange"
    IPFT = "ipft"
    SEBI = "sebi"
    STAMP = "stamp"


class LeviedOn(StrEnum):
    BUY = "buy"
    SELL = "sell"
    BOTH = "both"


class Taxable(StrEnum):
    """A line of the note on which GST may be due."""

    BROKERAGE = "brokerage"
    EXCHANGE = "exchange"
    IPFT = "ipft"
    SEBI = "sebi"


class LevyRow(DatedRow, frozen=True, kw_only=True, gc=False):
    charge: Levy
    segments: tuple[TariffSegment, ...]
    exchanges: tuple[Exchange, ...] = (Exchange.NSE, Exchange.BSE)
    side: LeviedOn = LeviedOn.BOTH
    percent: Decimal


class GstRow(DatedRow, frozen=True, kw_only=True, gc=False):
    percent: Decimal
    on: tuple[Taxable, ...]


class BrokerageRow(DatedRow, frozen=True, kw_only=True, gc=False):
    """The fee of one executed order, in rupees: flat + percent of its value + per_lot x lots, at
    least `minimum` and `per_unit` x quantity, at most `cap`.
    """

    plan: str
    segments: tuple[TariffSegment, ...]
    percent: Decimal = ZERO
    flat: Decimal = ZERO
    per_lot: Decimal = ZERO
    minimum: Decimal = ZERO
    per_unit: Decimal = ZERO
    cap: Decimal | None = None

    @property
    def rate(self) -> str:
        """In words: "0.03 %, at most 20"."""
        words = [f"{self.flat} an order"] if self.flat else []
        words += [percent_text(self.percent)] if self.percent else []
        words += [f"{self.per_lot} a lot"] if self.per_lot else []
        words += [f"at least {self.minimum}"] if self.minimum else []
        words += [f"at least {self.per_unit} a unit"] if self.per_unit else []
        words += [f"at most {self.cap}"] if self.cap is not None and self.percent else []
        return ", ".join(words) or "free"


class DpRow(DatedRow, frozen=True, kw_only=True, gc=False):
    """The depository's fee on a delivery sale, per scrip and day, in rupees."""

    plan: str
    percent: Decimal = ZERO
    flat: Decimal = ZERO
    minimum: Decimal = ZERO
    gst: bool = True

    @property
    def rate(self) -> str:
        words = [f"{self.flat} a scrip and day"] if self.flat else []
        words += [percent_text(self.percent)] if self.percent else []
        words += [f"at least {self.minimum}"] if self.minimum else []
        words += ["and GST"] if words and self.gst else []
        return ", ".join(words) or "free"


class Rates(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that is charged for one plan, segment and exchange on one day; `dp` for delivery only."""

    plan: str
    segment: TariffSegment
    exchange: Exchange
    on: date
    brokerage: BrokerageRow
    stt: LevyRow
    transaction: LevyRow
    ipft: LevyRow
    sebi: LevyRow
    stamp: LevyRow
    gst: GstRow
    dp: DpRow | None


RowT = TypeVar("RowT", bound=DatedRow)
LevyKey = tuple[Levy, TariffSegment, Exchange]
BrokerageKey = tuple[str, TariffSegment]


class _Layers(Generic[RowT]):
    """Rows by key, file by file, until each key's timeline can be drawn."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, ...], dict[str, list[Placed[RowT]]]] = defaultdict(dict)

    def add(self, key: tuple[str, ...], file: str, placed: Placed[RowT]) -> None:
        self._by_key[key].setdefault(file, []).append(placed)

    def timelines(self) -> dict[tuple[str, ...], Timeline[RowT]]:
        return {key: Timeline(layers.values()) for key, layers in self._by_key.items()}


class Tariff:
    """Rates by plan, segment, exchange and day. Remembers what it was asked; share one freely."""

    def __init__(self, tables: Iterable[TableFile]) -> None:
        """`tables` in order of rising authority; InputError naming file and row for a bad one."""
        levies, gst = _Layers[LevyRow](), _Layers[GstRow]()
        brokerage, dp = _Layers[BrokerageRow](), _Layers[DpRow]()
        for file in tables:
            document = parse(file, ("levy", "gst", "brokerage", "dp"))
            for levy in _checked(rows(file, document, "levy", LevyRow)):
                for segment in levy.row.segments:
                    for exchange in levy.row.exchanges:
                        levies.add((levy.row.charge, segment, exchange), file.name, levy)
            for tax in _checked(rows(file, document, "gst", GstRow)):
                gst.add((), file.name, tax)
            for fee in _checked(rows(file, document, "brokerage", BrokerageRow)):
                for segment in fee.row.segments:
                    brokerage.add((fee.row.plan, segment), file.name, fee)
            for debit in _checked(rows(file, document, "dp", DpRow)):
                dp.add((debit.row.plan,), file.name, debit)
        self._levies, self._gst = levies.timelines(), gst.timelines()
        self._brokerage, self._dp = brokerage.timelines(), dp.timelines()
        self._known: dict[tuple[str, TariffSegment, Exchange, date], Rates] = {}

    @property
    def plans(self) -> Sequence[str]:
        return sorted({plan for plan, _ in self._brokerage})

    def rates(self, *, plan: str, segment: TariffSegment, exchange: Exchange, on: date) -> Rates:
        """What holds on a day; InputError naming the rate that is not known and its first day."""
        key = (plan, segment, exchange, on)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolve(plan, segment, exchange, on)
        return found

    def _resolve(self, plan: str, segment: TariffSegment, exchange: Exchange, on: date) -> Rates:
        if plan not in self.plans:
            raise InputError(
                f"no brokerage plan {plan!r}; known are {', '.join(self.plans)}, "
                "and any you add in a tariff file"
            )

        def levied(charge: Levy) -> LevyRow:
            timeline = self._levies.get((charge, segment, exchange))
            return _in_force(timeline, on, f"{charge} of {segment} at {exchange}")

        delivery = segment is TariffSegment.EQUITY_DELIVERY
        return Rates(
            plan=plan,
            segment=segment,
            exchange=exchange,
            on=on,
            brokerage=_in_force(
                self._brokerage.get((plan, segment)), on, f"brokerage of {plan} for {segment}"
            ),
            stt=levied(Levy.STT),
            transaction=levied(Levy.EXCHANGE),
            ipft=levied(Levy.IPFT),
            sebi=levied(Levy.SEBI),
            stamp=levied(Levy.STAMP),
            gst=_in_force(self._gst.get(()), on, "gst"),
            dp=_in_force(self._dp.get((plan,)), on, f"dp of {plan}") if delivery else None,
        )


def shipped_tables() -> tuple[TableFile, ...]:
    """The tables that come with the package."""
    folder = files("tradego.accounting").joinpath("data")
    return tuple(
        TableFile(name, folder.joinpath(name).read_text("utf-8"))
        for name in ("levies.toml", "brokers.toml")
    )


def percent_text(percent: Decimal) -> str:
    """ "0.0000001 %", never "1E-7 %"."""
    return f"{percent:f} %"


def _checked(placed: Iterable[Placed[RowT]]) -> Iterable[Placed[RowT]]:
    for where, row in placed:
        for key in row.__struct_fields__:
            value = getattr(row, key)
            if isinstance(value, Decimal) and not (value.is_finite() and value >= 0):
                raise InputError(f"{where}: {key} = {value} is not zero or more")
        yield Placed(where, row)


def _in_force(timeline: Timeline[RowT] | None, on: date, what: str) -> RowT:
    if timeline is None:
        raise InputError(f"{what}: no rate is known; add a row to your tariff file")
    placed = timeline.on(on)
    if placed is None:
        first = min(timeline.changes())
        since = f"the first holds from {first}" if on < first else "it lies in a gap"
        raise InputError(f"{what}: no rate for {on}, {since}; add a row to your tariff file")
    return placed.row
