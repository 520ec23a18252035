"""What we ship and build with may be used by anyone for anything; the lock names one index."""

import hashlib
import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
# Copyleft for the library alone: nobody gets these without asking for the extra that names them.
ONLY_BY_EXTRA = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}
READ_BY_HAND = {
    "colorama": "BSD-3-Clause",  # asked for on Windows alone, so not installed here
    "ta-lib": "BSD-2-Clause",  # its metadata names no licence; its LICENSE file is this one
}
SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


class Locked(NamedTuple):
    """One package of uv.lock; `needs` are the names of its required packages, extras left out."""

    name: str
    registry: str
    urls: list[str]
    needs: set[str]


def locked() -> dict[str, Locked]:
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    rows = (
        Locked(
            name=entry["name"],
            registry=entry["source"].get("registry", ""),
            urls=[w["url"] for w in [*entry.get("wheels", []), entry.get("sdist")] if w],
            needs={needed["name"] for needed in entry.get("dependencies", [])},
        )
        for entry in lock["package"]
    )
    return {row.name: row for row in rows}


def licence(package: str) -> str:
    """SPDX expression of an installed package: its own field, else free text, else classifier."""
    if package in READ_BY_HAND:
        return READ_BY_HAND[package]
    about = metadata.metadata(package)
    for key in ("License-Expression", "License", "Classifier"):
        for text in about.get_all(key, []):
            spdx: str = SPELLINGS.get(text.split(" :: ")[-1], text)
            if key == "License-Expression" or spdx in ALLOWED:
                return spdx
    return "none that is on the list"


def is_allowed(expression: str) -> bool:
    """Every part joined by AND has an alternative on the list."""
    clauses = expression.replace("(", "").replace(")", "").split(" AND ")
    return all(set(clause.split(" OR ")) & ALLOWED for clause in clauses)


@pytest.mark.parametrize("package", sorted(locked().keys() - ONLY_BY_EXTRA.keys()))
def test_a_locked_package_has_a_licence_from_the_list(package: str) -> None:  # A-lic-1
    assert is_allowed(licence(package)), f"{package}: {licence(package)!r}"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("BSD-3-Clause AND 0BSD", True),
        ("BSD-3-Clause AND GPL-3.0-only", False),
        ("LGPL-3.0-only", False),
        ("Other/Proprietary License", False),
        ("", False),
    ],
)
def test_a_licence_expression_is_read(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


def test_copyleft_comes_only_with_the_extra_that_names_it() -> None:  # A-lic-1
    packages = locked()
    assert {name: licence(name) for name in ONLY_BY_EXTRA} == ONLY_BY_EXTRA
    shipped: set[str] = set()
    found = {"tradego"}
    while found:
        shipped |= found
        found = {needed for name in found for needed in packages[name].needs} - shipped
    assert "sqlalchemy" in shipped
    assert not shipped & ONLY_BY_EXTRA.keys()


def test_our_own_licence_is_the_apache_text_unchanged() -> None:  # A-lic-1
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"


def test_the_lock_names_the_public_index_alone() -> None:  # A-inst-1
    for package in locked().values():
        if package.name == "tradego":
            continue
        assert package.registry == "https://pypi.org/simple", package.name
        strange = [u for u in package.urls if not u.startswith("https://files.pythonhosted.org/")]
        assert not strange, package.name


def test_every_shipped_package_comes_as_a_wheel() -> None:  # A-inst-1
    """Nothing is compiled on the trader's machine."""
    packages = locked()
    built = [p.name for p in packages.values() if not any(u.endswith(".whl") for u in p.urls)]
    assert built == ["tradego"]
