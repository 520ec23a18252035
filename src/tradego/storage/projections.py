"""From what the engine heard and said to rows of the tables; nothing else makes a row.

An order, its fills and the money they moved are said in one row of the journal, and are written in
one transaction: together or not at all.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache

import msgspec
from sqlalchemy import Connection, Dialect, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from tradego.domain.effects import (
    AdviceHeard,
    Alarm,
    CommandAnswered,
    DayReported,
    Effect,
    FillBooked,
    ModeChanged,
    OrderChanged,
    Reconciled,
    SignalApproved,
    SignalRefused,
    StopMoved,
    SubmitOrder,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.errors import DomainError, require
from tradego.domain.events import CommandReceived, Event, SignalsRaised
from tradego.domain.orders import Order, OrderState, Role
from tradego.domain.positions import Tranche
from tradego.domain.times import iso
from tradego.storage import rows, schema
from tradego.storage.rows import Cell, Cells
from tradego.storage.stamp import Stamp

_LOGS: dict[type, tuple[Table, Callable[..., Cells]]] = {
    SignalApproved: (schema.approvals, rows.approval_cells),
    SignalRefused: (schema.refusals, rows.refusal_cells),
    AdviceHeard: (schema.advice, rows.advice_cells),
    StopMoved: (schema.stop_moves, rows.stop_move_cells),
    Reconciled: (schema.reconciliation_log, rows.reconciled_cells),
    Alarm: (schema.alarms, rows.alarm_cells),
}
"""What is written down each time it is said."""


class Projector:
    """Makes rows inside one transaction of its caller, who calls `flush` before the end of it."""

    def __init__(self, connection: Connection, stamp: Stamp) -> None:
        self._connection = connection
        self._owner: Cells = {"mode": stamp.mode.value, "account": stamp.account}
        self._waiting: dict[str, dict[tuple[Cell, ...], Cells]] = {}
        self._placed: dict[str, str] = {}  # when an order was first spoken of
        self._tranches: dict[str, Tranche | None] = {}
        self._mode: str | None = None
        self._seq: int = connection.scalar(select(schema.projected.c.seq)) or 0
        self._place = 0
        self._time = ""

    def project(self, seq: int, event: Event, effects: Sequence[Effect]) -> None:
        """The rows of one row of the journal. DomainError for an order that names no tranche."""
        require(seq == self._seq + 1, f"journal row {seq} after row {self._seq}")
        self._seq, self._place, self._time = seq, 0, iso(event.ts_ns)
        match event:
            case SignalsRaised(signals=raised):
                for signal in raised:
                    self._put(schema.signals, rows.signal_cells(signal))
            case CommandReceived():
                self._command(event, effects)
            case _:
                pass
        # A tranche may be said after its first order, and must be there before it.
        for effect in effects:
            if isinstance(effect, TrancheChanged):
                self._tranche(effect.tranche)
        for effect in effects:
            self._said(effect, event)
        self._put(schema.projected, {"seq": seq})

    def flush(self) -> None:
        """Write what waits, tables that others refer to first."""
        dialect = self._connection.dialect
        for table in schema.PROJECTIONS:
            waiting = self._waiting.pop(table.name, None)
            if waiting is None:
                continue
            columns, sql = _upsert(table.name, dialect)
            cells = [tuple(row[column] for column in columns) for row in waiting.values()]
            if dialect.name == "sqlite":
                cells = [tuple(map(_without_decimal, row)) for row in cells]
            self._connection.exec_driver_sql(sql, cells)

    def _put(self, table: Table, cells: Cells) -> None:
        """Wait to be written; a later row of the same key takes the place of an earlier."""
        cells |= self._owner
        key = tuple(cells[column.name] for column in table.primary_key)
        self._waiting.setdefault(table.name, {})[key] = cells

    def _log(self, table: Table, cells: Cells) -> None:
        self._put(table, {**cells, "seq": self._seq, "place": self._place, "time": self._time})
        self._place += 1

    def _said(self, effect: Effect, event: Event) -> None:
        match effect:
            case SubmitOrder(order=order):
                self._log(schema.order_states, rows.order_state_cells(order, OrderState.PLANNED))
                self._order(order)
            case OrderChanged(order=order):
                self._order(order)
            case FillBooked(fill=fill):
                self._put(schema.fills, rows.fill_cells(fill))
            case TradeClosed(trade=trade):
                self._put(schema.trades, rows.trade_cells(trade))
            case DayReported(day=day):
                self._put(schema.daily_portfolio, rows.day_cells(day))
            case ModeChanged():
                self._mode_changed(effect, event)
            case _ if type(effect) in _LOGS:
                table, cells_of = _LOGS[type(effect)]
                self._log(table, cells_of(effect))
            case _:
                pass

    # ---- orders and tranches ----

    def _order(self, order: Order) -> None:
        tranche = self._tranche_before(order.tranche_id)
        if tranche is None:
            raise DomainError(f"order {order.order_id} names no tranche: {order.tranche_id!r}")
        placed = self._placed_before(order.order_id)
        if placed is None:
            self._related(order, tranche)
        self._placed[order.order_id] = placed or self._time
        self._log(schema.order_states, rows.order_state_cells(order, order.state))
        self._put(schema.orders, rows.order_cells(order, placed or self._time, self._time))

    def _related(self, order: Order, tranche: Tranche) -> None:
        """An order belongs to one tranche for life, and exits to the entry they undo."""
        parent = None if order.role is Role.ENTRY else tranche.entry_order_id
        self._put(
            schema.order_relationships,
            {
                "order_id": order.order_id,
                "tranche_id": order.tranche_id,
                "role": order.role.value,
                "parent_order_id": parent,
            },
        )

    def _tranche(self, tranche: Tranche) -> None:
        for it in rows.happened(self._tranche_before(tranche.tranche_id), tranche):
            self._log(schema.tranche_history, rows.history_cells(tranche, it))
        self._tranches[tranche.tranche_id] = tranche
        self._put(schema.position_tranches, rows.tranche_cells(tranche))

    def _placed_before(self, order_id: str) -> str | None:
        """None for an order not spoken of before, here or in the table."""
        if order_id not in self._placed:
            table = schema.orders.c
            found = select(table.placed_time).where(table.order_id == order_id)
            placed: str | None = self._connection.scalar(found)
            if placed is None:
                return None
            self._placed[order_id] = placed
        return self._placed[order_id]

    def _tranche_before(self, tranche_id: str) -> Tranche | None:
        """As last spoken of, here or in the table."""
        if tranche_id not in self._tranches:
            table = schema.position_tranches.c
            found = select(table.body).where(table.tranche_id == tranche_id)
            body: str | None = self._connection.scalar(found)
            self._tranches[tranche_id] = None
            if body is not None:
                self._tranches[tranche_id] = msgspec.json.decode(body, type=Tranche)
        return self._tranches[tranche_id]

    # ---- the audit ----

    def _command(self, event: CommandReceived, effects: Sequence[Effect]) -> None:
        answers = [effect.answer for effect in effects if isinstance(effect, CommandAnswered)]
        self._audit(event, event.command.value, "", "; ".join(answers), rows.json_text(event))

    def _mode_changed(self, effect: ModeChanged, event: Event) -> None:
        if self._mode is None:
            table = schema.audit.c
            modes = select(table.after).where(table.action == "mode")
            newest = modes.order_by(table.seq.desc(), table.place.desc()).limit(1)
            self._mode = self._connection.scalar(newest) or ""
        self._audit(event, "mode", self._mode, effect.state, effect.reason)
        self._mode = effect.state

    def _audit(self, event: Event, action: str, before: str, after: str, detail: str) -> None:
        """Who: the person whose command it was, or the desk itself."""
        person = event if isinstance(event, CommandReceived) else None
        self._log(
            schema.audit,
            {
                "actor": person.actor if person else "desk",
                "address": person.address if person else "",
                "action": action,
                "subject": person.symbol if person else "",
                "command_id": person.command_id if person else "",
                "before": before,
                "after": after,
                "detail": detail,
            },
        )


def _without_decimal(cell: Cell) -> Cell:
    """SQLite knows no decimals. Fifteen digits pass through a double unchanged."""
    return float(cell) if isinstance(cell, Decimal) else cell


@lru_cache(maxsize=256)
def _upsert(name: str, dialect: Dialect) -> tuple[tuple[str, ...], str]:
    """The columns to give, and the statement that writes a row or writes it anew."""
    table = schema.METADATA.tables[name]
    columns = tuple(column.name for column in table.columns if column.computed is None)
    key = [column.name for column in table.primary_key]
    insert = (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
    upsert = insert.on_conflict_do_update(
        index_elements=key,
        set_={column: insert.excluded[column] for column in columns if column not in key},
    )
    return columns, str(upsert.compile(dialect=dialect, column_keys=list(columns)))
