"""A trader's own strategy is one file outside the package; a faulty one is refused by line."""

import json
from pathlib import Path

import pytest

from tradego.app.strategy_files import made, strategy_class
from tradego.domain.errors import InputError

pytestmark = pytest.mark.slow  # whole sessions, some in processes of their own

MINE = '''"""Buys a green bar after a red one."""

from tradego.strategies.language import Param, Strategy, ago, close, open


class TurnsGreen(Strategy):
    """The bar before fell, this one rose."""

    stop_pct = Param(0.5, 0.1, 2.0)

    was_red = ago(close, 1) < ago(open, 1)
    is_green = (close > open).strong(1.002 * open)

    enter = was_red & is_green
    stop = (1 - stop_pct / 100) * close
    target = (1 + 2 * stop_pct / 100) * close
'''


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "green.py"
    file.write_text(MINE)
    return file


# S0-orch-2
def test_a_file_of_ones_own_trades_like_any_other(typed, sample, mine, tmp_path):
    words = ("backtest", "--bars", sample.bars, "--strategy", f"{mine},mean_reversion", "--json")
    more = ("--param", "turns_green.stop_pct=0.4", "--set", "risk.min_confidence=0.5")
    done = typed(*words, *more, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert json.loads(done.out)["by_strategy"]["turns_green"]["trades"] > 10


def test_a_configuration_can_name_the_file(typed, sample, mine, tmp_path):
    file = tmp_path / "tradego.toml"
    file.write_text(
        f'[strategies.turns_green]\nfile = "{mine.name}"\nproduct = "D"\n'
        "[strategies.turns_green.params]\nstop_pct = 0.4\n[risk]\nmin_confidence = 0.5\n"
    )
    words = ("backtest", "--bars", sample.bars, "--config", file, "--out", tmp_path / "out")
    assert typed(*words).code == 0
    trades = json.loads((tmp_path / "out" / "trades.json").read_text())
    assert {(trade["strategy"], trade["product"]) for trade in trades} == {("turns_green", "D")}
    stop, entry = float(trades[0]["initial_stop_loss"]), float(trades[0]["entry_price"])
    assert stop / entry == pytest.approx(0.996, abs=0.002)


def test_a_changed_rule_is_another_run(typed, sample, mine, tmp_path):
    def run_id() -> str:
        words = ("backtest", "--bars", sample.bars, "--strategy", mine, "--to", "2026-06-10")
        done = typed(*words, "--out", tmp_path / "out", "--json")
        return json.loads(done.out)["run_id"]

    before = run_id()
    mine.write_text(MINE.replace("1.002", "1.003"))
    assert run_id() != before


# S0-base-2
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("class X(\n", "own.py, line 1: '(' was never closed"),
        ("import nothing_of_the_kind\n", "own.py, line 1: ModuleNotFoundError"),
        ("x = 1\n\ny = z\n", "own.py, line 3: NameError: name 'z' is not defined"),
        ("x = 1\n", "own.py has no class made from Strategy"),
        (MINE.replace("    stop = (1", "    halt = (1"), "strategy turns_green lacks 'stop'"),
        (MINE.replace("Param(0.5, 0.1, 2.0)", "Param(5, 0.1, 2.0)"), "turns_green.stop_pct = 5"),
        (f"{MINE}\n\nclass Other(TurnsGreen):\n    pass\n", "has TurnsGreen, Other: say which"),
    ],
)
def test_a_faulty_file_is_refused_by_line_or_part(tmp_path, text, complaint):
    file = tmp_path / "own.py"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        made(str(file), {})
    assert complaint in str(refused.value)


def test_of_several_classes_one_is_named(tmp_path):
    file = tmp_path / "own.py"
    file.write_text(f"{MINE}\n\nclass Other(TurnsGreen):\n    pass\n")
    assert strategy_class(f"{file}:Other").name == "other"
    with pytest.raises(InputError, match=r"has no class Third\(Strategy\)"):
        strategy_class(f"{file}:Third")


def test_an_installed_package_may_offer_strategies(tmp_path, mine, monkeypatch):
    """By the entry point group `tradego.strategies`, as any installed distribution does."""
    (tmp_path / "green_pack-1.dist-info").mkdir()
    (tmp_path / "green_pack-1.dist-info" / "METADATA").write_text("Name: green-pack\nVersion: 1\n")
    (tmp_path / "green_pack-1.dist-info" / "entry_points.txt").write_text(
        "[tradego.strategies]\nturns_green = green:TurnsGreen\nbroken = green:Absent\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert strategy_class("turns_green").name == "turns_green"
    with pytest.raises(InputError, match="strategy broken of green:Absent"):
        strategy_class("broken")
    with pytest.raises(InputError, match=r"no strategy 'x'; there are .*turns_green"):
        strategy_class("x")
