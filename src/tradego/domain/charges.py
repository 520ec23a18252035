"""What a trade costs: the eight lines every broker's contract note has, under our names."""

from decimal import Decimal

import msgspec

from tradego.domain.money import ZERO


class Charges(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Rupees to the paisa; `ipft` is the investor protection levy, `dp` the demat fee."""

    brokerage: Decimal = ZERO
    stt: Decimal = ZERO
    exchange: Decimal = ZERO
    ipft: Decimal = ZERO
    sebi: Decimal = ZERO
    stamp: Decimal = ZERO
    gst: Decimal = ZERO
    dp: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return (
            self.brokerage
            + self.stt
            + self.exchange
            + self.ipft
            + self.sebi
            + self.stamp
            + self.gst
            + self.dp
        )

    def __add__(self, other: "Charges") -> "Charges":
        return Charges(
            brokerage=self.brokerage + other.brokerage,
            stt=self.stt + other.stt,
            exchange=self.exchange + other.exchange,
            ipft=self.ipft + other.ipft,
            sebi=self.sebi + other.sebi,
            stamp=self.stamp + other.stamp,
            gst=self.gst + other.gst,
            dp=self.dp + other.dp,
        )


NO_CHARGES = Charges()
