"""`python -m bench`: do the work, print the figures, keep a row of them."""

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.history import append_row, commit_of
from bench.measure import run
from bench.page import Judged, judge

ROOT = Path(__file__).resolve().parent.parent
HISTORY = ROOT / "bench" / "history.csv"
WORKS = ("W1", "W2", "W2+report", "W4", "W5", "W6", "W7", "replay")
BACKTEST = (
    *("backtest", "--strategy", str(ROOT / "bench" / "breakout.py"), "--bars", "market.parquet"),
    *("--set", "risk.min_confidence=0", "--out", "out", "--json"),
)

Figures = dict[str, float]


def main() -> None:
    asked = _asked()
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=out) as passing:
        folder, size = Path(passing), "tiny" if asked.tiny else "full"
        if any(work.startswith("W2") for work in asked.work):
            _measure("market", folder, size)
        # All works in turn, again and again, so that a busy minute of the machine hurts them alike.
        runs: dict[str, list[Figures]] = {work: [] for work in asked.work}
        for number in range(asked.runs):
            for work in asked.work:
                print(f"run {number + 1} of {asked.runs}: {work}", file=sys.stderr)
                runs[work].append(_measure(work, folder, size))
    figures = {work: _medians(measured) for work, measured in runs.items()}
    if asked.history:
        append_row(HISTORY, commit_of(ROOT), figures)
    if asked.json:
        print(json.dumps({"figures": figures, "page": [_document(row) for row in judge(figures)]}))
    else:
        from bench.table import show

        show(judge(figures))


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("work", nargs="*", default=WORKS, help=f"of {', '.join(WORKS)}; else all")
    words.add_argument("--runs", type=int, default=5, help="of each; medians are shown")
    words.add_argument("--tiny", action="store_true", help="hardly any work: does it run at all?")
    words.add_argument("--no-history", dest="history", action="store_false")
    words.add_argument("--json", action="store_true", help="one document for machines")
    asked = words.parse_args()
    if unknown := set(asked.work) - set(WORKS):
        words.error(f"no work {', '.join(sorted(unknown))}")
    return asked


def _measure(work: str, folder: Path, size: str) -> Figures:
    """One run of one work in a process of its own."""
    if work.startswith("W2"):
        report = "--report" if work == "W2+report" else "--no-report"
        cost, said = run((sys.executable, "-m", "tradego.app.cli", *BACKTEST, report), folder)
        summary = json.loads(said)
        return {**cost._asdict(), "trades": summary["trades"], "bars": summary["bars"]}
    cost, said = run((sys.executable, "-m", "bench.work", work, str(folder), size), ROOT)
    return {**cost._asdict(), **json.loads(said)}


def _medians(measured: list[Figures]) -> Figures:
    return {name: median(run[name] for run in measured) for name in measured[0]}


def _document(row: Judged) -> dict[str, object]:
    return {
        "work": row.line.work,
        "figure": row.line.key,
        "value": row.value,
        "unit": row.line.unit,
        "limit": row.limit,
        "met": row.met,
        "times_less_than": row.ratios,
    }


if __name__ == "__main__":
    main()
