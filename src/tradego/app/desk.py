"""A paper session over recorded bars: the loop, its journal, its tables, its commands, its pace."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from tradego.app.recovery import Rejoined, RememberingVoice, Row, is_command
from tradego.app.voices import Market, NewestBarVoice
from tradego.domain.effects import Effect
from tradego.domain.errors import DomainError, InputError
from tradego.domain.events import CommandReceived, DeskOpened, Event
from tradego.research.backtest import Setup, build, history
from tradego.research.world import World
from tradego.storage.commands import CommandBox
from tradego.storage.journal import SqlJournal, decode_event, open_journal
from tradego.storage.stamp import Stamp

_TABLES_EVERY = 500  # events between two visits to the tables


class Shown(NamedTuple):
    """What whoever looks on is told: an event, what came of it, and whether it is being lived
    again after a restart.
    """

    event: Event
    effects: list[Effect]
    again: bool


Watcher = Callable[[Shown], None]


class Desk:
    """One account's session. Use as a context manager: the database is this process's meanwhile."""

    def __init__(self, setup: Setup, database: str | Path, watch: Watcher) -> None:
        opening = setup.opening
        stamp = Stamp(
            mode=opening.mode,
            account=opening.account,
            lineage=opening.run_id,
            created_ns=opening.ts_ns,
        )
        self._journal: SqlJournal = open_journal(database, stamp)
        self._database = database
        try:
            self._box = CommandBox(database)
        except BaseException:
            self._journal.close()
            raise
        self._watch = watch
        self._since_tables = 0
        rows = [(decode_event(event), event, effects) for _, event, effects in self._journal.read()]
        self._rejoined = Rejoined(self._journal, rows)
        self.recovered = len(rows)
        self.world = self._join(setup, rows)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Bring the tables up to the journal and let the database go."""
        try:
            self._fill_tables()
        finally:
            self._box.close()
            self._journal.close()

    def catch_up(self) -> None:
        """Live again what the journal holds; nothing new happens."""
        while (behind := self._rejoined.behind) is not None:
            if is_command(behind):
                self.world.feed(behind)
            elif not self.world.turn():
                raise InputError(
                    "the journal goes on after these bars end; give the ones the session began with"
                )

    def turn(self) -> bool:
        """Let the next thing happen; commands first. False at the end of the recording."""
        for command in self._box.waiting():
            self.obey(command)
        try:
            return self.world.turn()
        except DomainError as error:
            # What the engine cannot believe is set aside for a person; the process stops here and,
            # started again, stops here again: it never goes on past it.
            self._journal.quarantine(self.world.feeding, str(error))
            raise

    def obey(self, command: CommandReceived) -> None:
        """A person's word, at the instant the session has reached."""
        now = max(self.world.state.now, 0)
        self.world.feed(replace(command, ts_ns=now))
        self._box.take(command.command_id)

    def _join(self, setup: Setup, rows: Sequence[Row]) -> World:
        market = Market(setup.signal_bars, setup.sentiment, setup.unfit)

        def awaken(from_ns: int) -> NewestBarVoice:
            return NewestBarVoice(setup.strategies, market, max(from_ns, setup.from_ns))

        setup = replace(setup, every_bar=True)  # a person looks on: marks at every bar
        voice = RememberingVoice([event for event, _, _ in rows], awaken)
        world = build(setup, voice, self._rejoined, self._observe)
        world.feed(_opening(setup.opening, rows))
        world.feed(history(setup))
        return world

    def _observe(self, event: Event, effects: list[Effect]) -> None:
        again = self._rejoined.behind is not None
        self._watch(Shown(event, effects, again))
        self._since_tables += 1
        if not again and self._since_tables >= _TABLES_EVERY:
            self._since_tables = 0
            self._fill_tables()

    def _fill_tables(self) -> None:
        """Project what the journal has and the tables have not."""
        # Loaded when first needed: it takes longer to load than a desk to start.
        from tradego.storage.tables import Tables

        tables = Tables(self._database)
        try:
            tables.catch_up()
        finally:
            tables.close()


def _opening(wanted: DeskOpened, rows: Sequence[Row]) -> DeskOpened:
    """The journal's first event, so long as the configuration is the one it began with."""
    if not rows:
        return wanted
    first = rows[0][0]
    if not isinstance(first, DeskOpened) or first.config_hash != wanted.config_hash:
        raise InputError(
            "the configuration or the bars are not those this session began with; give the same "
            "again, or begin a new session in another database"
        )
    return first
