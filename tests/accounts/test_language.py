"""French or English: chosen, kept, and spoken everywhere, mails included."""

import pytest
from django.core import mail
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts.models import User
from ronde.careteam import actions as careteam
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.accounts.conftest import Person
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db
LANGUAGE, PROFILE = "/langue/", "/profil/"


def choose(web: Client, code: str, page: str = "/connexion/"):
    return web.post(LANGUAGE, {"language": code}, headers={"Referer": f"http://testserver{page}"})


def english(user: User) -> User:
    with as_owner():
        User.objects.filter(pk=user.pk).update(language="en")
    user.refresh_from_db()
    return user


def test_french_is_spoken_whatever_the_browser_prefers(client):
    answer = client.get("/connexion/", headers={"Accept-Language": "en-GB"})
    assert '<html lang="fr">' in force_str(answer.content)
    assert answer.headers["Content-Language"] == "fr"


def test_a_visitor_chooses_and_stays_on_the_page(client):
    answer = choose(client, "en")
    assert answer.url == "/connexion/"
    cookie = client.cookies["ronde_langue"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    page = force_str(client.get("/connexion/").content)
    assert '<html lang="en">' in page
    assert "E-mail address" in page
    choose(client, "fr")
    assert '<html lang="fr">' in force_str(client.get("/connexion/").content)


def test_the_choice_of_a_signed_in_person_follows_them_to_another_browser(client):
    sophie = f.user()
    client.force_login(sophie)
    assert choose(client, "en", PROFILE).url == PROFILE
    sophie.refresh_from_db()
    assert sophie.language == "en"
    elsewhere = Client()
    elsewhere.force_login(sophie)
    page = force_str(elsewhere.get(PROFILE).content)
    assert "My profile" in page
    assert "Mon profil" not in page


def test_the_account_wins_over_the_cookie_of_a_shared_computer(client):
    client.cookies["ronde_langue"] = "en"
    sophie = f.user()
    with as_owner():
        User.objects.filter(pk=sophie.pk).update(language="fr")
    client.force_login(sophie)
    assert "Mon profil" in force_str(client.get(PROFILE).content)


def test_the_switch_shows_the_present_language_in_letters(client):
    client.force_login(f.user())
    page = force_str(client.get(PROFILE).content)
    assert '<button type="submit" name="language" value="en" lang="en">English' in page
    assert 'value="fr" lang="fr" aria-current="true">Français' in page


def test_a_language_that_is_not_spoken_is_refused_and_an_odd_cookie_forgotten(client):
    assert choose(client, "de").status_code == 400
    client.cookies["ronde_langue"] = "../en"
    assert '<html lang="fr">' in force_str(client.get("/connexion/").content)


def test_the_way_back_is_of_this_site(client):
    answer = client.post(
        LANGUAGE, {"language": "en"}, headers={"Referer": "https://ailleurs.example/"}
    )
    assert answer.url == "/"


def test_a_choice_asks_for_the_secret_of_the_page():
    assert Client(enforce_csrf_checks=True).post(LANGUAGE, {"language": "en"}).status_code == 403


def test_errors_speak_the_language_too(client):
    client.cookies["ronde_langue"] = "en"
    assert "Page not found" in force_str(client.get("/nulle-part/").content)


def test_one_request_does_not_speak_for_the_next(client):
    client.cookies["ronde_langue"] = "en"
    client.get("/connexion/")
    assert '<html lang="fr">' in force_str(Client().get("/connexion/").content)


def test_the_sign_in_code_is_written_in_the_language_of_the_account():
    Person(english(f.user())).password()
    assert "Your sign-in code for Ronde" in mail.outbox[-1].body


def test_a_notice_is_written_in_the_language_of_its_recipient(as_actor):
    sophie = f.actor(f.user("LAMBERT", "Sophie"))
    record = f.patient(sophie)
    marc, paola = english(f.user("LEBLANC", "Marc")), f.user("RICCI", "Paola")
    for one in (marc, paola):
        f.member(sophie, record, one.person.party, habilitated=True)
    run_jobs()
    mail.outbox.clear()
    stranger = f.actor(f.user("PETIT", "Léa"))
    with as_actor(stranger):
        careteam.break_glass(stranger, record.pk, "urgence", "Chute dans l'escalier")
    run_jobs()
    written = {one.to[0]: one for one in mail.outbox}
    assert "Reason: Emergency" in written[marc.email].body
    assert written[marc.email].subject.startswith("Ronde: Break-glass access")
    assert "Motif : Urgence" in written[paola.email].body


def test_the_receipt_of_a_request_is_written_in_the_language_of_the_screen(client):
    client.cookies["ronde_langue"] = "en"
    asked = {
        "category": "bug",
        "text": "Empty list.",
        "name": "Ann SMITH",
        "email": "ann@exemple.fr",
    }
    client.post("/assistance/", asked)
    run_jobs()
    to_support, receipt = mail.outbox
    assert "Référence" in to_support.body
    assert "We have received your request" in receipt.body


def test_what_one_wrote_in_english_is_read_in_french_by_others(client, as_actor):
    """The journal keeps codes: words are those of the reader."""
    sophie = f.user("LAMBERT", "Sophie")
    record = f.patient(f.actor(sophie))
    stranger = f.actor(english(f.user("PETIT", "Léa")))
    with as_actor(stranger):
        careteam.break_glass(stranger, record.pk, "urgence", "Chute dans l'escalier")
    client.force_login(sophie)
    assert "Urgence : la vie ou la santé est menacée" in force_str(
        client.get(f"/dossiers/{record.pk}/").content
    ).replace("\xa0", " ")
    choose(client, "en")
    assert "Emergency: life or health is threatened" in force_str(
        client.get(f"/dossiers/{record.pk}/").content
    )
