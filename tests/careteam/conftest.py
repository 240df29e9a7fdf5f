"""A coordinator, a record, and the desk from which its circle is handled."""

import pytest
from django.test import Client
from django.urls import reverse

from ronde.core.actor import Actor
from ronde.patients.models import Patient
from tests import factories as f
from tests.signing import act_as


@pytest.fixture
def coordinator() -> Actor:
    return f.actor(f.user())


@pytest.fixture
def record(coordinator: Actor) -> Patient:
    return f.patient(coordinator)


class Desk:
    """Somebody signed in, at the circle of one record."""

    def __init__(self, user, patient, structure=None) -> None:
        self.user, self.patient, self.web = user, patient, Client()
        self.web.force_login(user)
        if structure is not None:
            act_as(self.web, structure.pk)

    def address(self, name: str, member=None) -> str:
        keys = [self.patient.pk] + ([member.pk] if member is not None else [])
        return reverse(f"careteam:{name}", args=keys)

    def get(self, name: str, member=None, *, htmx: bool = False, **params):
        return self.web.get(self.address(name, member), params, headers=_headers(htmx))

    def post(self, name: str, member=None, *, htmx: bool = True, **values):
        return self.web.post(self.address(name, member), values, headers=_headers(htmx))

    def read(self, name: str, member=None, **params) -> str:
        response = self.get(name, member, **params)
        assert response.status_code == 200, response.status_code
        return response.content.decode()


def _headers(htmx: bool) -> dict[str, str]:
    return {"HX-Request": "true"} if htmx else {}


@pytest.fixture
def desk(coordinator, record) -> Desk:
    """The coordinator, in front of the record that they opened."""
    return Desk(f.User.objects.get(pk=coordinator.user_id), record)
