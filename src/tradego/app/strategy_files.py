"""Strategies by name: shipped, offered by an installed package, or in a file of the trader's."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

from tradego.domain.errors import InputError
from tradego.strategies.shipped import SHIPPED
from tradego.strategies.strategy import Given, Strategy, validate

_GROUP = "tradego.strategies"
# What a faulty file raises when it is read; anything else is not the file's doing.
_FAULTS = (
    ArithmeticError,
    AttributeError,
    ImportError,
    InputError,
    LookupError,
    NameError,
    SyntaxError,
    TypeError,
    ValueError,
)


def strategy_class(word: str) -> type[Strategy]:
    """By name, or by `FILE.py`, or `FILE.py:Class` where a file has several.

    InputError names what there is, or what the file lacks.
    """
    file, _, name = word.partition(":")
    if file.endswith(".py"):
        return _in_file(Path(file), name)
    if word in SHIPPED:
        return SHIPPED[word]
    offered = {entry.name: entry for entry in entry_points(group=_GROUP)}
    if word in offered:
        try:
            return validate(offered[word].load())
        except _FAULTS as error:
            raise InputError(f"strategy {word} of {offered[word].value}: {error}") from error
    known = ", ".join([*SHIPPED, *offered])
    raise InputError(f"no strategy {word!r}; there are {known}, and files of your own (FILE.py)")


def made(word: str, settings: Mapping[str, Given]) -> Strategy:
    """A strategy with its settings; InputError names the key and its range."""
    return strategy_class(word)(**settings)


def _in_file(path: Path, name: str) -> type[Strategy]:
    module = _loaded(path)
    found = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Strategy)
        and value.__module__ == module.__name__
    }
    if name:
        found = {key: value for key, value in found.items() if key == name}
    if not found:
        wanted = f"class {name}(Strategy)" if name else "class made from Strategy"
        raise InputError(f"{path} has no {wanted}; docs/tutorial.md shows one")
    if len(found) > 1:
        raise InputError(f"{path} has {', '.join(found)}: say which, as {path}:{next(iter(found))}")
    try:
        return validate(next(iter(found.values())))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _loaded(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"strategy file {path} not found")
    spec = spec_from_file_location(f"tradego_own_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} cannot be read as Python")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise InputError(f"{path}, line {error.lineno}: {error.msg}") from error
    except _FAULTS as error:
        lines = [
            frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)
        ]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        raise InputError(f"{where}: {type(error).__name__}: {error}") from error
    return module
