"""Doors to the owner of the tables, for migrations, imports and the building of test data."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Run the block as the role that logged in.

    It bypasses row-level security when that role owns the tables, as in tests and in commands run
    with RONDE_AS_OWNER; for the web's login it changes nothing.
    """
    with connection.as_role(None):
        yield
