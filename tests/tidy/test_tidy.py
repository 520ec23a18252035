"""The house rules hold in the tree, and each of them finds what it is there to find."""

from pathlib import Path
from textwrap import dedent

import pytest
from tidy_rules import (
    BROAD_EXCEPT,
    IN_SOURCE,
    IN_TESTS,
    Rule,
    Source,
    any_type,
    assertionless_test,
    broad_except,
    deep_nesting,
    doors,
    empty_name,
    findings,
    float_field,
    foreign_paths,
    left_undone,
    long_function,
    long_module,
    mocked_test,
    mode_below_app,
    no_docstring,
    rebound_global,
    sleeping_test,
    stray_print,
    strippable_check,
    undocumented_door,
    wide_class,
)

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {".py", ".md", ".toml", ".sh", ".html", ".css", ".js", ".sql", ".mako", ".csv", ".txt"}


def sources(folder: str) -> list[Source]:
    files = sorted((ROOT / folder).rglob("*.py"))
    return [Source(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files]


def found(rule: Rule, text: str, path: str = "src/tradego/risk/gate.py") -> list[str]:
    return [f"{f.line} {f.fault}" for f in findings(Source(path, dedent(text)), [rule])]


# ---- the tree ------------------------------------------------------------------------------------


def test_the_source_is_tidy() -> None:
    tree = sources("src")
    assert len(tree) > 13
    rules = [*IN_SOURCE, undocumented_door(doors(tree))]
    untidy = [str(finding) for source in tree for finding in findings(source, rules)]
    if untidy:
        pytest.fail("\n".join(untidy), pytrace=False)


def test_the_tests_are_tidy() -> None:
    tree = [source for folder in ("tests", "bench", "tools") for source in sources(folder)]
    untidy = [str(finding) for source in tree for finding in findings(source, IN_TESTS)]
    if untidy:
        pytest.fail("\n".join(untidy), pytrace=False)


def test_nothing_names_the_machine_it_was_written_on() -> None:
    folders = ("src", "docs", "bench", "tools", "examples", ".ci")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*")]
    files += [*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    texts = [file for file in files if file.suffix in TEXTS or file.name in {"Makefile", "run"}]
    untidy = [
        str(finding)
        for file in texts
        if file.is_file()
        for finding in foreign_paths(str(file.relative_to(ROOT)), file.read_text("utf-8"))
    ]
    if untidy:
        pytest.fail("\n".join(untidy), pytrace=False)


# ---- the rules -----------------------------------------------------------------------------------


def test_a_function_of_71_lines_is_found_and_one_of_70_is_not() -> None:
    body = "    x = 1\n"
    assert found(long_function, "def f():\n" + 70 * body) == ["1 f has 71 lines, over 70"]
    assert found(long_function, "def f():\n" + 69 * body) == []


def test_a_module_of_601_lines_is_found_and_one_of_600_is_not() -> None:
    assert found(long_module, 601 * "x = 1\n") == ["1 module has 601 lines, over 600"]
    assert found(long_module, 600 * "x = 1\n") == []


def test_five_blocks_around_a_statement_are_found_and_four_with_elifs_are_not() -> None:
    deep = """
        def f(rows):
            for row in rows:
                with row:
                    while row:
                        try:
                            if row:
                                row.go()
                        finally:
                            pass
    """
    assert found(deep_nesting, deep) == ["2 f nests 5 deep, over 4"]
    flat = """
        def f(rows):
            for row in rows:
                match row:
                    case 1:
                        if row:
                            if row > 1:
                                row.go()
                            elif row > 2:
                                row.go()
                            elif row > 3:
                                row.go()
                    case 2:
                        def inner():
                            if row:
                                row.go()
    """
    assert found(deep_nesting, flat) == []


def test_else_with_an_if_inside_is_one_deeper_than_elif() -> None:
    text = """
        def f(a):
            if a:
                pass
            else:
                if a:
                    for b in a:
                        while b:
                            if b:
                                b.go()
    """
    assert found(deep_nesting, text) == ["2 f nests 5 deep, over 4"]


def test_a_class_of_16_public_methods_is_found_and_private_ones_do_not_count() -> None:
    def methods(count: int, prefix: str) -> str:
        return "".join(f"    def {prefix}{n}(self): pass\n" for n in range(count))

    assert found(wide_class, "class C:\n" + methods(16, "m")) == [
        "1 C has 16 public methods, over 15"
    ]
    assert found(wide_class, "class C:\n" + methods(15, "m") + methods(5, "_m")) == []


@pytest.mark.parametrize(
    "annotation", ["float", "float | None", "list[float]", "Annotated[float, 1]"]
)
def test_a_float_field_is_found_in_a_money_package_only(annotation: str) -> None:
    text = f"class Fill:\n    price: {annotation}\n"
    fault = ["2 float field in a money package"]
    for package in ("domain", "engine", "risk", "accounting"):
        assert found(float_field, text, f"src/tradego/{package}/x.py") == fault
    assert found(float_field, text, "src/tradego/indicators/x.py") == []
    assert found(float_field, text, "src/tradego/domain/bars.py") == []
    assert found(float_field, "def f():\n    x: float = 1.0\n") == []


def test_any_is_found_outside_the_venues() -> None:
    assert found(any_type, "def f(x: dict[str, Any]): pass") == ["1 Any outside a venue parser"]
    assert found(any_type, "def f(x: typing.Any): pass") == ["1 Any outside a venue parser"]
    assert found(any_type, "def f(x: Any): pass", "src/tradego/venues/upstox/wire.py") == []


@pytest.mark.parametrize("caught", ["", " Exception", " BaseException", " (ValueError, Exception)"])
def test_a_broad_except_is_found(caught: str) -> None:
    text = f"try:\n    go()\nexcept{caught}:\n    pass\n"
    assert found(broad_except, text) == ["3 broad except"]
    assert found(broad_except, text + "    raise\n") == []
    assert found(broad_except, "try:\n    go()\nexcept ValueError:\n    pass\n") == []


def test_a_narrowing_assert_is_for_the_type_checker() -> None:
    assert found(strippable_check, "assert order.limit is not None") == []
    assert found(strippable_check, "assert isinstance(event, Filled | Marked)") == []
    assert len(found(strippable_check, "assert x is not None and x > 0")) == 1


def test_at_most_three_files_may_catch_everything() -> None:
    assert len(BROAD_EXCEPT) <= 3
    assert all((ROOT / path).is_file() for path in BROAD_EXCEPT)


def test_assert_and_global_are_found_in_the_source() -> None:
    assert found(strippable_check, "assert x") == ["1 assert is stripped by -O: require()"]
    assert found(rebound_global, "def f():\n    global x\n    x = 1\n") == [
        "2 global state: pass it in"
    ]


def test_a_pure_package_that_asks_for_the_mode_is_found() -> None:
    text = "if account.mode is Mode.LIVE:\n    go()\n"
    assert found(mode_below_app, text, "src/tradego/engine/x.py") == [
        "1 a pure package asks for the mode"
    ]
    assert found(mode_below_app, text, "src/tradego/app/x.py") == []
    assert found(mode_below_app, "match m:\n    case Mode.LIVE: pass\n", "src/tradego/risk/x.py")
    assert found(mode_below_app, "mode: Mode = Mode.PAPER", "src/tradego/engine/x.py") == []


def test_print_is_found_outside_app_and_ui() -> None:
    assert found(stray_print, "print(1)") == ["1 print outside app and ui"]
    assert found(stray_print, "print(1)", "src/tradego/ui/x.py") == []


@pytest.mark.parametrize("name", ["utils", "order_manager", "helpers/x", "risk_common"])
def test_a_name_that_says_nothing_is_found(name: str) -> None:
    assert len(found(empty_name, "", f"src/tradego/risk/{name}.py")) == 1
    assert found(empty_name, "", "src/tradego/risk/commonwealth.py") == []


def test_what_was_left_undone_is_found() -> None:
    text = "x = 1  # TODO later\n"  # tidy-ok: planted
    assert found(left_undone, text) == ["1 TODO: do it, or open an issue"]  # tidy-ok: planted


def test_a_module_without_a_docstring_is_found() -> None:
    assert found(no_docstring, "x = 1") == ["1 module without a docstring"]
    assert found(no_docstring, '"""Says what it holds."""\n') == []


def test_only_what_another_package_imports_must_say_what_it_is_for() -> None:
    text = """
def review():
    one()
    two()
def own():
    one()
    two()
def short(): pass
class Reason(StrEnum):
    NO = ""
"""
    gate = Source("src/tradego/risk/gate.py", text)
    engine = Source(
        "src/tradego/engine/step.py", "from tradego.risk.gate import Reason, review, short\n"
    )
    sibling = Source("src/tradego/risk/book.py", "from tradego.risk.gate import own\n")
    rule = undocumented_door(doors([gate, engine, sibling]))
    assert [str(finding) for finding in findings(gate, [rule])] == [
        "src/tradego/risk/gate.py:2 review is used by other packages and has no docstring"
    ]
    documented = Source(gate.path, text.replace("review():", 'review():\n    """Yes or no."""'))
    assert list(findings(documented, [rule])) == []


@pytest.mark.parametrize("path", ["/home/asha/desk", "../shared/data/x.csv", "/mnt/disk/bars"])
def test_a_path_of_one_machine_is_found(path: str) -> None:
    assert [f.line for f in foreign_paths("docs/x.md", f"one\nsee {path}\n")] == [2]
    assert list(foreign_paths("docs/x.md", "a shared/private split, network/main, opt/out")) == []


def test_a_test_that_asserts_nothing_is_found() -> None:
    text = """
        def test_empty():
            go()

        def test_by_assertion():
            assert go()

        def test_by_error():
            with pytest.raises(ValueError):
                go()

        def test_by_naming_the_seed():
            raise AssertionError(seed)

        def test_through_a_function():
            outer()

        def outer():
            inner()

        def inner():
            assert go()

        def test_by_another_file():
            check_books(go())
    """
    assert found(assertionless_test, text, "tests/x.py") == ["2 test_empty asserts nothing"]


@pytest.mark.parametrize("call", ["time.sleep(1)", "sleep(1)", "await asyncio.sleep(0)"])
def test_a_test_that_sleeps_is_found(call: str) -> None:
    text = f"async def test():\n    {call}\n"
    assert found(sleeping_test, text, "tests/x.py") == ["2 sleep in a test: move time by an event"]


@pytest.mark.parametrize(
    "line",
    [
        "import unittest.mock",
        "from unittest import mock",
        "from unittest.mock import MagicMock",
        "def test(mocker): pass",
        "monkeypatch.setattr(engine, 'step', fake)",
    ],
)
def test_a_mock_is_found(line: str) -> None:
    assert len(found(mocked_test, line, "tests/x.py")) == 1


def test_a_changed_environment_is_not_a_mock() -> None:
    assert found(mocked_test, "monkeypatch.setenv('TZ', 'UTC')\nmonkeypatch.chdir(x)") == []


def test_an_exception_needs_a_reason_and_something_to_excuse() -> None:
    assert found(stray_print, "print(1)  # tidy-ok: the reason") == []
    assert found(stray_print, "print(1)  # tidy-ok") == ["1 tidy-ok without a reason"]
    assert found(stray_print, "x = 1  # tidy-ok: once") == ["1 tidy-ok with nothing to excuse"]
    assert found(stray_print, "x = '# tidy-ok'") == []
