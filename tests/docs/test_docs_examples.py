"""What the documents show is run: Python blocks, commands marked `run`, links between pages.

One document is one story: its blocks run in order, in one empty folder.

    ```python                 runs, in a namespace of its own
    ```python file=mine.py    is saved under that name for the blocks after it (any language)
    ```console run            each `$ ` line runs in a shell; the lines under it are the output,
                              `...` standing for anything; without them it only has to succeed
    ```console run exit=2     the same, for commands that are refused with that code
"""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.md")])
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<target>[^)#\s]*)(#[^)\s]*)?\)")


class Block(NamedTuple):
    language: str
    marks: list[str]
    body: str
    line: int

    def value(self, key: str) -> str:
        """What a mark `key=value` says, or ""."""
        return next((mark for mark in self.marks if mark.startswith(f"{key}=")), "").partition("=")[
            2
        ]


def blocks(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        language, *marks = match["info"].split() or [""]
        yield Block(language, marks, match["body"], text.count("\n", 0, match.start()) + 1)


def commands(body: str) -> Iterator[tuple[str, str]]:
    """(command, expected output) of a console block; a backslash joins lines."""
    for part in re.split(r"^\$ ", body.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run_page(text: str, name: str) -> None:
    """Run a page's blocks in the current folder; AssertionError names the line of the page."""
    for block in blocks(text):
        where = f"{name}:{block.line}"
        if file := block.value("file"):
            Path(file).write_text(block.body, "utf-8")
        elif block.language == "python":
            padding = "\n" * block.line  # so that a traceback shows the line of the page
            exec(compile(padding + block.body, name, "exec"), {"__name__": where})
        elif block.language == "console" and "run" in block.marks:
            for command, output in commands(block.body):
                run_command(command, output, int(block.value("exit") or 0), where)


def run_command(command: str, expected: str, code: int, where: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    shown = done.stdout + done.stderr
    assert done.returncode == code, f"{where} $ {command}\nexit code {done.returncode}\n{shown}"
    if expected:
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        same = doctest.OutputChecker().check_output(expected, shown, flags)
        assert same, f"{where} $ {command}\nexpected:\n{expected}\ngot:\n{shown}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_shows_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_page(page.read_text("utf-8"), str(page.relative_to(ROOT)))
    assert page.stat().st_size > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_links_only_to_what_exists(page: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(page.read_text("utf-8"))]
    assert [t for t in targets if t and not (page.parent / t).exists()] == []


# ---- the runner itself ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        "```python\nassert 1 + 1 == 3\n```",
        "```console run\n$ false\n```",
        "```console run\n$ echo one\ntwo\n```",
        "```console run\n$ no-such-command\n```",
        "```console run exit=2\n$ true\n```",
    ],
)
def test_a_page_that_shows_what_is_not_so_is_refused(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError):
        run_page(page, "page.md")


def test_a_page_is_one_story_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = """
```python file=mine.py
print("first line")
print(6 * 7)
```

```console run
$ python mine.py \\
    > out.txt
$ cat out.txt
...
42
```

```python
from pathlib import Path
assert Path("out.txt").read_text().endswith("42\\n")
```

```console run exit=3
$ exit 3
```

```console
$ not-marked-so-not-run
```
"""
    run_page(page, "page.md")
    assert (tmp_path / "out.txt").read_text() == "first line\n42\n"


def test_python_blocks_share_no_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NameError):
        run_page("```python\nx = 1\n```\n\n```python\nx\n```\n", "page.md")
