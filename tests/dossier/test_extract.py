"""«Qui a vu mon dossier»: the document that the patient takes home."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.access import access_to
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.dossier import extract, visits
from ronde.journal.models import AccessTrace
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def sophie():
    return f.user()


@pytest.fixture
def record(sophie):
    return f.patient(f.actor(sophie))


@pytest.fixture
def web(sophie):
    client = Client()
    client.force_login(sophie)
    return client


def get(web, record, **params):
    return web.get(reverse("dossier:extract_pdf", args=[record.pk]), params)


def period(days: int = 7) -> dict[str, str]:
    today = timezone.localdate()
    return {"du": f"{today - timedelta(days=days):%Y-%m-%d}", "au": f"{today:%Y-%m-%d}"}


def looked(record, person: str, days_ago: float, **values) -> None:
    with as_owner():
        AccessTrace.objects.create(
            at=timezone.now() - timedelta(days=days_ago),
            patient_id=record.pk,
            user_id=f.user("COSTA", "Luc").pk,
            person_name=person,
            party_name=person,
            section="identity",
            **{"reason": "member", **values},
        )


def told(monkeypatch, web, record, **params) -> dict:
    """What the document is made of."""
    seen = {}

    def compile_(*args, sys_inputs, **options):
        seen.update(extract.json.loads(sys_inputs["data"]))
        return b"%PDF"

    monkeypatch.setattr(extract.typst, "compile", compile_)
    assert get(web, record, **(params or period())).status_code == 200
    return seen


def test_the_document_is_an_accessible_pdf(web, record):
    answer = get(web, record, **period())
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"pdfuaid:part" in answer.content


def test_it_says_in_plain_words_who_when_why_and_what(monkeypatch, web, record):
    web.get(reverse("dossier:record", args=[record.pk]))
    data = told(monkeypatch, web, record)
    row = data["rows"][0]
    assert row["who"] == "Sophie LAMBERT"
    assert row["right"] == "Membre de votre cercle de soins, habilité(e)"
    assert row["what"].startswith("Synthèse")
    assert data["summary"][0].endswith("votre dossier a été ouvert 1 fois, par 1 personne.")


def test_an_emergency_is_said_as_such(monkeypatch, web, record):
    looked(
        record,
        "Hugo ROUX",
        0.01,
        reason="break_glass",
        until=timezone.now() + timedelta(hours=1),
    )
    data = told(monkeypatch, web, record)
    assert "Accès en urgence, deux heures au plus" in {row["right"] for row in data["rows"]}
    assert "bris de glace" in data["summary"][1]


def test_the_period_is_kept(monkeypatch, web, record):
    looked(record, "Avant Hier", 20)
    looked(record, "Ce Matin", 0.01)
    names = {row["who"] for row in told(monkeypatch, web, record)["rows"]}
    assert "Ce Matin" in names
    assert "Avant Hier" not in names
    names = {row["who"] for row in told(monkeypatch, web, record, **period(30))["rows"]}
    assert "Avant Hier" in names


def test_refused_attempts_are_not_openings(monkeypatch, web, record):
    looked(record, "Jean Refusé", 0.01, granted=False)
    assert "Jean Refusé" not in {row["who"] for row in told(monkeypatch, web, record)["rows"]}


def test_the_extract_leaves_its_own_trace(web, record):
    get(web, record, **period())
    with as_owner():
        assert AccessTrace.objects.filter(section="trace_extract", granted=True).count() == 1
    html = web.get(reverse("dossier:trace", args=[record.pk])).content.decode()
    assert "Extrait de la traçabilité" in html


@pytest.mark.parametrize(
    ("du", "au", "said"),
    [
        ("", "2026-01-01", "Indiquez une date."),
        ("hier", "2026-01-01", "Indiquez une date : JJ/MM/AAAA."),
        ("2026-02-01", "2026-01-01", "La fin de la période est avant son début."),
    ],
)
def test_a_period_that_makes_no_sense_is_told_beside_the_field(web, record, du, au, said):
    answer = get(web, record, du=du, au=au)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_what_a_person_is_called_stays_text(web, record):
    """Signs that mean something to the typesetter are letters like others."""
    looked(record, '#panic("x") *é* [$', 0.01)
    assert get(web, record, **period()).content.startswith(b"%PDF-")


def test_the_form_opens_on_the_last_year(web, record):
    html = web.get(reverse("dossier:extract", args=[record.pk])).content.decode()
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in html


def test_openings_that_are_not_printed_are_counted(sophie, record):
    me = f.actor(sophie)
    with acting(party_id=me.party_id, user_id=me.user_id):
        access = access_to(me, record.pk)
        today = timezone.localdate()
        assert extract.document(access, today, today, [], 3).startswith(b"%PDF-")
    assert visits.MOST_PRINTED == 1_000
