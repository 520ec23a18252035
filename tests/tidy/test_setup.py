"""Set-up says in one line what a machine lacks, and touches nothing before it has."""  # A-inst-1

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the set-up script alone."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup.sh", tmp_path / "tools")
    return tmp_path


def set_up(checkout: Path, python: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", checkout / "tools" / "setup.sh"],
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )


def a_python(folder: Path, script: str) -> Path:
    file = folder / "python3"
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o755)
    return file


def test_an_old_python_is_one_line_with_the_remedy(checkout: Path) -> None:
    # It fails the comparison of versions, and says which it is when asked.
    old = a_python(checkout, 'case "$2" in *print*) echo Python 3.9;; *) exit 1;; esac')
    done = set_up(checkout, old)
    assert done.returncode == 1
    assert done.stderr == (
        "setup: TradeGo needs Python 3.11, 3.12 or 3.13, found Python 3.9: "
        "install python3.11, or name one with PYTHON=/path/to/python3.11\n"
    )
    assert not (checkout / ".tools").exists()


def test_a_missing_pip_is_one_line_with_the_remedy(checkout: Path) -> None:
    without = a_python(checkout, f'test "$2" = pip && exit 1; exec "{sys.executable}" "$@"')
    done = set_up(checkout, without)
    assert done.returncode == 1
    assert done.stderr == (
        f"setup: pip is missing for {without}: install it (on Debian: apt install python3-pip)\n"
    )
    assert not (checkout / ".tools").exists()
