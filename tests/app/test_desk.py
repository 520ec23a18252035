"""A paper session over recorded bars trades as the backtest does, killed or not."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tradego.app.commands.replay import run_again
from tradego.app.demo import demo
from tradego.app.desk import Desk, Shown
from tradego.domain.effects import Effect, TradeClosed
from tradego.domain.errors import InputError
from tradego.domain.events import CommandKind, CommandReceived, Event, Marked
from tradego.domain.positions import Trade
from tradego.research.backtest import Setup, backtest
from tradego.storage.commands import CommandBox
from tradego.storage.journal import decode_event, read_journal
from tradego.storage.tables import Tables

pytestmark = pytest.mark.slow  # whole sessions, some in processes of their own

SEED, SESSIONS = 3, 2


class Paper:
    """A journal for runs whose journal is not looked at."""

    def record(self, event: Event, effects: list[Effect]) -> int:
        return 0

    def commit(self) -> None:
        pass


@pytest.fixture(scope="module")
def setup() -> Setup:
    return demo(SEED, SESSIONS).setup


@pytest.fixture(scope="module")
def expected(setup: Setup) -> list[Trade]:
    return list(backtest(setup, Paper()).record.trades.values())


def play(setup: Setup, database: Path, turns: int | None = None) -> list[Trade]:
    """The trades of a session played to its end, or of its first turns."""
    trades: dict[str, Trade] = {}

    def watch(shown: Shown) -> None:
        for effect in shown.effects:
            if isinstance(effect, TradeClosed):
                trades[effect.trade.trade_id] = effect.trade

    with Desk(setup, database, watch) as desk:
        desk.catch_up()
        while turns != 0 and desk.turn():
            turns = None if turns is None else turns - 1
    return list(trades.values())


def moments(trades: list[Trade]) -> list[tuple[object, ...]]:
    """What a trader would compare; ids carry the mode and differ."""
    return [
        (t.symbol, t.strategy, t.entry_ns, t.exit_ns, t.quantity, t.net_pnl, t.mae, t.mfe)
        for t in trades
    ]


# S2-mode-6, S0-trk-1
def test_bar_by_bar_strategies_trade_as_the_backtest_does(
    setup: Setup, expected: list[Trade], tmp_path: Path
) -> None:
    assert len(expected) >= 5
    assert moments(play(setup, tmp_path / "desk.db")) == moments(expected)


@pytest.mark.parametrize("turns", [1, 40, 200, 301])
def test_a_session_left_anywhere_goes_on_to_the_same_trades(
    setup: Setup, expected: list[Trade], tmp_path: Path, turns: int
) -> None:
    play(setup, tmp_path / "desk.db", turns)
    assert moments(play(setup, tmp_path / "desk.db")) == moments(expected)


def journal_rows(database: Path) -> int:
    """How many are durable; 0 before there is a journal."""
    try:
        with read_journal(database) as journal:
            return sum(1 for _ in journal.read())
    except InputError:
        return 0


def demo_process(database: Path, speed: str) -> "subprocess.Popen[str]":
    words = ["demo", "--headless", "--json", "--seed", str(SEED), "--sessions", str(SESSIONS)]
    more = ["--speed", speed, "--database", str(database)]
    return subprocess.Popen(
        [sys.executable, "-m", "tradego.app.cli", *words, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_kill_9_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    undisturbed, _ = demo_process(tmp_path / "whole.db", "max").communicate()
    for rows in (60, 160):
        process = demo_process(tmp_path / "killed.db", "9000")
        while journal_rows(tmp_path / "killed.db") < rows:
            try:
                process.wait(timeout=0.05)
                pytest.fail(f"the session ended before it was killed: {process.communicate()}")
            except subprocess.TimeoutExpired:
                continue
        process.send_signal(signal.SIGKILL)
        process.communicate()
    after, _ = demo_process(tmp_path / "killed.db", "max").communicate()
    one, other = json.loads(undisturbed), json.loads(after)
    assert other.pop("recovered_events") >= 160
    assert one.pop("recovered_events") == 0
    assert other == one
    assert one["trades"] >= 5


def test_the_journal_of_a_session_replays_byte_for_byte(setup: Setup, tmp_path: Path) -> None:
    play(setup, tmp_path / "desk.db")
    proof = run_again(str(tmp_path / "desk.db"))
    assert proof.verified
    assert proof.events > 300


# S2-safe-3
def test_the_tables_of_a_session_are_what_its_journal_says(setup: Setup, tmp_path: Path) -> None:
    play(setup, tmp_path / "desk.db")
    tables = Tables(tmp_path / "desk.db")
    try:
        assert tables.verify() == []
        assert len(tables.read(Trade)) >= 5
    finally:
        tables.close()


# S0-pos-3, S1-exec-7: on the bars given
def test_a_held_position_is_marked_at_every_bar_of_the_market(setup: Setup, tmp_path: Path) -> None:
    play(setup, tmp_path / "desk.db")
    with read_journal(tmp_path / "desk.db") as journal:
        events = [decode_event(event) for _, event, _ in journal.read()]
    marks = [event for event in events if isinstance(event, Marked)]
    assert len(marks) > 100


def test_other_bars_or_settings_do_not_go_on_with_a_session(setup: Setup, tmp_path: Path) -> None:
    play(setup, tmp_path / "desk.db", turns=40)
    opening = msgspec.structs.replace(setup.opening, config_hash="another")
    other = msgspec.structs.replace(setup, opening=opening)
    with pytest.raises(InputError, match="not those this session began with"):
        play(other, tmp_path / "desk.db")


def test_a_second_process_is_refused_while_the_desk_runs(setup: Setup, tmp_path: Path) -> None:
    with Desk(setup, tmp_path / "desk.db", lambda _: None):
        second = demo_process(tmp_path / "desk.db", "max")
        _, said = second.communicate()
    assert second.returncode == 2
    assert len(said.strip().splitlines()) == 1
    assert str(Path(tmp_path / "desk.db").name) in said


def order_to(kind: CommandKind, number: int) -> CommandReceived:
    return CommandReceived(ts_ns=0, command_id=f"c{number}", actor="tester", command=kind)


# S1-exec-1 halt: no entries after it, also after a restart; resumed, they come again
def test_a_halt_left_in_the_box_stops_entries_and_survives_a_restart(
    setup: Setup, expected: list[Trade], tmp_path: Path
) -> None:
    database = tmp_path / "desk.db"
    play(setup, database, turns=1)
    box = CommandBox(database)
    assert box.leave(order_to(CommandKind.HALT, 1))
    assert not box.leave(order_to(CommandKind.HALT, 1))
    play(setup, database, turns=150)
    assert play(setup, database) == []
    box.close()
    assert expected
