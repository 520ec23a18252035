"""`tradego replay`: run a journal again and prove the same effects."""

from typing import Annotated

import msgspec
import typer

from tradego.app.folding import folded
from tradego.app.journal_reading import existing
from tradego.domain.times import iso
from tradego.storage.journal import read_journal


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What came of running a journal again; `first_difference` is a row number, 0 for none."""

    events: int
    verified: bool
    first_difference: int
    chain_intact: bool
    state_ns: int


def run_again(journal: str) -> Proof:
    """Fold the journal from the empty state; every row's effects must come out byte for byte."""
    encode = msgspec.json.Encoder().encode
    with read_journal(existing(journal)) as rows:
        _, torn = rows.verify_chain()
    events = different = state_ns = 0
    for row in folded(journal):
        events, state_ns = events + 1, row.state.now
        if encode(row.effects) != row.written and not different:
            different = row.seq
    return Proof(
        events=events,
        verified=not different and not torn,
        first_difference=different,
        chain_intact=not torn,
        state_ns=state_ns,
    )


def replay(
    journal: Annotated[str, typer.Argument(help="journal.db of a backtest, or a desk's database")],
    verify: Annotated[bool, typer.Option(help="Compare every effect with the one written")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document")] = False,
) -> None:
    """Run a journal again and prove the same effects, byte for byte."""
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
