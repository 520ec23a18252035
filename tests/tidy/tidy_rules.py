"""House rules that neither ruff nor mypy can say, as functions from a source file to findings.

An exception to a rule is written on the line it is found on, with its reason: `# tidy-ok: reason`.
An exception without a reason, or with nothing to excuse, is a finding too.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

FUNCTION_LINES = 70
MODULE_LINES = 600
NESTING = 4
PUBLIC_METHODS = 15

EXACT = {"domain", "engine", "risk", "accounting"}
PURE = EXACT | {"indicators", "market", "strategies", "simulation"}
FLOATS_BY_NATURE = {
    "src/tradego/domain/bars.py",  # measurements: what an exchange printed
    "src/tradego/domain/signals.py",  # an opinion; exact only once the engine makes it an intent
}
# At most three, each saying what happens next: the loop's supervisor, the web's error page, the
# notifier. None of them exists yet.
BROAD_EXCEPT: set[str] = set()
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc"}
ELSEWHERE = re.compile(
    r"(?<![\w.])/(home|root|work|opt|mnt|tmp)/\w|\bshared/(data|design|bench|venues|hooks)\b"
)
LEFT_UNDONE = re.compile(r"\b(TODO|FIXME)\b")  # tidy-ok: the rule itself
NARROWING = re.compile(r"[\w.\[\]]+ is not None|isinstance\([\w.]+, [\w. |]+\)")
EXCUSE = re.compile(r"#\s*tidy-ok\b:?\s*(?P<reason>.*)")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While
Block = Loop | ast.If | ast.With | ast.AsyncWith | ast.Try | ast.TryStar | ast.Match
Node = TypeVar("Node", bound=ast.AST)


class Finding(NamedTuple):
    path: str
    line: int
    fault: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.fault}"


class Source:
    """One Python file, parsed once; `path` is relative to the root of the checkout."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = text.splitlines()
        self.tree = ast.parse(text, path)
        self.nodes = list(ast.walk(self.tree))

    @property
    def package(self) -> str:
        """The package under src/tradego, "" for anything else."""
        parts = PurePosixPath(self.path).parts
        return parts[2] if parts[:2] == ("src", "tradego") and len(parts) > 3 else ""

    @property
    def module(self) -> str:
        """The dotted name by which others import this file of src."""
        parts = PurePosixPath(self.path).with_suffix("").parts[1:]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def of(self, kind: type[Node]) -> Iterator[Node]:
        return (node for node in self.nodes if isinstance(node, kind))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def excuses(self) -> dict[int, str]:
        """Line to the reason of its `tidy-ok` comment."""
        if "tidy-ok" not in self.text:
            return {}
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        comments = (
            (t.start[0], EXCUSE.search(t.string)) for t in tokens if t.type == tokenize.COMMENT
        )
        return {line: match["reason"] for line, match in comments if match}


Faults = Iterator[tuple[int, str]]
Rule = Callable[[Source], Faults]


# ---- size ----------------------------------------------------------------------------------------


def long_function(source: Source) -> Faults:
    for node in source.functions:
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {length} lines, over {FUNCTION_LINES}"


def long_module(source: Source) -> Faults:
    if len(source.lines) > MODULE_LINES:
        yield 1, f"module has {len(source.lines)} lines, over {MODULE_LINES}"


def deep_nesting(source: Source) -> Faults:
    for node in source.functions:
        if (depth := _depth(node)) > NESTING:
            yield node.lineno, f"{node.name} nests {depth} deep, over {NESTING}"


