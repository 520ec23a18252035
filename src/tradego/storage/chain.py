"""The hash chain of the journal: a row cannot be changed, added, lost or moved unnoticed."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from tradego.domain.errors import InputError

Row = tuple[int, int, str, bytes, bytes, bytes]
"""seq, ts_ns, kind, event, effects, hash."""


class Link(NamedTuple):
    """Where the chain goes on: the last row, by number and hash."""

    seq: int
    digest: bytes


class Verified(NamedTuple):
    """`last` is the row up to which all verify, `torn` the number of rows after it."""

    last: Link
    torn: int


def row_hash(before: bytes, seq: int, ts_ns: int, kind: str, event: bytes, effects: bytes) -> bytes:
    """SHA-256 over the hash before and everything in the row. It says how long the event is, so
    that nothing can move between event and effects.
    """
    head = f"{seq} {ts_ns} {kind} {len(event)}\n".encode()
    return sha256(before + head + event + effects).digest()


def verify(rows: Iterable[Row], genesis: bytes, name: str) -> Verified:
    """Walk all rows in the order in which the database gives them.

    Bad rows at the very end are a torn tail. InputError, naming the first bad row of the database
    `name`, when one that verifies comes after it, or the rows are out of order.
    """
    last = before = Link(0, genesis)
    torn = 0
    for row in rows:
        follows = _follows(before.digest, row)
        if row[0] <= before.seq or (follows and torn):
            raise InputError(
                f"{name}: row {last.seq + 1} was changed or is missing: restore the last backup"
            )
        before = Link(row[0], row[5])
        if follows:
            last = before
        else:
            torn += 1
    return Verified(last, torn)


def _follows(before: bytes, row: Row) -> bool:
    seq, ts_ns, kind, event, effects, digest = row
    try:
        return digest == row_hash(before, seq, ts_ns, kind, event, effects)
    except (TypeError, ValueError):
        return False  # damage may turn a cell into one of another type
