"""Playing a recorded session: as fast as it goes, or at a pace a person can follow."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

import msgspec

from tradego.app.clock import WallClock
from tradego.app.desk import Desk, Shown
from tradego.domain import formats, wording
from tradego.domain.effects import DayReported, Refusal, SignalRefused, SubmitOrder, TradeClosed
from tradego.domain.errors import InputError
from tradego.domain.money import ZERO
from tradego.domain.positions import Trade
from tradego.domain.times import SECOND

_LONGEST_WAIT = 1.5  # seconds; nights and quiet hours are skipped
_FRAME = 0.1  # seconds between two looks at the screen


class Screen(Protocol):
    """Where a person looks on."""

    def show(self, shown: Shown) -> None: ...

    def refresh(self, now_ns: int) -> None: ...


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a session came to; money in rupees after charges."""

    mode: str
    account: str
    sessions: int
    trades: int
    winners: int
    orders: int
    net_pnl: Decimal
    charges: Decimal
    ending_equity: Decimal
    open_positions: int
    refusals: dict[str, int]
    recovered_events: int


class Tally:
    """Counts what goes by, for the outcome."""

    def __init__(self) -> None:
        self.trades: dict[str, Trade] = {}
        self.refusals: dict[str, int] = {}
        self.orders = 0
        self.sessions = 0

    def show(self, shown: Shown) -> None:
        for effect in shown.effects:
            if isinstance(effect, TradeClosed):
                self.trades[effect.trade.trade_id] = effect.trade
            elif isinstance(effect, SignalRefused):
                self.refusals[effect.code.value] = self.refusals.get(effect.code.value, 0) + 1
            elif isinstance(effect, SubmitOrder):
                self.orders += 1
            elif isinstance(effect, DayReported):
                self.sessions += 1

    def outcome(self, desk: Desk) -> Outcome:
        """What it all came to."""
        state = desk.world.state
        trades = self.trades.values()
        return Outcome(
            mode=state.mode.value,
            account=state.account,
            sessions=self.sessions,
            trades=len(trades),
            winners=sum(1 for trade in trades if trade.net_pnl > 0),
            orders=self.orders,
            net_pnl=sum((trade.net_pnl for trade in trades), ZERO),
            charges=sum((trade.charges.total for trade in trades), ZERO),
            ending_equity=state.equity,
            open_positions=sum(1 for tranche in state.tranches.values() if tranche.is_open),
            refusals=dict(sorted(self.refusals.items())),
            recovered_events=desk.recovered,
        )


def told(outcome: Outcome) -> Iterator[str]:
    """Several sessions in a few sentences."""
    who = f"{outcome.mode.upper()} account {outcome.account}"
    days = formats.counted(outcome.sessions, "session")
    yield f"{who}, {days}: {formats.rupees(outcome.net_pnl, signed=True)} after charges."
    if outcome.trades:
        closed = formats.counted(outcome.trades, "trade")
        charges = formats.rupees(outcome.charges)
        yield f"{closed}, {outcome.winners} of them won; charges took {charges}."
    if outcome.refusals:
        refused = ", ".join(
            f"{wording.refusals_named(Refusal(code)).lower()} {count}"
            for code, count in outcome.refusals.items()
        )
        yield f"Signals refused: {refused}."
    yield (
        f"Equity {formats.rupees(outcome.ending_equity)}, "
        f"{formats.counted(outcome.open_positions, 'position')} open."
    )


def parse_speed(text: str) -> float:
    """Session seconds to the wall second; "max" is 0, as fast as it goes."""
    if text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 < speed < 1e6:
        raise InputError(f"speed {text!r} is not a number above 0 (60: a minute a second) or max")
    return speed


def play(desk: Desk, speed: float, screen: Screen, clock: WallClock) -> None:
    """To the end of the recording."""
    desk.catch_up()
    last_ns = desk.world.state.now
    while True:
        due = desk.world.next_ns()
        if due is None:
            return
        if speed:
            _wait(clock, min((due - last_ns) / SECOND / speed, _LONGEST_WAIT), screen, last_ns)
            last_ns = max(last_ns, due)
        if not desk.turn():
            return


def _wait(clock: WallClock, seconds: float, screen: Screen, now_ns: int) -> None:
    """Let the time pass, looking at the screen meanwhile."""
    until = clock.seconds() + seconds
    while (left := until - clock.seconds()) > 0:
        screen.refresh(now_ns)
        clock.wait_until(clock.seconds() + min(left, _FRAME))
