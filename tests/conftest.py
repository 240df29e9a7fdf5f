"""The house of the tests: real PostgreSQL, the application's role, row-level security on."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate

from ronde.careteam.models import SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The owner created and migrated the database; from here on, everything runs as the web does.

    Threads of the live server and new connections take the role from the settings.
    """
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _refill_after_a_flush()
        for connection in connections.all():
            connection.settings_dict["ROLE"] = settings.DATABASE_APP_ROLE
            connection.role = settings.DATABASE_APP_ROLE
            connection.close()


def _refill_after_a_flush() -> None:
    """A test with real transactions empties every table; what migrations wrote comes back."""
    lines = list(SectionRight.objects.all())

    def refill(**kwargs: object) -> None:
        with as_owner(), connections["default"].cursor() as cursor:
            cursor.execute("TRUNCATE careteam_grant")
            SectionRight.objects.bulk_create(lines, ignore_conflicts=True)

    post_migrate.connect(refill, sender=apps.get_app_config("careteam"), weak=False)


@pytest.fixture
def as_actor() -> object:
    """`with as_actor(actor):` puts the block under the policies of that actor."""

    def enter(actor: object) -> object:
        return acting(party_id=actor.party_id, user_id=actor.user_id)  # type: ignore[attr-defined]

    return enter


@pytest.fixture(autouse=True)
def _clean_role(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that left the application's role would hide what row-level security refuses."""
    yield
    for connection in connections.all(initialized_only=True):
        assert connection.role == settings.DATABASE_APP_ROLE or connection.connection is None
