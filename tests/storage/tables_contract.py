"""What the tables must be on every database; one suite, run on each of them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from a_day import DAY, SIGNAL, STAMP, TRADE, a_day
from msgspec.structs import replace
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tradego.domain.effects import SubmitOrder
from tradego.domain.errors import DomainError
from tradego.domain.orders import Fill, Order, Role
from tradego.domain.positions import DailyPortfolio, Trade, Tranche
from tradego.domain.signals import Signal
from tradego.storage import schema
from tradego.storage.engines import make_engine
from tradego.storage.journal import open_journal
from tradego.storage.tables import Tables

D = Decimal
Target = str | Path
Cells = dict[str, Any]


@contextmanager
def connected(target: Target) -> Iterator[Connection]:
    engine = make_engine(target)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def ask(target: Target, sql: str) -> list[Cells]:
    """Plain SQL, as a person would type it."""
    with connected(target) as connection:
        return [dict(row._mapping) for row in connection.execute(text(sql))]


def change(target: Target, sql: str) -> None:
    """Something that no program of ours did."""
    with connected(target) as connection:
        connection.execute(text(sql))


def everything(target: Target) -> dict[str, list[Cells]]:
    return {
        table.name: sorted(ask(target, f"SELECT * FROM {table.name}"), key=repr)
        for table in schema.PROJECTIONS
    }


def project_the_day(target: Target) -> None:
    """A row at a time, as the desk does."""
    with open_journal(target, STAMP) as journal, closing(Tables(target)) as tables:
        for event, effects in a_day():
            seq = journal.record(event, effects)
            journal.commit()
            tables.project([(seq, event, effects)])


class WhatTablesSay:
    """Subclasses give the fixture `day`, of the class: where the projected day is. Nothing here
    changes it.
    """

    @pytest.fixture
    def tables(self, day: Target) -> Iterator[Tables]:
        with closing(Tables(day)) as tables:
            yield tables

    def test_the_question_of_the_feature_list_runs_as_written(self, day: Target) -> None:
        # S1-pnl-20
        [row] = ask(
            day,
            "SELECT * FROM trades WHERE date >= '2025-01-01' AND strategy = 'news_momentum' "
            "AND net_pnl > 0 ORDER BY pnl_percent DESC LIMIT 10",
        )
        assert row["trade_id"] == row["tranche_id"] == "PT000001"  # S3-db-1
        assert row["date"] == "2025-03-03"
        assert row["exit_time"] == "2025-03-03T11:00:00+05:30"
        assert (float(row["net_pnl"]), row["net_pnl_paise"]) == (1393.27, 139327)
        assert (float(row["gross_pnl"]), float(row["charges"])) == (1460.0, 66.73)
        assert float(row["pnl_percent"]) == pytest.approx(4.6430, abs=1e-4)
        assert float(row["r_multiple"]) == pytest.approx(1393.27 / 1040)
        assert float(row["holding_minutes"]) == pytest.approx(44 + 59 / 60)
        assert row["reward_risk"] is None  # it had no bound

    def test_losers_are_not_winners(self, day: Target) -> None:
        assert ask(day, "SELECT * FROM trades WHERE net_pnl < 0") == []
        assert ask(day, "SELECT * FROM trades WHERE net_pnl > 1393.27") == []
        assert len(ask(day, "SELECT * FROM trades WHERE net_pnl = 1393.27")) == 1

    def test_money_adds_up_to_the_paisa(self, day: Target) -> None:
        lines = "brokerage_paise + stt_paise + exchange_paise + ipft_paise + sebi_paise"
        [row] = ask(
            day,
            f"SELECT gross_pnl_paise - ({lines} + stamp_paise + gst_paise + dp_paise) AS net, "
            "net_pnl_paise FROM trades",
        )
        assert row["net"] == row["net_pnl_paise"] == 139327

    def test_every_column_of_the_trade_contract_is_there(self) -> None:
        contract = """trade_id symbol strategy product direction quantity signal_time entry_time
            entry_price exit_time exit_price exit_reason stop_loss target risk_amount confidence
            gross_pnl charges net_pnl pnl_percent news_score tech_score entry_order_id
            target_order_id sl_order_id initial_stop_loss r_multiple mae mfe holding_minutes
            brokerage stt exchange ipft sebi stamp gst dp date mode account tranche_id"""
        assert set(contract.split()) <= set(schema.trades.c.keys())

    def test_a_trade_said_twice_is_there_once_as_last_said(self, day: Target) -> None:
        [row] = ask(day, "SELECT gst_paise, net_pnl_paise FROM trades")
        assert row == {"gst_paise": 52, "net_pnl_paise": 139327}

    def test_what_is_read_is_exact(self, tables: Tables) -> None:
        final = replace(TRADE, charges=replace(TRADE.charges, gst=D("0.52")))
        assert tables.read(Trade) == [final]
        assert tables.read(DailyPortfolio) == [DAY]
        assert tables.read(Signal, schema.signals.c.symbol == "INFY") == [SIGNAL]
        assert [order.role for order in tables.read(Order)] == [Role.ENTRY, Role.STOP, Role.TARGET]
        assert [str(fill.price.value) for fill in tables.read(Fill)] == ["1500", "1501", "1515"]
        assert tables.read(Trade, schema.trades.c.date > "2025-03-03") == []
        assert tables.read(Tranche)[0].exit_value == D(151_500)

    def test_the_life_of_an_order_is_told_with_its_times(self, day: Target) -> None:
        life = ask(
            day,
            "SELECT state, time, filled_quantity FROM order_states "
            "WHERE order_id = 'PO0000001' ORDER BY seq, place",
        )
        assert [(row["state"], row["time"], float(row["filled_quantity"])) for row in life] == [
            ("PLANNED", "2025-03-03T10:15:00+05:30", 0),
            ("SENDING", "2025-03-03T10:15:00+05:30", 0),
            ("ACKED", "2025-03-03T10:15:00+05:30", 0),
            ("PARTIAL", "2025-03-03T10:15:01+05:30", 60),
            ("FILLED", "2025-03-03T10:15:01+05:30", 100),
        ]
        [stop] = ask(day, "SELECT * FROM orders WHERE order_id = 'PO0000002'")
        assert (stop["state"], float(stop["trigger"])) == ("CANCELLED", 1500.4)
        assert stop["placed_time"] == "2025-03-03T10:15:01+05:30"
        assert stop["changed_time"] == "2025-03-03T11:00:00+05:30"

    def test_orders_stand_in_relation_to_their_tranche(self, day: Target) -> None:
        # S3-db-4
        rows = ask(
            day,
            "SELECT order_id, role, parent_order_id FROM order_relationships "
            "WHERE tranche_id = 'PT000001' ORDER BY order_id",
        )
        assert [tuple(row.values()) for row in rows] == [
            ("PO0000001", "ENTRY", None),
            ("PO0000002", "STOP", "PO0000001"),
            ("PO0000003", "TARGET", "PO0000001"),
        ]

    def test_the_history_of_a_tranche_is_told_step_by_step(self, day: Target) -> None:
        # S3-mg-3, S1-arch-8
        rows = ask(
            day,
            "SELECT kind, quantity, price, reason FROM tranche_history "
            "WHERE tranche_id = 'PT000001' ORDER BY seq, place",
        )
        told = [
            (row["kind"], float(row["quantity"]), row["price"] and float(row["price"]))
            for row in rows
        ]
        assert told == [
            ("created", 0, None),
            ("entered", 60, 1500.0),
            ("open", 60, None),
            ("entered", 40, 1501.0),
            ("exited", 100, 1515.0),
            ("closed", 0, None),
        ]
        assert rows[-1]["reason"] == "TARGET"

    def test_a_closed_tranche_is_no_position(self, day: Target) -> None:
        assert ask(day, "SELECT * FROM positions") == []

    def test_the_day_keeps_intraday_and_swing_apart(self, day: Target) -> None:
        # S1-pnl-9, S1-pnl-10
        [row] = ask(day, "SELECT * FROM daily_portfolio")
        assert (row["date"], row["ending_paise"], float(row["ending"])) == (
            "2025-03-03",
            100_139_327,
            1_001_393.27,
        )
        assert (row["intraday_realized_paise"], row["intraday_trades"], row["swing_trades"]) == (
            139_327,
            1,
            0,
        )

    def test_signals_carry_their_conditions_and_what_became_of_them(self, day: Target) -> None:
        rows = ask(
            day,
            "SELECT s.symbol, s.conditions, a.sized_by, r.code, r.value, r.bound FROM signals s "
            "LEFT JOIN approvals a USING (signal_id) LEFT JOIN refusals r USING (signal_id) "
            "ORDER BY s.symbol",
        )
        assert [(row["symbol"], row["sized_by"], row["code"]) for row in rows] == [
            ("INFY", "position_pct", None),
            ("TCS", None, "heat"),
        ]
        assert rows[0]["conditions"] == '[["news",0.7,0.6,true]]'
        assert (float(rows[1]["value"]), float(rows[1]["bound"])) == (3.2, 3.0)

    def test_moves_of_the_stop_advice_and_alarms_are_kept(self, day: Target) -> None:
        [move] = ask(day, "SELECT from_price, to_price, reason FROM stop_moves")
        assert (float(move["from_price"]), float(move["to_price"])) == (1490, 1500.4)
        [advice] = ask(day, "SELECT action, rule, taken FROM advice")
        assert tuple(advice.values()) == ("move_stop", "breakeven", "acted")
        [alarm] = ask(day, "SELECT key, severity FROM alarms")
        assert tuple(alarm.values()) == ("halt", "warning")

    def test_the_audit_names_who_did_what_from_where_and_what_changed(self, day: Target) -> None:
        # S2-safe-1
        rows = ask(
            day,
            "SELECT actor, address, action, command_id, before, after FROM audit "
            "ORDER BY seq, place",
        )
        assert [tuple(row.values()) for row in rows] == [
            ("desk", "", "mode", "", "", "ready"),
            ("asha", "127.0.0.1", "halt", "click-1", "", "halted by asha"),
            ("asha", "127.0.0.1", "mode", "click-1", "ready", "halted"),
        ]

    def test_a_reconciliation_says_both_sides_the_cause_and_the_decision(self, day: Target) -> None:
        # S1-pnl-17
        [row] = ask(day, "SELECT * FROM reconciliation_log")
        assert (float(row["difference"]), row["cause"], row["decision"]) == (
            -5,
            "a manual trade",
            "left alone",
        )
        assert (row["our_average"], float(row["broker_average"])) == (None, 1500.4)

    def test_every_row_says_whose_it_is(self, day: Target) -> None:
        # S2-db-2
        for name, rows in everything(day).items():
            assert rows, f"the day has nothing for {name}"
            assert {(row["mode"], row["account"]) for row in rows} == {("paper", "P1")}


class WhatTablesHold:
    """Subclasses give the fixture `target`: where a database may be made, for each test anew."""

    @pytest.fixture
    def day(self, target: Target) -> Target:
        project_the_day(target)
        return target

    @pytest.fixture
    def tables(self, day: Target) -> Iterator[Tables]:
        with closing(Tables(day)) as tables:
            yield tables

    def test_open_tranches_of_a_symbol_are_one_position(self, target: Target) -> None:
        with open_journal(target, STAMP) as journal, closing(Tables(target)) as tables:
            for event, effects in a_day()[:5]:
                journal.record(event, effects)
            journal.commit()
            assert tables.catch_up() == 5
        [position] = ask(target, "SELECT * FROM positions")
        assert (position["symbol"], position["product"], position["tranches"]) == ("INFY", "I", 1)
        assert float(position["quantity"]) == 100
        assert float(position["average_price"]) == pytest.approx(1500.40)
        assert (position["mode"], position["account"]) == ("paper", "P1")

    # ---- what they refuse ----

    @pytest.mark.parametrize("owner", ["mode = 'live'", "account = 'P2'"])
    def test_a_row_of_another_owner_is_refused_by_the_database(
        self, day: Target, owner: str
    ) -> None:
        # mode isolation: a paper row copied into a live database
        with pytest.raises(IntegrityError):
            change(day, f"UPDATE trades SET {owner}")

    def test_an_order_that_names_no_tranche_is_refused(
        self, target: Target, tables: Tables
    ) -> None:
        # S3-db-2
        stray = replace(tables.read(Order)[0], order_id="PO9", tranche_id="0")
        with pytest.raises(DomainError, match="order PO9 names no tranche: '0'"):
            tables.project([(12, a_day()[5][0], [SubmitOrder(order=stray)])])
        assert len(tables.read(Order)) == 3
        with pytest.raises(IntegrityError):
            change(target, "UPDATE order_relationships SET tranche_id = '0'")

    def test_a_row_of_the_journal_is_projected_once_and_in_its_turn(self, tables: Tables) -> None:
        with pytest.raises(DomainError, match="journal row 11 after row 11"):
            tables.project([(11, *a_day()[-1])])
        with pytest.raises(DomainError, match="journal row 13 after row 11"):
            tables.project([(13, *a_day()[-1])])

    def test_what_is_said_together_is_written_together_or_not_at_all(
        self, target: Target, tables: Tables
    ) -> None:
        # S2-safe-2
        before = everything(target)
        event, effects = a_day()[2]
        stray = replace(tables.read(Order)[0], order_id="PO9", tranche_id="0")
        with pytest.raises(DomainError):
            tables.project([(12, event, effects), (13, event, [SubmitOrder(order=stray)])])
        assert everything(target) == before

    # ---- equal to the journal ----

    def test_made_at_once_or_row_by_row_they_are_the_same(
        self, target: Target, tables: Tables
    ) -> None:
        before = everything(target)
        assert tables.rebuild() == 11
        assert everything(target) == before
        assert tables.verify() == []

    def test_catching_up_in_steps_ends_in_the_same(self, target: Target, tables: Tables) -> None:
        whole = everything(target)
        for table in reversed(schema.PROJECTIONS):
            change(target, f"DELETE FROM {table.name}")
        assert tables.catch_up() == 11
        assert everything(target) == whole
        assert tables.catch_up() == 0

    @pytest.mark.parametrize(
        ("sql", "found"),
        [
            ("UPDATE trades SET net_pnl_paise = net_pnl_paise + 1", "trades: row PT000001 differs"),
            ("DELETE FROM stop_moves", "stop_moves: row 7 1 is missing"),
            (
                "INSERT INTO alarms (seq, place, time, key, severity, text, mode, account) "
                "VALUES (99, 0, '', '', '', '', 'paper', 'P1')",
                "alarms: row 99 0 is one too many",
            ),
        ],
    )
    def test_a_table_that_is_not_as_the_journal_tells_it_is_found(
        self, target: Target, tables: Tables, sql: str, found: str
    ) -> None:
        # S2-safe-3
        change(target, sql)
        [line] = tables.verify()
        assert line.startswith(found)
        tables.rebuild()
        assert tables.verify() == []

    def test_tables_that_are_behind_are_judged_by_what_they_have(
        self, target: Target, tables: Tables
    ) -> None:
        for table in reversed(schema.PROJECTIONS):
            change(target, f"DELETE FROM {table.name}")
        tables.project([(1, *a_day()[0])])
        assert tables.verify() == []
