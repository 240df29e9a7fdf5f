"""The idle lock: a screen left alone is covered, and the server refuses."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts import devices, idle
from ronde.accounts.models import Device
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.accounts.conftest import LOGIN, Person
from tests.accounts.second_steps import challenge, prove, set_passkey
from tests.accounts.test_session import given_back

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROFILE, UNLOCK, LOCK, ALIVE = "/profil/", "/verrou/", "/verrou/poser/", "/verrou/presence/"
HTMX = {"HX-Request": "true"}
LIMIT = 10 * 60 + 90


@pytest.fixture
def clock(settings):
    settings.SESSION_IDLE_LOCK = 10
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def inside(clock, monkeypatch) -> Person:
    monkeypatch.setattr(devices, "_is_due", lambda name: True)
    person = Person(f.user())
    person.sign_in()
    return person


def give(person: Person, password: str = f.PASSWORD, **more):
    return person.web.post(UNLOCK, {"moyen": "password", "password": password}, **more)


def test_without_the_setting_nothing_is_ever_covered(inside, clock, settings):
    settings.SESSION_IDLE_LOCK = 0
    clock.shift(7 * 3600)
    page = inside.web.get(PROFILE)
    assert page.status_code == 200
    assert 'data-ronde-verrou="0"' in force_str(page.content)


def test_one_locks_at_once_even_without_the_setting(inside, settings):
    settings.SESSION_IDLE_LOCK = 0
    answer = inside.web.post(LOCK, headers={"Referer": "http://testserver/profil/"})
    assert answer.url == f"{UNLOCK}?next=/profil/"
    assert inside.web.get(PROFILE).url == f"{UNLOCK}?next=/profil/"
    assert give(inside, "pas le bon").status_code == 422
    assert inside.web.get(PROFILE).status_code == 302
    assert give(inside).status_code == 302
    assert inside.web.get(PROFILE).status_code == 200


def test_locking_one_session_leaves_the_others_open(inside, settings):
    settings.SESSION_IDLE_LOCK = 0
    other = Person(inside.user, Client())
    other.sign_in()
    inside.web.post(LOCK)
    assert inside.web.get(PROFILE).status_code == 302
    assert other.web.get(PROFILE).status_code == 200


def test_a_session_left_alone_is_refused_until_the_password_is_given(inside, clock):
    clock.shift(LIMIT)
    assert inside.web.get("/profil/?a=1").url == f"{UNLOCK}?next=/profil/%3Fa%3D1"
    assert "Écran verrouillé" in force_str(inside.web.get(UNLOCK).content)
    assert give(inside, "pas le bon").status_code == 422
    assert inside.web.get(PROFILE).status_code == 302
    sent = {"moyen": "password", "password": f.PASSWORD, "next": "/profil/?a=1"}
    assert inside.web.post(UNLOCK, sent).url == "/profil/?a=1"
    assert inside.web.get(PROFILE).status_code == 200


def test_a_covered_page_shows_nothing_of_the_person(inside, clock):
    clock.shift(LIMIT)
    page = force_str(inside.web.get(UNLOCK).content)
    assert inside.user.full_name not in page
    assert inside.user.email not in page


def test_activity_puts_the_lock_off(inside, clock):
    for _time in range(6):
        clock.shift(LIMIT - 1)
        assert inside.web.get(PROFILE).status_code == 200
    for _time in range(6):
        clock.shift(LIMIT - 1)
        assert inside.web.post(ALIVE).status_code == 204


def test_what_a_page_sends_by_itself_is_no_activity(inside, clock):
    for _time in range(3):
        clock.shift(300)
        inside.web.post(
            "/brouillon/?pour=/profil/", "a=1", content_type="application/x-www-form-urlencoded"
        )
    assert inside.web.get(PROFILE).url.startswith(UNLOCK)


def test_the_bell_that_asks_every_minute_is_no_activity(inside, clock):
    for _time in range(3):
        clock.shift(300)
        inside.web.get("/signaux/?etat=0-0", headers=HTMX)
    assert inside.web.get(PROFILE).url.startswith(UNLOCK)


def test_a_presence_told_too_late_does_not_uncover(inside, clock):
    clock.shift(LIMIT)
    assert inside.web.post(ALIVE, headers=HTMX).status_code == 401
    assert inside.web.get(PROFILE).status_code == 302


def test_htmx_is_told_without_leaving_the_page(inside, clock):
    clock.shift(LIMIT)
    answer = inside.web.get(PROFILE, headers=HTMX)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers[idle.COVERED] == "1"


def test_a_covered_page_is_opened_where_it_is(inside, clock):
    clock.shift(LIMIT)
    part = inside.web.get(UNLOCK, headers=HTMX)
    assert force_str(part.content).strip().startswith('<div class="preuves"')
    assert give(inside, "pas le bon", headers=HTMX).status_code == 422
    answer = give(inside, headers=HTMX)
    assert answer.status_code == 204
    assert "ronde:decouvert" in answer.headers["HX-Trigger"]


def test_the_page_may_cover_itself_at_once(inside):
    assert inside.web.post(LOCK, headers=HTMX).status_code == 204
    assert inside.web.get(PROFILE).url.startswith(UNLOCK)


def test_a_form_sent_to_a_covered_screen_is_kept(inside, clock, rf):
    clock.shift(LIMIT)
    answer = inside.web.post(
        PROFILE, {"memo": "Appeler"}, headers={"Referer": "http://testserver/profil/"}
    )
    assert answer.url == f"{UNLOCK}?next=/profil/"
    assert given_back(inside, rf) == {"memo": "Appeler"}


def test_a_passkey_uncovers(inside, clock, settings):
    settings.SITE_URL = "https://ronde.example"
    prove(inside)
    key, _answer = set_passkey(inside)
    clock.shift(LIMIT)
    assert inside.web.get(PROFILE).status_code == 302
    signed = json.dumps(key.sign(challenge(inside.web)))
    answer = inside.web.post(UNLOCK, {"moyen": "passkey", "credential": signed})
    assert answer.status_code == 302
    assert inside.web.get(PROFILE).status_code == 200


def test_the_password_of_another_does_not_uncover(inside, clock):
    with as_owner():
        other = f.user("ROUX", "Hugo")
        other.set_password("le mot de passe de Hugo")
        other.save()
    clock.shift(LIMIT)
    assert give(inside, "le mot de passe de Hugo").status_code == 422


def test_each_session_is_covered_alone(inside, clock):
    clock.shift(LIMIT - 60)
    other = Person(inside.user, Client())
    other.sign_in()
    clock.shift(60)
    assert inside.web.get(PROFILE).status_code == 302
    assert other.web.get(PROFILE).status_code == 200


def test_the_key_of_the_session_changes_and_the_lock_stays_off(inside, clock):
    clock.shift(LIMIT)
    inside.web.get(PROFILE)
    before = inside.web.session.session_key
    give(inside)
    assert inside.web.session.session_key != before
    assert Device.objects.get().session_key == inside.web.session.session_key
    assert Device.objects.get().locked_at is None


def test_a_covered_session_can_be_closed(inside, clock):
    clock.shift(LIMIT)
    assert inside.web.post("/deconnexion/").url == LOGIN
    assert not inside.signed_in()


def test_the_end_of_eight_hours_stands_behind_the_cover(inside, clock):
    clock.shift(9 * 3600)
    inside.web.get(PROFILE)
    assert inside.web.get(UNLOCK).url.startswith(LOGIN)


def test_covering_and_uncovering_are_written_down(inside, clock):
    clock.shift(LIMIT)
    inside.web.get(PROFILE)
    inside.web.get(PROFILE)
    clock.shift(1)
    give(inside)
    with as_owner():
        found = JournalEntry.objects.filter(user_id=inside.user.pk).order_by("at", "pk")
        assert list(found.values_list("event", flat=True)) == [
            "SignedIn", "SessionLocked", "SessionUnlocked",
        ]  # fmt: skip


def test_proofs_cannot_be_tried_without_end(inside, clock):
    clock.shift(LIMIT)
    said = [give(inside, "pas le bon").status_code for _try in range(11)]
    assert said[-1] == 429


def test_uncovering_when_nothing_is_covered_leads_on(inside):
    assert inside.web.get(f"{UNLOCK}?next=/profil/").url == PROFILE
    assert inside.web.get(f"{UNLOCK}?next=https://ailleurs.example/").url == "/"
