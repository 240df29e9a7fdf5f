"""Signing in: password, code, and what an attacker tries."""

import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.encoding import force_str

from ronde.accounts import session
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.accounts.conftest import CODE, LOGIN, LOGOUT, Person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WRONG = "pas le bon mot de passe"


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_password_then_the_code_open_the_worklist(person):
    assert person.password().url == CODE
    assert not person.signed_in()
    answer = person.code(person.mailed_code())
    assert answer.url == reverse("worklist:list")
    assert person.signed_in()


def test_the_code_is_mailed_to_the_account_and_says_nothing_else(person):
    person.password()
    (message,) = mail.outbox
    assert message.to == [person.user.email]
    assert message.subject.isascii()
    assert len(re.findall(r"\b\d{6}\b", message.body)) == 1
    assert "10 minutes" in message.body
    assert person.user.full_name not in message.body


def test_a_page_asked_for_before_opens_after(person):
    assert person.sign_in(next="/profil/").url == "/profil/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://ailleurs.example/",
        "//ailleurs.example/",
        "/\\ailleurs.example",
        "javascript:alert(1)",
        "https:///ailleurs.example",
        "http://localhost/profil/",
    ],
)
def test_the_page_asked_for_is_of_this_site(person, elsewhere):
    """localhost is an allowed host, but not the one in use."""
    assert elsewhere not in force_str(person.web.get(LOGIN, {"next": elsewhere}).content)
    assert person.sign_in(next=elsewhere).url == reverse("worklist:list")


def test_the_form_carries_the_page_asked_for(person):
    page = person.web.get(LOGIN, {"next": "/profil/?a=1"})
    assert 'name="next" value="/profil/?a=1"' in force_str(page.content)


def test_a_capital_or_a_space_in_the_address_is_forgiven(person):
    person.user.email = f" {person.user.email.upper()} "
    assert person.password().url == CODE


def test_the_key_of_the_session_changes_at_the_sign_in(person):
    person.web.get(LOGIN)
    person.password()
    before = person.web.session.session_key
    person.code(person.mailed_code())
    assert person.web.session.session_key != before
    thief = Client()
    thief.cookies["ronde_session"] = before
    assert "_auth_user_id" not in thief.session


def test_the_secret_of_the_forms_changes_at_the_sign_in(person):
    person.web.get(LOGIN)
    before = person.web.cookies["ronde_csrf"].value
    person.sign_in()
    assert person.web.cookies["ronde_csrf"].value != before


# What is refused, always in the same words.


def refusal(email: str, password: str) -> tuple[int, str]:
    answer = Client().post(LOGIN, {"login": email, "password": password})
    text = force_str(answer.content).replace(email, "…")
    return answer.status_code, re.sub(r'"[A-Za-z0-9]{64}"', "…", text)


@pytest.fixture
def closed():
    account = f.user("CLOS", "Jean")
    with as_owner():
        account.is_active = False
        account.save()
    return account


def test_nothing_tells_an_unknown_address_from_a_wrong_password_or_a_closed_account(person, closed):
    unknown = refusal("personne@exemple.test", WRONG)
    assert unknown[0] == 422
    assert "incorrect" in unknown[1]
    assert refusal(person.user.email, WRONG) == unknown
    assert refusal(closed.email, WRONG) == unknown
    assert refusal(closed.email, f.PASSWORD) == unknown
    assert not mail.outbox


def test_each_refusal_hashes_one_password(person, closed, monkeypatch):
    """The hasher is what takes time: it runs as often whoever is asked for."""
    hashed = []
    real = MD5PasswordHasher.encode

    def counted(self, password, salt):
        hashed.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    counts = []
    for email, password in [
        ("personne@exemple.test", WRONG),
        (person.user.email, WRONG),
        (closed.email, f.PASSWORD),
    ]:
        hashed.clear()
        refusal(email, password)
        counts.append(len(hashed))
    assert counts == [1, 1, 1]


def test_an_account_without_password_is_refused_alike(person):
    person.user.set_unusable_password()
    with as_owner():
        person.user.save()
    assert refusal(person.user.email, WRONG) == refusal("personne@exemple.test", WRONG)


def test_an_account_closed_before_the_code_is_refused(person):
    person.password()
    with as_owner():
        person.user.is_active = False
        person.user.save()
    assert person.code(person.mailed_code()).url == LOGIN
    assert not person.signed_in()


# The code.


def test_a_wrong_code_says_how_many_tries_are_left(person):
    person.password()
    answer = person.code(other_than(person.mailed_code()))
    assert answer.status_code == 422
    assert "Il reste 2 essais" in force_str(answer.content)
    assert person.code(person.mailed_code()).url == reverse("worklist:list")


