"""What is remembered? Journal, tables, migrations, bar files."""
