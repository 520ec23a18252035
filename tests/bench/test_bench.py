"""The benchmarks run and say what they should; how fast they were is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.history import append_row
from bench.page import PAGE, judge
from bench.table import show

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_every_work_gives_every_figure_the_page_shows():
    command = (sys.executable, "-m", "bench", "--tiny", "--runs", "1", "--no-history", "--json")
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    document = json.loads(said)
    rows = [(row["work"], row["figure"]) for row in document["page"]]
    assert rows == [(line.work, line.key) for line in PAGE]
    assert all(value >= 0 for figures in document["figures"].values() for value in figures.values())
    assert document["figures"]["W5"]["positions"] == 10
    assert document["figures"]["W5"]["heavy_imports"] == 0
    assert document["figures"]["W2"]["bars"] == 2 * 3 * 375


def test_a_limit_may_hang_on_another_figure_of_the_same_run(capsys):
    rows = judge({"W6": {"p50_us": 190.0, "fdatasync_us": 100.0}})
    assert [(row.limit, row.met) for row in rows] == [(200.0, True)]
    rows = judge({"W6": {"p50_us": 210.0, "fdatasync_us": 100.0}})
    assert [(row.limit, row.met) for row in rows] == [(200.0, False)]
    show(rows)
    assert "210 us" in capsys.readouterr().out


def test_history_gains_a_row_and_where_needed_a_column(tmp_path):
    history = tmp_path / "history.csv"
    append_row(history, ("abc", "2024-01-01"), {"W1": {"cpu_s": 0.25}})
    append_row(history, ("def", "2024-01-02"), {"W1": {"cpu_s": 0.125}, "W7": {"p50_ms": 4.0}})
    head, first, second = history.read_text().splitlines()
    assert head == "commit,date,W1 cpu_s,W7 p50_ms"
    assert first == "abc,2024-01-01,0.25,"
    assert second == "def,2024-01-02,0.125,4"
