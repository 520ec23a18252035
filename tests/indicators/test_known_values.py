"""Indicators against values worked out by hand. Columns are short; NaN is written `_`."""

import subprocess
import sys
from math import nan

import numpy as np

from tradego.domain.bars import FloatArray
from tradego.domain.times import DAY, HOUR, MINUTE, minute_of_day, session_date
from tradego.indicators.elementary import (
    adx,
    atr,
    bollinger,
    correlation,
    ema,
    highest,
    lowest,
    macd,
    rsi,
    sma,
)
from tradego.indicators.face import Column, Indicator
from tradego.indicators.sessions import (
    SessionHigh,
    SessionLow,
    SessionOpen,
    SessionVwap,
    UsualVolume,
    minute_of,
    session_of,
)
from tradego.indicators.swings import (
    BearishDivergence,
    BullishDivergence,
    Resistance,
    Support,
    SwingHigh,
    SwingLow,
)
from tradego.indicators.windows import Ago, WithinBars

_ = nan


def series(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)


def whole(*values: int) -> Column:
    return np.array(values, dtype=np.int64)


def assert_says(indicator: Indicator, columns: list[Column], *wanted: FloatArray) -> None:
    """Both faces say this, to twelve digits."""
    for said in (indicator.batch(*columns), Indicator.catch_up(indicator, *columns)):
        outputs = list(said) if isinstance(said, tuple) else [said]
        for got, want in zip(outputs, wanted, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)


# S1-data-3


def test_sma_is_the_mean_of_its_period() -> None:
    assert_says(sma(2), [series(1, 2, 3, 5)], series(_, 1.5, 2.5, 4))


def test_ema_begins_with_the_mean_and_then_moves_by_two_over_period_plus_one() -> None:
    assert_says(ema(3), [series(1, 2, 3, 4, 6)], series(_, _, 2, 3, 4.5))


def test_rsi_weighs_gains_against_losses_as_wilder_does() -> None:
    # gains 1, 0 then 1: means 0.5, then (0.5 + 1) / 2; losses 0, 0.5 then 0: 0.25, then 0.125
    wanted = series(_, _, 100 * 0.5 / 0.75, 100 * 0.75 / 0.875)
    assert_says(rsi(2), [series(10, 11, 10.5, 11.5)], wanted)


def test_macd_of_a_straight_line_is_the_lag_between_its_averages() -> None:
    # on 1, 2, 3 ... an EMA over n lags by (n - 1) / 2, so 1.0 - 0.5; nothing left for the histogram
    line = series(1, 2, 3, 4, 5, 6)
    half = series(_, _, _, 0.5, 0.5, 0.5)
    assert_says(macd(2, 3, 2), [line], half, half, half - 0.5)


def test_atr_averages_the_true_range_which_spans_gaps() -> None:
    # true ranges 2, then 6 (a gap from 10 to 16), then (1 * 4 + 3) / 2 with a range of 3
    high, low, close = series(10, 11, 16, 17), series(8, 9, 15, 14), series(9, 10, 16, 15)
    assert_says(atr(2), [high, low, close], series(_, _, 4, 3.5))


def test_adx_is_100_where_every_bar_moves_the_same_way() -> None:
    up = np.arange(10.0)
    assert_says(adx(2), [up + 1, up, up + 0.5], series(_, _, _, *[100] * 7))


def test_bollinger_bands_stand_population_deviations_from_the_mean() -> None:
    assert_says(
        bollinger(2, 2.0), [series(1, 3, 7)], series(_, 4, 9), series(_, 2, 5), series(_, 0, 1)
    )


def test_highest_and_lowest_include_the_newest_bar() -> None:
    values = series(3, 1, 2, 5, 4)
    assert_says(highest(2), [values], series(_, 3, 2, 5, 5))
    assert_says(lowest(2), [values], series(_, 1, 1, 2, 4))


def test_correlation_is_one_along_a_line_and_minus_one_against_it() -> None:
    x = series(1, 4, 2, 8)
    assert_says(correlation(3), [x, 2 * x + 1], series(_, _, 1, 1))
    assert_says(correlation(3), [x, 5 - x], series(_, _, -1, -1))


def test_an_unknown_input_silences_an_indicator_and_it_begins_afresh() -> None:
    assert_says(sma(2), [series(1, 3, _, 5, 7, np.inf, 9, 9)], series(_, 2, _, _, 6, _, _, 9))


def test_ago_and_within_look_back() -> None:
    assert_says(Ago(2), [series(1, 2, 3, 4)], series(_, _, 1, 2))
    held = np.array([False, True, False, False, False, True])
    assert_says(WithinBars(3), [held], np.array([False, True, True, True, False, True]))


# Sessions


def test_sessions_change_at_indian_midnight() -> None:
    before, after = 18 * HOUR + 30 * MINUTE - 1, 18 * HOUR + 30 * MINUTE  # of 1 January 1970, UTC
    moments = np.array([before, after, after + DAY - 1, after + DAY])
    assert session_of(moments).tolist() == [0, 1, 1, 2]
    assert minute_of(moments).tolist() == [1439, 0, 1439, 0]
    assert [session_date(int(m)).day for m in moments] == [1, 2, 2, 3]
    assert [minute_of_day(int(m)) for m in moments] == [1439, 0, 1439, 0]


