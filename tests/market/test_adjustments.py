"""Dated divisors: prices before divided, volumes multiplied, later bars untouched."""

from datetime import date

import msgspec
import numpy as np
import pytest

from tradego.domain.bars import Bars
from tradego.domain.errors import InputError
from tradego.domain.times import MINUTE, at
from tradego.market.adjustments import Adjustment, adjusted

DAYS = (date(2024, 1, 4), date(2024, 1, 5), date(2025, 8, 8))


def nestle() -> Bars:
    price = np.array([27_000.0, 2_700.0, 1_350.0])
    return Bars(
        symbol="NESTLEIND",
        interval_ns=375 * MINUTE,
        ts_ns=np.array([at(day, "09:15") for day in DAYS]),
        open=price,
        high=price + 10,
        low=price - 10,
        close=price + 5,
        volume=np.array([10.0, 100.0, 200.0]),
    )


SPLIT = Adjustment("NESTLEIND", date(2024, 1, 5), 10.0)
BONUS = Adjustment("NESTLEIND", date(2025, 8, 8), 2.0)


def test_divisors_still_ahead_are_multiplied() -> None:
    # 27,000 before both: / 20; 2,700 between: / 2; 1,350 after both: as it is
    for order in ((SPLIT, BONUS), (BONUS, SPLIT)):
        bars = adjusted(nestle(), order)
        assert bars.open.tolist() == [1350.0, 1350.0, 1350.0]
        assert bars.high.tolist() == [1350.5, 1355.0, 1360.0]
        assert bars.low.tolist() == [1349.5, 1345.0, 1340.0]
        assert bars.close.tolist() == [1350.25, 1352.5, 1355.0]
        assert bars.volume.tolist() == [200.0, 200.0, 200.0]


def test_the_value_traded_stays() -> None:
    before, after = nestle(), adjusted(nestle(), (SPLIT, BONUS))
    np.testing.assert_allclose(after.close * after.volume, before.close * before.volume)


def test_the_ex_date_itself_is_not_adjusted() -> None:
    assert adjusted(nestle(), (SPLIT,)).open.tolist() == [2700.0, 2700.0, 1350.0]


def test_a_daily_bar_stamped_with_midnight_of_the_ex_date_is_not_adjusted() -> None:
    midnights = np.array([at(day, "00:00") for day in DAYS])
    daily = msgspec.structs.replace(nestle(), ts_ns=midnights)
    assert adjusted(daily, (SPLIT,)).open.tolist() == [2700.0, 2700.0, 1350.0]


def test_another_symbols_split_changes_nothing() -> None:
    bars = nestle()
    assert adjusted(bars, (Adjustment("NMDC", date(2024, 12, 27), 3.0),)) is bars


@pytest.mark.parametrize("divisor", [0.0, -2.0, float("nan"), float("inf")])
def test_a_divisor_that_is_none_is_refused(divisor: float) -> None:
    with pytest.raises(InputError, match="NESTLEIND 2024-01-05: divisor"):
        Adjustment("NESTLEIND", date(2024, 1, 5), divisor)
