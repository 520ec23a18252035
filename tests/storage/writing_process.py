"""A process that writes journal rows until something stops it; run by tests of what stops it.

writing_process.py FILE forever     prints the number of each row once it is durable
writing_process.py FILE full        runs into a full disk, makes room, and tries again
"""

import resource
import sys
from itertools import count
from pathlib import Path

from a_day import HALT, OPENED, STAMP

from tradego.storage.database import JournalError
from tradego.storage.journal import SqlJournal, open_journal


def write_forever(journal: SqlJournal) -> None:
    for _ in count():
        for event in (OPENED, HALT, HALT):
            journal.record(event, [])
        journal.commit()
        print(journal.last_seq, flush=True)


def write_into_a_full_disk(journal: SqlJournal) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    written = 0
    try:
        while True:
            journal.record(OPENED, [])
            journal.commit()
            written = journal.last_seq
    except JournalError as error:
        print(written, journal.last_seq, error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    journal.record(HALT, [])
    journal.commit()


def main() -> None:
    path, what = Path(sys.argv[1]), sys.argv[2]
    with open_journal(path, STAMP) as journal:
        (write_forever if what == "forever" else write_into_a_full_disk)(journal)


if __name__ == "__main__":
    main()
