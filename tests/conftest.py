"""The house of the tests: real PostgreSQL, the application's role, row-level security on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.models import Model
from hypothesis import settings as drawn

from config import env
from ronde.accounts import terms
from ronde.careteam.models import SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.followup import queries as status
from ronde.followup.models import ListItem
from ronde.terminology import queries as terminology
from ronde.terminology.models import RegionalRole, Withheld
from tools.messages import compile_catalogues

# A machine that is busy with something else is no fault of the code: nothing drawn is timed.
drawn.register_profile("untimed", deadline=None)
drawn.load_profile("untimed")

# No model manages these, so Django would leave them full: rights, and the jobs of other tests.
UNMANAGED = (
    "careteam_grant",
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_periodic_defers",
)

# Reference data that a region changes on its screens, as the migrations deliver them.
DELIVERED: dict[type[Model], list[dict[str, Any]]] = {}


def pytest_sessionstart() -> None:
    """Screens are tested in English too: the catalogue must be the one that is written."""
    compile_catalogues()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The owner created and migrated the database; from here on, everything runs as the web does.

    Threads of the live server and new connections take the role from the settings.
    """
    if connections["default"].settings_dict["NAME"] != env.text("RONDE_TEST_DB", "test_ronde"):
        # No test of this selection is marked `django_db`: what follows would be written for good.
        pytest.exit("No test database was made: select a test marked django_db too.", 3)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("import_terminology", verbosity=0)
        _keep_reference_data()
        chosen = (SectionRight, ListItem, Withheld, RegionalRole)
        DELIVERED.update({model: _rows(model) for model in chosen})
        for connection in connections.all():
            connection.settings_dict["ROLE"] = settings.DATABASE_APP_ROLE
            connection.role = settings.DATABASE_APP_ROLE
            connection.close()


def _keep_reference_data() -> None:
    """A test with real transactions empties every table afterwards, save those of reference."""
    introspection = type(connections["default"].introspection)  # Of every thread and event loop.
    names = introspection.django_table_names

    def emptied(self: object, *args: object, **kwargs: object) -> list[str]:
        kept = (
            "terminology_",
            "careteam_sectionright",
            "followup_listitem",
            "django_migrations",
        )
        found = names(self, *args, **kwargs)
        return [*(name for name in found if not name.startswith(kept)), *UNMANAGED]

    introspection.django_table_names = emptied


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


@pytest.fixture(autouse=True)
def _reference_as_delivered(request: pytest.FixtureRequest) -> Iterator[None]:
    """Reference data stay from one test to the next: what a test committed in them is undone."""
    yield
    status.forget_status_kinds()
    terms.forget()
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames
    if not commits and not (marker and marker.kwargs.get("transaction")):
        return
    with request.getfixturevalue("django_db_blocker").unblock():
        for model, delivered in DELIVERED.items():
            if _rows(model) == delivered:
                continue
            with as_owner(), connections["default"].cursor() as cursor:
                # What refers to them is of the test too, and is emptied in any case.
                cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")
                model.objects.bulk_create(model(**row) for row in delivered)
            terminology.forget()


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())
