"""A process started, waited for, and accounted for by the operating system."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

_KIB = 1024 if sys.platform != "darwin" else 1  # in which ru_maxrss is counted


class Cost(NamedTuple):
    """CPU seconds of all its threads, user and system; peak resident memory in MB (10^6 bytes)."""

    cpu_s: float
    peak_mb: float


def run(command: Sequence[str], folder: Path) -> tuple[Cost, bytes]:
    """Run to the end in a folder; what it cost, and what it said on standard output.

    The caller must be small: a process is charged for the memory of the one it was forked from.
    """
    with TemporaryFile() as said:
        child = subprocess.Popen(command, cwd=folder, stdout=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
        said.seek(0)
        cost = Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KIB / 1e6)
        return cost, said.read()
