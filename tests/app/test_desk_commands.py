"""init, doctor, journal, explain, export, halt, kill and resume, as a person uses them."""

import csv
import io
import json
import sqlite3
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from tradego.app.health import Check, Standing, examine
from tradego.app.journal_reading import entries
from tradego.domain.events import Filled
from tradego.domain.times import from_datetime
from tradego.storage.commands import CommandBox
from tradego.storage.journal import open_journal, read_journal
from tradego.storage.stamp import Stamp

pytestmark = pytest.mark.slow  # whole sessions, some in processes of their own


@pytest.fixture
def desk(typed, tmp_path: Path) -> Path:
    """A new desk's folder."""
    assert typed("init", tmp_path / "desk").code == 0
    return tmp_path / "desk"


def replayed(typed, desk: Path, bars: Path, *more: object) -> dict:
    words = ("run", "--replay", bars, "--speed", "max", "--headless", "--json")
    done = typed(*words, "--config", desk / "tradego.toml", *more)
    assert done.code == 0, done.err
    return json.loads(done.out)


# ---- init ----------------------------------------------------------------------------------------


# A-run-2, S1-pnl-18
def test_init_makes_a_desk_that_is_ready_and_overwrites_nothing(typed, desk):
    with sqlite3.connect(desk / "tradego.db") as database:
        assert database.execute("SELECT mode, account FROM meta").fetchall() == [("paper", "paper")]
        assert database.execute("SELECT count(*) FROM trades").fetchall() == [(0,)]
    (desk / "tradego.toml").write_text("# mine\n")
    again = typed("init", desk)
    assert again.code == 2
    assert "exists: this is a desk already" in again.line
    assert (desk / "tradego.toml").read_text() == "# mine\n"


def test_init_does_not_take_over_a_database_without_a_configuration(typed, desk):
    (desk / "tradego.toml").unlink()
    assert "tradego.db exists" in typed("init", desk).line


def test_init_tells_programs_where_everything_is(typed, tmp_path):
    made = json.loads(typed("init", tmp_path / "d", "--json").out)
    assert all(Path(path).exists() for path in made.values())


# ---- doctor --------------------------------------------------------------------------------------


def checks(typed, desk: Path) -> tuple[int, dict[str, dict]]:
    done = typed("doctor", "--config", desk / "tradego.toml", "--json")
    return done.code, {check["part"]: check for check in json.loads(done.out)}


# S0-base-4
def test_a_new_desk_is_well(typed, desk):
    code, found = checks(typed, desk)
    assert code == 0
    parts = ("configuration", "database", "journal", "tables", "clock", "calendar", "disk")
    assert {part: found[part]["standing"] for part in parts} == dict.fromkeys(parts, "ok")
    assert found["instruments"]["standing"] == "warning"
    assert "tradego data import" in found["instruments"]["remedy"]


# S0-base-4, S2-safe-3
def test_a_table_that_differs_from_the_journal_is_found_and_made_anew(typed, desk, sample):
    replayed(typed, desk, sample.bars, "--news", sample.news, "--from", "2026-07-29")
    assert checks(typed, desk)[0] == 0
    with sqlite3.connect(desk / "tradego.db") as database:
        database.execute("UPDATE trades SET net_pnl_paise = net_pnl_paise + 1")
    code, found = checks(typed, desk)
    assert code == 1
    assert found["tables"]["standing"] == "failed"
    assert "trades: row" in found["tables"]["found"]
    assert typed("doctor", "--config", desk / "tradego.toml", "--rebuild").code == 0


def test_a_changed_journal_is_found(typed, desk, sample):
    replayed(typed, desk, sample.bars, "--from", "2026-07-31")
    with sqlite3.connect(desk / "tradego.db") as database:
        database.execute("UPDATE journal SET event = effects WHERE seq = 3")
    code, found = checks(typed, desk)
    assert code == 1
    assert found["journal"]["standing"] == "failed"
    assert "row 3 was changed" in found["journal"]["found"]


