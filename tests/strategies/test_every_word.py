"""Every word of the language: the three drivers agree bit for bit, and none looks ahead."""

from math import nan

import msgspec
import numpy as np
import pytest
from by_bar import each

from random_bars import random_bars, random_sentiment
from tradego.domain.bars import Bars, FloatArray
from tradego.domain.signals import Action
from tradego.strategies import language, vocabulary
from tradego.strategies.exits import ExitRule
from tradego.strategies.expressions import Condition, Number
from tradego.strategies.history import HistoryEvaluator
from tradego.strategies.language import (
    Choice,
    Param,
    Strategy,
    adx,
    ago,
    atr,
    bearish_divergence,
    bullish_divergence,
    close,
    correlation,
    crossed_above,
    crossed_below,
    ema,
    farther,
    high,
    highest,
    low,
    lower_band,
    lowest,
    macd,
    macd_signal,
    maximum,
    middle_band,
    minimum,
    minute,
    near,
    nearer,
    open,
    resistance,
    rsi,
    sentiment,
    session_high,
    session_low,
    session_open,
    sma,
    support,
    swing_high,
    swing_low,
    upper_band,
    usual_volume,
    volume,
    vwap,
)
from tradego.strategies.live import PanelEvaluator, StreamEvaluator

period = Param(4, 2, 9)
width = Param(1.5, 1.0, 3.0)
either = Choice(fast=ema(close, 3), slow=ema(close, 9))
floor = support(2, 0.3, 60)
ceiling = resistance(2, width, 60)

NUMBERS: dict[str, Number] = {
    "open": open,
    "high": high,
    "low": low,
    "close": close,
    "volume": volume,
    "sentiment": sentiment,
    "minute": minute,
    "sma": sma(close, period),
    "sma of sentiment": sma(sentiment, 3),
    "sma of an average": sma(usual_volume(4), 5),
    "ema": ema(close, 9),
    "choice": either,
    "highest": highest(high, 20),
    "lowest": lowest(low, period),
    "ago": ago(volume, 3),
    "correlation": correlation(close, volume, 10),
    "rsi": rsi(),
    "rsi of an average": rsi(5, sma(volume, 2)),
    "macd": macd(),
    "macd_signal": macd_signal(),
    "atr": atr(),
    "adx": adx(period),
    "upper_band": upper_band(),
    "middle_band": middle_band(10, width),
    "lower_band": lower_band(),
    "vwap": vwap(),
    "session_open": session_open(),
    "session_high": session_high(3),
    "session_low": session_low(period),
    "usual_volume": usual_volume(5),
    "swing_high": swing_high(3),
    "swing_low": swing_low(2),
    "support": floor.price,
    "support age": floor.age,
    "support touches": floor.touches,
    "resistance": ceiling.price,
    "resistance age": ceiling.age,
    "resistance touches": ceiling.touches,
    "arithmetic": (2 * close - high / width + 1)
    - (-low) * (0.5 - volume / volume)
    + abs(-macd())
    - 9 / close,
    "a constant": width * 2,
    "minimum": minimum(close, sma(close, 5)),
    "maximum": maximum(close, sma(close, 5)),
    "nearer": nearer(0.99 * close, swing_low(2)),
    "farther": farther(1.01 * close, swing_high(2)),
}
CONDITIONS: dict[str, Condition] = {
    "crossed_above": crossed_above(close, sma(close, 5)),
    "crossed_below": crossed_below(sentiment, 0.2),
    "crossed_below a parameter": crossed_below(close / ago(close, 5), 1),
    "near": near(close, sma(close, 20)),
    "bullish_divergence": bullish_divergence(7, 2, 40),
    "bearish_divergence": bearish_divergence(7, 2, 40),
    "within": crossed_above(rsi(5), 60).within(period),
    "and": (close > open) & (volume > sma(volume, 5)),
    "or": (close > high) | (sentiment > 0.4),
    "not": ~(sentiment > 0.4),
    "not within": ~crossed_above(close, sma(close, 5)).within(3),
    "begins": (rsi(5) > 60).begins(),
}


class EveryWord(Strategy):
    """Says nothing worth hearing, with every word there is; each is an exit rule to be read."""

    period = period
    width = width
    either = either
    enter = close > 0
    stop = close - 1
    target = close + 1
    exits = (
        *(ExitRule(name, value < 1e12, Action.REDUCE) for name, value in NUMBERS.items()),
        *(ExitRule(name, condition) for name, condition in CONDITIONS.items()),
    )


Read = dict[str, FloatArray]
"""By rule: left value, right value and verdict of every bar; three NaN where one is unknown."""


def of_history(strategy: Strategy, bars: Bars, scores: FloatArray) -> Read:
    (study,) = HistoryEvaluator([strategy]).study(bars, scores)
    read = {}
    for column in study.exits:
        values = np.array([column.left, column.right, column.fires], dtype=np.float64)
        values[:, np.isnan(values).any(axis=0)] = nan
        read[column.rule.name] = values
    return read


