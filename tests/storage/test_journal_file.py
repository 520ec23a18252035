"""What only a file can suffer: a second process, sudden death, a full disk, damaged bytes."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from a_day import HALT, OPENED, STAMP, a_day
from msgspec.structs import replace

from tradego.domain.errors import InputError
from tradego.domain.events import Mode
from tradego.storage.commands import CommandBox
from tradego.storage.database import Access, SqliteDatabase
from tradego.storage.journal import Durability, open_journal, read_journal
from tradego.storage.locks import FileLock, Promise, file_system

HERE = Path(__file__).parent
Damage = Callable[[bytes, int], bytes]


def other_process(*arguments: str) -> subprocess.Popen[str]:
    """It finds the modules this process finds."""
    return subprocess.Popen(
        [sys.executable, HERE / "writing_process.py", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def rows(file: Path) -> list[tuple[int, bytes, bytes]]:
    with read_journal(file) as journal:
        return list(journal.read())


def test_killed_in_the_middle_every_row_that_was_durable_is_there(file: Path) -> None:
    with other_process(str(file), "forever") as process:
        assert process.stdout is not None
        durable = 0
        for _ in range(40):
            durable = int(process.stdout.readline())
        process.kill()
    with open_journal(file, STAMP) as journal:
        assert journal.torn == (0, 0)
        assert not journal.clean
        assert journal.last_seq >= durable
        assert journal.last_seq % 3 == 0  # rows of one commit stand and fall together
    with open_journal(file, STAMP) as journal:
        assert journal.clean


def test_a_second_process_gets_one_line_that_names_the_first(file: Path) -> None:
    with open_journal(file, STAMP):
        process = other_process(str(file), "forever")
        _, errors = process.communicate(timeout=20)
    assert errors.strip().splitlines()[-1] == (
        f"tradego.domain.errors.InputError: {file} is in use by process {os.getpid()}: "
        "stop it, or name another database"
    )


def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(file: Path) -> None:
    # F10
    process = other_process(str(file), "full")
    output, errors = process.communicate(timeout=20)
    assert errors == ""
    written, recorded, message = output.strip().split(" ", 2)
    assert int(written) > 10
    assert int(recorded) == int(written) + 1
    assert message.startswith(f"{file}: disk")
    with open_journal(file, STAMP) as journal:
        assert journal.torn == (0, 0)
        assert journal.last_seq == int(written) + 2


def test_others_read_and_leave_commands_while_the_desk_writes(file: Path) -> None:
    with open_journal(file, STAMP) as journal:
        journal.record(OPENED, [])
        journal.commit()
        with read_journal(file) as reader:
            assert len(list(reader.read())) == 1
            journal.record(HALT, [])
            journal.commit()
            assert len(list(reader.read())) == 2
        with closing(CommandBox(file)) as box:
            assert box.leave(HALT)
        journal.record(HALT, [])
        journal.commit()


def test_every_commit_is_synchronous(file: Path) -> None:
    # F60
    with open_journal(file, STAMP) as journal:
        synchronous: list[tuple[int]] = journal._database.rows("PRAGMA synchronous")
        log: list[tuple[str]] = journal._database.rows("PRAGMA journal_mode")
    assert (synchronous, log) == ([(2,)], [("wal",)])  # 2 is FULL


def test_a_journal_needs_neither_sqlalchemy_nor_polars() -> None:
    """Their imports take longer than the desk's start may."""
    imports = "import tradego.storage.journal, tradego.storage.commands, tradego.storage.bars"
    heavy = "{'sqlalchemy', 'alembic', 'polars', 'psycopg'} & set(sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; {imports}; print({heavy})"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert found.stdout.strip() == "set()"


# ---- damaged bytes -------------------------------------------------------------------------------


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def cut(content: bytes, at: int) -> bytes:
    return content[:at]


