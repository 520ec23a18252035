"""The loop of a recorded market: to skip what does not matter changes nothing."""

import msgspec
import pytest

from random_desk import RandomDesk, tariff
from tradego.domain.effects import DayReported, SubmitOrder, TradeClosed
from tradego.domain.lives import OrderLife, order_lives
from tradego.domain.positions import Trade
from tradego.engine.state import DeskState
from tradego.engine.step import step

encode = msgspec.json.Encoder().encode


def trades_of(desk: RandomDesk) -> dict[str, Trade]:
    """As last said."""
    effects = (effect for _, effects in desk.journal.rows for effect in effects)
    return {e.trade.trade_id: e.trade for e in effects if isinstance(e, TradeClosed)}


def money_of(desk: RandomDesk) -> list[tuple[object, ...]]:
    effects = (effect for _, effects in desk.journal.rows for effect in effects)
    days = [effect.day for effect in effects if isinstance(effect, DayReported)]
    return [(day.date, day.ending, day.cash, day.intraday, day.swing, day.heat_pct) for day in days]


def played(seed: int, **kind: bool | int) -> RandomDesk:
    desk = RandomDesk(seed, **kind)  # type: ignore[arg-type]
    desk.play()
    return desk


def lives_of(desk: RandomDesk) -> list[OrderLife]:
    return order_lives(desk.journal.rows)


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_sparse_equals_bar_by_bar(first: int) -> None:
    # architecture.md: an event may be skipped only if the engine would ignore it
    for seed in range(first, first + 10):
        sparse, dense = played(seed), played(seed, every_bar=True)
        assert trades_of(sparse) == trades_of(dense), f"seed={seed}"
        assert lives_of(sparse) == lives_of(dense), f"seed={seed}"
        assert money_of(sparse) == money_of(dense), f"seed={seed}"


def test_every_bar_does_look_at_more() -> None:
    assert len(played(1, every_bar=True).journal.rows) > len(played(1).journal.rows)


@pytest.mark.parametrize("first", range(0, 30, 10))
def test_the_same_events_make_the_same_effects_byte_for_byte(first: int) -> None:  # I18
    for seed in range(first, first + 10):
        desk = played(seed)
        state = DeskState(tariff=tariff())
        for event, effects in desk.journal.rows:
            assert encode(step(state, event)) == encode(effects), f"seed={seed} at {event}"


def test_the_same_seed_makes_the_same_day() -> None:
    assert encode(played(3).journal.rows) == encode(played(3).journal.rows)


@pytest.mark.parametrize("seed", [s for s in range(40) if RandomDesk(s).kind.days > 1][:12])
def test_cutting_the_future_off_changes_nothing_before_it(seed: int) -> None:
    whole = played(seed)
    for days in range(1, whole.kind.days):
        cut = played(seed, days=days)
        events = [encode(event) for event, _ in cut.journal.rows]
        # to the last event: what was decided, sent, filled and said, not only what was closed
        assert [encode(e) for e, _ in whole.journal.rows[: len(events)]] == events, f"{days} days"
        assert [encode(f) for _, f in whole.journal.rows[: len(events)]] == [
            encode(f) for _, f in cut.journal.rows
        ]


def test_nothing_leaves_before_it_is_written_down() -> None:
    # journal first: an order that is at the exchange is in the journal
    desk = RandomDesk(4)
    written: set[str] = set()

    def look(event: object, effects: list[object]) -> None:
        sent = {e.order.order_id for e in effects if isinstance(e, SubmitOrder)}
        journaled = {
            e.order.order_id
            for _, row in desk.journal.rows[-1:]
            for e in row
            if isinstance(e, SubmitOrder)
        }
        assert sent == journaled
        written.update(journaled)
        resting = (oid for book in desk.world.exchange.books.values() for oid in book.resting)
        assert set(resting) <= written

    desk.play(look)  # type: ignore[arg-type]
    assert written
