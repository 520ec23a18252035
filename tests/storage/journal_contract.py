"""What every database must do for the journal; one suite, run on each of them."""

from contextlib import closing
from pathlib import Path

import pytest
from a_day import HALT, OPENED, SIGNAL, STAMP, a_day
from msgspec.structs import replace

from tradego.domain.errors import DomainError, InputError
from tradego.domain.events import Mode, SignalsRaised
from tradego.domain.signals import Condition
from tradego.storage.commands import CommandBox
from tradego.storage.database import Access, JournalError, Value, connect
from tradego.storage.journal import (
    decode_effects,
    decode_event,
    open_journal,
    read_journal,
)
from tradego.storage.stamp import Stamp

Target = str | Path


def fill(target: Target) -> None:
    """The day's journal, a commit for each row."""
    with open_journal(target, STAMP) as journal:
        for event, effects in a_day():
            journal.record(event, effects)
            journal.commit()


def run(target: Target, sql: str, *values: Value) -> None:
    """A change behind the journal's back."""
    with closing(connect(target, Access.WRITE)) as database:
        database.run(sql, *values)


class JournalContract:
    """Subclasses give the fixture `target`: where a database is or may be made."""

    def test_what_was_recorded_is_read_back_as_it_was(self, target: Target) -> None:
        fill(target)
        with read_journal(target) as journal:
            read = [(n, decode_event(e), decode_effects(f)) for n, e, f in journal.read()]
        assert read == [(n, event, effects) for n, (event, effects) in enumerate(a_day(), 1)]

    def test_reading_may_begin_anywhere(self, target: Target) -> None:
        fill(target)
        with read_journal(target) as journal:
            assert [seq for seq, _, _ in journal.read(from_seq=9)] == [9, 10, 11]
            assert list(journal.read(from_seq=12)) == []

    def test_nothing_is_there_before_the_commit(self, target: Target) -> None:
        with open_journal(target, STAMP) as journal:
            assert journal.record(*a_day()[0]) == 1
            assert journal.record(*a_day()[1]) == 2
            assert list(journal.read()) == []
            journal.commit()
            assert [seq for seq, _, _ in journal.read()] == [1, 2]

    def test_numbering_goes_on_after_a_restart(self, target: Target) -> None:
        fill(target)
        with open_journal(target, STAMP) as journal:
            assert journal.last_seq == 11
            assert journal.torn == (0, 0)
            assert journal.record(HALT, []) == 12
        with read_journal(target) as journal:
            good, bad = journal.verify_chain()
            assert (good.seq, bad) == (12, 0)

    def test_what_waits_is_committed_on_closing_but_not_after_an_error(
        self, target: Target
    ) -> None:
        with open_journal(target, STAMP) as journal:
            journal.record(OPENED, [])
        with pytest.raises(DomainError):
            self.fail_after_recording(target)
        with read_journal(target) as journal:
            assert [seq for seq, _, _ in journal.read()] == [1]

    def fail_after_recording(self, target: Target) -> None:
        with open_journal(target, STAMP) as journal:
            journal.record(HALT, [])
            raise DomainError("the engine failed")

    def test_an_event_that_json_cannot_hold_is_not_recorded(self, target: Target) -> None:
        nothing = replace(SIGNAL, conditions=(Condition("news", float("nan"), 0.6, passed=True),))
        with open_journal(target, STAMP) as journal:
            with pytest.raises(DomainError, match="cannot be read back"):
                journal.record(SignalsRaised(ts_ns=1, signals=(nothing,)), [])
            assert journal.last_seq == 0

    # ---- whose it is ----

    @pytest.mark.parametrize(
        "other", [replace(STAMP, mode=Mode.LIVE), replace(STAMP, account="P2")]
    )
    def test_another_owner_is_refused(self, target: Target, other: Stamp) -> None:
        # S2-db-3, I21
        fill(target)
        with pytest.raises(InputError, match=r"belongs to paper account 'P1', not to (live|paper)"):
            open_journal(target, other)
        with open_journal(target, STAMP) as journal:  # and nothing has changed by it
            assert journal.last_seq == 11

    def test_lineage_and_making_stay_those_of_the_first(self, target: Target) -> None:
        fill(target)
        later = replace(STAMP, lineage="run-2", created_ns=STAMP.created_ns + 1)
        with open_journal(target, later) as journal:
            assert journal.stamp == STAMP

    def test_a_changed_stamp_no_longer_fits_the_rows(self, target: Target) -> None:
        fill(target)
        run(target, "UPDATE meta SET mode = 'live'")
        with pytest.raises(InputError, match="row 1 was changed or is missing"):
            open_journal(target, replace(STAMP, mode=Mode.LIVE))

    def test_a_database_of_something_else_is_refused(self, target: Target) -> None:
        with closing(connect(target, Access.CREATE)) as database:
            database.run("CREATE TABLE recipes (name TEXT)")
        with pytest.raises(InputError, match="is not a TradeGo database"):
            open_journal(target, STAMP)

    def test_a_journal_of_another_format_is_refused(self, target: Target) -> None:
        fill(target)
        run(target, "UPDATE meta SET format = 2")
        with pytest.raises(InputError, match="journal format 2"):
            open_journal(target, STAMP)

    def test_a_second_writer_is_refused_and_told_who_writes(self, target: Target) -> None:
        with (
            open_journal(target, STAMP),
            pytest.raises(InputError, match=r"in use by (tradego )?process \d+: stop it"),
        ):
            open_journal(target, STAMP)
        open_journal(target, STAMP).close()  # free again

    # ---- damage ----

    @pytest.mark.parametrize(
        "change",
        [
            "ts_ns = ts_ns + 1",
            "kind = 'marked'",
            "event = effects, effects = event",
            "event = effects",
            "effects = event",
            "hash = event",
        ],
    )
    def test_a_changed_row_before_the_tail_refuses_and_is_named(
        self, target: Target, change: str
    ) -> None:
        # F59
        fill(target)
        run(target, f"UPDATE journal SET {change} WHERE seq = 5")
        with pytest.raises(InputError, match="row 5 was changed or is missing"):
            open_journal(target, STAMP)
        with read_journal(target) as journal, pytest.raises(InputError, match="row 5"):
            journal.verify_chain()

    def test_a_missing_row_refuses(self, target: Target) -> None:
        fill(target)
        run(target, "DELETE FROM journal WHERE seq = 5")
        with pytest.raises(InputError, match="row 5 was changed or is missing"):
            open_journal(target, STAMP)

    def test_a_moved_row_refuses(self, target: Target) -> None:
        fill(target)
        run(target, "UPDATE journal SET seq = 50 WHERE seq = 5")
        run(target, "UPDATE journal SET seq = 5 WHERE seq = 6")
        run(target, "UPDATE journal SET seq = 6 WHERE seq = 50")
        with pytest.raises(InputError, match="row 5 was changed or is missing"):
            open_journal(target, STAMP)

    @pytest.mark.parametrize("torn", [1, 2])
    def test_a_torn_tail_is_set_aside_and_reported(self, target: Target, torn: int) -> None:
        # F59
        fill(target)
        run(target, "UPDATE journal SET event = effects WHERE seq > ?", 11 - torn)
        with open_journal(target, STAMP) as journal:
            assert journal.torn.dropped == torn
            assert journal.last_seq == 11 - torn
            aside = journal.quarantined()
            assert [after for after, _, _ in aside] == list(range(11 - torn, 11))
            assert aside[0][2] == "torn tail: the row does not verify"
            assert journal.record(HALT, []) == 12 - torn
        with open_journal(target, STAMP) as journal:
            assert journal.torn.dropped == 0

    def test_an_event_the_engine_failed_on_is_set_aside(self, target: Target) -> None:
        with open_journal(target, STAMP) as journal:
            journal.record(OPENED, [])
            journal.commit()
            journal.quarantine(HALT, "overfilled")
        with read_journal(target) as journal:
            [(after, event, reason)] = journal.quarantined()
            assert (after, decode_event(event), reason) == (1, HALT, "overfilled")
            assert len(list(journal.read())) == 1

    # ---- failing to write ----

    def test_a_failed_commit_loses_nothing_and_may_be_tried_again(self, target: Target) -> None:
        # F09: the table is out of the way for one commit
        with open_journal(target, STAMP) as journal:
            journal.record(OPENED, [])
            journal.commit()
            run(target, "ALTER TABLE journal RENAME TO elsewhere")
            journal.record(HALT, [])
            with pytest.raises(JournalError):
                journal.commit()
            run(target, "ALTER TABLE elsewhere RENAME TO journal")
            journal.record(HALT, [])
            journal.commit()
        assert _whole(target, 3)

    def test_rows_that_reached_the_database_all_the_same_are_not_written_twice(
        self, target: Target
    ) -> None:
        """A commit may succeed and its answer be lost."""
        with open_journal(target, STAMP) as journal:
            journal.record(OPENED, [])
            waiting = list(journal._waiting)
            run(target, "ALTER TABLE journal RENAME TO elsewhere")
            with pytest.raises(JournalError):
                journal.commit()
            run(target, "ALTER TABLE elsewhere RENAME TO journal")
            with closing(connect(target, Access.WRITE)) as database:
                database.insert("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", waiting)
            journal.commit()
            assert journal.record(HALT, []) == 2
            journal.commit()
        assert _whole(target, 2)

    # ---- commands ----

    def test_a_command_waits_until_it_is_taken(self, target: Target) -> None:
        fill(target)
        second = replace(HALT, command_id="click-2")
        with closing(CommandBox(target)) as desk, closing(CommandBox(target)) as person:
            assert person.leave(HALT)
            assert person.leave(second)
            assert desk.waiting() == [HALT, second]
            desk.take("click-1")
            assert desk.waiting() == [second]

    def test_a_command_left_twice_is_there_once(self, target: Target) -> None:
        fill(target)
        with closing(CommandBox(target)) as box:
            assert box.leave(HALT)
            assert not box.leave(replace(HALT, actor="somebody else"))
            assert box.waiting() == [HALT]


def _whole(target: Target, rows: int) -> bool:
    with read_journal(target) as journal:
        good, bad = journal.verify_chain()
        return (good.seq, bad) == (rows, 0)