def blanked(content: bytes, at: int) -> bytes:
    return content[:at] + b"\0" * (len(content) - at)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of a journal as a power cut would leave them, and as an orderly end does."""
    folder = tmp_path_factory.mktemp("images")
    with open_journal(folder / "paper.db", STAMP) as journal:
        for event, effects in a_day() * 3:
            journal.record(event, effects)
            journal.commit()
        shutil.copytree(folder, folder / "cut_off")
    (folder / "closed").mkdir()
    for name in ("paper.db", "paper.db.lock"):
        shutil.copy(folder / name, folder / "closed" / name)
    return {"cut_off": folder / "cut_off", "closed": folder / "closed"}


@pytest.mark.parametrize("damage", [flipped, cut, blanked])
@pytest.mark.parametrize(
    ("image", "name"),
    [("cut_off", "paper.db-wal"), ("cut_off", "paper.db"), ("closed", "paper.db")],
)
def test_damage_to_the_last_bytes_is_reported_or_refused(
    images: dict[str, Path], tmp_path: Path, image: str, name: str, damage: Damage
) -> None:
    # F59: whatever is read afterwards is what was written, and what is missing is counted
    written = rows(images["closed"] / "paper.db")
    content = (images[image] / name).read_bytes()
    for at in range(max(0, len(content) - 4096), len(content), 97):
        folder = tmp_path / str(at)
        shutil.copytree(images[image], folder)
        (folder / name).write_bytes(damage(content, at))
        refusal, read, missing = opened(folder / "paper.db")
        if refusal:
            assert "restore the last backup" in refusal
            assert "\n" not in refusal
        else:
            assert read == written[: len(read)]
            assert missing == len(written) - len(read)
        shutil.rmtree(folder)


def opened(file: Path) -> tuple[str, list[tuple[int, bytes, bytes]], int]:
    """The refusal; or what can be read, and how many rows are said to be missing."""
    try:
        with open_journal(file, STAMP) as journal:
            return "", list(journal.read()), sum(journal.torn)
    except InputError as refused:
        return str(refused), [], 0


def test_more_gone_than_the_last_commit_is_damage_and_not_a_torn_tail(
    images: dict[str, Path], tmp_path: Path
) -> None:
    """SQLite drops everything after the first bad page of its log, and says nothing."""
    folder = tmp_path / "damaged"
    shutil.copytree(images["cut_off"], folder)
    log = folder / "paper.db-wal"
    log.write_bytes(flipped(log.read_bytes(), log.stat().st_size // 2))
    with pytest.raises(InputError, match=r"rows \d+ to 33 were on disk and are gone"):
        open_journal(folder / "paper.db", STAMP)


def test_an_empty_file_where_a_journal_was_is_not_a_new_journal(
    images: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copy(images["closed"] / "paper.db.lock", tmp_path)
    with pytest.raises(InputError, match=r"rows 1 to 33 .* remove .*paper.db.lock too"):
        open_journal(tmp_path / "paper.db", STAMP)


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    file.write_text("timestamp,symbol\n" * 100)
    with pytest.raises(InputError, match="is not a database"):
        open_journal(file, STAMP)
    with pytest.raises(InputError, match="is not a database"):
        read_journal(file)


@pytest.mark.parametrize("name", ["absent.db", "absent/paper.db"])
def test_what_is_not_there_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="not found"):
        read_journal(tmp_path / name)
    with pytest.raises(InputError, match="not found"):
        CommandBox(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot lock .*: No such file or directory"):
        open_journal(tmp_path / "absent" / "paper.db", STAMP)


def test_an_unknown_kind_of_database_is_refused_without_its_password() -> None:
    with pytest.raises(InputError) as refused:
        read_journal("mysql://asha:secret@host/desk")
    assert "mysql://host/desk" in str(refused.value)
    assert "secret" not in str(refused.value)


# ---- bulk ----------------------------------------------------------------------------------------


def test_a_bulk_journal_has_the_same_rows_as_a_safe_one(tmp_path: Path) -> None:
    for name, durability in (("bulk.db", Durability.BULK), ("safe.db", Durability.FULL)):
        with open_journal(tmp_path / name, STAMP, durability) as journal:
            for event, effects in a_day() * 300:
                journal.record(event, effects)
                if durability is Durability.BULK:
                    journal.commit()
    everything = "SELECT * FROM journal"
    with (
        closing(sqlite3.connect(tmp_path / "bulk.db")) as bulk,
        closing(sqlite3.connect(tmp_path / "safe.db")) as safe,
    ):
        assert bulk.execute(everything).fetchall() == safe.execute(everything).fetchall()
    with open_journal(tmp_path / "bulk.db", STAMP) as journal:
        assert journal.record(HALT, []) == 3301


def test_the_same_run_makes_the_same_bulk_file_and_nothing_beside_it(tmp_path: Path) -> None:
    for name in ("first.db", "second.db"):
        with open_journal(tmp_path / name, STAMP, Durability.BULK) as journal:
            for event, effects in a_day() * 300:
                journal.record(event, effects)
                journal.commit()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.db", "second.db"]
    assert (tmp_path / "first.db").read_bytes() == (tmp_path / "second.db").read_bytes()


def test_a_bulk_journal_does_not_write_over_anything(file: Path) -> None:
    file.write_text("notes")
    with pytest.raises(InputError, match="exists: move it away"):
        open_journal(file, STAMP, Durability.BULK)
    assert file.read_text() == "notes"
    assert list(file.parent.iterdir()) == [file]


# ---- the lock ------------------------------------------------------------------------------------


def test_the_lock_remembers_what_was_durable(file: Path) -> None:
    lock = FileLock(file)
    assert (lock.promise, lock.clean) == (Promise(0, 0), True)
    lock.remember(Promise(12, 9))
    lock.release()
    again = FileLock(file)
    assert (again.promise, again.clean) == (Promise(12, 9), True)
    again.release(forget=True)
    assert list(file.parent.iterdir()) == []


def test_who_was_refused_does_not_hide_that_the_last_writer_died(file: Path) -> None:
    with other_process(str(file), "forever") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    with pytest.raises(InputError, match="belongs to paper account"):
        open_journal(file, replace(STAMP, mode=Mode.LIVE))
    with open_journal(file, STAMP) as journal:
        assert not journal.clean


def test_half_a_lock_file_is_not_believed(file: Path) -> None:
    file.with_name("paper.db.lock").write_bytes(b"pid 77\nseq")
    lock = FileLock(file)
    assert (lock.promise, lock.clean) == (Promise(0, 0), True)
    lock.release()


MOUNTS = """\
/dev/sdb1 /home/asha/local\\040disk ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sda1 / ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/asha", "nfs4"),
        ("/homework", "ext4"),
        ("/home/asha/local disk/desk", "ext4"),
    ],
)
def test_the_disk_a_folder_lies_on_is_told_by_the_longest_mount(folder: str, kind: str) -> None:
    assert file_system(Path(folder), MOUNTS) == kind


def test_a_copy_is_exact_while_the_desk_writes(file: Path) -> None:
    with open_journal(file, STAMP) as journal:
        for event, effects in a_day():
            journal.record(event, effects)
        journal.commit()
        copy = file.with_name("copy.db")
        with closing(SqliteDatabase(file, Access.READ)) as database:
            database.copy_to(copy)
        assert rows(copy) == rows(file)
