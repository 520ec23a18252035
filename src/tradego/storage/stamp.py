"""Whose a database is. It is stamped once, when made, and refuses any other owner ever after."""

from hashlib import sha256

import msgspec

from tradego.domain.errors import InputError
from tradego.domain.events import Mode
from tradego.storage.database import Database

FORMAT = 1
"""The version of the journal's rows and of their hash."""

# What every database of ours has; the tables a person sees are made from it (schema.py).
_TABLES = """
CREATE TABLE meta (
    mode TEXT NOT NULL,
    account TEXT NOT NULL,
    lineage TEXT NOT NULL,
    created_ns {integer} NOT NULL,
    format {integer} NOT NULL,
    PRIMARY KEY (mode, account)
);
CREATE TABLE journal (
    seq {integer} NOT NULL,
    ts_ns {integer} NOT NULL,
    kind TEXT NOT NULL,
    event {binary} NOT NULL,
    effects {binary} NOT NULL,
    hash {binary} NOT NULL,
    PRIMARY KEY (seq)
);
CREATE TABLE quarantine (
    number {serial},
    after_seq {integer} NOT NULL,
    event {binary} NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE TABLE commands (
    number {serial},
    command_id TEXT NOT NULL,
    command {binary} NOT NULL,
    taken {integer} NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (command_id)
)
"""


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """The owner of a database. `lineage` names the run that made it."""

    mode: Mode
    account: str
    lineage: str
    created_ns: int

    @property
    def owner(self) -> str:
        return f"{self.mode} account {self.account!r}"

    @property
    def genesis(self) -> bytes:
        """What the hash of the first row stands on, so that rows belong to one stamp only."""
        whole = (FORMAT, self.mode, self.account, self.lineage, self.created_ns)
        return sha256(msgspec.json.encode(whole)).digest()


def read_stamp(database: Database) -> Stamp:
    """InputError when the database is not ours, or one of another version."""
    if "meta" not in database.tables():
        raise InputError(f"{database.name} is not a TradeGo database")
    rows: list[tuple[str, str, str, int, int]] = database.rows(
        "SELECT mode, account, lineage, created_ns, format FROM meta",
    )
    if len(rows) != 1:
        raise InputError(f"{database.name} has {len(rows)} stamps instead of one: restore a backup")
    mode, account, lineage, created_ns, version = rows[0]
    if version != FORMAT:
        raise InputError(
            f"{database.name} has journal format {version}, this TradeGo knows {FORMAT}: "
            "use the version that made it"
        )
    try:
        known = Mode(mode)
    except ValueError:
        raise InputError(f"{database.name} is stamped with an unknown mode {mode!r}") from None
    return Stamp(mode=known, account=account, lineage=lineage, created_ns=created_ns)


def claim(database: Database, stamp: Stamp) -> Stamp:
    """The stamp of a database of ours; an empty database is given `stamp` now.

    InputError when the mode or the account is another. Lineage and the time of making stay those of
    the first.
    """
    if not database.tables():
        make(database, stamp)
    found = read_stamp(database)
    if (found.mode, found.account) != (stamp.mode, stamp.account):
        raise InputError(
            f"{database.name} belongs to {found.owner}, not to {stamp.owner}: "
            "name the database of that account"
        )
    return found


def make(database: Database, stamp: Stamp) -> None:
    """The tables of the journal, and whose they are, in an empty database."""
    with database.transaction():
        for statement in _TABLES.format(**database.TYPES).split(";"):
            database.run(statement)
        database.run(
            "INSERT INTO meta (mode, account, lineage, created_ns, format) VALUES (?, ?, ?, ?, ?)",
            stamp.mode,
            stamp.account,
            stamp.lineage,
            stamp.created_ns,
            FORMAT,
        )
