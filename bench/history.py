"""One row a run: which commit it was of, and its figures."""

import csv
import subprocess
from collections.abc import Mapping
from pathlib import Path


def append_row(
    path: Path, commit: tuple[str, str], figures: Mapping[str, Mapping[str, float]]
) -> None:
    """Add a row to the history; a figure that was never measured before becomes a new column."""
    flat = {
        f"{work} {name}": f"{value:.6g}"
        for work, measured in figures.items()
        for name, value in measured.items()
    }
    rows = list(csv.DictReader(path.read_text().splitlines())) if path.exists() else []
    rows.append({"commit": commit[0], "date": commit[1], **flat})
    columns = dict.fromkeys(name for row in rows for name in row)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def commit_of(root: Path) -> tuple[str, str]:
    """The commit of a checkout and its day; with a "+" where files have changed since."""
    commit, day = _git(root, "log", "-1", "--format=%h %cs").split()
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return commit + ("+" if changed else ""), day


def _git(root: Path, *words: str) -> str:
    command = ("git", "-C", str(root), *words)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