def test_after_three_wrong_codes_the_right_one_is_refused(person):
    person.password()
    right = person.mailed_code()
    for _try in range(3):
        answer = person.code(other_than(right))
    assert answer.url == LOGIN
    assert person.code(right).url == LOGIN
    assert not person.signed_in()


def test_a_code_serves_once(person):
    person.sign_in()
    used = person.mailed_code()
    person.web.post(LOGOUT)
    assert person.code(used).url == LOGIN
    person.password()
    if person.mailed_code() != used:
        assert person.code(used).status_code == 422
    assert not person.signed_in()


def test_a_code_serves_only_in_the_browser_that_asked_for_it(person):
    person.password()
    thief = Person(person.user)
    assert thief.code(person.mailed_code()).url == LOGIN
    assert not thief.signed_in()


def test_a_code_lasts_ten_minutes():
    person = Person(f.user())
    with time_machine.travel(NOON, tick=False) as clock:
        person.password()
        clock.shift(600)
        assert person.code(person.mailed_code()).url == reverse("worklist:list")
        other = Person(person.user)
        other.password()
        clock.shift(601)
        answer = other.web.post(CODE, {"code": other.mailed_code()}, follow=True)
    assert answer.redirect_chain == [(LOGIN, 302)]
    assert "expiré" in force_str(answer.content)
    assert not other.signed_in()


def test_another_code_may_be_asked_for_after_thirty_seconds_and_twice():
    person = Person(f.user())
    with time_machine.travel(NOON, tick=False) as clock:
        person.password()
        first = person.mailed_code()
        page = force_str(person.web.get(CODE).content)
        assert 'data-ronde-renvoi="30"' in page
        clock.shift(29)
        person.web.post(CODE, {"action": "resend"})
        assert len(mail.outbox) == 1
        clock.shift(1)
        assert "data-ronde-renvoi" not in force_str(person.web.get(CODE).content)
        person.web.post(CODE, {"action": "resend"})
        assert len(mail.outbox) == 2
        if person.mailed_code() != first:
            assert person.code(first).status_code == 422
        clock.shift(590)
        person.web.post(CODE, {"action": "resend"})
        assert len(mail.outbox) == 3
        clock.shift(60)
        assert "resend" not in force_str(person.web.get(CODE).content)
        assert person.code(person.mailed_code()).url == reverse("worklist:list")


def test_asking_for_another_code_gives_no_more_tries():
    person = Person(f.user())
    with time_machine.travel(NOON, tick=False) as clock:
        person.password()
        person.code(other_than(person.mailed_code()))
        clock.shift(31)
        person.web.post(CODE, {"action": "resend"})
        person.code(other_than(person.mailed_code()))
        assert person.code(other_than(person.mailed_code())).url == LOGIN


def test_the_code_page_without_a_password_leads_to_the_sign_in(client):
    assert client.get(CODE).url == LOGIN
    assert client.post(CODE, {"code": "123456"}).url == LOGIN


# Throttles.


def test_after_five_wrong_passwords_even_the_right_one_waits(person):
    with time_machine.travel(NOON, tick=False) as clock:
        for _try in range(5):
            assert "incorrect" in force_str(person.password(WRONG).content)
        answer = person.password()
        assert answer.status_code == 422
        assert "Trop d" in force_str(answer.content)
        clock.shift(301)
        assert person.password().url == CODE


def test_an_unknown_address_is_throttled_in_the_same_words(person):
    unknown = [refusal("personne@exemple.test", WRONG) for _try in range(6)]
    known = [refusal(person.user.email, WRONG) for _try in range(6)]
    assert unknown == known
    assert unknown[4] != unknown[5]


