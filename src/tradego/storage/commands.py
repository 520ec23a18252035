"""What people ask of the desk, on its way in: any process leaves a command, the desk takes it.

A command is here before the desk knows of it; the journal has it once the engine has heard it.
"""

from pathlib import Path

import msgspec

from tradego.domain.events import CommandReceived
from tradego.storage.database import Access, Database, connect
from tradego.storage.stamp import Stamp, read_stamp


class CommandBox:
    """The commands of one database, in the order they were left. Needs no lock."""

    def __init__(self, target: str | Path) -> None:
        """InputError when there is no database of ours."""
        self._database: Database = connect(target, Access.WRITE)
        try:
            self.stamp: Stamp = read_stamp(self._database)
        except BaseException:
            self._database.close()
            raise

    def leave(self, command: CommandReceived) -> bool:
        """Durable when this returns. False when a command of that id is there already: the first
        one counts.
        """
        made: list[tuple[int]] = self._database.rows(
            "INSERT INTO commands (command_id, command, taken) VALUES (?, ?, 0) "
            "ON CONFLICT (command_id) DO NOTHING RETURNING number",
            command.command_id,
            msgspec.json.encode(command),
        )
        return bool(made)

    def waiting(self) -> list[CommandReceived]:
        """Those not taken yet, oldest first."""
        rows: list[tuple[bytes]] = self._database.rows(
            "SELECT command FROM commands WHERE taken = 0 ORDER BY number"
        )
        return [msgspec.json.decode(command, type=CommandReceived) for (command,) in rows]

    def take(self, command_id: str) -> None:
        """The journal has it. A desk that dies before this hears it again, and does it once."""
        self._database.run("UPDATE commands SET taken = 1 WHERE command_id = ?", command_id)

    def close(self) -> None:
        self._database.close()