def test_vwap_begins_anew_each_session_and_waits_for_volume() -> None:
    session = whole(1, 1, 1, 2, 2)
    high, low, close = series(11, 21, 9, 30, 6), series(9, 19, 9, 30, 6), series(10, 20, 9, 30, 6)
    volume = series(1, 3, 0, 0, 2)
    wanted = series(10, (10 + 60) / 4, (10 + 60) / 4, _, 6)
    assert_says(SessionVwap(), [session, high, low, close, volume], wanted)


def test_session_open_is_the_first_price_of_the_day() -> None:
    assert_says(SessionOpen(), [whole(1, 1, 2, 2), series(5, 6, 7, 8)], series(5, 5, 7, 7))


def test_the_session_high_is_that_of_complete_sessions_only() -> None:
    session, high = whole(1, 1, 2, 2, 3, 3, 4), series(5, 9, 7, 6, 4, 99, 1)
    assert_says(SessionHigh(2), [session, high], series(_, _, _, _, 9, 9, 99))
    assert_says(SessionLow(2), [session, high], series(_, _, _, _, 5, 5, 4))


def test_usual_volume_compares_with_the_same_time_of_day() -> None:
    minute = whole(555, 570, 555, 570, 555, 600, 555)
    volume = series(100, 7, 200, 9, 600, 1, 0)
    assert_says(UsualVolume(2), [minute, volume], series(_, _, _, _, 150, _, 400))


# S1-sig-6, S1-sig-7


def test_a_swing_counts_only_after_its_confirming_bars() -> None:
    high = series(1, 2, 5, 3, 2, 2, 1)
    assert_says(SwingHigh(2), [high], series(_, _, _, _, 5, 5, 5))
    assert_says(SwingLow(2), [-high], series(_, _, _, _, -5, -5, -5))


def test_a_plateau_counts_once_at_its_first_bar() -> None:
    # 4 4 is a swing at the first 4; the second is not higher than the bar before it
    assert_says(SwingHigh(1), [series(3, 4, 4, 2, 3, 1)], series(_, _, 4, 4, 4, 3))


def test_a_bar_beaten_within_its_confirming_bars_is_no_swing() -> None:
    assert_says(SwingHigh(2), [series(1, 2, 5, 3, 6, 1, 1)], series(_, _, _, _, _, _, 6))


def test_a_lower_low_with_a_higher_rsi_diverges_until_the_swings_are_old() -> None:
    low = series(9, 6, 8, 9, 5, 7, 8, 9)  # swing lows at bars 1 and 4, known at 2 and 5
    oscillator = series(50, 20, 40, 45, 30, 40, 45, 50)
    flag = series(0, 0, 0, 0, 0, 1, 1, 0)  # at bar 7 the older swing is 6 bars old
    newer, older = series(_, _, _, _, _, 30, 30, 30), series(_, _, _, _, _, 20, 20, 20)
    assert_says(BullishDivergence(1, 5), [low, oscillator], flag, newer, older)
    assert_says(BearishDivergence(1, 5), [-low, -oscillator], flag, -newer, -older)


def test_a_lower_low_with_a_lower_rsi_does_not_diverge() -> None:
    low, oscillator = series(9, 6, 8, 9, 5, 7), series(50, 30, 40, 45, 20, 40)
    none = np.zeros(6)
    newer, older = series(_, _, _, _, _, 20), series(_, _, _, _, _, 30)
    assert_says(BullishDivergence(1, 30), [low, oscillator], none, newer, older)


def test_support_is_the_nearest_level_below_with_its_age_and_touches() -> None:
    # swing lows 100 at bar 1, 100.2 at bar 3, 95 at bar 5, each known one bar later
    low = series(104, 100, 103, 100.2, 104, 95, 99, 99, 99)
    close = series(104, 101, 103, 101, 104, 96, 101, 99.8, 97)
    level = series(_, _, 100, 100, 100.2, _, 100.2, 100.2, 95)
    age = series(_, _, 1, 2, 3, _, 5, 6, 3)
    touches = series(_, _, 1, 1, 2, _, 2, 2, 1)
    assert_says(Support(1, 0.5, 50), [low, close], level, age, touches)
    assert_says(Resistance(1, 0.5, 50), [-low, -close], -level, age, touches)


def test_levels_are_forgotten_by_age() -> None:
    low, close = series(9, 5, 9, 6, 9, 9, 9), series(*[9] * 7)  # swing lows at bars 1 and 3
    level, age = series(_, _, 5, 5, 6, 6, _), series(_, _, 1, 2, 1, 2, _)
    assert_says(Support(1, 0.1, 2), [low, close], level, age, level / level)


def test_levels_are_forgotten_by_number() -> None:
    low, close = series(9, 5, 9, 6, 9, 9), series(9, 9, 9, 9, 9, 5.5)
    two, one = Support(1, 0.1, 50, memory=2), Support(1, 0.1, 50, memory=1)
    once, lost = series(_, _, 1, 1, 1, 1), series(_, _, 1, 1, 1, _)
    assert_says(two, [low, close], series(_, _, 5, 5, 6, 5), series(_, _, 1, 2, 1, 4), once)
    assert_says(one, [low, close], series(_, _, 5, 5, 6, _), series(_, _, 1, 2, 1, _), lost)


def test_the_indicators_do_not_load_polars() -> None:
    # the engine process stays light, and whoever imports polars later still gets it
    code = (
        "import sys, tradego.indicators.elementary; assert 'polars' not in sys.modules;"
        "import polars; assert polars.Series([1]).sum() == 1"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