@pytest.mark.parametrize(
    ("before", "after", "part", "complaint"),
    [
        ('broker = "zerodha"', 'broker = "nobody"', "configuration", "no brokerage plan"),
        ('account = "paper"', 'account = "other"', "database", "belongs to paper account 'paper'"),
        ('mode = "paper"', 'mode = "live"', "mode", "desk.mode is live"),
        ("rsi_max = 70.0", "rsi_max = 99.0", "configuration", "rsi_max = 99.0 is not a number"),
        ("watchlists = []", "watchlist = []", "configuration", "unknown key market.watchlist"),
    ],
)
def test_each_fault_is_told_with_its_part(typed, desk, before, after, part, complaint):
    file = desk / "tradego.toml"
    file.write_text(file.read_text().replace(before, after))
    code, found = checks(typed, desk)
    assert code == 1
    assert found[part]["standing"] == "failed"
    assert complaint in found[part]["found"]


def test_without_a_desk_the_remedy_is_to_make_one(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = typed("doctor")
    assert done.code == 1
    assert "tradego init" in done.out


# ---- halt, kill, resume --------------------------------------------------------------------------


def test_a_word_is_left_for_a_desk_that_is_down_and_taken_at_its_start(typed, desk, sample):
    config = ("--config", desk / "tradego.toml")
    assert typed("halt", *config, "--reason", "holiday").code == 0
    told = replayed(typed, desk, sample.bars, "--news", sample.news, "--from", "2026-07-29")
    assert told["trades"] == 0
    assert set(told["refusals"]) <= {"halted", "low_confidence", "outranked", "data_flagged"}
    assert told["refusals"]["halted"] > 0
    lines = typed("journal", *config, "--topic", "desk", "--last", 0).out
    assert "Entries halted" in lines
    box = CommandBox(desk / "tradego.db")
    assert box.waiting() == []
    box.close()


def test_the_same_word_twice_is_left_once(typed, desk):
    words = ("kill", "--config", desk / "tradego.toml", "--id", "panic-1", "--json")
    assert json.loads(typed(*words, "--no-flatten").out)["is_new"] is True
    assert json.loads(typed(*words).out)["is_new"] is False
    box = CommandBox(desk / "tradego.db")
    (command,) = box.waiting()
    box.close()
    assert (command.command, command.flatten, command.address) == ("kill", False, "command line")


def test_a_word_is_left_while_another_process_writes(typed, desk):
    stamp = Stamp(mode="paper", account="paper", lineage="x", created_ns=0)
    with open_journal(desk / "tradego.db", stamp):
        assert typed("resume", "--database", desk / "tradego.db").code == 0


def test_a_word_without_a_desk_is_refused(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "make one with `tradego init`" in typed("halt").line
    assert "database absent.db not found" in typed("halt", "--database", "absent.db").line


# ---- journal -------------------------------------------------------------------------------------


# S4-ops-1
def test_the_journal_is_told_in_lines_and_filtered(typed, finished):
    last = typed("journal", finished, "--last", 3).out.splitlines()
    assert len(last) == 3
    assert "Session closed" in last[-1]
    told = json.loads(typed("journal", finished, "--last", 0, "--topic", "trade", "--json").out)
    assert {line["topic"] for line in told} == {"trade"}
    one = json.loads(typed("journal", finished, "--last", 0, "--about", "teak", "--json").out)
    assert one
    assert all("TEAK" in line["text"] for line in one)
    day = ("--from", "2026-07-20", "--to", "2026-07-20")
    dated = json.loads(typed("journal", finished, "--last", 0, *day, "--json").out)
    assert {line["time"][:10] for line in dated} == {"2026-07-20"}


def test_rows_of_the_journal_come_as_they_were_written(typed, finished):
    words = ("journal", finished, "--events", "--kind", "trade_closed", "--last", 1, "--json")
    (row,) = json.loads(typed(*words).out)
    with read_journal(finished / "journal.db") as journal:
        written = next(effects for seq, _, effects in journal.read(row["seq"]))
    assert row["effects"] == json.loads(written)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("journal absent.db", "no journal at absent.db"),
        ("journal absent.db --kind filled", "--kind chooses among rows"),
        ("journal absent.db --from soon", "--from 'soon' is not a day"),
        ("explain BT000001 absent.db", "no journal at absent.db"),
    ],
)
def test_what_cannot_be_looked_up_is_refused(typed, words, complaint):
    done = typed(*words.split())
    assert done.code == 2
    assert complaint in done.line


