"""The journal on SQLite and on PostgreSQL, and what only a file can suffer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from journal_contract import JournalContract


class TestSqlite(JournalContract):
    @pytest.fixture
    def target(self, file: Path) -> Path:
        return file


class TestPostgres(JournalContract):  # S1-q-2
    @pytest.fixture
    def target(self, new_database: Callable[[], str]) -> str:
        return new_database()
