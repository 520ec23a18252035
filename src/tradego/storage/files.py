"""Files that are there whole or not at all, whatever the machine does next."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Another name to write under; the file gets its own, for good, when the block ends well.

    Readers have the old file until then. After an error nothing is left of the new one.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        yield unfinished
        sync(unfinished)
        os.replace(unfinished, path)
        sync(path)
    finally:
        unfinished.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """A file and its name on the disk itself."""
    for place in (path, path.parent):
        fd = os.open(place, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
