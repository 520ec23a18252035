"""The hash chain by itself: no byte of any row can be another without being noticed."""

import pytest

from tradego.domain.errors import InputError
from tradego.storage.chain import Row, row_hash, verify

GENESIS = b"g" * 32


def chain(length: int) -> list[Row]:
    rows: list[Row] = []
    before = GENESIS
    for seq in range(1, length + 1):
        event, effects = b'{"kind":"x","n":%d}' % seq, b"[]"
        digest = row_hash(before, seq, 1000 + seq, "x", event, effects)
        rows.append((seq, 1000 + seq, "x", event, effects, digest))
        before = digest
    return rows


def changed(rows: list[Row], at: int, **cells: object) -> list[Row]:
    names = ("seq", "ts_ns", "kind", "event", "effects", "hash")
    row = tuple(cells.get(name, cell) for name, cell in zip(names, rows[at], strict=True))
    return [*rows[:at], row, *rows[at + 1 :]]  # type: ignore[list-item]  # damage has any type


def flips(content: bytes) -> list[bytes]:
    return [content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :] for i in range(len(content))]


def refuses(rows: list[Row], row: int) -> bool:
    with pytest.raises(InputError) as refused:
        verify(rows, GENESIS, "paper.db")
    return f"paper.db: row {row} was changed or is missing" in str(refused.value)


def test_an_untouched_chain_verifies_to_its_end() -> None:
    rows = chain(5)
    assert verify(rows, GENESIS, "paper.db") == ((5, rows[4][5]), 0)
    assert verify([], GENESIS, "paper.db") == ((0, GENESIS), 0)


@pytest.mark.parametrize("column", ["event", "effects", "hash"])
def test_a_flip_of_any_byte_of_a_row_is_noticed(column: str) -> None:
    rows = chain(6)
    cell = {"event": rows[2][3], "effects": rows[2][4], "hash": rows[2][5]}[column]
    for flip in flips(cell):
        assert refuses(changed(rows, 2, **{column: flip}), row=3)


@pytest.mark.parametrize(
    "cells",
    [
        {"ts_ns": 1004},
        {"kind": "y"},
        {"event": b'{"kind":"x","n":3}[', "effects": b"]"},  # a byte moved across the border
        {"event": None},
        {"kind": 7.5},
        {"hash": None},
    ],
)
def test_a_changed_cell_is_noticed(cells: dict[str, object]) -> None:
    assert refuses(changed(chain(6), 2, **cells), row=3)


def test_rows_lost_added_or_moved_are_noticed() -> None:
    rows = chain(6)
    assert refuses([*rows[:2], *rows[3:]], row=3)
    assert refuses([*rows[:3], rows[2], *rows[3:]], row=4)
    assert refuses([*rows[:2], rows[3], rows[2], *rows[4:]], row=3)
    assert refuses(rows[1:], row=1)


def test_rows_out_of_order_are_no_torn_tail() -> None:
    """A blanked row header reads as row 0: the database itself is broken."""
    rows = chain(6)
    assert refuses(changed(rows, 5, seq=0, event=None, hash=None), row=6)


def test_rows_of_another_journal_do_not_fit() -> None:
    assert verify(chain(1), b"another genesis", "paper.db") == ((0, b"another genesis"), 1)
    with pytest.raises(InputError, match="row 1"):
        verify(chain(2), b"another genesis", "paper.db")


@pytest.mark.parametrize("torn", [1, 2, 3])
def test_bad_rows_at_the_very_end_are_a_torn_tail(torn: int) -> None:
    rows = chain(6)
    bad = [(seq, ts, kind, b"?", effects, digest) for seq, ts, kind, _, effects, digest in rows]
    found = verify([*rows[: 6 - torn], *bad[6 - torn :]], GENESIS, "paper.db")
    assert (found.last.seq, found.torn) == (6 - torn, torn)
