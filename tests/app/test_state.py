"""What the engine knows is what its journal makes it know, at any row."""

from pathlib import Path

import pytest

from tradego.app.commands.state import fold
from tradego.app.demo import demo
from tradego.app.desk import Desk
from tradego.app.folding import folded
from tradego.domain.errors import InputError


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("state") / "desk.db"
    with Desk(demo(3, 1).setup, path, lambda _: None) as desk:
        desk.catch_up()
        while desk.turn():
            pass
    return path


# S0-base-3
def test_the_state_of_any_row_is_that_row_s(database: Path) -> None:
    known = [fold(database, row) for row in (1, 40, 90)]
    assert [it.row for it in known] == [1, 40, 90]
    assert known[0].session == ""
    assert known[0].equity == known[0].cash == 1_000_000
    assert [it.at for it in known] == sorted(it.at for it in known)


def test_without_a_row_it_is_the_end(database: Path) -> None:
    known = fold(database)
    assert known.positions == ()
    assert known.live_orders == ()
    assert known.equity == known.cash


def test_what_is_held_is_shown_after_what_closing_costs(database: Path) -> None:
    opened = next(
        at.seq for at in folded(database) if any(t.quantity for t in at.state.tranches.values())
    )
    held = fold(database, opened)
    (position,) = held.positions
    assert position.unrealized_net < position.unrealized_gross
    assert position.quantity.value == sum(t.quantity.value for t in held.tranches)


def test_a_row_that_is_not_there_is_refused(database: Path) -> None:
    with pytest.raises(InputError, match="no row 999999"):
        fold(database, 999_999)