# ---- explain -------------------------------------------------------------------------------------


# S0-orch-4
def test_one_order_is_explained_from_its_signal_to_its_charges(typed, finished):
    trade = json.loads((finished / "trades.json").read_text())[0]
    by_trade = typed("explain", trade["trade_id"], finished)
    by_order = typed("explain", trade["sl_order_id"], finished)
    assert by_trade.code == by_order.code == 0
    assert by_trade.out == by_order.out
    for part in ("Signal", "Risk review and size", "Entry", "Stop", "The way out", "Charges"):
        assert part in by_trade.out
    told = json.loads(typed("explain", trade["trade_id"], finished, "--json").out)
    assert trade["symbol"] in told["summary"]


def test_an_unknown_name_is_refused_with_what_names_look_like(typed, finished):
    done = typed("explain", "nonsense", finished)
    assert done.code == 2
    assert "nothing in this journal is called 'nonsense'" in done.line


# ---- export --------------------------------------------------------------------------------------


# S1-ui-5
def test_an_export_has_exactly_the_filtered_rows_and_numbers_stay_numbers(
    typed, finished, tmp_path
):
    trades = json.loads((finished / "trades.json").read_text())
    wanted = [t for t in trades if t["product"] == "I" and float(t["net_pnl"]) > 0]
    words = ("export", "trades", finished, "--product", "I", "--outcome", "winner")
    as_json = json.loads(typed(*words, "--json").out)
    assert [row["trade_id"] for row in as_json] == [t["trade_id"] for t in wanted]
    assert isinstance(as_json[0]["net_pnl"], float)
    as_csv = list(csv.DictReader(io.StringIO(typed(*words).out)))
    assert [row["net_pnl"] for row in as_csv] == [t["net_pnl"] for t in wanted]
    file = tmp_path / "trades.xlsx"
    assert typed(*words, "--out", file).code == 0
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert sheet.max_row == len(wanted) + 1
    names = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, names.index("net_pnl") + 1).value == float(wanted[0]["net_pnl"])


def test_sorting_and_limits_hold(typed, finished):
    words = ("export", "trades", finished, "--sort", "net_pnl", "--descending", "--limit", 3)
    best = [row["net_pnl"] for row in json.loads(typed(*words, "--json").out)]
    everything = json.loads((finished / "trades.json").read_text())
    assert best == sorted((float(t["net_pnl"]) for t in everything), reverse=True)[:3]


def test_orders_and_fills_are_those_of_the_run(typed, finished):
    orders = json.loads((finished / "orders.json").read_text())
    exported = json.loads(typed("export", "orders", finished, "--json").out)
    assert [row["order_id"] for row in exported] == [row["order_id"] for row in orders]
    fills = json.loads(typed("export", "fills", finished, "--json").out)
    assert len(fills) == sum(len(order["fills"]) for order in orders)
    assert [fill["time"] for fill in fills] == sorted(fill["time"] for fill in fills)
    one = json.loads(typed("export", "fills", finished, "--symbol", "TEAK", "--json").out)
    assert {fill["symbol"] for fill in one} == {"TEAK"}


# S4-ops-1
def test_pending_orders_are_those_that_still_live(typed, finished, tmp_path):
    """The journal as it was in the middle of the run, when a position had just been entered."""
    stamp = Stamp(mode="backtest", account="backtest", lineage="x", created_ns=0)
    with open_journal(tmp_path / "half.db", stamp) as half:
        for _, event, effects in entries(finished):
            half.record(event, effects)
            if isinstance(event, Filled) and len(effects) > 2:
                break
        half.commit()
    orders = json.loads(typed("export", "orders", tmp_path / "half.db", "--json").out)
    pending = json.loads(typed("export", "orders", tmp_path / "half.db", "--pending", "--json").out)
    assert [(o["role"], o["state"]) for o in orders] == [("ENTRY", "FILLED"), ("STOP", "SENDING")]
    assert [order["role"] for order in pending] == ["STOP"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("trades --pending", "--pending chooses among orders"),
        ("orders --strategy x", "--strategy chooses among trades"),
        ("fills --sort net_pnl", "--sort, --descending and --band are for trades"),
        ("trades --sort beauty", "cannot sort by 'beauty'"),
        ("trades --format xlsx", "an Excel file cannot go to standard output"),
        ("trades --out trades.doc", "say --format csv, xlsx or json"),
        ("trades --band some", "--band 'some' is not a number"),
    ],
)
def test_a_filter_that_would_do_nothing_is_refused(typed, finished, words, complaint):
    what, *more = words.split()
    done = typed("export", what, finished, *more)
    assert done.code == 2
    assert complaint in done.line


