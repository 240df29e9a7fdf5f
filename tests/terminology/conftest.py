"""The nomenclatures are brought in once for the session: tests of this folder start from them."""

import pytest

from ronde.core.db.roles import as_owner
from ronde.terminology import queries
from ronde.terminology.imports import import_all


@pytest.fixture(scope="session")
def nomenclatures(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), as_owner():
        list(import_all())


@pytest.fixture(autouse=True)
def _fresh_memory(nomenclatures):
    queries.forget()
    yield
    queries.forget()
