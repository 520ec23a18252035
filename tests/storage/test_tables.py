"""The tables on SQLite and on PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tables_contract import WhatTablesHold, WhatTablesSay, project_the_day


class TestSqliteSays(WhatTablesSay):
    @pytest.fixture(scope="class")
    @classmethod
    def day(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        target = tmp_path_factory.mktemp("day") / "paper.db"
        project_the_day(target)
        return target


class TestPostgresSays(WhatTablesSay):
    @pytest.fixture(scope="class")
    @classmethod
    def day(cls, new_database: Callable[[], str]) -> str:
        target = new_database()
        project_the_day(target)
        return target


class TestSqliteHolds(WhatTablesHold):
    @pytest.fixture
    def target(self, file: Path) -> Path:
        return file


class TestPostgresHolds(WhatTablesHold):
    @pytest.fixture
    def target(self, new_database: Callable[[], str]) -> str:
        return new_database()
