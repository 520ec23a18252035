"""The configuration file of a desk: one TOML file, each value typed, ranged and explained.

Nothing in it is secret. A key it does not know, and a value out of range, is refused by name.
"""

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta

from tradego.domain.errors import InputError
from tradego.domain.events import Mode
from tradego.domain.settings import (
    ExecutionSettings,
    OnAdvice,
    Ratio,
    RiskSettings,
    Section,
    says,
    within,
)
from tradego.domain.signals import Product
from tradego.simulation.exchange import Conditions

FILE_NAME = "tradego.toml"


class DeskTable(Section, frozen=True, kw_only=True):
    """Whose desk this is, and where its things are."""

    mode: Annotated[
        Mode, says("paper trades on the simulated exchange; shadow and live need a live broker")
    ] = Mode.PAPER
    account: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$"), says("a name of your choice for the account")
    ] = "paper"
    capital: Annotated[
        Decimal, within("1", "1e12"), says("rupees the account begins with, in paper")
    ] = Decimal(1_000_000)
    broker: Annotated[str, says("brokerage plan by which trades are charged")] = "zerodha"
    database: Annotated[
        str, Meta(min_length=1), says("a file beside this one, or a postgresql:// address")
    ] = "tradego.db"
    data: Annotated[str, Meta(min_length=1), says("folder of imported bars and news")] = "data"


class MarketTable(Section, frozen=True, kw_only=True):
    """What is watched, and facts of yours laid over the shipped ones."""

    watchlists: Annotated[
        tuple[str, ...],
        says("shipped lists to watch: nifty50, midcap, derivatives; none is all symbols"),
    ] = ()
    preferred: Annotated[tuple[str, ...], says("symbols watched whatever the lists say")] = ()
    excluded: Annotated[tuple[str, ...], says("symbols never entered")] = ()
    excluded_sectors: Annotated[tuple[str, ...], says("sectors never entered")] = ()
    interval_minutes: Annotated[
        int, Meta(ge=1, le=375), says("length of the bars a desk's strategies judge on")
    ] = 15
    tick: Annotated[
        Decimal, within("0.0001", "100"), says("price step of orders and fills; bars need not fit")
    ] = Decimal("0.01")
    min_average_volume: Annotated[
        int, Meta(ge=0, le=10**12), says("shares a session over 20 sessions; less is not entered")
    ] = 0
    news_half_life_minutes: Annotated[
        int, Meta(ge=1, le=10_080), says("after which a headline counts half")
    ] = 240
    news_lookback_minutes: Annotated[
        int, Meta(ge=1, le=10_080), says("after which it counts nothing")
    ] = 240
    calendar: Annotated[str | None, says("file of sessions and holidays of your own")] = None
    tariff: Annotated[str | None, says("file of taxes, fees and brokerage of your own")] = None
    sectors: Annotated[
        dict[str, str], says("sector by symbol, where yours differs from the shipped one")
    ] = msgspec.field(default_factory=dict)
    margins: Annotated[
        dict[str, Annotated[Decimal, within("0.01", "100")]],
        says("your broker's intraday margin by symbol, in percent of value; wins over the next"),
    ] = msgspec.field(default_factory=dict)
    exchange_margins: Annotated[
        dict[str, Annotated[Decimal, within("0.01", "100")]],
        says("VaR plus ELM by symbol in percent, from which the tier follows; else paid in full"),
    ] = msgspec.field(default_factory=dict)


class StrategyTable(Section, frozen=True, kw_only=True):
    """One strategy: shipped, from an installed package, or a file of your own."""

    enabled: Annotated[bool, says("whether its signals may enter")] = True
    file: Annotated[str | None, says("a strategy of your own: the Python file it is in")] = None
    product: Annotated[
        Product | None, says("I intraday, D delivery, in place of the strategy's own")
    ] = None
    min_reward_risk: Annotated[
        Ratio | None, says("least reward to risk, in place of the strategy's own")
    ] = None
    on_advice: Annotated[
        OnAdvice | None, says("act on its advice for open positions, propose it, or neither")
    ] = None
    may_add_tranche: Annotated[bool, says("may enter a symbol again while it is held")] = False
    exits: Annotated[
        str | None, says("exit rules in place of its own, such as vwap_break, rsi_exit(50)")
    ] = None
    params: Annotated[dict[str, float | str], says("its parameters by name")] = msgspec.field(
        default_factory=dict
    )


class Config(Section, frozen=True, kw_only=True):
    """All tables of the file."""

    desk: DeskTable = DeskTable()
    risk: RiskSettings = RiskSettings()
    execution: ExecutionSettings = ExecutionSettings()
    market: MarketTable = MarketTable()
    simulation: Conditions = Conditions()
    strategies: dict[str, StrategyTable] = msgspec.field(default_factory=dict)


