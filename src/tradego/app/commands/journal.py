"""`tradego journal`: what happened, in words or row by row."""

from collections import deque
from collections.abc import Iterator
from typing import Annotated

import msgspec
import typer

from tradego.app.commands.options import (
    AsJson,
    ConfigFile,
    DatabaseName,
    First,
    Last,
    database_of,
    print_json,
)
from tradego.app.journal_reading import Entry, entries
from tradego.app.recorded import day_of
from tradego.domain.errors import InputError
from tradego.domain.times import iso, session_date
from tradego.ui.desk_view import Topic
from tradego.ui.onlooker import Onlooker
from tradego.ui.terminal import plain_line


class Told(msgspec.Struct, frozen=True):
    """A line of what happened, as `--json` prints it."""

    seq: int
    time: str
    topic: str
    text: str


class Row(msgspec.Struct, frozen=True):
    """A row of the journal, as `--events --json` prints it."""

    seq: int
    time: str
    kind: str
    event: object
    effects: object


def journal(  # noqa: PLR0913, PLR0917 - one argument an option
    journal_file: Annotated[
        str | None, typer.Argument(help="journal.db, or the folder of a backtest; else the desk's")
    ] = None,
    last: Annotated[int, typer.Option(help="So many lines, the newest last; 0 is all")] = 20,
    topic: Annotated[
        list[Topic] | None, typer.Option(help="Only these; alarm for what went wrong")
    ] = None,
    about: Annotated[str | None, typer.Option(help="Only lines with this text")] = None,
    events: Annotated[
        bool, typer.Option("--events", help="The rows themselves, not the words")
    ] = False,
    kind: Annotated[
        list[str] | None, typer.Option(help="With --events: only these kinds of event or effect")
    ] = None,
    first_day: First = None,
    last_day: Last = None,
    settings: ConfigFile = None,
    database: DatabaseName = None,
    as_json: AsJson = False,
) -> None:
    """The last lines of what happened."""
    if kind and not events:
        raise InputError("--kind chooses among rows: say --events with it, or --topic without")
    source = journal_file or database_of(database, settings)
    days = (day_of("--from", first_day), day_of("--to", last_day))

    def within(ts_ns: int) -> bool:
        day = session_date(ts_ns)
        return (days[0] is None or day >= days[0]) and (days[1] is None or day <= days[1])

    wanted: deque[Told | Row] = deque(maxlen=last or None)
    lines = _rows(entries(source), set(kind or ())) if events else _words(entries(source), topic)
    for ts_ns, line, text in lines:
        if within(ts_ns) and (about is None or about.casefold() in text.casefold()):
            wanted.append(line)
    if as_json:
        print_json(list(wanted))
        return
    for line in wanted:
        typer.echo(_shown(line))


def _words(
    rows: Iterator[Entry], topics: list[Topic] | None
) -> Iterator[tuple[int, Told | Row, str]]:
    onlooker = Onlooker()
    for seq, event, effects in rows:
        for line in onlooker.apply(event, effects):
            if topics is None or line.topic in topics:
                text = plain_line(line)
                yield line.ts_ns, Told(seq, iso(line.ts_ns), line.topic.value, text), text


def _rows(rows: Iterator[Entry], kinds: set[str]) -> Iterator[tuple[int, Told | Row, str]]:
    for seq, event, effects in rows:
        tags = [_tag(event), *map(_tag, effects)]
        if kinds and kinds.isdisjoint(tags):
            continue
        row = Row(seq, iso(event.ts_ns), tags[0], event, effects)
        yield event.ts_ns, row, msgspec.json.encode(row).decode()


def _tag(message: msgspec.Struct) -> str:
    return str(message.__struct_config__.tag)


def _shown(line: Told | Row) -> str:
    if isinstance(line, Told):
        return f"{line.time[:10]} {line.text}"
    return f"{line.seq:>7}  {line.time}  {msgspec.json.encode(line.event).decode()}"
