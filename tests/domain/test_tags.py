"""The name of an order at the venue says whose it is: F11, F13, failure_model.md 4.1."""

import pytest

from tradego.domain.errors import DomainError
from tradego.domain.orders import Role
from tradego.domain.tags import is_ours, make_tag

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TAGS = [
    make_tag(mode, epoch, counter, f"run {counter}", role)
    for mode, epoch in (("paper", 0), ("shadow", 7), ("live", 32**3 - 1))
    for counter in (1, 31, 32, 123_456, 32**9 - 1)
    for role in Role
]


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_is_twenty_capitals_and_digits_and_ours(tag: str) -> None:
    assert len(tag) == 20
    assert set(tag) <= set(ALPHABET)
    assert is_ours(tag)


@pytest.mark.parametrize("tag", TAGS[::7])
def test_any_one_changed_character_is_noticed(tag: str) -> None:
    for place in range(len(tag)):
        for other in ALPHABET + ALPHABET.lower() + "-_ é١":
            if other != tag[place]:
                assert not is_ours(tag[:place] + other + tag[place + 1 :])


@pytest.mark.parametrize(
    "foreign", ["", "string", "T" * 19, "T" * 21, "manual-order-0000001", "x" * 20]
)
def test_what_others_write_is_not_ours(foreign: str) -> None:
    assert not is_ours(foreign)


def test_a_replay_makes_the_same_tag_and_nothing_else_does() -> None:
    # F13: never reused, across modes, owners, orders, runs and roles
    one = make_tag("paper", 1, 5, "run", Role.STOP)
    assert one == make_tag("paper", 1, 5, "run", Role.STOP)
    others = {
        make_tag("live", 1, 5, "run", Role.STOP),
        make_tag("paper", 2, 5, "run", Role.STOP),
        make_tag("paper", 1, 6, "run", Role.STOP),
        make_tag("paper", 1, 5, "other run", Role.STOP),
        make_tag("paper", 1, 5, "run", Role.EXIT),
    }
    assert len(others | {one}) == 6


def test_the_mode_the_owner_and_the_role_can_be_read_from_it() -> None:
    tag = make_tag("live", 33, 2, "run", Role.TARGET)
    assert (tag[0], tag[1], tag[2:5], tag[5:14], tag[18]) == ("T", "L", "011", "000000002", "T")


@pytest.mark.parametrize(("epoch", "counter"), [(-1, 1), (32**3, 1), (0, -1), (0, 32**9)])
def test_a_number_that_does_not_fit_is_a_bug(epoch: int, counter: int) -> None:
    with pytest.raises(DomainError, match="does not fit"):
        make_tag("live", epoch, counter, "run", Role.STOP)
