"""«Demande d'inscription»: two steps, a mailed link, then the queue."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.models import AccountRequest, Attachment, User
from ronde.core.db.roles import as_owner
from ronde.directory.models import Person, Source
from ronde.journal.models import JournalEntry
from ronde.terminology import queries as terminology
from tests import factories as f
from tests.accounts.asking import (
    ADELI,
    RPPS,
    SECOND,
    Applicant,
    letters,
    link_to,
    only_request,
    registered,
    words,
)
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db
EMAIL = SECOND["email"]


@pytest.fixture(autouse=True)
def _fresh(db):
    cache.clear()
    terminology.forget()
    yield
    terminology.forget()


@pytest.fixture
def lina() -> Applicant:
    return Applicant()


def test_the_sign_in_page_leads_to_the_request(client):
    assert "Demande d’inscription" in client.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rpps": "98000000013"}, "sa clé est fausse"),
        ({"rpps": "123"}, "compte 11 chiffres"),
        ({"rpps": "", "adeli": "830000015"}, "sa clé est fausse"),
        ({"rpps": ""}, "Indiquez votre numéro RPPS, ou à défaut ADELI."),
        ({"profession_code": ""}, "Choisissez votre profession."),
        ({"registered": "non"}, "Indiquez votre fonction."),
    ],
)
def test_what_is_wrong_in_the_first_step_is_said_and_nothing_typed_is_lost(lina, values, said):
    answer = lina.first(**values)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    again = lina.read("sign_up")
    for typed in filter(None, values.values()):
        assert typed in again


def test_a_number_that_the_directory_knows_is_proposed_with_its_name_and_workplaces(lina):
    who = registered("O'NEILL", "Lina")
    place = f.structure("Cabinet du Port")
    with as_owner():
        who.posts.create(structure=place, profession_code="G15:60")
    assert lina.first().url == reverse("accounts:sign_up_identity")
    html = lina.read()
    assert "Dans l’annuaire national" in html
    assert "Cabinet du Port" in html
    assert 'value="O&#x27;NEILL"' in html


def test_another_name_than_the_directorys_is_said_beside_the_field_and_goes_to_a_check_by_hand(
    lina,
):
    registered("MOREL", "Lina")
    lina.first()
    answer = lina.second()
    assert answer.status_code == 422
    assert "au nom de MOREL Lina" in answer.content.decode()
    assert 'name="keep_name"' in answer.content.decode()
    assert lina.second(keep_name="on").url == reverse("accounts:sign_up_sent")
    assert only_request().name_differs


def test_accents_and_capitals_make_no_other_name(lina):
    registered("LÉVÊQUE", "Zoé")
    lina.ask(family_name="Leveque", given_name="ZOE")
    assert not only_request().name_differs


def test_a_number_that_has_an_account_says_what_to_do_and_not_its_address(lina):
    who = f.user("MOREAU", "Lina")
    with as_owner():
        Person.objects.filter(pk=who.person_id).update(rpps=RPPS)
    answer = lina.first()
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Ce numéro a déjà un compte Ronde." in html
    assert reverse("account_reset_password") in html
    assert who.email not in html
    assert lina.second().url == reverse("accounts:sign_up")


def test_the_second_step_is_not_reached_without_the_first(lina):
    assert lina.web.get(reverse("accounts:sign_up_identity")).url == reverse("accounts:sign_up")
    assert lina.second().url == reverse("accounts:sign_up")
    with as_owner():
        assert not AccountRequest.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("email", "lina.moreau"), ("phone", "12"), ("family_name", ""), ("title", "")],
)
def test_what_is_wrong_in_the_second_step_keeps_the_rest(lina, name, value):
    lina.first()
    answer = lina.second(**{name: value})
    assert answer.status_code == 422
    assert 'id="id_given_name_error"' not in answer.content.decode()
    assert 'value="Lina"' in lina.read()


def test_going_back_to_the_first_step_loses_nothing(lina):
    lina.first()
    assert lina.second(back="1", phone="06 39").url == reverse("accounts:sign_up")
    assert RPPS in lina.read("sign_up")
    assert 'value="06 39"' in lina.read()


def test_the_request_waits_for_the_mailed_link_then_enters_the_queue(lina):
    place = f.structure("SSIAD du Port")
    assert lina.ask(structure_1=str(place.pk)).url == reverse("accounts:sign_up_sent")
    assert EMAIL in lina.read("sign_up_sent")
    assert only_request().status == "unverified"
    run_jobs()
    assert [one.subject for one in mail.outbox] == ["Confirmez votre adresse pour Ronde"]
    path = link_to(EMAIL)
    assert "Bonjour Lina" in Client().get(path).content.decode()
    assert (
        only_request().status == "unverified"
    )  # A mail filter that opens the link decides nothing.
    assert "Votre adresse est confirmée" in Client().post(path).content.decode()
    asked = only_request()
    assert (asked.status, asked.family_name, asked.phone) == ("pending", "MOREAU", "+33639981234")
    assert asked.structure_ids == [place.pk]
    run_jobs()
    assert "bien arrivée" in letters(EMAIL)[-1].body
    support = letters(settings.SUPPORT_EMAIL)
    assert f"/console/comptes/{asked.pk}/" in support[0].body
    assert "MOREAU" not in support[0].body


def test_the_link_serves_once(lina):
    assert lina.confirm().status_code == 200
    answer = lina.web.post(link_to_first(EMAIL))
    assert answer.status_code == 410
    assert "Ce lien n’est plus valable" in answer.content.decode()


def link_to_first(email: str) -> str:
    mail.outbox[:] = [one for one in mail.outbox if one.to == [email]][:1]
    return link_to(email)


def test_the_link_expires_after_three_days(lina):
    lina.ask()
    run_jobs()
    with as_owner():
        AccountRequest.objects.update(link_expires_at=timezone.now() - timedelta(seconds=1))
    assert lina.web.post(link_to(EMAIL)).status_code == 410
    assert only_request().status == "unverified"


@pytest.mark.parametrize("token", ["x", "0" * 32, "019ac0de00007000800000000000000a.forged"])
def test_an_address_that_was_not_made_here_opens_nothing(client, token):
    for name in ("sign_up_confirm", "sign_up_complete", "invited"):
        assert client.get(reverse(f"accounts:{name}", args=[token])).status_code == 410


def test_an_address_that_has_an_account_meets_the_same_page_and_its_holder_a_letter(lina):
    holder = f.user("AUTRE", "Nom")
    holder.email = "nom.autre@cabinet.example"
    with as_owner():
        holder.save(update_fields=["email"])
    other = Applicant()
    new, known = lina.ask(), other.ask(email=holder.email)
    assert (new.status_code, new.url) == (known.status_code, known.url)
    said = [words(one.read("sign_up_sent")) for one in (lina, other)]
    assert said[0].replace(EMAIL, "") == said[1].replace(holder.email, "")
    run_jobs()
    assert "qui a déjà un compte" in letters(holder.email)[0].body
    assert "/inscription/confirmer/" not in letters(holder.email)[0].body


def test_a_program_that_fills_every_field_is_answered_and_forgotten(lina):
    lina.first()
    assert lina.second(website="https://exemple.test").url == reverse("accounts:sign_up_sent")
    run_jobs()
    assert mail.outbox == []
    with as_owner():
        assert not AccountRequest.objects.exists()


def test_too_many_requests_for_one_address_are_refused(lina):
    for _ in range(5):
        lina.ask()
    lina.first()
    assert lina.second().status_code == 429
    assert 'value="Lina"' in lina.read()


def test_a_function_without_number_is_asked_for_in_words(lina):
    lina.confirm(registered="non", function="Secrétaire médicale", rpps="")
    asked = only_request()
    assert (asked.function, asked.rpps, asked.profession_code) == ("Secrétaire médicale", "", "")


def test_a_number_of_adeli_does_for_one_of_rpps(lina):
    lina.confirm(rpps="", adeli=ADELI)
    assert only_request().adeli == ADELI


def test_structures_are_searched_in_the_directory(client):
    f.structure("SSIAD du Port")
    html = client.get(reverse("accounts:sign_up_structures"), {"q": "ssiad"}).content.decode()
    assert "SSIAD du Port" in html
    assert "Aucune structure" in client.get(
        reverse("accounts:sign_up_structures"), {"q": "zzzz"}
    ).content.decode()  # fmt: skip


def test_a_request_whose_address_is_never_verified_is_forgotten_after_a_week(lina):
    from ronde.accounts.request_jobs import purge_requests  # noqa: PLC0415

    lina.ask()
    purge_requests(0)
    assert only_request().status == "unverified"
    with as_owner():
        AccountRequest.objects.update(created_at=timezone.now() - timedelta(days=8))
    purge_requests(0)
    with as_owner():
        assert not AccountRequest.objects.exists()


# Pro Santé Connect.


def vouch(applicant: Applicant, *, minutes: int = 1, **values) -> None:
    session = applicant.web.session
    session["psc_identity"] = {
        "rpps": RPPS,
        "given_name": "Lina",
        "family_name": "MOREAU",
        "subject": "f:sub:898000000012",
        "at": (timezone.now() - timedelta(minutes=minutes)).isoformat(),
        **values,
    }
    session.save()


def test_an_identity_proven_by_pro_sante_connect_is_locked_and_opens_the_account_at_once(lina):
    vouch(lina)
    html = lina.read()
    assert "Pro Santé Connect a vérifié votre identité" in html
    assert "disabled" in html
    assert lina.second(family_name="USURPATEUR").url == reverse("accounts:sign_up_sent")
    run_jobs()
    answer = lina.web.post(link_to(EMAIL))
    user = User.objects.get(email=EMAIL)
    assert "/mot-de-passe/" in answer.url
    assert (user.full_name, user.person.rpps) == ("Lina MOREAU", RPPS)
    assert user.person.party.source == Source.LOCAL
    assert only_request().status == "accepted"
    assert not Attachment.objects.filter(user=user).exists()
    with as_owner():
        names = set(JournalEntry.objects.values_list("event", flat=True))
    assert {"AccountCreated", "AccountAccepted"} <= names


@pytest.mark.parametrize("values", [{"minutes": 31}, {"minutes": -1}, {"subject": ""}])
def test_an_identity_that_is_not_fresh_or_not_whole_proves_nothing(lina, values):
    vouch(lina, **values)
    assert lina.web.get(reverse("accounts:sign_up_identity")).url == reverse("accounts:sign_up")


def test_a_proof_that_grows_old_before_the_form_is_sent_opens_nothing(lina):
    vouch(lina)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert lina.second().url == reverse("accounts:sign_up")


def test_an_account_opened_meanwhile_is_said_to_who_holds_the_link_and_nothing_is_opened(lina):
    vouch(lina)
    lina.second()
    run_jobs()
    there = f.user("MOREAU", "Lina")
    with as_owner():
        Person.objects.filter(pk=there.person_id).update(rpps=RPPS)
    answer = lina.web.post(link_to(EMAIL))
    assert answer.status_code == 409
    assert "Un compte existe déjà pour vous" in answer.content.decode()
    assert only_request().status == "unverified"


def test_a_program_that_fills_the_first_step_is_answered_too(lina):
    assert lina.first(website="x").url == reverse("accounts:sign_up_sent")
    assert lina.second().url == reverse("accounts:sign_up")
