"""The search that lets the exchange skip bars finds what looking at every bar would find."""

import numpy as np
import pytest

from random_bars import random_bars
from tradego.domain.bars import Bars
from tradego.domain.errors import DomainError
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price
from tradego.domain.times import DAY, IST_OFFSET, MINUTE
from tradego.simulation.equity import first_below
from tradego.simulation.tape import CLOSE, FIRST, OPEN, SECOND, THIRD, Spot, Tape

INFY = Instrument(symbol="INFY")
PAISA = Price.of("0.01").value


def tape(seed: int = 1, sessions: int = 30) -> Tape:
    return Tape(random_bars(seed, sessions), INFY)


@pytest.mark.parametrize("seed", range(4))
def test_the_first_bar_that_reaches_a_level_is_found(seed: int) -> None:
    it, dice = tape(seed), np.random.default_rng(seed)
    bars, count = it.bars, it.bars.count
    for _ in range(200):
        start = int(dice.integers(0, count + 1))
        below = float(dice.choice(bars.close)) * float(dice.uniform(0.9, 1.0))
        above = float(dice.choice(bars.close)) * float(dice.uniform(1.0, 1.1))
        rows = range(start, count)
        touched = (i for i in rows if bars.low[i] <= below or bars.high[i] >= above)
        closed = (i for i in rows if bars.close[i] <= below or bars.close[i] >= above)
        assert it.first_touch(start, below, above) == next(touched, count)
        assert it.first_close(start, below, above) == next(closed, count)


def test_an_instant_lies_in_the_bar_that_started_last() -> None:
    it = tape()
    first, second = int(it.ts[0]), int(it.ts[1])
    assert it.moment(first - 1)[0] == -1
    assert it.moment(first) == (0, 0)
    assert it.moment(second - 1) == (0, second - 1 - first)
    assert it.moment(second) == (1, 0)
    last = int(it.ts[-1])
    assert it.moment(last + DAY) == (it.bars.count - 1, DAY)
    assert it.moment(first + 1) == (0, 1)  # and back again


def test_the_path_is_walked_at_the_very_end_of_the_bar() -> None:
    # nothing inside a bar is known before 29/32 of it have passed: 13 min 35.625 s of 15
    it = tape()
    at = {leg: it.offset(leg) for leg in (OPEN, FIRST, SECOND, THIRD, CLOSE)}
    assert at[FIRST] == int(815.625 * 10**9)
    assert at[CLOSE] == 15 * MINUTE
    for leg, offset in at.items():
        assert it.leg_after(offset) == leg
        assert it.leg_after(offset - 1) == leg - 1


def test_the_corners_are_the_bar_in_the_order_that_hurts() -> None:
    it, bars = tape(), tape().bars
    opened, high, low, close = (float(c[3]) for c in (bars.open, bars.high, bars.low, bars.close))
    assert it.points(3, low_first=True) == (opened, low, high, close)
    assert it.points(3, low_first=False) == (opened, high, low, close)


@pytest.mark.parametrize("seed", range(3))
def test_extremes_between_two_places_are_those_of_the_path_between(seed: int) -> None:
    it, dice = tape(seed), np.random.default_rng(seed)
    for _ in range(200):
        one, two = sorted(int(dice.integers(5, it.bars.count)) for _ in range(2))
        legs = sorted(int(dice.integers(0, 5)) for _ in range(2))
        if one != two:
            legs = [int(dice.integers(0, 5)) for _ in range(2)]
        since, now = (
            Spot(row, leg, it.points(row, True)[min(leg, 3)], it.points(row, True))
            for row, leg in zip((one, two), legs, strict=True)
        )
        walked = [
            it.points(row, True)[leg]
            for row in range(one, two + 1)
            for leg in range(4)
            if (row > one or leg >= min(legs[0], 3)) and (row < two or leg <= legs[1])
        ]
        high, low = it.extremes(since, now)
        assert (float(high), float(low)) == (max(walked), min(walked))


def test_a_price_is_rounded_into_its_bar_where_the_bar_has_a_tick() -> None:
    row = np.array([100.02]), np.array([100.04]), np.array([100.01]), np.array([100.02])
    narrow = Bars("INFY", MINUTE, np.array([0]), *row, np.array([1.0]))
    coarse, fine = Tape(narrow, INFY), Tape(narrow, Instrument(symbol="INFY", tick=PAISA))
    neighbours = (Price.of("100.00"), Price.of("100.05"))  # no tick of 0.05 lies inside
    assert coarse.price_in(0, 100.02) in neighbours
    assert fine.price_in(0, 100.10) == Price.of("100.04")
    assert fine.price_in(0, 99.90) == Price.of("100.01")
    assert fine.price_in(0, 100.03) == Price.of("100.03")


def test_bars_out_of_order_are_refused() -> None:
    bars = random_bars(1, 2)
    with pytest.raises(DomainError, match="not ascending"):
        Tape(bars.rows(0, 5).__class__(**{**_columns(bars), "ts_ns": bars.ts_ns[::-1]}), INFY)


def _columns(bars: Bars) -> dict[str, object]:
    return {name: getattr(bars, name) for name in Bars.__struct_fields__}


def test_no_bars_are_no_tape_to_stumble_over() -> None:
    empty = Tape(random_bars(1, 2).rows(0, 0), INFY)
    assert empty.moment(0)[0] == -1
    assert empty.first_touch(0, 1.0, 2.0) == 0
    assert not empty.has_volume


@pytest.mark.parametrize("seed", range(5))
def test_the_first_close_below_a_floor_is_that_of_looking_at_every_close(seed: int) -> None:
    dice = np.random.default_rng(seed)
    tapes = [tape(seed * 10 + i, 8) for i in range(3)]
    units = [float(dice.choice([-40, 10, 25])) for _ in tapes]
    legs = list(zip(tapes, units, strict=True))
    met = 0
    for _ in range(60):
        some = tapes[0].bars
        now = int(dice.choice(some.ts_ns)) + int(dice.integers(0, 15)) * MINUTE
        start = _worth(legs, now)
        floor = start - abs(start) * float(dice.uniform(0, 0.02))
        expected = _look(legs, floor, now)
        assert first_below(legs, floor, now) == expected
        met += expected is not None
    assert met > 5


def _worth(legs: list[tuple[Tape, float]], at: int) -> float:
    return float(sum(units * _last(it, at) for it, units in legs))


def _last(it: Tape, at: int) -> float:
    closed = np.flatnonzero(it.bars.close_ns <= at)
    return float(it.bars.close[closed[-1]]) if len(closed) else float(it.bars.close[0])


def _look(legs: list[tuple[Tape, float]], floor: float, now: int) -> tuple[int, list[float]] | None:
    day = (now + IST_OFFSET) // DAY
    every = {int(ts) for it, _ in legs for ts in it.bars.close_ns}
    for ts in sorted(every):
        if ts > now and (ts - 1 + IST_OFFSET) // DAY == day and _worth(legs, ts) < floor:
            return ts, [_last(it, ts) for it, _ in legs]
    return None
