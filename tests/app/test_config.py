"""The configuration file: what it says of itself is what it reads, and nothing else is accepted."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from tradego.app.config import Config, StrategyTable, load, parse
from tradego.app.config_text import allowed, commented, meaning
from tradego.domain.errors import InputError
from tradego.strategies.shipped import SHIPPED

TEXT = commented()


def refusal(text: str) -> str:
    with pytest.raises(InputError) as refused:
        parse(text, "desk.toml")
    message = str(refused.value)
    assert "\n" not in message
    return message


# A-run-2
def test_what_init_writes_is_read_back_as_the_defaults():
    config = parse(TEXT, "desk.toml")
    assert msgspec.structs.replace(config, strategies={}) == Config()
    assert list(config.strategies) == list(SHIPPED)
    for name, table in config.strategies.items():
        written = SHIPPED[name](**table.params)
        assert written.values == SHIPPED[name]().values


def test_every_setting_has_a_meaning_a_range_and_a_line_in_the_file():
    lines = TEXT.splitlines()
    tables = [inspect.type_info(field.type) for field in msgspec.structs.fields(Config)]
    tables = [kind for kind in tables if isinstance(kind, inspect.StructType)]
    assert len(tables) == 5
    for kind in (*tables, inspect.type_info(StrategyTable)):
        for field in kind.fields:
            assert meaning(field.type), f"{kind.cls.__name__}.{field.name} says nothing"
            numbers = (inspect.IntType, inspect.FloatType, inspect.DecimalType)
            bare = getattr(field.type, "type", field.type)
            if isinstance(bare, numbers):
                assert " to " in allowed(field.type), f"{field.name} has no range"
    for kind in tables:
        for field in kind.fields:
            starts = (f"{field.name} =", f"# {field.name} =", f"[market.{field.name}]")
            assert any(line.startswith(starts) for line in lines), field.name


# S1-sig-12
def test_every_parameter_of_a_strategy_is_there_with_its_default_and_range():
    assert "news_threshold = 0.6  # 0.2 to 0.95" in TEXT
    assert 'usual = "same_time"  # same_time, sma20' in TEXT
    assert "macd_bars = 3  # 1 to 12" in TEXT


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[risk]\nmax_heat = 3", "unknown key risk.max_heat; did you mean max_heat_pct?"),
        ("[rsk]", "unknown key rsk; did you mean risk?"),
        ("[risk]\nmax_heat_pct = 300", "risk.max_heat_pct = 300 is outside 0 to 100"),
        ("[risk]\nmax_heat_pct = nan", "risk.max_heat_pct = NaN is outside 0 to 100"),
        ("[risk]\nmax_positions = 0", "risk.max_positions: expected `int` >= 1"),
        ("[risk]\nsizing = 'big'", "risk.sizing: invalid enum value 'big'; one of confidence"),
        ("[desk]\nmode = 'papr'", "desk.mode: invalid enum value 'papr'; one of backtest, paper"),
        ("[desk]\naccount = 'a b'", "desk.account: expected `str` matching"),
        ("[desk]\ncapital = 0", "desk.capital = 0 is outside 1 to 1"),
        ("[simulation]\nlatency_ms = -1", "simulation.latency_ms: expected `int` >= 0"),
        ("[market.margins]\nINFY = 0", "market.margins = 0 is outside 0.01 to 100"),
        ("[strategies.x]\nfoo = 1", "unknown key strategies.x.foo; known are enabled, file"),
        ("[strategies.x]\non_advice = 'no'", "strategies.x.on_advice: invalid enum value 'no'"),
        ("strategies = 3", "strategies is a table of tables"),
        ("[risk", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(text, complaint):
    message = refusal(text)
    assert message.startswith("desk.toml: ")
    assert complaint in message


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.toml cannot be read: No such file"):
        load(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.toml cannot be read: it is not UTF-8"):
        load(tmp_path / "latin.toml")


def test_an_option_is_laid_over_the_file(tmp_path):
    file = tmp_path / "desk.toml"
    file.write_text("[risk]\nmax_positions = 4\n[desk]\naccount = 'mine'\n")
    given = ["risk.max_positions=3", "desk.broker=upstox", "simulation.slippage_bps=2.5"]
    config = load(file, given).config
    assert config.risk.max_positions == 3
    assert config.desk.account == "mine"
    assert config.desk.broker == "upstox"
    assert config.simulation.slippage_bps == Decimal("2.5")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("max_positions=3", "'max_positions=3' is not TABLE.KEY=VALUE"),
        ("risk.max_positions", "is not TABLE.KEY=VALUE"),
        ("risk.max_postions=3", "options: unknown key risk.max_postions; did you mean"),
        ("risk.max_positions=many", "options: risk.max_positions: expected `int`, got `str`"),
        ("risk.sizing.x=1", "options: risk.sizing: expected `str`, got `object`"),
    ],
)
def test_a_wrong_option_is_refused(given, complaint):
    with pytest.raises(InputError) as refused:
        load(None, [given])
    assert complaint in str(refused.value)


def test_the_file_here_is_used_without_naming_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load().source == "as shipped"
    Path("tradego.toml").write_text("[risk]\nmax_positions = 2\n")
    assert load().config.risk.max_positions == 2
    assert load().source == "tradego.toml"