# ---- run -----------------------------------------------------------------------------------------


# S1-arch-4
def test_a_desk_judges_on_the_interval_of_its_configuration(typed, desk, sample):
    """Minutes are given; strategies see quarter hours unless the configuration says otherwise."""
    replayed(typed, desk, sample.minutes, "--news", sample.news, "--from", "2026-07-30")
    rows = ("journal", "--config", desk / "tradego.toml", "--events", "--kind", "signals_raised")
    raised = json.loads(typed(*rows, "--last", 0, "--json").out)
    assert raised
    assert {row["time"][14:16] for row in raised} <= {"00", "15", "30", "45"}


def test_bars_longer_than_the_interval_are_refused(typed, desk, sample):
    file = desk / "tradego.toml"
    file.write_text(file.read_text().replace("interval_minutes = 15", "interval_minutes = 5"))
    words = ("run", "--replay", sample.bars, "--headless", "--speed", "max", "--config", file)
    assert "bars of 15 minutes do not add up to bars of 5" in typed(*words).line


# ---- doctor, looked at from other days -----------------------------------------------------------


class Stopped:
    """A clock that stands still."""

    def __init__(self, moment: str) -> None:
        self._now_ns = from_datetime(datetime.fromisoformat(moment))

    def now_ns(self) -> int:
        return self._now_ns


def found_on(desk: Path, moment: str) -> dict[str, Check]:
    return {check.part: check for check in examine(desk / "tradego.toml", Stopped(moment))}


def test_a_calendar_that_runs_out_is_told_in_time(desk):
    assert found_on(desk, "2026-11-02T10:00+05:30")["calendar"].standing is Standing.OK
    soon = found_on(desk, "2026-12-15T10:00+05:30")["calendar"]
    assert (soon.standing, "holidays" in soon.remedy) == (Standing.WARNING, True)
    assert found_on(desk, "2027-01-04T10:00+05:30")["calendar"].standing is Standing.FAILED


def test_a_clock_behind_the_journal_is_told(typed, desk, sample):
    replayed(typed, desk, sample.bars, "--from", "2026-07-31")
    assert found_on(desk, "2026-08-03T10:00+05:30")["clock"].standing is Standing.OK
    behind = found_on(desk, "2026-07-30T10:00+05:30")["clock"]
    assert behind.standing is Standing.WARNING
    assert "the journal is at 2026-07-31" in behind.found


def test_a_torn_tail_an_event_set_aside_and_other_tables_are_told(typed, desk, sample):
    replayed(typed, desk, sample.bars, "--from", "2026-07-31")
    database = desk / "tradego.db"
    stamp = Stamp(mode="paper", account="paper", lineage="x", created_ns=0)
    with open_journal(database, stamp) as journal:
        journal.quarantine(next(entries(database)).event, "cash does not add up")
    with sqlite3.connect(database) as tables:
        tables.execute("UPDATE journal SET hash = x'00' WHERE seq = (SELECT max(seq) FROM journal)")
        tables.execute("UPDATE alembic_version SET version_num = '0000'")
    found = found_on(desk, "2026-08-03T10:00+05:30")
    assert found["journal"].found == "1 rows at the end do not verify"
    assert "cash does not add up" in found["quarantine"].found
    assert "they are of version 0000" in found["tables"].found
    parts = ("journal", "quarantine", "tables")
    assert {found[part].standing for part in parts} == {Standing.WARNING}


def test_a_symbol_without_a_sector_is_told(typed, desk, sample):
    typed("data", "import", sample.bars, "--config", desk / "tradego.toml")
    check = found_on(desk, "2026-08-03T10:00+05:30")["instruments"]
    assert check.standing is Standing.WARNING
    assert "16 symbols to 2026-07-31; no sector known for ASHOKA" in check.found
    assert "11 more" in check.found
