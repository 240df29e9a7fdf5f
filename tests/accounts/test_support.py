"""Writing to the support: from anywhere, by anybody, without a patient in it."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str

from ronde.accounts import support
from ronde.accounts.models import SupportRequest
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.notifications.worker import deferred, run_jobs
from tests.query_budget import budget

pytestmark = pytest.mark.django_db
SUPPORT, SENT = "/assistance/", "/assistance/envoyee/"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
TYPED = {"category": "bug", "text": "La liste reste vide.", "phone": "06 39 98 12 34"}
VISITOR = {**TYPED, "name": "Léa PETIT", "email": "lea.petit@exemple.fr", "site": ""}


@pytest.fixture
def sophie():
    return f.user("LAMBERT", "Sophie", attached_to=f.structure("DAC Var Ouest"))


@pytest.fixture
def web(client: Client, sophie) -> Client:
    client.force_login(sophie)
    return client


def ask(web: Client, **changed):
    return web.post(SUPPORT, {**TYPED, **changed}, headers={"User-Agent": AGENT})


def shown(answer) -> str:
    return re.sub(r"\s+", " ", force_str(answer.content))


def origin(answer) -> str:
    return re.search(r'name="origine" value="([^"]+)"', force_str(answer.content)).group(1)


def test_the_form_shows_what_is_sent_along_and_no_key_of_the_record(web, sophie):
    record = f.patient(f.actor(sophie))
    page = shown(
        web.get(
            SUPPORT,
            headers={
                "Referer": f"http://testserver/dossiers/{record.pk}/cercle/?q=MARCHETTI",
                "User-Agent": AGENT,
            },
        )
    )
    assert "/dossiers/…/cercle/" in page
    assert "Firefox 132, Windows" in page
    assert "Sophie LAMBERT" in page
    assert str(record.pk) not in page
    assert "MARCHETTI" not in page


def test_who_would_rather_telephone_finds_the_number_and_its_hours(web, settings):
    assert "téléphone :" not in shown(web.get(SUPPORT))
    settings.SUPPORT_PHONE, settings.SUPPORT_HOURS = "04 94 00 00 00", "du lundi au vendredi"
    page = shown(web.get(SUPPORT))
    assert "Par téléphone :" in page
    assert 'href="tel:0494000000">04 94 00 00 00' in page
    assert "du lundi au vendredi" in page
    ask(web)
    thanks = shown(web.get(SENT))
    assert "rappelez cette référence" in thanks
    assert 'href="tel:0494000000"' in thanks


def test_without_a_number_nobody_is_told_to_telephone(web):
    answers = [ask(web) for _ in range(6)]
    assert "téléphonez" not in shown(answers[-1])
    assert "téléphonez" not in shown(web.get(SENT))


def test_an_address_of_nowhere_or_of_another_site_is_not_repeated(web):
    for address in ("http://testserver/MARCHETTI-Jeanne/", "https://ailleurs.example/dossiers/1"):
        page = shown(web.get(SUPPORT, headers={"Referer": address}))
        assert "non précisée" in page
        assert "MARCHETTI" not in page


def test_an_error_page_leads_to_the_form_with_its_number(web):
    page = shown(web.get("/nulle-part/"))
    assert f'href="{SUPPORT}?erreur=404"' in page
    assert "erreur 404" in shown(web.get(f"{SUPPORT}?erreur=404"))
    assert "erreur" not in shown(web.get(f"{SUPPORT}?erreur=<b>"))


def test_a_request_is_numbered_mailed_and_acknowledged(web, sophie):
    place = origin(web.get(SUPPORT, headers={"Referer": "http://testserver/file-active/"}))
    answer = ask(web, origine=place)
    assert answer.url == SENT
    kept = SupportRequest.objects.get()
    assert kept.reference in shown(web.get(SENT))
    assert kept.phone == "+33639981234"
    run_jobs()
    to_support, receipt = mail.outbox
    assert to_support.to == [settings.SUPPORT_EMAIL]
    assert to_support.reply_to == [sophie.email]
    for said in (kept.reference, "La liste reste vide.", "06 39 98 12 34", "Firefox 132", "0.1.0"):
        assert said in f"{to_support.subject} {to_support.body}"
    assert receipt.to == [sophie.email]
    assert kept.reference in receipt.subject
    assert "liste" not in receipt.body


def test_a_mail_that_left_does_not_leave_again(web):
    ask(web)
    kept = SupportRequest.objects.get()
    for _ in range(2):
        support.send(kept.pk)
        support.acknowledge(kept.pk)
    assert len(mail.outbox) == 2


def test_the_journal_keeps_the_reference_and_not_the_words(web):
    ask(web)
    with as_owner():
        entry = JournalEntry.objects.get(event="SupportAsked")
    assert entry.payload["reference"] == SupportRequest.objects.get().reference
    assert "liste" not in str(entry.payload)


def test_a_visitor_gives_a_name_and_an_address(client):
    assert 'name="email"' in force_str(client.get(SUPPORT).content)
    assert ask(client).status_code == 422
    assert ask(client, **VISITOR).url == SENT
    kept = SupportRequest.objects.get()
    assert (kept.user_id, kept.email) == (None, "lea.petit@exemple.fr")
    run_jobs()
    assert [one.to for one in mail.outbox] == [[settings.SUPPORT_EMAIL], [kept.email]]


def test_an_account_without_entry_may_write_too(client):
    with as_owner():
        nobody = f.User.objects.create_user("sans@exemple.test", f.PASSWORD, full_name="Sans FICHE")
    client.force_login(nobody)
    assert ask(client).url == SENT
    assert SupportRequest.objects.get().name == "Sans FICHE"


def test_a_machine_is_thanked_and_nothing_is_kept(client):
    assert ask(client, **{**VISITOR, "site": "https://spam.example"}).url == SENT
    assert not SupportRequest.objects.exists()
    assert not deferred()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Son INS est 2 55 08 14 168 025 38", "numéro de sécurité sociale"),
        ("MARCHETTI Jeanne, 12/03/1942, est en double", "ressemble à l’identité d’un patient"),
    ],
)
def test_a_patient_in_the_text_is_refused_and_what_is_typed_comes_back(web, text, said):
    answer = ask(web, text=text)
    assert answer.status_code == 422
    page = shown(answer)
    assert said in page
    assert text in page
    assert 'value="06 39 98 12 34"' in page
    assert not SupportRequest.objects.exists()


def test_what_is_missing_is_said_beside_its_field(web):
    page = shown(ask(web, text="", category="", phone="12"))
    for said in ("Écrivez votre demande.", "Choisissez un sujet.", "téléphone non valable"):
        assert said in page


def test_the_sixth_request_within_the_hour_waits_and_its_text_stays(web):
    for _ in range(5):
        assert ask(web).url == SENT
    answer = ask(web)
    assert answer.status_code == 429
    assert "Trop de demandes" in shown(answer)
    assert "La liste reste vide." in shown(answer)
    assert SupportRequest.objects.count() == 5


def test_one_address_cannot_be_flooded_by_visitors(client):
    for _ in range(5):
        ask(Client(), **VISITOR)
    assert ask(Client(), **{**VISITOR, "email": "lea.petit@EXEMPLE.fr"}).status_code == 429


def test_a_forged_origin_is_dropped(web):
    ask(web, origine="/dossiers/MARCHETTI/")
    assert SupportRequest.objects.get().context["page"] == ""


def test_htmx_gets_the_dialog_alone(web):
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/file-active/"}
    assert "<html" not in shown(web.get(SUPPORT, headers=htmx))
    answer = web.post(SUPPORT, TYPED, headers=htmx)
    assert answer.status_code == 200
    assert SupportRequest.objects.get().reference in shown(answer)


def test_the_page_of_the_reference_needs_a_request(client):
    assert client.get(SENT).url == SUPPORT


def test_every_page_leads_to_the_support(web):
    for page in (reverse("worklist:list"), "/profil/", "/mentions-legales/", "/conditions/"):
        assert f'href="{SUPPORT}"' in shown(web.get(page))
    for page in ("/connexion/", "/accessibilite/", "/nulle-part/"):
        assert f'href="{SUPPORT}"' in shown(Client().get(page))


def test_old_requests_are_removed_once_they_were_sent(web):
    ask(web)
    ask(web)
    late = SupportRequest.objects.first()
    with as_owner():
        old = timezone.now() - settings.SUPPORT_KEPT_FOR - timezone.timedelta(days=1)
        SupportRequest.objects.update(created_at=old)
        SupportRequest.objects.exclude(pk=late.pk).update(sent_at=old)
    support.purge()
    assert list(SupportRequest.objects.all()) == [late]


CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME}", "Chrome 131, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Edg/131.0", "Edge 131, Windows"),
        (PHONE, "Safari 18, iPhone"),
        ("curl/8", "curl/8"),
    ],
)
def test_a_browser_is_told_in_words(agent, said):
    assert support.browser(agent) == said


def test_the_form_stays_within_its_budget(web):
    web.get(SUPPORT)
    with budget("support"):
        web.get(SUPPORT)
