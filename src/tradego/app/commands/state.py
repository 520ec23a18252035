"""`tradego state`: what the engine knows, folded from its journal, at the end or at any row."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tradego.app.commands.options import (
    AsJson,
    ConfigFile,
    DatabaseName,
    database_of,
    print_json,
)
from tradego.app.folding import folded
from tradego.domain import formats
from tradego.domain.errors import InputError
from tradego.domain.orders import Order
from tradego.domain.positions import Position, Tranche
from tradego.domain.times import iso
from tradego.engine.positions import positions
from tradego.engine.state import DeskState


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's memory, as far as a person can use it."""

    at: str
    row: int
    mode: str
    account: str
    session: str
    halted: str
    frozen: dict[str, str]
    loss_limit_hit: bool
    drawdown_hit: bool
    cash: Decimal
    equity: Decimal
    peak: Decimal
    heat: Decimal
    deployed: Decimal
    strategies_on: tuple[str, ...]
    positions: tuple[Position, ...]
    tranches: tuple[Tranche, ...]
    live_orders: tuple[Order, ...]


def fold(journal: str | Path, row: int | None = None) -> Known:
    """Run the journal up to and with `row`, or to its end; InputError for a row it has not."""
    known = None
    for at in folded(journal):
        if row is None or at.seq == row:
            known = at
            if at.seq == row:
                break
    if known is None:
        raise InputError(f"the journal has no row {1 if row is None else row}")
    return _known(known.state, known.seq)


def _known(state: DeskState, row: int) -> Known:
    policies = state.settings.strategies
    return Known(
        at=iso(state.now),
        row=row,
        mode=state.mode.value,
        account=state.account,
        session=state.session.date,
        halted=state.halted,
        frozen=state.frozen,
        loss_limit_hit=state.session.loss_limit_hit,
        drawdown_hit=state.drawdown_hit,
        cash=state.cash_balance,
        equity=state.equity,
        peak=state.cash.peak,
        heat=state.exposure.heat,
        deployed=state.exposure.deployed,
        strategies_on=tuple(name for name, policy in policies.items() if policy.enabled),
        positions=tuple(positions(state)),
        tranches=tuple(state.tranches.values()),
        live_orders=tuple(order for order in state.orders.values() if order.may_be_live),
    )


def _entries(known: Known) -> str:
    if known.halted:
        return known.halted
    if known.drawdown_hit:
        return "stopped by the drawdown limit until a person resumes"
    return "stopped by the day's loss limit" if known.loss_limit_hit else "allowed"


def state(
    journal_file: Annotated[
        str | None, typer.Argument(help="journal.db of a backtest; else the desk's")
    ] = None,
    row: Annotated[int | None, typer.Option(help="As it was after this row of the journal")] = None,
    settings: ConfigFile = None,
    database: DatabaseName = None,
    as_json: AsJson = False,
) -> None:
    """What the engine knows now, or knew after any row of its journal."""
    known = fold(journal_file or database_of(database, settings), row)
    if as_json:
        print_json(known)
        return
    typer.echo(f"{known.mode.upper()} account {known.account}, row {known.row}, {known.at}")
    typer.echo(f"Session {known.session or 'none yet'}; entries {_entries(known)}")
    typer.echo(
        f"Equity {formats.rupees(known.equity)}, cash {formats.rupees(known.cash)}, "
        f"deployed {formats.rupees(known.deployed)}, at risk {formats.rupees(known.heat)}"
    )
    for held in known.positions:
        typer.echo(
            f"  {held.symbol} {held.direction.value} {formats.quantity(held.quantity.value)} "
            f"at {formats.price(held.average_price)}, last {formats.price(held.mark)}, "
            f"{formats.rupees(held.unrealized_net, signed=True)} after closing costs, "
            f"{formats.counted(held.tranches, 'tranche')}"
        )
    for order in known.live_orders:
        typer.echo(f"  {order.order_id} {order.role.value} {order.symbol} {order.state.value}")
    for symbol, reason in known.frozen.items():
        typer.echo(f"  {symbol}: no entries, {reason}")
