"""Copies are proved by restoring them."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from a_day import HALT, STAMP, a_day
from journal_contract import fill, run

from tradego.domain.errors import InputError
from tradego.domain.positions import Trade
from tradego.storage.backup import backup, restore
from tradego.storage.commands import CommandBox
from tradego.storage.journal import open_journal
from tradego.storage.tables import Tables

Target = str | Path


@pytest.fixture(params=["sqlite", "postgres"])
def source(request: pytest.FixtureRequest, file: Path, new_database: Callable[[], str]) -> Target:
    return file if request.param == "sqlite" else new_database()


@pytest.fixture(params=["sqlite", "postgres"])
def destination(
    request: pytest.FixtureRequest, file: Path, new_database: Callable[[], str]
) -> Target:
    return file.with_name("restored.db") if request.param == "sqlite" else new_database()


def test_what_is_restored_is_what_was_copied(
    source: Target, destination: Target, tmp_path: Path
) -> None:
    fill(source)
    copy = tmp_path / "copy.db"
    with open_journal(source, STAMP) as journal, closing(CommandBox(source)) as box:
        journal.quarantine(HALT, "overfilled")
        box.leave(HALT)
        assert backup(source, copy) == 11  # while the desk has it
        original = list(journal.read())
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]
    assert restore(copy, destination) == 11
    with open_journal(destination, STAMP) as journal:
        assert list(journal.read()) == original
        assert [reason for _, _, reason in journal.quarantined()] == ["overfilled"]
        assert journal.record(HALT, []) == 12
        journal.quarantine(HALT, "again")
    with closing(CommandBox(destination)) as box:
        assert box.waiting() == [HALT]
    with closing(Tables(destination)) as tables:
        assert tables.catch_up() == 12
        assert [trade.trade_id for trade in tables.read(Trade)] == ["PT000001"]


def test_a_copy_of_a_file_has_its_tables_too(file: Path) -> None:
    fill(file)
    with closing(Tables(file)) as tables:
        tables.catch_up()
    backup(file, file.with_name("copy.db"))
    with closing(Tables(file.with_name("copy.db"))) as tables:
        assert tables.catch_up() == 0
        assert tables.verify() == []


def test_a_damaged_journal_is_not_taken_for_a_copy(source: Target, tmp_path: Path) -> None:
    fill(source)
    copy = tmp_path / "copy.db"
    backup(source, copy)
    whole = copy.read_bytes()
    run(source, "UPDATE journal SET ts_ns = 0 WHERE seq = 11")
    with pytest.raises(InputError, match="row 11 does not verify"):
        backup(source, copy)
    assert copy.read_bytes() == whole  # the older copy stays
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]


def test_nothing_is_restored_over_something(
    source: Target, destination: Target, tmp_path: Path
) -> None:
    fill(source)
    backup(source, tmp_path / "copy.db")
    open_journal(destination, STAMP).close()
    with pytest.raises(InputError, match=r"exists: move it away|is not empty"):
        restore(tmp_path / "copy.db", destination)


def test_a_file_that_promised_more_than_the_copy_has_may_be_restored(file: Path) -> None:
    fill(file)
    backup(file, file.with_name("copy.db"))
    with open_journal(file, STAMP) as journal:
        for event, effects in a_day():
            journal.record(event, effects)
            journal.commit()
    file.unlink()
    restore(file.with_name("copy.db"), file)
    with open_journal(file, STAMP) as journal:
        assert (journal.last_seq, journal.torn) == (11, (0, 0))