def test_one_machine_may_not_try_many_accounts(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/ip"}
    answers = [refusal(f"p{n}@exemple.test", WRONG)[1] for n in range(4)]
    assert "Trop d" not in answers[2]
    assert "Trop d" in answers[3]


def test_a_flood_from_one_machine_gets_a_page_and_no_more(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for _try in range(2):
        assert client.post(LOGIN, {}).status_code == 422
    answer = client.post(LOGIN, {})
    assert answer.status_code == 429
    assert "Trop de demandes" in force_str(answer.content)


def test_a_known_password_does_not_fill_the_mailbox(person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_code_sent": "2/15m/key"}
    for _try in range(3):
        answer = Person(person.user).password()
    assert answer.url == LOGIN
    assert len(mail.outbox) == 2


def test_the_tries_of_an_account_are_counted_over_its_sessions(person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_code_tried": "3/15m/key"}
    one, two = Person(person.user), Person(person.user)
    one.password()
    for _try in range(2):
        one.code(other_than(one.mailed_code()))
    two.password()
    assert two.code(other_than(two.mailed_code())).status_code == 422
    assert two.code(two.mailed_code()).url == LOGIN
    assert not two.signed_in()


def test_the_throttles_are_shared_by_the_workers():
    """They stand in the database: what one process adds, another cannot add."""
    assert cache.add("verrou", True, 10)
    assert not cache.add("verrou", True, 10)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=11)):
        assert cache.get("verrou") is None
        assert cache.add("verrou", [1.5], 10)
        assert cache.get("verrou") == [1.5]
        assert cache.touch("verrou", 60)
        assert cache.delete("verrou")
        assert not cache.touch("verrou", 60)


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_at_once_only_one_takes_the_lock():
    """allauth reads, adds and writes a count under this lock."""
    together = threading.Barrier(6)

    def take(_worker: int) -> bool:
        try:
            together.wait(10)
            return cache.add("verrou", True, 10)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        assert sorted(workers.map(take, range(6))) == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_at_once_no_more_tries_pass_than_allowed(person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}

    def attempt(_worker: int) -> bool:
        try:
            return "incorrect" in force_str(Person(person.user).password(WRONG).content)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert 0 < sum(workers.map(attempt, range(8))) <= 3


# Cookies, forms, headers.


def test_a_real_installation_sends_its_cookies_by_https_only():
    names = [
        "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEBUG", "DEV_MAILS_DIR",
        "ALLAUTH_TRUSTED_PROXY_COUNT",
    ]  # fmt: skip
    script = (
        "import json; from config.settings import prod;"
        f"print(json.dumps([getattr(prod, name) for name in {names}]))"
    )
    env = {
        **os.environ, "SECRET_KEY": "x", "ALLOWED_HOSTS": "a.example",
        "SITE_URL": "https://a.example", "ACCOUNT_ENCRYPTION_KEYS": "k",
        "DOCUMENT_KEYS": "k:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    }  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    ).stdout
    expected = [True, True, True, "__Host-ronde_session", "__Host-ronde_csrf", False, None, 1]
    assert json.loads(said) == expected


def test_the_cookies_are_out_of_reach_of_scripts_and_of_other_sites(person):
    person.sign_in()
    for name in ("ronde_session", "ronde_csrf"):
        cookie = person.web.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_a_form_without_its_secret_is_refused_in_french(person):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(LOGIN, {"login": person.user.email, "password": f.PASSWORD})
    assert answer.status_code == 403
    assert "Rechargez" in force_str(answer.content)
    assert not mail.outbox


def test_signing_out_is_a_form_and_ends_the_session(person):
    person.sign_in()
    assert person.web.get(LOGOUT).status_code == 200
    assert person.signed_in()
    key = person.web.session.session_key
    assert person.web.post(LOGOUT).url == LOGIN
    thief = Client()
    thief.cookies["ronde_session"] = key
    assert thief.get("/profil/").url.startswith(LOGIN)


def test_no_page_is_kept_by_the_browser(person):
    person.sign_in()
    assert "no-store" in person.web.get("/profil/").headers["Cache-Control"]


def test_a_sign_in_and_a_sign_out_are_written_down(person):
    person.sign_in()
    person.web.post(LOGOUT)
    with as_owner():
        rows = JournalEntry.objects.filter(user_id=person.user.pk).order_by("at")
        assert list(rows.values_list("event", flat=True)) == ["SignedIn", "SignedOut"]


def test_the_profile_tells_the_sign_in_before_this_one(person):
    with time_machine.travel(NOON, tick=False) as clock:
        person.sign_in()
        clock.shift(3600)
        person.web.post(LOGOUT)
        person.sign_in()
        page = force_str(person.web.get("/profil/").content)
    assert "23/11/2026 13:00" in page
    assert "23/11/2026 14:00" in page


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "account_inactive", "account_set_password", "mfa_index"],
)
def test_the_other_addresses_of_the_library_do_not_exist(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_whoever_is_signed_in_has_nothing_to_do_at_the_sign_in(person):
    person.sign_in()
    assert person.web.get(LOGIN).url == reverse("worklist:list")
    assert person.web.get(LOGIN, {"next": "/profil/"}).url == "/profil/"
    assert session.STARTED in person.web.session


def test_behind_a_proxy_each_person_has_their_own_count(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    said = [
        Client().post(LOGIN, {}, headers={"X-Forwarded-For": f"9.9.9.9, {ip}"}).status_code
        for ip in ("10.0.0.1", "10.0.0.2", "10.0.0.1")
    ]
    assert said == [422, 422, 429]
