"""Inviting a colleague: what leaves, what does not, and what the inviter learns."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.invitations import about_a_patient, addresses
from ronde.accounts.models import Invitation, User
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.events import Topic, event_class
from tests import factories as f
from tests.accounts.asking import SECOND, Applicant, letters, link_to, only_request, words
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db
LINA = SECOND["email"]
TEXT = "Bonjour, rejoignez-nous sur Ronde."


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


@pytest.fixture
def sophie():
    return f.user()


@pytest.fixture
def web(sophie) -> Client:
    client = Client()
    client.force_login(sophie)
    return client


def invite(web: Client, emails: str = LINA, text: str = TEXT):
    return web.post(reverse("accounts:invite"), {"emails": emails, "text": text})


def my_list(web: Client) -> str:
    return words(web.get(reverse("accounts:invitations")).content.decode())


def only() -> Invitation:
    with as_owner():
        return Invitation.objects.get()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("a@b.example, c@d.example", ["a@b.example", "c@d.example"]),
        ("a@b.example\nc@d.example;a@b.example", ["a@b.example", "c@d.example"]),
        ("Lina Moreau <lina@b.example>", ["lina@b.example", "Lina", "Moreau"]),
    ],
)
def test_addresses_are_read_as_people_write_them(typed, read):
    assert addresses(typed) == read


@pytest.mark.parametrize(
    "text",
    [
        "Dossier 2 42 03 83 126 012 44",
        "INS : 242038312601244",
        "2-42-03-2A-126-012",
        "Au sujet de Mme Marchetti, que vous suivez",
        "MARCHETTI",
        "l'état de Marchetti.",
    ],
)
def test_a_text_that_speaks_of_a_patient_does_not_leave(text):
    assert about_a_patient(text, ("MARCHETTI",))


@pytest.mark.parametrize(
    "text",
    ["Appelez-moi au 04 94 00 00 01", "Monsieur Marchettini", "RPPS 98000000012", "Le 25/11/2026"],
)
def test_other_numbers_and_names_do_leave(text):
    assert about_a_patient(text, ("MARCHETTI",)) == ""


def test_each_address_has_its_line_and_a_wrong_one_stops_no_other(web):
    answer = invite(web, f"{LINA}, faux@, paul@cabinet.example")
    assert answer.status_code == 422
    said = words(answer.content.decode())
    assert f"{LINA} invitation envoyée" in said
    assert "faux@ Adresse e-mail non valable" in said
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == [LINA, "paul@cabinet.example"]


def test_a_national_number_is_refused_and_what_was_typed_stays(web):
    answer = invite(web, text="Patient 242038312601244")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "numéro de sécurité sociale ou un INS" in html
    assert "Patient 242038312601244" in html
    assert not Invitation.objects.exists()


def test_the_letter_carries_the_text_the_name_of_the_inviter_and_a_link_that_leads_to_the_form(
    web, sophie
):
    invite(web, text="L'équipe vous attend.")
    run_jobs()
    body = letters(LINA)[0].body
    assert "L'équipe vous attend." in body
    assert "Sophie LAMBERT vous invite" in body
    guest = Applicant()
    page = guest.web.get(link_to(LINA), follow=True).content.decode()
    assert "invité(e) par Sophie LAMBERT" in page
    guest.first()
    assert LINA in guest.read()


def sign_up_by_invitation() -> None:
    guest = Applicant()
    guest.web.get(link_to(LINA))
    guest.confirm()


def test_the_inviter_follows_the_state_and_is_told_when_the_account_is_open(web, sophie):
    invite(web)
    run_jobs()
    assert "envoyée" in my_list(web)
    sign_up_by_invitation()
    assert "demande en cours de validation" in my_list(web)
    validator = Client()
    validator.force_login(f.user("VIDAL", "Agnès", duties=["support"]))
    asked = only_request()
    assert "invité(e) par Sophie LAMBERT" in validator.get(
        reverse("console:account_request", args=[asked.pk])
    ).content.decode()  # fmt: skip
    validator.post(reverse("console:accept_account", args=[asked.pk]), {"version": asked.version})
    assert "compte créé" in my_list(web)
    run_jobs()
    told = letters(sophie.email)[-1]
    assert "s'est inscrit" in told.subject
    assert "Lina MOREAU" in told.body


def test_being_told_of_a_sign_up_is_a_preference_of_the_profile():
    kind = event_class("InvitedPersonSignedUp")
    assert kind.topic == Topic.ACCESS
    assert str(kind.preference) == "Un professionnel que j'ai invité s'inscrit sur Ronde"


def test_an_address_that_has_an_account_looks_the_same_to_the_inviter(web):
    holder = f.user("AUTRE", "Nom")
    with as_owner():
        User.objects.filter(pk=holder.pk).update(email="nom.autre@cabinet.example")
    with time_machine.travel(timezone.now(), tick=False):  # Each page says when it was printed.
        answers = [
            words(invite(web, one).content.decode()) for one in (LINA, "nom.autre@cabinet.example")
        ]
    assert answers[0].replace(LINA, "") == answers[1].replace("nom.autre@cabinet.example", "")
    run_jobs()
    body = letters("nom.autre@cabinet.example")[0].body
    assert "Vous avez déjà un compte" in body
    assert "/invitation/" not in body
    assert re.findall(r"\.example (\S+)", my_list(web)) == ["envoyée", "envoyée"]


@pytest.mark.parametrize("name", ["invite_again", "uninvite"])
def test_the_invitation_of_somebody_else_does_not_exist(web, name):
    invite(web)
    other = Client()
    other.force_login(f.user("ROUX", "Hugo"))
    assert LINA not in my_list(other)
    assert other.post(reverse(f"accounts:{name}", args=[only().pk])).status_code == 404
    assert only().withdrawn_at is None


def test_sending_again_makes_another_link_and_kills_the_former(web):
    invite(web)
    run_jobs()
    former = link_to(LINA)
    web.post(reverse("accounts:invite_again", args=[only().pk]))
    run_jobs()
    assert link_to(LINA) != former
    assert Client().get(former).status_code == 410
    assert Client().get(link_to(LINA)).status_code == 302


def test_an_invitation_withdrawn_after_its_link_was_opened_counts_no_more(web):
    invite(web)
    run_jobs()
    guest = Applicant()
    guest.web.get(link_to(LINA))
    web.post(reverse("accounts:uninvite", args=[only().pk]))
    assert "retirée" in my_list(web)
    guest.confirm()
    assert only_request().invitation_id is None


def test_the_number_of_invitations_a_day_is_bounded(web, settings):
    settings.INVITATION_DAILY_LIMIT = 2
    said = words(invite(web, "a@b.example b@b.example c@b.example").content.decode())
    assert said.count("invitation envoyée") == 2
    assert "c@b.example Limite de 2 invitations par jour atteinte" in said
    web.post(reverse("accounts:invite_again", args=[first_id()]))
    run_jobs()
    assert len(mail.outbox) == 2


def first_id():
    with as_owner():
        return Invitation.objects.order_by("pk").first().pk


def test_an_invitation_is_not_written_in_the_name_of_somebody_else(sophie):
    other = f.user("ROUX", "Hugo")
    now = timezone.now()
    with (
        acting(party_id=other.person_id, user_id=other.pk),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        Invitation(
            email=LINA,
            text=TEXT,
            by_user=sophie.pk,
            by_party=sophie.person_id,
            by_name=sophie.full_name,
            created_at=now,
            sent_at=now,
            expires_at=now + timedelta(days=30),
        ).save(force_insert=True)
