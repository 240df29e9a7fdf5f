"""Loading a table that is nearly empty: its indexes and keys are taken off and made again after.

Two million rows cost three times less this way. Everything happens in the caller's transaction,
which holds the tables, and those that refer to them, for itself meanwhile: this is for a first
load, not for an update.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.utils import CursorWrapper

# Under this number of rows nothing is gained.
WORTH_IT = 10_000
# Keys of the tables, then what refers to them or from them.
KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('p', 'u') ORDER BY conname
"""
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND (conrelid = ANY (%s::regclass[]) OR confrelid = ANY (%s::regclass[]))
ORDER BY conname
"""
INDEXES = """
SELECT c.relname, pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = indexrelid
WHERE indrelid = ANY (%s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY c.relname
"""


def is_first_load(cursor: CursorWrapper, staged: str, table: str) -> bool:
    """Say if the rows to come outnumber those that are there by far."""
    cursor.execute(f"SELECT (SELECT count(*) FROM {staged}), (SELECT count(*) FROM {table})")  # noqa: S608
    coming, present = cursor.fetchone()
    return coming > WORTH_IT and coming > 2 * present


@contextmanager
def stripped(cursor: CursorWrapper, *tables: str) -> Iterator[None]:
    """Load the tables without indexes, keys and triggers, then put them all back and analyse."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    names = list(tables)
    foreign = _listed(cursor, FOREIGN_KEYS, [names, names])
    keys, indexes = _listed(cursor, KEYS, [names]), _listed(cursor, INDEXES, [names])
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, name, _ in [*foreign, *keys]:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    _add(cursor, keys)
    for _, definition in indexes:
        cursor.execute(definition)
    for table in tables:
        cursor.execute(f"ANALYZE {table}")
    _add(cursor, foreign)
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _listed(cursor: CursorWrapper, query: str, values: list[list[str]]) -> list[tuple[str, ...]]:
    cursor.execute(query, values)
    return cursor.fetchall()


def _add(cursor: CursorWrapper, constraints: list[tuple[str, ...]]) -> None:
    for table, name, definition in constraints:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
