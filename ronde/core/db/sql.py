"""Views, triggers and policies are `.sql` files; migrations read them from here."""

from pathlib import Path

from django.db.migrations import RunSQL


def run_sql(migration_file: str, name: str) -> RunSQL:
    """Make the operation that runs `<app>/sql/<name>`, beside the migration's folder.

    It has no way back: a mistake is mended by a later migration.
    """
    path = Path(migration_file).resolve().parent.parent / "sql" / name
    return RunSQL(path.read_text(encoding="utf-8"))