def _depth(node: ast.AST) -> int:
    """The most blocks around one statement of `node`; an inner function is counted by itself."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            continue
        deeper = isinstance(child, Block) and not _is_elif(node, child)
        deepest = max(deepest, _depth(child) + deeper)
    return deepest


def _is_elif(node: ast.AST, child: ast.AST) -> bool:
    """An `elif` is an `if` in the same column as the `if` that holds it."""
    match node, child:
        case ast.If(col_offset=outer), ast.If(col_offset=inner):
            return outer == inner
        case _:
            return False


def wide_class(source: Source) -> Faults:
    for node in source.of(ast.ClassDef):
        if (count := len(_public_methods(node))) > PUBLIC_METHODS:
            yield node.lineno, f"{node.name} has {count} public methods, over {PUBLIC_METHODS}"


def _public_methods(node: ast.ClassDef) -> list[Function]:
    methods = [member for member in node.body if isinstance(member, Function)]
    return [method for method in methods if not method.name.startswith("_")]


# ---- exactness and honesty -----------------------------------------------------------------------


def float_field(source: Source) -> Faults:
    if source.package not in EXACT or source.path in FLOATS_BY_NATURE:
        return
    fields = (node for owner in source.of(ast.ClassDef) for node in owner.body)
    for field in fields:
        if isinstance(field, ast.AnnAssign) and "float" in _names(field.annotation):
            yield field.lineno, "float field in a money package"


def any_type(source: Source) -> Faults:
    if source.package == "venues":
        return
    for node in source.nodes:
        if (isinstance(node, ast.Name) and node.id == "Any") or (
            isinstance(node, ast.Attribute) and ast.unparse(node) == "typing.Any"
        ):
            yield node.lineno, "Any outside a venue parser"


def broad_except(source: Source) -> Faults:
    """One that cleans up and raises again swallows nothing."""
    if source.path in BROAD_EXCEPT:
        return
    for node in source.of(ast.ExceptHandler):
        broad = node.type is None or _names(node.type) & {"Exception", "BaseException"}
        raises_again = isinstance(last := node.body[-1], ast.Raise) and last.exc is None
        if broad and not raises_again:
            yield node.lineno, "broad except"


def strippable_check(source: Source) -> Faults:
    """An assert may tell the type checker what is known, but checks nothing: -O strips it."""
    for node in source.of(ast.Assert):
        if not NARROWING.fullmatch(ast.unparse(node.test)):
            yield node.lineno, "assert is stripped by -O: require()"


def rebound_global(source: Source) -> Faults:
    for node in source.of(ast.Global):
        yield node.lineno, "global state: pass it in"


def mode_below_app(source: Source) -> Faults:
    """The traded path is the tested path: nothing pure asks in which mode it runs."""
    if source.package not in PURE:
        return
    for node in source.nodes:
        if isinstance(node, ast.Compare | ast.MatchValue) and "Mode" in _names(node):
            yield node.lineno, "a pure package asks for the mode"


def stray_print(source: Source) -> Faults:
    if source.package in {"app", "ui"}:
        return
    for node in source.of(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "print outside app and ui"


# ---- names and words -----------------------------------------------------------------------------


def empty_name(source: Source) -> Faults:
    for part in PurePosixPath(source.path).with_suffix("").parts:
        if empty := set(part.split("_")) & NAMES_THAT_SAY_NOTHING:
            yield 1, f"a module named {empty.pop()} says nothing"


def left_undone(source: Source) -> Faults:
    for number, line in enumerate(source.lines, 1):
        if match := LEFT_UNDONE.search(line):
            yield number, f"{match[0]}: do it, or open an issue"


def no_docstring(source: Source) -> Faults:
    if source.package and ast.get_docstring(source.tree) is None:
        yield 1, "module without a docstring"


def doors(sources: Iterable[Source]) -> set[tuple[str, str]]:
    """(module, name) of everything that one package imports from another."""
    return {
        (node.module, alias.name)
        for source in sources
        for node in source.of(ast.ImportFrom)
        for alias in node.names
        if node.module and node.module.split(".")[1:2] != [source.package]
    }


def undocumented_door(known_doors: set[tuple[str, str]]) -> Rule:
    """What another package imports says what it is for, unless it is one statement long."""

    def rule(source: Source) -> Faults:
        for node in source.tree.body:
            if not isinstance(node, Function | ast.ClassDef) or ast.get_docstring(node) is not None:
                continue
            parts = [node] if isinstance(node, Function) else _public_methods(node)
            if (
                any(len(part.body) > 1 for part in parts)
                and (source.module, node.name) in known_doors
            ):
                yield node.lineno, f"{node.name} is used by other packages and has no docstring"

    return rule


def foreign_paths(path: str, text: str) -> Iterator[Finding]:
    """The project speaks of itself alone: no path of the machine it was written on."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := ELSEWHERE.search(line):
            yield Finding(path, number, f"{match[0]} is a path of one machine")


# ---- tests ---------------------------------------------------------------------------------------


def assertionless_test(source: Source) -> Faults:
    asserting = {f.name for f in source.functions if _asserts(f)}
    grown = True
    while grown:
        callers = {f.name for f in source.functions if _called(f) & asserting} - asserting
        asserting |= callers
        grown = bool(callers)
    for node in source.functions:
        if node.name.startswith("test_") and node.name not in asserting:
            yield node.lineno, f"{node.name} asserts nothing"


def _asserts(function: Function) -> bool:
    """Whether the body holds an assertion, or calls something whose name says that it checks."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Raise) and node.exc and "AssertionError" in _names(node.exc):
            return True
    return any(
        name in {"raises", "warns", "fail"} or name.startswith(("assert_", "check_", "expect_"))
        for name in _called(function)
    )


def sleeping_test(source: Source) -> Faults:
    for node in source.of(ast.Call):
        if _last_name(node.func) == "sleep":
            yield node.lineno, "sleep in a test: move time by an event"


def mocked_test(source: Source) -> Faults:
    for node in source.nodes:
        match node:
            case ast.Import(names=[ast.alias(name="mock" | "unittest.mock"), *_]):
                yield node.lineno, "mock: use a real implementation of the port"
            case ast.ImportFrom(module="mock" | "unittest.mock"):
                yield node.lineno, "mock: use a real implementation of the port"
            case ast.ImportFrom(module="unittest", names=names) if "mock" in {
                n.name for n in names
            }:
                yield node.lineno, "mock: use a real implementation of the port"
            case ast.arg(arg="mocker"):
                yield node.lineno, "mock: use a real implementation of the port"
            case ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr" | "delattr"):
                yield node.lineno, "patched code is not the code that trades"
            case _:
                pass


# ---- running them --------------------------------------------------------------------------------

EVERYWHERE: list[Rule] = [long_function, long_module, deep_nesting, empty_name, left_undone]
IN_SOURCE: list[Rule] = [
    *EVERYWHERE,
    wide_class,
    float_field,
    any_type,
    broad_except,
    strippable_check,
    rebound_global,
    mode_below_app,
    stray_print,
    no_docstring,
]
IN_TESTS: list[Rule] = [*EVERYWHERE, assertionless_test, sleeping_test, mocked_test]


def findings(source: Source, rules: Iterable[Rule]) -> Iterator[Finding]:
    """What the rules find and no line excuses, and excuses without a reason or a use."""
    used = set()
    for rule in rules:
        for line, fault in rule(source):
            used.add(line)
            if line not in source.excuses:
                yield Finding(source.path, line, fault)
    for line, reason in source.excuses.items():
        if not reason:
            yield Finding(source.path, line, "tidy-ok without a reason")
        if line not in used:
            yield Finding(source.path, line, "tidy-ok with nothing to excuse")


def _names(node: ast.AST) -> set[str]:
    """Every bare name in an expression."""
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _called(function: Function) -> set[str]:
    """The last part of the name of everything the function calls."""
    return {_last_name(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
