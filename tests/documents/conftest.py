"""A record, whoever looks at it, and the desk from which documents are handled."""

from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ronde.careteam.models import Level, SectionRight
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.signing import act_as

HTMX = {"HX-Request": "true"}
SCRIPT = {"Accept": "application/json"}
LETTER, IDENTITY, NOTE = "11490-0", "A05:PIECE-IDENTITE", "C:courrier"


@pytest.fixture(autouse=True)
def cupboard() -> InMemoryStorage:
    """The storage of documents, empty."""
    kept = storages["documents"]
    for folder in kept.listdir("")[0]:
        for name in kept.listdir(folder)[1]:
            kept.delete(f"{folder}/{name}")
    return kept


def places(kept: Any) -> list[str]:
    return [
        f"{folder}/{name}" for folder in kept.listdir("")[0] for name in kept.listdir(folder)[1]
    ]


@pytest.fixture
def account():
    return f.user("LAMBERT", "Sophie")


@pytest.fixture
def coordinator(account) -> Actor:
    return f.actor(account)


@pytest.fixture
def record(coordinator):
    return f.patient(coordinator)


deposit = f.document


def close(section: str, profession: str, level: Level = Level.NONE, role: str = "") -> None:
    """Give a profession another right than everybody's in a section; with a role, in it alone."""
    with as_owner():
        SectionRight.objects.update_or_create(
            profession_code=profession, role=role, section=section, defaults={"level": level}
        )


class Desk:
    """Somebody signed in, at the documents of one record."""

    def __init__(self, user: Any, patient: Any, party: Any = None) -> None:
        self.user, self.patient, self.web = user, patient, Client()
        self.web.force_login(user)
        if party is not None:
            act_as(self.web, party)

    def address(self, name: str, *keys: Any) -> str:
        return reverse(f"documents:{name}", args=[self.patient.pk, *keys])

    def get(self, name: str, *keys: Any, headers: Any = None):
        return self.web.get(self.address(name, *keys), headers=headers)

    def post(self, name: str, *keys: Any, headers: Any = None, **values: Any):
        return self.web.post(self.address(name, *keys), values, headers=headers)

    def read(self, name: str, *keys: Any) -> str:
        response = self.get(name, *keys)
        assert response.status_code == 200, response.status_code
        return response.content.decode()

    def send(
        self, content: bytes, name: str = "lettre.pdf", *, headers: Any = SCRIPT, **values: Any
    ):
        """Send one file, as the script of the page does."""
        usual = {"type": LETTER, "event_date": "03/11/2026", "sharing": "1"}
        sent = SimpleUploadedFile(name, content)
        return self.post("add", headers=headers, **{**usual, **values, "files": sent})


@pytest.fixture
def desk(account, record) -> Desk:
    return Desk(account, record)