def of_stream(stream: StreamEvaluator, bars: Bars, scores: FloatArray) -> Read:
    rows = list(zip(each(bars), scores.tolist(), strict=True))
    read = {rule.name: np.full((3, len(rows)), nan) for rule in EveryWord.exits}
    for row, (bar, score) in enumerate(rows):
        stream.close(bar, score)
        for said in stream.advice("every_word").conditions:
            read[said.name][:, row] = said.left, said.right, said.passed
    return read


def assert_same(got: Read, wanted: Read, rows: slice = slice(None)) -> None:
    assert got.keys() == wanted.keys()
    for name, values in wanted.items():
        assert np.array_equal(got[name], values[:, rows], equal_nan=True), name


@pytest.fixture(scope="module")
def bars() -> Bars:
    return random_bars(11, sessions=26)


@pytest.fixture(scope="module")
def scores(bars: Bars) -> FloatArray:
    return random_sentiment(11, bars.count)


def test_every_word_is_tried_here_and_speaks(bars: Bars, scores: FloatArray) -> None:
    words = {name for name in dir(vocabulary) if not name.startswith("_")} & set(language.__all__)
    tried = {name.split()[0] for name in (*NUMBERS, *CONDITIONS)}
    assert words - tried == {"clock", "Level", "Number", "Param"}
    for name, (left, _, verdict) in of_history(EveryWord(), bars, scores).items():
        assert np.isfinite(left).any(), name
        assert (verdict == 1).any(), name


# S2-mode-6
def test_the_newest_bar_says_what_history_says(bars: Bars, scores: FloatArray) -> None:
    stream = StreamEvaluator([EveryWord()], bars.symbol)
    assert_same(of_stream(stream, bars, scores), of_history(EveryWord(), bars, scores))


def test_a_stream_goes_on_from_a_history_as_if_it_had_lived_it(
    bars: Bars, scores: FloatArray
) -> None:
    stream = StreamEvaluator([EveryWord(period=6)], bars.symbol)
    stream.warm_up(bars.rows(0, 300), scores[:300])
    said = of_stream(stream, bars.rows(300, bars.count), scores[300:])
    wanted = of_history(EveryWord(period=6), bars, scores)
    assert_same(said, wanted, slice(300, None))


@pytest.mark.parametrize("cut", [1, 2, 60, 333, 500])
def test_the_future_changes_nothing(cut: int, bars: Bars, scores: FloatArray) -> None:
    part = of_history(EveryWord(), bars.rows(0, cut), scores[:cut])
    assert_same(part, of_history(EveryWord(), bars, scores), slice(cut))


def test_the_panel_says_what_each_symbol_alone_says() -> None:
    market = [random_bars(seed, sessions=12, symbol=f"S{seed}") for seed in range(3)]
    scores = [random_sentiment(seed, bars.count) for seed, bars in enumerate(market)]
    panel = PanelEvaluator([EveryWord()])
    wanted = [of_history(EveryWord(), bars, s) for bars, s in zip(market, scores, strict=True)]
    said = [{name: np.full_like(v, nan) for name, v in read.items()} for read in wanted]
    moments = sorted({ts for bars in market for ts in bars.ts_ns.tolist()})
    rows = [{bar.ts_ns: (bar, k) for k, bar in enumerate(each(bars))} for bars in market]
    assert any(len(bars.ts_ns) < len(moments) for bars in market), "some symbols skip some bars"
    for moment in moments:
        now = [(k, *row[moment]) for k, row in enumerate(rows) if moment in row]
        panel.close([bar for _, bar, _ in now], {bar.symbol: scores[k][n] for k, bar, n in now})
        for k, bar, n in now:
            for rule in panel.advice("every_word", bar.symbol).conditions:
                said[k][rule.name][:, n] = rule.left, rule.right, rule.passed
    for ours, theirs in zip(said, wanted, strict=True):
        assert_same(ours, theirs)


def test_after_a_hole_of_months_everything_begins_afresh(bars: Bars, scores: FloatArray) -> None:
    month = 30 * 86_400 * 10**9
    later = np.where(np.arange(bars.count) >= 400, bars.ts_ns + month, bars.ts_ns)
    torn = msgspec.structs.replace(bars, ts_ns=later)
    read = of_history(EveryWord(), torn, scores)
    assert_same(of_history(EveryWord(), torn.rows(0, 400), scores[:400]), read, slice(400))
    assert_same(
        of_history(EveryWord(), torn.rows(400, torn.count), scores[400:]), read, slice(400, None)
    )
    assert_same(of_stream(StreamEvaluator([EveryWord()], "INFY"), torn, scores), read)
    warmed = StreamEvaluator([EveryWord()], "INFY")
    warmed.warm_up(torn.rows(0, 450), scores[:450])
    assert_same(of_stream(warmed, torn.rows(450, torn.count), scores[450:]), read, slice(450, None))
    assert np.isnan(read["sma"][0, 400])
