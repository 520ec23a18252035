"""A trader's own strategy is one file outside the package."""

import importlib.util
from pathlib import Path

import numpy as np
from by_bar import streamed

from random_bars import random_bars
from tradego.domain.signals import Action
from tradego.strategies.history import HistoryEvaluator
from tradego.strategies.strategy import Strategy, entry_conditions, parameters, validate

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "my_first_strategy.py"


def example() -> type[Strategy]:
    spec = importlib.util.spec_from_file_location("my_first_strategy", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return validate(module.MyFirstStrategy)


def test_the_example_is_what_it_says() -> None:  # S0-base-1, A-plug-1
    cls = example()
    assert cls.name == "my_first_strategy"
    assert list(parameters(cls)) == ["pullback_bars", "rsi_min", "stop_atr"]
    names = ["rising", "dipped", "turned", "alive", "not_spent", "in_time"]
    assert list(entry_conditions(cls)) == names


def test_the_example_trades_and_live_agrees() -> None:
    bars = random_bars(1, sessions=60)
    strategy = example()(pullback_bars=4)
    (study,) = HistoryEvaluator([strategy]).study(bars)
    signals = study.signals()
    assert len(signals) >= 10
    assert streamed([strategy], bars) == signals
    for signal in signals:
        assert signal.stop < signal.entry < signal.target
        assert 0.5 <= signal.confidence <= 1
        assert [c.name for c in signal.conditions] == list(entry_conditions(type(strategy)))
    said = {study.advice(row).action for row in range(bars.count)}
    assert said == {Action.HOLD, Action.EXIT, Action.MOVE_STOP}
    late = study.exits[1].fires
    assert np.flatnonzero(late).size > 0
