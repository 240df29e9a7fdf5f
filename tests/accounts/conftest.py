"""Signing in as people do: the form, the mail, the code."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache

from ronde.accounts.models import User
from tests import factories as f
from tests.accounts.people import CODE, LOGIN, LOGOUT, Person, run_jobs
from tests.accounts.pro_sante import SITE
from tests.accounts.second_steps import NOON, prove
from tests.oidc.playing import ProSante, claims_of, declare, playing

__all__ = ["CODE", "LOGIN", "LOGOUT", "Person", "run_jobs"]


@pytest.fixture(autouse=True)
def _no_throttle_left(db: None) -> None:
    cache.clear()


@pytest.fixture
def person() -> Person:
    return Person(f.user())


@pytest.fixture(scope="module")
def provider() -> Iterator[ProSante]:
    """Pro Santé Connect, as a certified provider plays it."""
    with playing(SITE) as started:
        yield started


@pytest.fixture
def declared(settings, provider) -> None:
    """The site knows that provider."""
    settings.SITE_URL = SITE
    declare(settings, provider)


@pytest.fixture
def marc(provider) -> User:
    """A GP with an account, known to the provider under the name «marc»."""
    account = f.user("LEBLANC", "Marc")
    provider.add("marc", claims_of(f"8{account.person.rpps}"))
    return account


@pytest.fixture
def named_site(settings) -> None:
    """A site with a name: passkeys are bound to one."""
    settings.SITE_URL = SITE


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def inside(clock, person) -> Person:
    """Signed in by password and mailed code, and has just proved who they are."""
    person.sign_in()
    prove(person)
    mail.outbox.clear()
    return person
