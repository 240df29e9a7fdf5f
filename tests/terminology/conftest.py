"""Tests of this folder change the nomenclatures: the memory of the process is theirs alone."""

import pytest

from ronde.terminology import queries


@pytest.fixture(autouse=True)
def _fresh_memory():
    queries.forget()
    yield
    queries.forget()
