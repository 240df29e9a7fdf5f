"""The words of the circle: the roles and the links with the patient."""

import json
from collections.abc import Iterator

import pytest

from ronde.core.db.roles import as_owner
from ronde.terminology import queries
from ronde.terminology.imports import DATA, import_system


@pytest.fixture
def words(db: None) -> Iterator[None]:
    """Import the two small nomenclatures that a circle needs; the process forgets them after."""
    with as_owner():
        for entry in json.loads((DATA / "manifest.json").read_text(encoding="utf-8")):
            if entry["name"] in {"roles", "relationships"}:
                import_system(entry, DATA / f"{entry['name']}.csv")
    queries.forget()
    yield
    queries.forget()
