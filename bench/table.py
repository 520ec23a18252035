"""The page for a person."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.page import Judged


def show(rows: Sequence[Judged]) -> None:
    """Ours, what is asked, and each peer with how many times less we need."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("", "work"):
        table.add_column(name)
    for name in ("ours", "asked"):
        table.add_column(name, justify="right")
    table.add_column("")
    table.add_column("peers, and how many times less ours is")
    for row in rows:
        line = row.line
        peers = (f"{name} {theirs:g} ({row.ratios[name]:.3g}x)" for name, theirs in line.peers)
        table.add_row(
            line.work,
            line.says,
            f"{_number(row.value)} {line.unit}",
            _limit(row),
            {None: "", True: "[green]met[/]", False: "[red]not met[/]"}[row.met],
            ", ".join(peers),
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _limit(row: Judged) -> str:
    if row.line.target is None or row.limit is None:
        return ""
    of = f" ({row.line.target.value:g} x raw fdatasync)" if row.line.target.of else ""
    return f"{'≥' if row.line.target.at_least else '≤'} {_number(row.limit)}{of}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
