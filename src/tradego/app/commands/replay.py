"""`tradego replay`: run a journal again and prove the same effects."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tradego.accounting.tariffs import Tariff, shipped_tables
from tradego.domain.errors import InputError
from tradego.domain.events import DeskOpened
from tradego.domain.times import iso
from tradego.engine.state import DeskState
from tradego.engine.step import step
from tradego.market.dated import TableFile
from tradego.storage.journal import decode_event, read_journal


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What came of running a journal again; `first_difference` is a row number, 0 for none."""

    events: int
    verified: bool
    first_difference: int
    chain_intact: bool
    state_ns: int


def tariff_of(opening: DeskOpened) -> Tariff:
    """The rates the journal was written by."""
    own = (TableFile(name, text) for name, text in opening.own_tariff)
    return Tariff((*shipped_tables(), *own))


def run_again(journal: str) -> Proof:
    """Fold the journal from the empty state; every row's effects must come out byte for byte."""
    encode = msgspec.json.Encoder().encode
    with read_journal(journal) as rows:
        _, torn = rows.verify_chain()
        state = DeskState(tariff=Tariff(shipped_tables()))
        events = different = 0
        for seq, event_bytes, effects_bytes in rows.read():
            event = decode_event(event_bytes)
            if isinstance(event, DeskOpened):
                state.tariff = tariff_of(event)
            effects = step(state, event)
            events += 1
            if encode(effects) != effects_bytes and not different:
                different = seq
    return Proof(
        events=events,
        verified=not different and not torn,
        first_difference=different,
        chain_intact=not torn,
        state_ns=state.now,
    )


def replay(
    journal: Annotated[str, typer.Argument(help="journal.db of a backtest, or a desk's database")],
    verify: Annotated[bool, typer.Option(help="Compare every effect with the one written")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document")] = False,
) -> None:
    """Run a journal again and prove the same effects, byte for byte."""
    if not journal.startswith("postgresql") and not Path(journal).is_file():
        raise InputError(f"no journal at {journal}; a backtest writes journal.db into its --out")
    proof = run_again(journal)
    if as_json:
        typer.echo(msgspec.json.encode(proof).decode())
    elif proof.verified:
        typer.echo(f"{proof.events:,} events run again to {iso(proof.state_ns)}: all the same.")
    else:
        where = f"row {proof.first_difference}" if proof.first_difference else "the hash chain"
        typer.echo(f"{proof.events:,} events run again: {where} differs.")
    if verify and not proof.verified:
        raise typer.Exit(1)
