"""The tables a person sees, beside those of the journal (stamp.py) they are made from.

How numbers are kept (docs/decisions/0003): money as whole paise in `..._paise`, shown in rupees by
a column that the database computes; prices, quantities and ratios as numbers; and everything exact
in `body`, the JSON of the domain value behind the row. Times are ISO 8601 in IST, dates IST.
"""

from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.schema import CreateView, SchemaItem
from sqlalchemy.types import TypeEngine

METADATA = MetaData()
REVISION = "0001"
"""The newest of the migrations, which together make what is described here."""
T = TypeVar("T")

# In SQLite a primary key of type INTEGER is the row's own number: the fastest there is.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
# Exact in PostgreSQL; in SQLite a double, which carries fifteen digits unchanged.
NUMBER = Numeric().with_variant(Double(), "sqlite")
RUPEES = Numeric(20, 2).with_variant(Double(), "sqlite")


def _named(kind: TypeEngine[T], names: str) -> list[SchemaItem]:
    """Columns of one type; a name that ends in `?` may be empty."""
    return [
        Column(name.removesuffix("?"), kind, nullable=name.endswith("?")) for name in names.split()
    ]


def _texts(names: str) -> list[SchemaItem]:
    return _named(Text(), names)


def _numbers(names: str) -> list[SchemaItem]:
    return _named(NUMBER, names)


def _money(names: str) -> list[SchemaItem]:
    """What a person reads; the paise stand at the end of the table, see `_owned`."""
    return [
        Column(name, RUPEES, Computed(f"{name}_paise / 100.0", persisted=True))
        for name in names.split()
    ]


def _key(name: str, refers_to: str = "") -> Column[str]:
    return Column(name, Text(), *([ForeignKey(refers_to)] if refers_to else []), primary_key=True)


def _of(name: str, refers_to: str) -> Column[str]:
    return Column(name, Text(), ForeignKey(refers_to), nullable=False)


def _owned(name: str, *columns: SchemaItem) -> Table:
    """A table that says in every row whose it is; the database refuses another owner's row."""
    paise = [
        f"{column.name}_paise"
        for column in columns
        if isinstance(column, Column) and column.computed is not None
    ]
    return Table(
        name,
        METADATA,
        *columns,
        *_named(BigInteger(), " ".join(paise)),
        *_texts("mode account"),
        ForeignKeyConstraint(["mode", "account"], ["meta.mode", "meta.account"]),
    )


def _log(name: str, *columns: SchemaItem) -> Table:
    """A table that only grows. `seq` is the journal's row; `place` orders within it."""
    return _owned(
        name,
        Column("seq", BigInteger(), primary_key=True, autoincrement=False),
        Column("place", Integer(), primary_key=True, autoincrement=False),
        *_texts("time"),
        *columns,
    )


# ---- what the rest is made from; made by stamp.py in the same form -------------------------------

meta = Table(
    "meta",
    METADATA,
    Column("mode", Text(), primary_key=True),
    Column("account", Text(), primary_key=True),
    *_texts("lineage"),
    *_named(WHOLE, "created_ns format"),
)
journal = Table(
    "journal",
    METADATA,
    Column("seq", WHOLE, primary_key=True, autoincrement=False),
    *_named(WHOLE, "ts_ns"),
    *_texts("kind"),
    *_named(LargeBinary(), "event effects hash"),
)
quarantine = Table(
    "quarantine",
    METADATA,
    Column("number", WHOLE, Identity(), primary_key=True),
    *_named(WHOLE, "after_seq"),
    *_named(LargeBinary(), "event"),
    *_texts("reason"),
)
commands = Table(
    "commands",
    METADATA,
    Column("number", WHOLE, Identity(), primary_key=True),
    Column("command_id", Text(), nullable=False, unique=True),
    *_named(LargeBinary(), "command"),
    *_named(WHOLE, "taken"),
)

# ---- projections ---------------------------------------------------------------------------------

projected = Table(
    "projected",
    METADATA,
    Column("mode", Text(), primary_key=True),
    Column("account", Text(), primary_key=True),
    *_named(BigInteger(), "seq"),
    ForeignKeyConstraint(["mode", "account"], ["meta.mode", "meta.account"]),
)
"""One row: how far the tables follow the journal."""

