"""One set of migrations makes both databases, from nothing and from an earlier version."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from a_day import STAMP, a_day
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from tradego.domain.errors import InputError
from tradego.storage import migrate, schema
from tradego.storage.engines import make_engine
from tradego.storage.journal import open_journal, read_journal
from tradego.storage.migrate import upgrade, upgrade_to
from tradego.storage.tables import Tables

MIGRATIONS = Path(migrate.__file__).parent / "migrations"
NEXT = '''\
"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("heard_by", sa.Text(), nullable=False, server_default=""))
'''


@pytest.fixture(params=["sqlite", "postgres"])
def target(
    request: pytest.FixtureRequest, file: Path, new_database: Callable[[], str]
) -> str | Path:
    """A journal without tables."""
    made: str | Path = file if request.param == "sqlite" else new_database()
    with open_journal(made, STAMP) as journal:
        for event, effects in a_day():
            journal.record(event, effects)
    return made


@pytest.fixture
def later_version(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    (folder / "versions" / "r0002_next.py").write_text(NEXT)
    return folder


def described(target: str | Path) -> dict[str, str]:
    """What the database itself says each table, view and index is."""
    engine = make_engine(target)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        else:
            sql = """
                WITH here AS (SELECT current_schema() AS name)
                SELECT table_name || '.' || column_name, concat_ws(' ', ordinal_position, data_type,
                    is_nullable, numeric_precision, is_identity, generation_expression)
                FROM information_schema.columns, here WHERE table_schema = here.name
                UNION ALL SELECT indexname, replace(indexdef, here.name || '.', '')
                FROM pg_indexes, here WHERE schemaname = here.name
                UNION ALL SELECT viewname, definition FROM pg_views, here
                WHERE schemaname = here.name
                UNION ALL SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
                """
        rows = {
            str(name): " ".join(str(text).split()) for name, text in connection.execute(text(sql))
        }
    engine.dispose()
    return {name: what for name, what in rows.items() if "alembic_version" not in name}


def test_the_newest_migration_is_the_version_of_the_schema() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


def test_the_migrations_make_what_the_schema_describes(target: str | Path) -> None:
    # S2-db-1
    upgrade(target)
    engine = make_engine(target)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [
            difference
            for difference in compare_metadata(context, schema.METADATA)
            if not (difference[0] == "add_table" and difference[1].name == "positions")  # a view
        ]
        assert differences == []
        assert inspect(connection).get_view_names() == ["positions"]
    engine.dispose()


def test_tables_made_by_migration_and_by_the_schema_are_the_same_to_the_letter(
    file: Path, new_database: Callable[[], str]
) -> None:
    """Columns computed by the database, the view, and the tables that the journal makes itself."""
    plain = file.with_name("plain.db")
    plain.touch()
    pairs: list[tuple[str | Path, str | Path]] = [(file, plain), (new_database(), new_database())]
    for migrated, created in pairs:
        open_journal(migrated, STAMP).close()
        upgrade(migrated)
        engine = make_engine(created)
        with engine.begin() as connection:
            schema.METADATA.create_all(connection)
        engine.dispose()
        assert described(migrated) == described(created)


def test_tables_that_are_up_to_date_are_left_alone(target: str | Path) -> None:
    upgrade(target)
    before = described(target)
    upgrade(target)
    assert described(target) == before


def test_tables_of_an_earlier_version_are_brought_forward_with_their_rows(
    target: str | Path, later_version: Path
) -> None:
    # S2-debt-1
    tables = Tables(target)
    tables.catch_up()
    tables.close()
    upgrade_to(target, "0002", later_version)
    engine = make_engine(target)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT key, heard_by FROM alarms")).all() == [("halt", "")]
        assert migrate.revision(connection) == "0002"
    engine.dispose()


def test_a_file_is_copied_before_it_is_changed(file: Path, later_version: Path) -> None:
    # S2-debt-1
    with open_journal(file, STAMP) as journal:
        for event, effects in a_day():
            journal.record(event, effects)
    upgrade(file)
    assert list(file.parent.glob("*before*")) == []  # nothing was there to be lost
    upgrade_to(file, "0002", later_version)
    copy = file.with_name("paper.db.before-0002")
    with read_journal(copy) as journal:
        assert len(list(journal.read())) == 11
    engine = create_engine(f"sqlite:///{copy}")
    with engine.connect() as connection:
        assert migrate.revision(connection) == "0001"
    engine.dispose()


def test_a_migration_that_fails_changes_nothing(target: str | Path, later_version: Path) -> None:
    upgrade(target)
    before = described(target)
    broken = later_version / "versions" / "r0002_next.py"
    broken.write_text(NEXT + '    op.execute("SELECT nonsense FROM nowhere")\n')
    with pytest.raises(Exception, match="nowhere"):
        upgrade_to(target, "0002", later_version)
    assert described(target) == before


def test_tables_of_a_newer_version_are_refused(target: str | Path, later_version: Path) -> None:
    upgrade_to(target, "0002", later_version)
    with pytest.raises(InputError, match="has tables of version 0002, this TradeGo knows 0001"):
        Tables(target)
