"""Decision records are numbered, listed and of one shape."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
STATUS = re.compile(r"Status: (accepted|replaced by \d{4}) \(\d{4}-\d{2}-\d{2}\)")
CHAPTERS = ["## Context", "## Decision", "## What we gave up"]


def test_records_are_numbered_without_gaps() -> None:
    numbers = [record.name[:4] for record in RECORDS]
    assert numbers == [f"{n:04d}" for n in range(1, len(RECORDS) + 1)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_follows_the_template_and_is_listed(record: Path) -> None:
    lines = record.read_text("utf-8").splitlines()
    number, _, title = lines[0].removeprefix("# ").partition(" ")
    assert number == record.name[:4]
    assert STATUS.fullmatch(lines[2]), lines[2]
    assert [line for line in lines if line.startswith("## ")] == CHAPTERS
    index = (FOLDER / "README.md").read_text("utf-8")
    assert f"| [{number}]({record.name}) | {title} |" in index
