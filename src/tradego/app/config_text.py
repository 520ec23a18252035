"""The configuration as `tradego init` writes it: every setting with its meaning and its range,
made from the types that read it.
"""

from collections.abc import Iterator
from enum import Enum
from textwrap import wrap

import msgspec
import tomli_w
from msgspec import inspect

from tradego.app.config import Config, StrategyTable
from tradego.strategies.expressions import Param
from tradego.strategies.shipped import SHIPPED
from tradego.strategies.strategy import Strategy, parameters

_WIDTH = 100
_HEAD = """\
# The configuration of one TradeGo desk. What is commented out has no value; everything else stands
# at its default. Percentages are of the session's starting capital unless a setting says otherwise.
# Check it with: tradego doctor
"""


def commented() -> str:
    """The whole file, at its defaults."""
    sections = [_HEAD]
    for field in msgspec.structs.fields(Config):
        if field.name != "strategies":
            sections.append("\n".join(_section(field.name, inspect.type_info(field.type))))
    sections += ["\n".join(_strategy(name, cls)) for name, cls in SHIPPED.items()]
    return "\n".join(sections)


def _section(name: str, kind: inspect.Type) -> Iterator[str]:
    """One table; tables inside it follow as tables of their own."""
    if not isinstance(kind, inspect.StructType):
        return
    yield from _remark(" ".join((kind.cls.__doc__ or "").split()))
    yield f"[{name}]"
    tables = []
    for field in kind.fields:
        if isinstance(_bare(field.type), inspect.DictType):
            tables.append(field)
        else:
            yield from _setting(field.name, field.type, field.default)
    yield ""
    for field in tables:
        yield from _remark(f"{meaning(field.type)}.")
        yield f"[{name}.{field.name}]"
        yield ""


def _setting(name: str, kind: inspect.Type, default: object) -> Iterator[str]:
    limits = allowed(kind)
    yield from _remark(f"{meaning(kind)}; {limits}" if limits else meaning(kind))
    yield f"# {name} =" if default is None else toml(name, default)


def _strategy(name: str, cls: type[Strategy]) -> Iterator[str]:
    yield from _remark(" ".join((cls.__doc__ or "").split()))
    yield f"[strategies.{name}]"
    kind = inspect.type_info(StrategyTable)
    for field in kind.fields if isinstance(kind, inspect.StructType) else ():
        if field.name not in ("file", "params"):
            yield from _setting(field.name, field.type, field.default)
    yield ""
    yield f"[strategies.{name}.params]"
    for key, param in parameters(cls).items():
        if isinstance(param, Param):
            value: object = int(param.default) if param.is_whole else param.default
            yield f"{toml(key, value)}  # {param.low:g} to {param.high:g}"
        else:
            yield f"{toml(key, next(iter(param.options)))}  # {', '.join(param.options)}"
    yield ""


def _remark(text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ")


def toml(key: str, value: object) -> str:
    """One line of the file."""
    plain = value.value if isinstance(value, Enum) else value
    plain = list(plain) if isinstance(plain, tuple) else plain
    return tomli_w.dumps({key: plain}).strip()


# ---- types in words ------------------------------------------------------------------------------


def meaning(kind: inspect.Type) -> str:
    """What the setting is said to do."""
    match kind:
        case inspect.Metadata(extra_json_schema={"description": str(said)}):
            return said
        case _:
            return ""


def allowed(kind: inspect.Type) -> str:
    """The range or the choices; empty for free text."""
    match kind:
        case inspect.Metadata(extra={"low": low, "high": high}):
            return f"{low:f} to {high:f}"
        case inspect.Metadata(type=inner):
            return allowed(inner)
        case inspect.IntType(ge=low, le=high) | inspect.FloatType(ge=low, le=high):
            return f"{low:g} to {high:g}" if low is not None and high is not None else ""
        case inspect.EnumType(cls=cls):
            return ", ".join(str(member.value) for member in cls)
        case inspect.BoolType():
            return "true or false"
        case inspect.UnionType(types=types):
            return next((text for part in types if (text := allowed(part))), "")
        case _:
            return ""


def _bare(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind
