"""The life of an order: every pair of state and evidence is either allowed or refused."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tradego.domain.errors import DomainError
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import (
    MAY_BE_LIVE,
    NEXT,
    TERMINAL,
    Evidence,
    Order,
    OrderState,
    OrderType,
    Role,
    after,
)
from tradego.domain.positions import TRANCHE_NEXT, TrancheState
from tradego.domain.signals import Product, Side

S, E = OrderState, Evidence

# failure_model.md 1.1, typed from its drawing and its rules: what a state may hear, and what it
# then is. At the venue: seen working, part filled, filled, cancelled, expired, refused.
VENUE = {
    E.SEEN_WORKING: S.WORKING,
    E.PART_FILL: S.PARTIAL,
    E.FULL_FILL: S.FILLED,
    E.SEEN_CANCELLED: S.CANCELLED,
    E.SEEN_EXPIRED: S.EXPIRED,
    E.REFUSED: S.REJECTED,
}
ALLOWED = {
    S.PLANNED: {E.SEND: S.SENDING, E.CALLED_OFF: S.NOT_SENT},
    S.SENDING: VENUE | {E.ACK: S.ACKED, E.NOTHING_LEFT: S.NOT_SENT, E.UNKNOWN: S.AMBIGUOUS},
    S.ACKED: VENUE | {E.ACK: S.ACKED, E.UNKNOWN: S.ACKED},
    S.WORKING: VENUE | {E.ACK: S.WORKING, E.UNKNOWN: S.WORKING},
    S.PARTIAL: VENUE | {E.SEEN_WORKING: S.PARTIAL, E.ACK: S.PARTIAL, E.UNKNOWN: S.PARTIAL},
    S.AMBIGUOUS: VENUE | {E.ACK: S.ACKED, E.UNKNOWN: S.AMBIGUOUS, E.PROVEN_ABSENT: S.LOST},
    S.LOST: dict.fromkeys([*VENUE, E.ACK], S.ZOMBIE) | {E.UNKNOWN: S.LOST},
    S.ZOMBIE: VENUE | {E.ACK: S.ZOMBIE},
} | {
    over: dict.fromkeys([*VENUE, E.ACK, E.UNKNOWN], over)
    for over in (S.FILLED, S.CANCELLED, S.EXPIRED, S.REJECTED, S.NOT_SENT)
}


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("evidence", Evidence)
def test_every_pair_is_either_allowed_or_refused(state: OrderState, evidence: Evidence) -> None:
    if evidence in ALLOWED[state]:
        assert after(state, evidence) is ALLOWED[state][evidence]
    else:
        with pytest.raises(DomainError, match=f"{state} cannot hear"):
            after(state, evidence)


def test_the_table_knows_every_state() -> None:
    assert set(NEXT) == set(OrderState)


def test_no_evidence_brings_a_finished_order_back() -> None:  # I3
    for state in TERMINAL:
        assert {after(state, evidence) for evidence in NEXT[state]} == {state}


def test_what_is_over_may_not_be_live_and_what_was_sent_may() -> None:
    assert not TERMINAL & MAY_BE_LIVE
    assert set(OrderState) - TERMINAL - MAY_BE_LIVE == {S.PLANNED, S.LOST}


@pytest.mark.parametrize("now", TrancheState)
def test_a_tranche_goes_only_forward(now: TrancheState) -> None:  # S1-arch-8
    seen, left = {now}, set(TRANCHE_NEXT[now])
    while left:
        state = left.pop()
        assert state is not now
        seen.add(state)
        left |= TRANCHE_NEXT[state] - seen
    assert seen & {TrancheState.CLOSED, TrancheState.ABANDONED}


def an_order() -> Order:
    return Order(
        order_id="BO0000001",
        tag="T",
        intent_id="i",
        tranche_id="BT000001",
        symbol="INFY",
        product=Product.INTRADAY,
        role=Role.ENTRY,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Quantity.of(10),
        limit=Price.of("100"),
    )


def test_an_order_is_for_something_and_never_filled_beyond_it() -> None:  # I3
    order = an_order()
    with pytest.raises(DomainError):
        replace(order, quantity=Quantity.of(0))
    with pytest.raises(DomainError):
        replace(order, filled=Quantity.of(11))


def test_what_is_left_and_the_average_follow_from_the_fills() -> None:
    order = an_order()
    assert order.average_price is None
    part = replace(order, filled=Quantity.of(4), filled_value=Decimal("401"))
    assert part.remaining == Quantity.of(6)
    assert part.average_price == Decimal("100.25")
    assert part.state in MAY_BE_LIVE or part.state is S.PLANNED
    assert not replace(order, role=Role.STOP).is_terminal
    assert replace(order, role=Role.STOP).is_reducing
    assert not order.is_reducing
