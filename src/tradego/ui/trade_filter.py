"""Which trades a person wants to see: the same filter behind the journal, the API and exports."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

import msgspec

from tradego.domain.errors import InputError
from tradego.domain.money import ZERO
from tradego.domain.positions import ExitReason, Trade
from tradego.domain.signals import Product
from tradego.domain.times import session_date


class TradeOutcome(StrEnum):
    WINNER = "winner"
    LOSER = "loser"
    BREAKEVEN = "breakeven"


# A column of the exported row, to the attribute of a trade that orders it.
_COLUMNS = {
    **{name.replace("_ns", "_time"): name for name in Trade.__struct_fields__},
    **{name: name for name in ("net_pnl", "pnl_percent", "r_multiple", "holding_minutes")},
    "charges": "charges.total",
}
del _COLUMNS["conditions"]


class TradeFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every field narrows; None asks nothing.

    The dates are sessions of the exit, both included. A trade is breakeven when its net result is
    within `band` rupees of zero. `sort` names a column of the trade, with `descending` the largest
    first; what has no value comes last either way. `limit` counts after sorting.
    """

    since: date | None = None
    until: date | None = None
    strategy: str | None = None
    product: Product | None = None
    symbol: str | None = None
    outcome: TradeOutcome | None = None
    exit_reason: ExitReason | None = None
    band: Decimal = ZERO
    sort: str = "exit_time"
    descending: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.sort not in _COLUMNS:
            raise InputError(f"cannot sort by {self.sort!r}; columns: {', '.join(_COLUMNS)}")
        if self.since and self.until and self.since > self.until:
            raise InputError(f"from {self.since} is after to {self.until}")
        if self.limit is not None and self.limit < 1:
            raise InputError(f"limit {self.limit} shows nothing; leave it out or use 1 or more")
        if self.band < ZERO:
            raise InputError(f"breakeven band {self.band} is below zero")


def outcome_of(trade: Trade, band: Decimal = ZERO) -> TradeOutcome:
    """By the net result, after charges."""
    if trade.net_pnl > band:
        return TradeOutcome.WINNER
    return TradeOutcome.LOSER if trade.net_pnl < -band else TradeOutcome.BREAKEVEN


def selected(trades: Iterable[Trade], wanted: TradeFilter) -> list[Trade]:
    """The trades that pass, sorted and limited; equal ones keep the order of their exits."""
    passing = [trade for trade in trades if _passes(trade, wanted)]
    passing.sort(key=attrgetter("exit_ns", "trade_id"))
    order = attrgetter(_COLUMNS[wanted.sort])
    known = [trade for trade in passing if order(trade) is not None]
    unknown = [trade for trade in passing if order(trade) is None]
    known.sort(key=order, reverse=wanted.descending)
    return [*known, *unknown][: wanted.limit]


def _passes(trade: Trade, wanted: TradeFilter) -> bool:
    on = session_date(trade.exit_ns)
    if (wanted.since and on < wanted.since) or (wanted.until and on > wanted.until):
        return False
    if wanted.outcome and outcome_of(trade, wanted.band) is not wanted.outcome:
        return False
    asked = (
        (wanted.strategy, trade.strategy),
        (wanted.product, trade.product),
        (wanted.symbol, trade.symbol),
        (wanted.exit_reason, trade.exit_reason),
    )
    return all(want is None or want == have for want, have in asked)
