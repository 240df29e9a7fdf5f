"""Files of Annuaire Santé are read with the nomenclature of professions at hand."""

import pytest

from ronde.core.db.roles import as_owner
from ronde.terminology import queries
from ronde.terminology.imports import DATA, import_all


@pytest.fixture(scope="session")
def nomenclatures(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), as_owner():
        list(import_all(DATA))
    queries.forget()
