"""What is kept of a trade, of its orders and of its money, over two sessions of the demo."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tradego.app.demo import demo
from tradego.app.desk import Desk, Shown
from tradego.domain.effects import (
    DayReported,
    Effect,
    FillBooked,
    SignalApproved,
    StopMoved,
    SubmitOrder,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.events import Event, Filled, SignalsRaised
from tradego.domain.orders import Role
from tradego.domain.positions import Trade
from tradego.domain.settings import RiskSettings
from tradego.domain.signals import Product, Side
from tradego.domain.times import MINUTE

Row = tuple[Event, list[Effect]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    path: Path = tmp_path_factory.mktemp("records") / "desk.db"
    heard: list[Row] = []

    def watch(shown: Shown) -> None:
        heard.append((shown.event, shown.effects))

    with Desk(demo(85, 2).setup, path, watch) as desk:
        desk.catch_up()
        while desk.turn():
            pass
    return heard


def said(rows: list[Row], kind: type[Effect]) -> Iterator[Effect]:
    return (effect for _, effects in rows for effect in effects if isinstance(effect, kind))


@pytest.fixture(scope="module")
def trades(rows: list[Row]) -> list[Trade]:
    last = {effect.trade.trade_id: effect.trade for effect in said(rows, TradeClosed)}
    assert len(last) >= 5
    return list(last.values())


# S1-pnl-1
def test_a_trade_has_an_id_of_its_own_and_says_what_it_was(trades: list[Trade]) -> None:
    assert len({trade.trade_id for trade in trades}) == len(trades)
    for trade in trades:
        assert trade.product in Product
        assert trade.direction is Side.BUY
        assert trade.strategy in {"news_momentum", "technical_breakout", "mean_reversion"}


# S1-pnl-2
def test_the_planned_stop_target_and_risk_are_kept_with_every_move(
    rows: list[Row], trades: list[Trade]
) -> None:
    moved = {effect.tranche_id: effect for effect in said(rows, StopMoved)}
    assert moved
    for trade in trades:
        per_unit = trade.entry_price - trade.initial_stop_loss.value
        assert trade.risk_amount == trade.quantity.value * per_unit
        assert trade.target is not None
        last = moved.get(trade.trade_id)
        assert trade.stop_loss == (last.to_price if last else trade.initial_stop_loss)
        assert last is None or last.reason


# S1-pnl-6: from the first entry fill to the last exit fill
def test_holding_time_runs_from_fill_to_fill(rows: list[Row], trades: list[Trade]) -> None:
    for trade in trades:
        times = [
            effect.fill.ts_ns
            for effect in said(rows, FillBooked)
            if effect.fill.tranche_id == trade.trade_id
        ]
        assert trade.holding_minutes == Decimal(max(times) - min(times)) / MINUTE


# S1-exec-6, S3-db-3
def test_a_trade_names_its_orders_and_every_order_its_tranche(
    rows: list[Row], trades: list[Trade]
) -> None:
    sent = {effect.order.order_id: effect.order for effect in said(rows, SubmitOrder)}
    assert all(order.tranche_id for order in sent.values())
    for trade in trades:
        assert sent[trade.entry_order_id].role is Role.ENTRY
        assert sent[trade.sl_order_id].role is Role.STOP
        if trade.exit_reason == "TARGET":
            assert sent[trade.target_order_id].role is Role.TARGET
        mine = (trade.entry_order_id, trade.sl_order_id)
        assert {sent[order_id].tranche_id for order_id in mine} == {trade.trade_id}


# S3-pm-4: exactly one tranche, settled at the fill with its price and quantity
def test_each_fill_belongs_to_one_tranche_from_the_moment_it_happens(rows: list[Row]) -> None:
    for event, effects in rows:
        if isinstance(event, Filled):
            booked = [e.fill for e in effects if isinstance(e, FillBooked)]
            assert booked == [event.fill]
            changed = {e.tranche.tranche_id for e in effects if isinstance(e, TrancheChanged)}
            assert changed == {event.fill.tranche_id}


# S2-core-2: no way round the review
def test_every_entry_follows_from_a_signal_that_was_approved_in_the_same_step(
    rows: list[Row],
) -> None:
    entries = 0
    for event, effects in rows:
        orders = [e.order for e in effects if isinstance(e, SubmitOrder)]
        for order in orders:
            if order.role is Role.ENTRY:
                entries += 1
                assert isinstance(event, SignalsRaised)
                approved = [e for e in effects if isinstance(e, SignalApproved)]
                assert (order.tranche_id, order.quantity, order.limit) in [
                    (e.tranche_id, e.quantity, e.limit) for e in approved
                ]
    assert entries >= 5


# S2-db-4, S1-pnl-8: what is tied up and what is free make the capital
def test_the_day_s_money_adds_up(rows: list[Row], trades: list[Trade]) -> None:
    days = [effect.day for effect in said(rows, DayReported)]
    assert len(days) == 2
    for day in days:
        assert day.deployed + day.available == day.starting
        assert day.ending == day.cash  # nothing is held overnight here
    assert days[1].starting == days[0].ending
    earned = sum(trade.net_pnl for trade in trades)
    assert days[-1].ending == Decimal(1_000_000) + earned


# S3-pm-1
def test_the_terms_of_tranches_are_settings_with_these_defaults() -> None:
    risk = RiskSettings()
    assert risk.tranche_pnl_increment_pct == 5
    assert risk.max_tranches_per_symbol_side == 5
    assert risk.max_orders_per_tranche == 20