position_tranches = _owned(
    "position_tranches",
    _key("tranche_id"),
    *_named(Integer(), "number"),
    *_texts("symbol product direction strategy signal_id state"),
    *_numbers("quantity entered exited entry_price? exit_price? open_cost"),
    *_numbers("stop initial_stop target?"),
    *_texts("opened_time? closed_time? exit_reason? exit_rule"),
    *_texts("entry_order_id stop_order_id exit_order_id target_order_id body"),
)
orders = _owned(
    "orders",
    _key("order_id"),
    *_texts("tag intent_id"),
    _of("tranche_id", "position_tranches.tranche_id"),
    *_texts("symbol product role side type"),
    *_numbers("quantity price? trigger?"),
    *_texts("validity state"),
    *_numbers("filled_quantity average_price?"),
    *_texts("venue_order_id"),
    *_named(Boolean(), "cancel_requested"),
    *_texts("reason placed_time changed_time body"),
)
order_relationships = _owned(
    "order_relationships",
    _key("order_id", "orders.order_id"),
    _of("tranche_id", "position_tranches.tranche_id"),
    *_texts("role"),
    Column("parent_order_id", Text(), ForeignKey("orders.order_id")),
)
order_states = _log(
    "order_states",
    _of("order_id", "orders.order_id"),
    *_texts("state"),
    *_numbers("filled_quantity price? trigger?"),
    *_texts("reason"),
)
fills = _owned(
    "fills",
    _key("order_id", "orders.order_id"),
    _key("fill_id"),
    _of("tranche_id", "position_tranches.tranche_id"),
    *_texts("symbol side time"),
    *_numbers("price quantity"),
    *_texts("body"),
)
tranche_history = _log(
    "tranche_history",
    _of("tranche_id", "position_tranches.tranche_id"),
    *_texts("kind parents child?"),
    *_numbers("quantity price?"),
    *_texts("reason"),
)
stop_moves = _log(
    "stop_moves",
    _of("tranche_id", "position_tranches.tranche_id"),
    *_texts("symbol"),
    *_numbers("from_price to_price"),
    *_texts("reason"),
)
trades = _owned(
    "trades",
    _key("trade_id"),
    _of("tranche_id", "position_tranches.tranche_id"),
    *_texts("date symbol strategy product direction"),
    *_numbers("quantity"),
    *_texts("signal_time entry_time"),
    *_numbers("entry_price"),
    *_texts("exit_time"),
    *_numbers("exit_price"),
    *_texts("exit_reason exit_rule"),
    *_numbers("stop_loss initial_stop_loss target?"),
    *_money("risk_amount capital_used gross_pnl"),
    *_money("brokerage stt exchange ipft sebi stamp gst dp charges net_pnl"),
    *_numbers("pnl_percent r_multiple? mae mfe holding_minutes"),
    *_numbers("reward_risk? reward_risk_net?"),
    *_named(Double(), "confidence news_score tech_score"),
    *_texts("entry_order_id target_order_id sl_order_id exit_order_id"),
    *_named(Integer(), "number"),
    *_texts("body"),
)
daily_portfolio = _owned(
    "daily_portfolio",
    _key("date"),
    *_money("starting ending cash deployed available realized unrealized charges peak"),
    *_numbers("heat_pct drawdown_pct"),
    *_money("intraday_realized intraday_unrealized intraday_charges intraday_deployed"),
    *_named(Integer(), "intraday_trades intraday_wins"),
    *_money("swing_realized swing_unrealized swing_charges swing_deployed"),
    *_named(Integer(), "swing_trades swing_wins"),
    *_texts("body"),
)
reconciliation_log = _log(
    "reconciliation_log",
    *_texts("symbol product"),
    *_numbers("our_quantity broker_quantity our_average? broker_average?"),
    *_numbers("our_pnl? broker_pnl? difference"),
    *_texts("cause decision"),
)
signals = _owned(
    "signals",
    _key("signal_id"),
    *_texts("time symbol strategy product direction"),
    *_named(Double(), "entry stop target confidence news_score tech_score"),
    *_texts("conditions body"),
)
approvals = _log(
    "approvals",
    *_texts("signal_id tranche_id symbol strategy"),
    *_numbers("quantity price risk_wanted risk_amount"),
    *_texts("sized_by"),
    *_numbers("reward_risk? reward_risk_net?"),
    *_texts("note"),
)
refusals = _log(
    "refusals",
    *_texts("signal_id symbol strategy code"),
    *_numbers("value? bound?"),
    *_texts("detail"),
)
advice = _log(
    "advice",
    *_texts("symbol strategy action rule"),
    *_named(Double(), "stop fraction"),
    *_texts("taken conditions body"),
)
alarms = _log("alarms", *_texts("key severity text"))
audit = _log(
    "audit",
    *_texts("actor address action subject command_id before after detail"),
)

_held = position_tranches.c
positions = CreateView(
    select(
        _held.mode,
        _held.account,
        _held.symbol,
        _held.product,
        _held.direction,
        func.sum(_held.quantity).label("quantity"),
        (func.sum(_held.open_cost) / func.sum(_held.quantity)).label("average_price"),
        func.count().label("tranches"),
        func.min(_held.opened_time).label("opened_time"),
    )
    .where(_held.quantity > 0)
    .group_by(_held.mode, _held.account, _held.symbol, _held.product, _held.direction),
    "positions",
    metadata=METADATA,
)
"""All open tranches of one symbol and product, seen as one."""

for _table, _columns in (
    (trades, "date strategy symbol exit_reason tranche_id"),
    (orders, "tranche_id tag symbol"),
    (position_tranches, "symbol state"),
    (order_states, "order_id"),
    (order_relationships, "tranche_id"),
    (fills, "tranche_id time"),
    (tranche_history, "tranche_id"),
    (stop_moves, "tranche_id"),
    (signals, "time strategy"),
    (approvals, "signal_id"),
    (refusals, "signal_id code"),
    (alarms, "time"),
):
    for _column in _columns.split():
        Index(f"{_table.name}_by_{_column}", _table.c[_column])

PROJECTIONS: tuple[Table, ...] = tuple(
    table
    for table in METADATA.sorted_tables
    if "account" in table.c and table.name not in {"meta", "positions"}
)
"""In an order in which rows may be written."""
