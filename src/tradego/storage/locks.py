"""One process per database: an operating system lock on a file beside it, held for life.

The same file says how far the journal was once durable. A disk that loses what it had promised is
found out by it: SQLite itself drops a damaged tail of its log without a word.
"""

import fcntl
import os
from pathlib import Path
from typing import NamedTuple

from tradego.domain.errors import InputError

# Locks on these are known to be unkept, or SQLite's log to be unsafe.
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph"})


class Promise(NamedTuple):
    """The last row that was durable, and the last one before its commit."""

    seq: int
    before: int


class FileLock:
    """Held from making to `release`; the system frees it when the process dies.

    `promise` is what the last holder left. `clean` is False when it died without releasing.
    """

    def __init__(self, database: Path) -> None:
        """InputError when another process holds it, or the file lies on a network."""
        _refuse_network(database)
        self._path = database.with_name(database.name + ".lock")
        self._fd = self._take(database)
        self._found, self.promise = _parse(os.pread(self._fd, 200, 0))
        self.clean = self._found == 0
        self._write(os.getpid())

    def _take(self, database: Path) -> int:
        while True:
            try:
                fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise InputError(f"cannot lock {database}: {error.strerror}") from None
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pid, _ = _parse(os.pread(fd, 200, 0))
                os.close(fd)
                raise InputError(
                    f"{database} is in use by process {pid}: stop it, or name another database"
                ) from None
            if _is_still(self._path, fd):
                return fd
            os.close(fd)  # its last holder removed it in this very moment

    def remember(self, promise: Promise) -> None:
        """Say what is durable. Never ahead of the truth: call it after the commit."""
        self.promise = promise
        self._write(os.getpid())

    def _write(self, pid: int) -> None:
        os.pwrite(self._fd, b"pid %10d\nseq %20d\nbefore %20d\n" % (pid, *self.promise), 0)

    def give_back(self) -> None:
        """Let others in, as if we had never held it: what we found is still to be told."""
        self._write(self._found)
        if self.clean and self.promise == (0, 0):
            self._path.unlink()
        os.close(self._fd)

    def release(self, *, forget: bool = False) -> None:
        """Let others in; `forget` removes the file too, for a journal that is complete."""
        if forget:
            self._path.unlink(missing_ok=True)
        else:
            self._write(0)
        os.close(self._fd)


def _parse(text: bytes) -> tuple[int, Promise]:
    """(pid, promise) of a lock file; nothing is believed of one that is not whole."""
    words = text.split()
    try:
        return int(words[1]), Promise(int(words[3]), int(words[5]))
    except (IndexError, ValueError):
        return 0, Promise(0, 0)


def _is_still(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except FileNotFoundError:
        return False


def _refuse_network(database: Path) -> None:
    kind = file_system(database.parent, Path("/proc/self/mounts").read_text())
    if kind in NETWORK:
        raise InputError(f"{database} lies on a network disk ({kind}): keep it on a local one")


def file_system(folder: Path, mounts: str) -> str:
    """The kind of file system a folder lies on, by a table in the form of /proc/self/mounts."""
    place, found = folder.resolve(), ("", "")
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        point = point.encode().decode("unicode_escape")  # a blank is written \040
        if place.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1]
