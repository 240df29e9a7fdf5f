"""Traceability: who opened the record, in whose name, by which right."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam import actions as careteam
from ronde.careteam.models import Level, SectionRight
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.journal.models import AccessTrace
from ronde.patients.models import Patient
from tests import factories as f
from tests.query_budget import budget
from tests.signing import act_as

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def account():
    return f.user("LAMBERT", "Sophie")


@pytest.fixture
def coordinator(account) -> Actor:
    return f.actor(account)


@pytest.fixture
def record(coordinator) -> Patient:
    return f.patient(coordinator)


def client_of(account, structure=None) -> Client:
    """Signed in at the first of the minutes that are counted."""
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(account)
        if structure is not None:
            act_as(client, structure.pk)
    return client


def opens(client: Client, record: Patient, name: str = "dossier:record", *, after: float = 0):
    """Open a screen `after` minutes."""
    with time_machine.travel(NOW + timedelta(minutes=after), tick=False):
        return client.get(reverse(name, args=[record.pk]))


def rows(client: Client, record: Patient, query: str = "", *, after: float = 300) -> list[str]:
    """The lines of the page, as read `after` minutes."""
    with time_machine.travel(NOW + timedelta(minutes=after), tick=False):
        response = client.get(reverse("dossier:trace", args=[record.pk]) + query)
    assert response.status_code == 200
    body = response.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in lines]


def test_openings_that_follow_one_another_are_one_visit(account, record):
    client = client_of(account)
    opens(client, record, after=0)
    opens(client, record, "feed:list", after=20)
    opens(client, record, "feed:list", after=45)
    opens(client, record, after=90)
    mine, second, first = rows(client, record)
    assert "Traçabilité" in mine
    assert "Synthèse" in second
    assert "Fil d&#39;actualité" not in second
    assert "3 pages" in first
    assert "Synthèse, Fil d&#39;actualité" in first


def test_both_names_and_the_right_are_said(account, coordinator, record):
    place = f.structure("SSIAD Les Pins")
    nurse = f.user("RICCI", "Paola", attached_to=place)
    f.member(coordinator, record, place.party, habilitated=True)
    opens(client_of(nurse, place), record)
    _mine, line = rows(client_of(account), record)
    assert line.startswith("PR Paola RICCI pour SSIAD Les Pins")
    assert "Membre habilité" in line


def test_a_person_who_changes_identity_makes_two_visits(account, coordinator, record):
    place = f.structure("SSIAD Les Pins")
    nurse = f.user("RICCI", "Paola", attached_to=place)
    for party in (place.party, nurse.person.party):
        f.member(coordinator, record, party, habilitated=True)
    opens(client_of(nurse, place), record, after=0)
    opens(client_of(nurse), record, after=1)
    _mine, second, first = rows(client_of(account), record)
    assert "SSIAD" in first
    assert "SSIAD" not in second


def test_break_glass_stands_out_with_its_end(as_actor, account, record):
    account_2 = f.user("PETIT", "Léa")
    doctor = f.actor(account_2)
    with as_actor(doctor):
        glass = careteam.break_glass(doctor, record.pk, "urgence", "Chute")
    opens(client_of(account_2), record, after=5)
    _mine, line = rows(client_of(account), record)
    until = timezone.localtime(glass.until)
    assert f"Bris de glace jusqu&#39;au {until:%d/%m/%Y %H:%M}" in line


def test_refused_attempts_are_not_shown_to_the_circle(account, record):
    assert opens(client_of(f.user("ROUX", "Hugo")), record).status_code == 404
    assert all("ROUX" not in line for line in rows(client_of(account), record))


def test_the_list_is_filtered_by_person(account, coordinator, record):
    nurse = f.user("RICCI", "Paola")
    f.member(coordinator, record, nurse.person.party, habilitated=True)
    opens(client_of(nurse), record)
    [line] = rows(client_of(account), record, f"?personne={nurse.pk}")
    assert "Paola RICCI" in line
    assert len(rows(client_of(account), record, "?personne=pas-une-cle")) == 2


def past_visits(account, record: Patient, days: int) -> None:
    """One visit a day, over the last days."""
    with as_owner():
        AccessTrace.objects.bulk_create(
            AccessTrace(
                at=NOW - timedelta(days=day),
                patient_id=record.pk,
                user_id=account.pk,
                person_name="Sophie LAMBERT",
                party_name="Sophie LAMBERT",
                reason="member",
                section="summary",
            )
            for day in range(1, days + 1)
        )


@pytest.mark.parametrize("days", [1, 30])
def test_the_page_costs_the_same_whatever_its_length(account, record, days):
    client = client_of(account)
    past_visits(account, record, days)
    rows(client, record)
    with budget("trace"):
        rows(client, record)


def test_visits_are_cut_in_pages_and_printed_whole(account, record):
    client = client_of(account)
    past_visits(account, record, 22)
    assert len(rows(client, record)) == 20
    assert len(rows(client, record, "?page=2")) == 3
    assert len(rows(client, record, "?page=99")) == 20
    assert len(rows(client, record, "?impression=1")) == 23


def test_a_profession_without_the_section_is_refused(account, coordinator, record):
    reader = f.user("ROUX", "Hugo", profession="G15:70")
    f.member(coordinator, record, reader.person.party, habilitated=True)
    with as_owner():
        SectionRight.objects.create(profession_code="G15:70", section="trace", level=Level.NONE)
    client = client_of(reader)
    assert opens(client, record, "dossier:trace").status_code == 403
    assert "Traçabilité" not in opens(client, record).content.decode()
