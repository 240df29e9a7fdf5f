"""The SQL files of an import: named statements, run one after the other."""

from pathlib import Path

from django.db.backends.utils import CursorWrapper

SQL = Path(__file__).resolve().parent.parent / "sql"
MARK = "-- name: "


def statements(name: str) -> list[tuple[str, str]]:
    """Split `sql/<name>.sql` at its names."""
    parts = (SQL / f"{name}.sql").read_text(encoding="utf-8").split(MARK)[1:]
    return [(title.strip(), body) for title, _, body in (part.partition("\n") for part in parts)]


def execute(cursor: CursorWrapper, name: str) -> dict[str, int]:
    """Run the statements of a file; answer the rows touched by those that count."""
    counts = {}
    for title, body in statements(name):
        cursor.execute(body)
        if not title.startswith("_"):
            counts[title] = cursor.rowcount
    return counts
