"""What tests of the command line share: a small invented market, a way to type a command."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tradego.app.cli import main
from tradego.app.samples import write_sample
from tradego.domain.times import MINUTE


class Said(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line of a refusal; the test fails when there is any other than one."""
        assert self.out == "", self.out
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("tradego: ").rstrip("\n")


Typed = Callable[..., Said]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """A command line run in this process."""

    def run(*words: object) -> Said:
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return run


def in_a_process(*words: object, cwd: Path | None = None, **environment: str) -> Said:
    """A command line as a shell runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "tradego.app.cli", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def process() -> Typed:
    return in_a_process


class Sample(NamedTuple):
    """Files of an invented market: bars of 15 minutes and of one, headlines."""

    bars: Path
    minutes: Path
    news: Path


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("market")
    made = Sample(folder / "bars.parquet", folder / "minutes.parquet", folder / "news.csv")
    write_sample(made.bars, made.news, sessions=40, interval_ns=15 * MINUTE, seed=11)
    write_sample(made.minutes, None, sessions=5, interval_ns=MINUTE, seed=11)
    return made


ALL = "news_momentum,technical_breakout,mean_reversion"


@pytest.fixture(scope="session")
def finished(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a backtest of all shipped strategies over the sample."""
    out = tmp_path_factory.mktemp("backtest") / "out"
    words = ("backtest", "--bars", sample.bars, "--news", sample.news, "--strategy", ALL)
    done = in_a_process(*words, "--out", out)
    assert done.code == 0, done.err
    return out
