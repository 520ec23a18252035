"""The make-believe exchange alone: what it takes, when it trades, at what price, what it says."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count

import numpy as np
import pytest

from tradego.domain.bars import Bars
from tradego.domain.effects import (
    CancelOrder,
    Effect,
    ModifyOrder,
    SubmitOrder,
    Unwatch,
    Watch,
    WatchEquity,
)
from tradego.domain.events import (
    EquityTouched,
    Event,
    Filled,
    Marked,
    ModifyRefused,
    OrderModified,
    OrderSeen,
    Outcome,
    SendAnswered,
    SessionOpened,
    Touched,
    Window,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Evidence, Order, OrderState, OrderType, Role, Validity
from tradego.domain.signals import Product, Side
from tradego.domain.times import MINUTE, SECOND, at, session_date
from tradego.simulation.dice import SplitMix
from tradego.simulation.exchange import Conditions, Exchange

D = Decimal
MONDAY = session_date(at(session_date(1_741_000_000_000_000_000), "09:15"))
INFY = Instrument(
    symbol="INFY",
    lower_band=Price.of("80"),
    upper_band=Price.of("120"),
    freeze=Quantity.of(1000),
)
QUIET = Conditions(latency_ms=0, participation_pct=D(100))


def clock(text: str) -> int:
    return at(MONDAY, text)


def bars(*rows: tuple[str, float, float, float, float, float], minutes: int = 15) -> Bars:
    """Rows are start, open, high, low, close, volume."""
    table = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 5)
    starts = np.array([clock(row[0]) for row in rows], dtype=np.int64)
    return Bars("INFY", minutes * MINUTE, starts, *table.T)


DAY = bars(
    ("09:15", 100, 102, 98, 101, 1000),
    ("09:30", 101, 103, 99, 102, 1000),
    ("09:45", 102, 106, 97, 98, 1000),
    ("10:15", 98, 99, 96, 97, 1000),  # nothing traded from 10:00 to 10:15
)


class Floor:
    """An exchange with one stock, its doors open from 09:15 to 15:30."""

    def __init__(
        self,
        recorded: Bars = DAY,
        conditions: Conditions = QUIET,
        instrument: Instrument = INFY,
        *,
        open_doors: bool = True,
    ) -> None:
        self.exchange = Exchange([recorded], {"INFY": instrument}, conditions, SplitMix(7))
        self._numbers = count(1)
        self._heard: list[Event] = []
        window = (Window(clock("09:15"), clock("15:30")),)
        session = SessionOpened(
            ts_ns=clock("09:15"),
            date=MONDAY.isoformat(),
            plain=window if open_doors else (),
            with_derivatives=(),
            entry_cutoff_ns=clock("14:55"),
        )
        self.exchange.begin_session(session)

    def do(self, when: str, effect: Effect) -> None:
        self._heard = self.until(when)
        self.exchange.carry_out(effect, clock(when))

    def order(
        self,
        when: str,
        side: str,
        units: int,
        kind: str = "MARKET",
        *,
        limit: str = "",
        trigger: str = "",
        symbol: str = "INFY",
        validity: Validity = Validity.DAY,
    ) -> str:
        order = Order(
            order_id=f"o{next(self._numbers)}",
            tag="",
            intent_id="",
            tranche_id="T",
            symbol=symbol,
            product=Product.INTRADAY,
            role=Role.ENTRY,
            side=Side(side.upper()),
            type=OrderType(kind),
            quantity=Quantity.of(units),
            limit=Price.of(limit) if limit else None,
            trigger=Price.of(trigger) if trigger else None,
            validity=validity,
            state=OrderState.SENDING,
        )
        self.do(when, SubmitOrder(order=order))
        return order.order_id

    def until(self, when: str) -> list[Event]:
        """Everything that happened before an instant and was not given out yet."""
        heard, self._heard = self._heard, []
        return heard + list(self._happening(clock(when)))

    def _happening(self, end_ns: int) -> Iterator[Event]:
        while (head := self.exchange.peek()) is not None and head[0] < end_ns:
            yield from self.exchange.advance()


def fills(events: list[Event]) -> list[tuple[str, str, str]]:
    """Order, units and price of every fill."""
    made = [event.fill for event in events if isinstance(event, Filled)]
    return [(f.order_id, f"{f.quantity.value}", f"{f.price.value:.2f}") for f in made]


def told(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_an_order_is_taken_then_seen_and_trades_at_the_price_of_the_moment() -> None:
    # at 09:35 the bar that began at 09:30 stands at its open
    floor = Floor()
    floor.order("09:35", "buy", 10)
    events = floor.until("09:36")
    assert told(events) == ["SendAnswered", "Filled"]
    assert fills(events) == [("o1", "10", "101.00")]


def test_a_limit_rests_until_its_price_and_trades_there() -> None:
    floor = Floor()
    floor.order("09:30", "buy", 10, "LIMIT", limit="99.50")
    events = floor.until("10:00")
    assert told(events) == ["SendAnswered", "OrderSeen", "Filled"]
    assert fills(events) == [("o1", "10", "99.50")]
    assert events[-1].ts_ns == clock("09:30") + 15 * MINUTE * 29 // 32


def test_a_limit_better_than_the_open_trades_at_the_open() -> None:
    floor = Floor()
    floor.order("09:20", "sell", 10, "LIMIT", limit="101.50")
    assert fills(floor.until("09:45")) == [("o1", "10", "101.50")]  # on the way to 102
    other = Floor()
    other.order("09:25", "sell", 10, "LIMIT", limit="102.00")
    other.until("09:27")
    assert fills(other.until("10:00")) == [("o1", "10", "102.00")]
    gap = Floor(bars(("09:15", 100, 100, 100, 100, 9), ("09:30", 104, 105, 103, 104, 90)))
    gap.order("09:20", "sell", 5, "LIMIT", limit="102.00")
    assert fills(gap.until("10:00")) == [("o1", "5", "104.00")]


def test_a_stop_waits_for_its_trigger_then_is_an_order() -> None:
    floor = Floor()
    floor.order("09:35", "sell", 10, "STOP", trigger="98.50")  # at market once triggered
    floor.order("09:35", "sell", 10, "STOP_LIMIT", trigger="98.50", limit="98.00")
    events = floor.until("10:00")
    assert fills(events) == [("o1", "10", "98.50"), ("o2", "10", "98.50")]


def test_a_stop_limit_that_is_jumped_says_it_has_triggered_and_waits_at_its_limit() -> None:
    jump = bars(("09:15", 100, 100, 100, 100, 9), ("09:30", 96, 98.5, 95, 97, 90))
    floor = Floor(jump)
    floor.order("09:20", "sell", 5, "STOP_LIMIT", trigger="99.00", limit="98.00")
    events = floor.until("09:45")
    triggered = [e for e in events if isinstance(e, OrderSeen) and e.triggered]
    assert [event.ts_ns for event in triggered] == [clock("09:30")]
    assert fills(events) == [("o1", "5", "98.00")]  # the price came back to its limit


def test_both_sides_of_a_bar_hurt_first() -> None:
    # architecture.md: inside a bar the adverse path comes first. Holding, both are in reach
    long = Floor()
    long.order("09:35", "buy", 10)
    long.order("09:46", "sell", 10, "STOP", trigger="98.00")
    assert fills(long.until("10:00"))[-1] == ("o2", "10", "98.00")
    short = Floor()
    short.order("09:35", "sell", 10)
    short.order("09:46", "buy", 10, "STOP", trigger="105.00")
    short.do("09:46", Watch(watch_id="low", symbol="INFY", level=Price.of("98"), above=False))
    events = short.until("10:00")
    assert fills(events)[-1] == ("o2", "10", "105.00")
    assert told(events)[-1] == "Touched"  # and then the low


def test_of_what_a_leg_reaches_the_nearer_comes_first_and_orders_before_watches() -> None:
    floor = Floor()
    floor.order("09:30", "buy", 1, "LIMIT", limit="100.50")
    floor.order("09:30", "buy", 1, "LIMIT", limit="99.50")
    floor.do("09:30", Watch(watch_id="a", symbol="INFY", level=Price.of("100"), above=False))
    floor.do("09:30", Watch(watch_id="b", symbol="INFY", level=Price.of("99.50"), above=False))
    events = floor.until("09:45")
    known = [e for e in events if isinstance(e, Filled | Touched)]
    assert [e.watch_id if isinstance(e, Touched) else e.fill.order_id for e in known] == [
        "o1",
        "a",
        "o2",
        "b",
    ]


def test_a_watch_is_told_once_and_not_after_it_is_called_off() -> None:
    floor = Floor()
    floor.do("09:15", Watch(watch_id="x", symbol="INFY", level=Price.of("101.50"), above=True))
    floor.do("09:15", Watch(watch_id="y", symbol="INFY", level=Price.of("101"), above=True))
    floor.do("09:16", Unwatch(watch_id="y"))
    floor.do("09:16", Unwatch(watch_id="nobody"))
    touched = [e for e in floor.until("15:30") if isinstance(e, Touched)]
    assert [(e.watch_id, e.price) for e in touched] == [("x", Price.of("101.50"))]


def test_a_watch_on_closes_hears_closes_only() -> None:
    floor = Floor()
    watch = Watch(watch_id="c", symbol="INFY", level=Price.of("98"), above=False, at_close=True)
    floor.do("09:15", watch)
    touched = [e for e in floor.until("15:30") if isinstance(e, Touched)]
    # lows of 98 and 97 before do not count; the close of 09:45 is 98
    assert [(e.ts_ns, e.price) for e in touched] == [(clock("10:00"), Price.of("98"))]


def test_the_same_watch_again_replaces_it_whatever_its_kind() -> None:
    floor = Floor()
    floor.do("09:15", Watch(watch_id="w", symbol="INFY", level=Price.of("101.50"), above=True))
    again = Watch(watch_id="w", symbol="INFY", level=Price.of("102"), above=True, at_close=True)
    floor.do("09:15", again)
    touched = [e for e in floor.until("15:30") if isinstance(e, Touched)]
    assert [(e.ts_ns, e.price) for e in touched] == [(clock("09:45"), Price.of("102"))]


def test_where_nothing_trades_an_order_waits_for_the_next_bar() -> None:
    floor = Floor()
    floor.order("10:05", "sell", 10)
    events = floor.until("11:00")
    assert told(events)[:2] == ["SendAnswered", "OrderSeen"]
    assert [(e.ts_ns, *f) for e, f in zip(events[2:], fills(events), strict=True)] == [
        (clock("10:15"), "o1", "10", "98.00")
    ]


def test_a_share_of_the_volume_is_all_one_account_gets_of_a_bar() -> None:  # S1-plan-2
    floor = Floor(conditions=Conditions(latency_ms=0))  # a tenth of 1,000
    floor.order("09:31", "buy", 150, "LIMIT", limit="110.00")
    floor.order("09:32", "buy", 30, "LIMIT", limit="110.00")
    assert fills(floor.until("10:30")) == [
        ("o1", "100", "101.00"),
        ("o1", "50", "102.00"),  # the next bar, at its open
        ("o2", "30", "102.00"),
    ]


def test_a_bar_without_volume_trades_nothing_but_a_tape_without_volumes_trades_all() -> None:
    dry = bars(("09:15", 100, 100, 100, 100, 0), ("09:30", 101, 101, 101, 101, 50))
    floor = Floor(dry)
    floor.order("09:16", "buy", 10)
    assert fills(floor.until("10:00")) == [("o1", "10", "101.00")]
    silent = bars(("09:15", 100, 100, 100, 100, 0))
    index = Floor(silent)
    index.order("09:16", "buy", 1000)
    assert fills(index.until("10:00")) == [("o1", "1000", "100.00")]


def test_only_whole_lots_trade() -> None:
    floor = Floor(
        conditions=Conditions(latency_ms=0), instrument=Instrument(symbol="INFY", lot=D(75))
    )
    floor.order("09:31", "buy", 150)
    assert fills(floor.until("10:00")) == [("o1", "75", "101.00"), ("o1", "75", "102.00")]


def test_slippage_worsens_every_price_but_never_past_the_limit() -> None:
    # 50 bps of 101 is 0.505
    floor = Floor(conditions=Conditions(latency_ms=0, slippage_bps=D(50), participation_pct=D(100)))
    floor.order("09:31", "buy", 10)
    floor.order("09:31", "sell", 10)
    floor.order("09:31", "buy", 10, "LIMIT", limit="101.20")
    assert fills(floor.until("09:32")) == [
        ("o1", "10", "101.50"),
        ("o2", "10", "100.50"),
        ("o3", "10", "101.20"),
    ]


def test_no_price_lies_outside_its_bar() -> None:
    narrow = bars(("09:15", 100.02, 100.04, 100.01, 100.03, 100))
    floor = Floor(
        narrow,
        Conditions(latency_ms=0, slippage_bps=D(500), participation_pct=D(100)),
        Instrument(symbol="INFY", tick=D("0.01")),
    )
    floor.order("09:16", "buy", 10)
    floor.order("09:16", "sell", 10)
    assert fills(floor.until("09:30")) == [("o1", "10", "100.04"), ("o2", "10", "100.01")]


def test_messages_take_their_time_and_keep_their_order() -> None:
    slow = Floor(conditions=Conditions(latency_ms=200, jitter_ms=5000, participation_pct=D(100)))
    ids = [slow.order("09:31", "buy", 1) for _ in range(20)]
    slow.exchange.carry_out(CancelOrder(order_id=ids[-1]), clock("09:31"))
    events = slow.until("09:45")
    answered = [event for event in events if isinstance(event, SendAnswered)]
    assert [event.order_id for event in answered] == ids
    assert min(event.ts_ns for event in events) >= clock("09:31") + SECOND // 5
    assert [event.venue_order_id for event in answered][:2] == ["X00000001", "X00000002"]


def refused(events: list[Event]) -> str:
    answer = events[0]
    assert isinstance(answer, SendAnswered)
    assert answer.outcome is Outcome.REJECTED
    assert len(events) == 1
    return answer.reason


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"limit": "100.01"}, "price 100.01 is off the tick or outside the band"),
        ({"limit": "121.00"}, "price 121.00 is off the tick or outside the band"),
        ({"limit": "79.95"}, "price 79.95 is off the tick or outside the band"),
        ({"symbol": "TCS", "limit": "100"}, "unknown instrument"),
    ],
)
def test_what_the_exchange_does_not_take(terms: dict[str, str], reason: str) -> None:
    floor = Floor()
    floor.order("09:31", "buy", 10, "LIMIT", **terms)  # type: ignore[arg-type]
    assert refused(floor.until("09:32")) == reason


def test_no_order_is_above_the_freeze_quantity_nor_taken_when_closed() -> None:
    floor = Floor()
    floor.order("09:31", "buy", 1001)
    assert refused(floor.until("09:32")) == "quantity above the freeze quantity"
    closed = Floor(open_doors=False)
    closed.order("09:31", "buy", 1)
    assert refused(closed.until("09:32")) == "market closed"


def test_refusals_at_random_come_from_the_dice() -> None:
    floor = Floor(conditions=Conditions(latency_ms=0, reject_rate=0.5, participation_pct=D(100)))
    for _ in range(40):
        floor.order("09:31", "buy", 1)
    events = [e for e in floor.until("09:32") if isinstance(e, SendAnswered)]
    reasons = [e.reason for e in events if e.outcome is Outcome.REJECTED]
    assert set(reasons) == {"rejected at random"}
    assert 8 < len(reasons) < 32


def test_a_cancelled_order_is_gone_and_one_that_is_gone_is_not_cancelled() -> None:
    floor = Floor()
    one = floor.order("09:31", "buy", 10, "LIMIT", limit="90.00")
    floor.until("09:32")
    floor.do("09:32", CancelOrder(order_id=one))
    floor.do("09:33", CancelOrder(order_id=one))
    floor.do("09:34", CancelOrder(order_id="nobody"))
    events = floor.until("15:30")
    assert events == [
        OrderSeen(ts_ns=clock("09:32"), order_id=one, evidence=Evidence.SEEN_CANCELLED)
    ]


def changed(floor: Floor, order_id: str, when: str, trigger: str, limit: str) -> list[Event]:
    change = ModifyOrder(order_id=order_id, limit=Price.of(limit), trigger=Price.of(trigger))
    floor.until(when)
    floor.do(when, change)
    return floor.until(when + ":01")


def test_a_resting_stop_takes_new_prices() -> None:
    floor = Floor()
    stop = floor.order("09:35", "sell", 10, "STOP_LIMIT", trigger="95.00", limit="94.00")
    events = changed(floor, stop, "09:36", "99.50", "99.00")
    assert told(events) == ["OrderModified"]
    assert isinstance(events[0], OrderModified)
    assert fills(floor.until("09:45")) == [("o1", "10", "99.50")]


def test_a_change_is_refused_where_it_cannot_be() -> None:
    floor = Floor()
    stop = floor.order("09:35", "sell", 10, "STOP_LIMIT", trigger="95.00", limit="94.00")
    cases = {
        "101.00": ("the price is already past the trigger", True),
        "99.51": ("price 99.51 is off the tick or outside the band", False),
    }
    for trigger, (reason, is_past) in cases.items():
        answer = changed(floor, stop, "09:36", trigger, "94.00")[0]
        assert isinstance(answer, ModifyRefused)
        assert (answer.reason, answer.is_past) == (reason, is_past)
    short = Floor()
    buy_stop = short.order("09:35", "buy", 10, "STOP_LIMIT", trigger="105.00", limit="106.00")
    answer = changed(short, buy_stop, "09:36", "101.00", "102.00")[0]
    assert isinstance(answer, ModifyRefused)
    assert answer.is_past


def test_a_change_of_what_is_gone_or_has_triggered_changes_nothing() -> None:
    floor = Floor()
    done = floor.order("09:35", "sell", 10)
    floor.until("09:36")
    assert changed(floor, done, "09:36", "99.00", "98.00") == []
    jump = bars(("09:15", 100, 100, 100, 100, 9), ("09:30", 96, 97, 95, 96, 90))
    jumped = Floor(jump)
    stop = jumped.order("09:20", "sell", 5, "STOP_LIMIT", trigger="99.00", limit="98.00")
    jumped.until("09:31")
    answer = changed(jumped, stop, "09:31", "95.00", "94.00")[0]
    assert isinstance(answer, ModifyRefused)


def test_at_the_end_of_a_session_day_orders_expire_and_others_stay() -> None:
    floor = Floor()
    floor.order("09:35", "buy", 1, "LIMIT", limit="90.00")
    floor.order("09:35", "sell", 1, "STOP", trigger="81.00", validity=Validity.GTC)
    floor.until("15:30")
    events = floor.exchange.end_session(clock("15:30"))
    assert events == [
        OrderSeen(ts_ns=clock("15:30"), order_id="o1", evidence=Evidence.SEEN_EXPIRED)
    ]
    assert list(floor.exchange.books["INFY"].resting) == ["o2"]


def test_a_market_order_that_found_no_trade_is_executed_at_the_last_price_of_the_day() -> None:
    # the path was last looked at in the first bar; the last one closed at 97
    floor = Floor()
    floor.order("09:20", "buy", 10)
    floor.until("09:21")
    floor.order("11:00", "sell", 10)
    floor.until("15:30")
    assert fills(floor.exchange.end_session(clock("15:30"))) == [("o2", "10", "97.00")]


def test_a_market_order_before_the_first_trade_of_all_expires() -> None:
    late = bars(("15:29", 100, 100, 100, 100, 9), minutes=1)
    floor = Floor(late)
    floor.order("09:20", "buy", 10)
    floor.until("15:00")
    assert told(floor.exchange.end_session(clock("15:00"))) == ["OrderSeen"]


def test_between_two_fills_the_mark_tells_the_extremes_of_what_was_held() -> None:  # S1-pnl-5
    floor = Floor()
    floor.order("09:35", "buy", 10)  # at 101, before the low of 99 and the high of 103
    floor.order("09:46", "sell", 10)  # at 102, before the low of 97
    marks = [e for e in floor.until("10:00") if isinstance(e, Marked)]
    assert [(m.high, m.low, m.last) for m in marks] == [(D("103.00"), D("99.00"), D("102.00"))]


def test_marks_on_demand_know_nothing_of_a_bar_that_has_not_opened() -> None:
    floor = Floor()
    floor.order("09:16", "buy", 10)
    floor.until("09:30")
    closed = floor.exchange.marks(clock("09:30"), opened=False)
    assert [m.last for m in closed if isinstance(m, Marked)] == [D("101.00")]
    assert floor.exchange.marks(clock("09:30"), opened=False) == []  # nothing since
    gap = Floor(bars(("09:15", 100, 102, 98, 101, 90), ("09:30", 108, 109, 107, 108, 90)))
    gap.order("09:16", "buy", 10)
    gap.until("09:30")
    before, after = (gap.exchange.marks(clock("09:30"), opened=o)[0] for o in (False, True))
    assert isinstance(before, Marked)
    assert isinstance(after, Marked)
    assert (before.last, after.last) == (D("101.00"), D("108.00"))


def test_the_book_of_positions_is_the_net_of_the_fills() -> None:
    floor = Floor()
    floor.order("09:31", "sell", 30)
    floor.order("09:31", "buy", 10)
    floor.until("09:32")
    (held,) = floor.exchange.positions(clock("09:32")).holdings
    assert (held.symbol, held.product, held.units) == ("INFY", Product.INTRADAY, D(-20))


def test_equity_is_judged_at_closes_and_told_once() -> None:
    # 10 units at closes of 101, 102, 98, 97: below 1,000 first at 10:00
    floor = Floor()
    floor.do("09:15", WatchEquity(legs=(("INFY", D(10)),), floor=D(1000)))
    events = floor.until("15:30")
    assert events == [EquityTouched(ts_ns=clock("10:00"), marks=(("INFY", D("98.00")),))]


def test_a_newer_equity_watch_replaces_the_older_and_none_ends_it() -> None:
    floor = Floor()
    floor.do("09:15", WatchEquity(legs=(("INFY", D(10)),), floor=D(1000)))
    floor.do("09:20", WatchEquity(legs=(("INFY", D(10)),), floor=D(975)))
    assert [e.ts_ns for e in floor.until("15:30")] == [clock("10:30")]
    off = Floor()
    off.do("09:15", WatchEquity(legs=(("INFY", D(10)),), floor=D(1000)))
    off.do("09:20", WatchEquity(legs=(), floor=D(0)))
    assert off.until("15:30") == []


def test_ticks_are_bars_of_a_nanosecond() -> None:
    stamps = [clock("09:30"), clock("09:30") + SECOND, clock("09:30") + 2 * SECOND]
    prices = np.array([100.0, 99.5, 99.0])
    tape = Bars("INFY", 1, np.array(stamps, dtype=np.int64), *[prices] * 4, np.full(3, 1000.0))
    floor = Floor(tape)
    floor.order("09:30:00", "buy", 5, "LIMIT", limit="99.50")
    events = floor.until("09:31")
    assert fills(events) == [("o1", "5", "99.50")]
    assert events[-1].ts_ns == clock("09:30") + SECOND


def test_inside_a_bar_the_path_waits_while_the_desk_is_heard() -> None:
    # minute bars, a second of latency: what answers a touch comes before the next leg goes on
    minute = bars(
        ("09:30", 100, 104, 99, 99.5, 90), ("09:31", 99.5, 99.5, 99.5, 99.5, 90), minutes=1
    )
    floor = Floor(minute, Conditions(latency_ms=1900, participation_pct=D(100)))
    floor.order("09:29:58", "buy", 5)
    floor.do("09:30:00", Watch(watch_id="t", symbol="INFY", level=Price.of("103"), above=True))
    events = []
    while not any(isinstance(event, Touched) for event in events):
        events += floor.exchange.advance() if floor.exchange.peek() else []
    floor.exchange.carry_out(
        SubmitOrder(order=_sell(5)), events[-1].ts_ns
    )  # arrives 1.9 s later, when by the clock the bar stands on its way to the close
    assert fills(floor.until("09:31")) == [("x", "5", "103.00")]


def test_a_path_that_waits_is_still_walked_inside_its_own_bar() -> None:
    minute = bars(("09:30", 100, 104, 97, 99.5, 90), ("09:31", 110, 110, 110, 110, 90), minutes=1)
    floor = Floor(minute, Conditions(latency_ms=5000, participation_pct=D(100)))
    floor.order("09:29:55", "sell", 5, "STOP", trigger="98.00")
    floor.do("09:30:54", CancelOrder(order_id="nobody"))
    other = floor.order("09:30:54", "buy", 5, "LIMIT", limit="90.00")  # under way until 09:30:59
    floor.do("09:30:55", CancelOrder(order_id=other))  # and this until 09:31:00
    events = floor.until("09:32")
    assert fills(events) == [("o1", "5", "98.00")]
    (filled,) = [event for event in events if isinstance(event, Filled)]
    assert filled.ts_ns < clock("09:31")


def _sell(units: int) -> Order:
    return Order(
        order_id="x",
        tag="",
        intent_id="",
        tranche_id="T",
        symbol="INFY",
        product=Product.INTRADAY,
        role=Role.EXIT,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=Quantity.of(units),
        state=OrderState.SENDING,
    )
