"""The folder a backtest writes into: never over anything but a former backtest."""

import os
from pathlib import Path

from tradego.domain.errors import InputError

JOURNAL = "journal.db"
REPORT = "report.html"
SUMMARY = "summary.json"
_JSON = ("trades.json", "orders.json", "open.json", "equity.json", "data.json", SUMMARY)
_BESIDE_JOURNAL = tuple(f"{JOURNAL}{end}" for end in ("-journal", "-wal", "-shm", ".lock"))
_OURS = frozenset({*_JSON, JOURNAL, REPORT, *_BESIDE_JOURNAL})


class OutFolder:
    """Emptied of a former backtest, ready to be written."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        """InputError when it holds anything else and `overwrite` is False; with it, only files of
        the names a backtest writes are replaced.
        """
        self.path = path
        if path.exists() and not path.is_dir():
            raise InputError(f"--out {path} is a file; name a folder")
        there = set(os.listdir(path)) if path.is_dir() else set()
        is_former = there <= _OURS and bool(there & {JOURNAL, SUMMARY})
        if there and not is_former and not overwrite:
            raise InputError(
                f"--out {path} is not empty and not a former backtest: name another folder, "
                "or say --overwrite"
            )
        path.mkdir(parents=True, exist_ok=True)
        for name in there & _OURS:
            (path / name).unlink()

    @property
    def journal(self) -> Path:
        return self.path / JOURNAL

    def write(self, name: str, content: bytes) -> None:
        (self.path / name).write_bytes(content)
