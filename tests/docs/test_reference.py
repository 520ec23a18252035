"""The reference page is what the code says today."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_page_is_made_from_the_code_as_it_is() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / "reference.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    written = (ROOT / "docs" / "reference.md").read_text("utf-8")
    assert written == made.stdout, "docs/reference.md is behind the code: make docs"