AS_SHIPPED = "as shipped"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration, the folder its relative paths start from, and where it was read."""

    config: Config = Config()
    folder: Path = Path()
    source: str = AS_SHIPPED

    @property
    def database(self) -> str | Path:
        """Path or URL of the desk's database."""
        given = self.config.desk.database
        return given if "://" in given else self.folder / given

    @property
    def data(self) -> Path:
        return self.folder / self.config.desk.data


def load(path: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """The named file; without a name `tradego.toml` here, or what is shipped if there is none.

    `overrides` are KEY=VALUE, such as "risk.max_positions=3", laid over the file.
    """
    found = path or Path(FILE_NAME)
    if path is None and not found.is_file():
        settings, text = Settings(), ""
    else:
        text = _text_of(found)
        settings = Settings(config=parse(text, str(found)), folder=found.parent, source=str(found))
    if not overrides:
        return settings
    document = tomllib.loads(text)
    for given in overrides:
        _override(document, given)
    return msgspec.structs.replace(settings, config=_config(document, "options"))


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(f"configuration {path} cannot be read: {reason}") from None


def _override(document: dict[str, object], given: str) -> None:
    key, equals, value = given.partition("=")
    *tables, last = key.strip().split(".")
    if not (equals and tables and last):
        raise InputError(f"setting {given!r} is not TABLE.KEY=VALUE, such as risk.max_positions=3")
    table = document
    for name in tables:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            raise InputError(f"setting {given!r}: {name} is not a table")
        table = inner
    try:
        table[last] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = value.strip()  # a word needs no quotes on the command line


def required(path: Path | None) -> Settings:
    """As `load`, for commands that are about a desk: InputError when there is no file."""
    settings = load(path)
    if settings.source == AS_SHIPPED:
        raise InputError(f"no {FILE_NAME} here: make one with `tradego init`, or name it --config")
    return settings


def parse(text: str, name: str) -> Config:
    """InputError naming file and key for what is not known or out of range."""
    try:
        return _config(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not valid TOML: {error}") from None


def _config(document: dict[str, object], name: str) -> Config:
    """Strategies are read one by one, so that a complaint can name the one it is about."""
    own = document.get("strategies", {})
    if not isinstance(own, dict):
        raise InputError(f"{name}: strategies is a table of tables: [strategies.NAME]")
    rest = {key: value for key, value in document.items() if key != "strategies"}
    config = _table(rest, Config, name, ())
    strategies = {
        key: _table(value, StrategyTable, name, ("strategies", key)) for key, value in own.items()
    }
    return msgspec.structs.replace(config, strategies=strategies)


TableT = TypeVar("TableT", bound=Section)


def _table(given: object, kind: type[TableT], name: str, path: tuple[str, ...]) -> TableT:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{name}: {_told(str(error), kind, path)}") from None


def _told(error: str, kind: type[Section], path: tuple[str, ...]) -> str:
    """msgspec's complaint, with the key in the words of the file and what would have been right."""
    complaint, _, place = error.partition(" - at `$")
    place = place.rstrip("`").replace("[...]", "")
    keys = [*path, *(key for key in place.split(".") if key)]
    table = _nested(kind, keys[len(path) :])
    where = ".".join(keys)
    if complaint.startswith("Object contains unknown field"):
        unknown = complaint.split("`")[1]
        return _unknown(where, unknown, list(table.__struct_fields__))
    if complaint.startswith("Invalid enum value"):
        return f"{where}: {complaint.lower()}; one of {_choices(table, keys[-1])}"
    if place == "" and not path:
        return complaint
    separator = "." if " = " in complaint else ": "
    return f"{where}{separator}{complaint[0].lower()}{complaint[1:]}"


def _unknown(where: str, key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, 1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    return f"unknown key {f'{where}.{key}' if where else key}; {hint}"


def _nested(kind: type[Section], keys: list[str]) -> type[Section]:
    """The deepest table of ours that the keys lead through."""
    for key in keys:
        fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
        inner = fields.get(key)
        if not (isinstance(inner, type) and issubclass(inner, Section)):
            break
        kind = inner
    return kind


def _choices(kind: type[Section], key: str) -> str:
    hint = get_type_hints(kind)[key]
    parts = (hint, *get_args(hint))
    kind_of_word = next(part for part in parts if isinstance(part, type) and issubclass(part, Enum))
    return ", ".join(str(word.value) for word in kind_of_word)
