"""The tables on SQLite and on PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tables_contract import TablesContract


class TestSqlite(TablesContract):
    @pytest.fixture
    def target(self, file: Path) -> Path:
        return file


class TestPostgres(TablesContract):
    @pytest.fixture
    def target(self, new_database: Callable[[str], str], with_tables: str) -> str:
        return new_database(with_tables)
