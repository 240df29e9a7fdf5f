"""Signing in, as OWASP ASVS 5.0 asks: each test bears the number of its line (docs/asvs.md)."""

import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_str

from ronde.accounts import jobs
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.accounts.conftest import CODE, LOGIN, LOGOUT, Person, run_jobs
from tests.accounts.second_steps import (
    APP,
    SECOND,
    app_code,
    challenge,
    codes_of,
    prove,
    set_app,
    set_passkey,
)
from tests.query_budget import counted
from tests.test_consistency import addresses

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROFILE, SECURITY, RESET = "/profil/", "/profil/securite/", "/mot-de-passe/"
WRONG = "pas le bon mot de passe"
ELSEWHERE = ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example"]


@pytest.fixture(autouse=True)
def _no_throttle_left() -> None:
    cache.clear()


@pytest.fixture
def person() -> Person:
    return Person(f.user())


def production(*names: str) -> list:
    """These settings, as a real installation reads them."""
    script = (
        "import json; from config.settings import prod;"
        f"print(json.dumps([getattr(prod, name) for name in {list(names)}]))"
    )
    env = {
        **os.environ, "SECRET_KEY": "x", "ALLOWED_HOSTS": "a.example",
        "SITE_URL": "https://a.example", "ACCOUNT_ENCRYPTION_KEYS": "k",
        "DOCUMENT_KEYS": "k:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


# Cookies, headers, forms.


def test_v3_3_1_cookies_travel_by_https_only():
    assert production("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE") == [True, True]


def test_v3_3_2_cookies_do_not_follow_other_sites(person):
    person.sign_in()
    assert {cookie["samesite"] for cookie in person.web.cookies.values()} == {"Lax"}


def test_v3_3_3_cookies_are_bound_to_this_host():
    names = production("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    assert all(name.startswith("__Host-") for name in names)


def test_v3_3_4_cookies_are_out_of_reach_of_scripts(person):
    person.sign_in()
    assert all(cookie["httponly"] for cookie in person.web.cookies.values())
    key = person.web.session.session_key
    assert key not in force_str(person.web.get(SECURITY).content)


def test_v3_4_1_browsers_are_told_to_stay_on_https():
    seconds, subdomains = production("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS")
    assert seconds >= 31_536_000
    assert subdomains


PAGES = [LOGIN, RESET, SECURITY, "/nulle-part/", "/static/nothing.js"]


@pytest.mark.parametrize("page", PAGES)
def test_v3_4_3_every_answer_has_a_strict_policy(person, page):
    person.sign_in()
    for web in (person.web, Client()):
        policy = web.get(page).headers["Content-Security-Policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["object-src"] == "'none'"
        assert rules["base-uri"] == "'none'"
        assert rules["script-src"] == "'self'"
        assert "unsafe" not in policy


@pytest.mark.parametrize("page", PAGES[:-1])
def test_v3_4_4_no_answer_is_guessed_at(client, page):
    assert client.get(page).headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("page", PAGES[:-1])
def test_v3_4_5_no_address_is_told_to_other_sites(client, page):
    assert client.get(page).headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("page", PAGES)
def test_v3_4_6_no_page_is_framed(client, page):
    answer = client.get(page)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", PAGES[:-1])
def test_v3_4_8_no_other_window_holds_ours(client, page):
    assert client.get(page).headers["Cross-Origin-Opener-Policy"] == "same-origin"


def posted() -> list[str]:
    """Addresses of an account that a form may be sent to, with a key where one is needed."""
    keys = {"device_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12, "key": 1}
    names = [
        name for name, pattern in addresses()
        if name.startswith(("account", "mfa_"))
        and set(pattern.pattern.converters) <= set(keys)
        and name not in NOT_POSTED
    ]  # fmt: skip
    patterns = dict(addresses())
    return sorted(
        reverse(name, kwargs={key: keys[key] for key in patterns[name].pattern.converters})
        for name in names
    )


# Read only, or (psc_ended) proved by a signed token in the place of a cookie.
NOT_POSTED = {
    "account_reset_password_done", "accounts:codes", "accounts:dev_mails", "accounts:psc_callback",
    "accounts:psc_ended", "accounts:psc_left", "accounts:psc_start", "accounts:my_security",
}  # fmt: skip


@pytest.mark.parametrize("page", posted())
def test_v3_5_1_a_form_of_another_site_is_refused(person, page):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person.user)
    assert strict.post(page, headers={"Origin": "https://ailleurs.example"}).status_code == 403
    assert strict.post(page).status_code == 403


def test_v3_5_1_no_view_is_excused_from_the_token_of_our_page():
    """The back-channel of Pro Santé Connect apart, which a signed token proves."""
    excused = {
        name for name, pattern in addresses() if getattr(pattern.callback, "csrf_exempt", False)
    }
    assert excused == {"accounts:psc_ended"}
    assert "django.middleware.csrf.CsrfViewMiddleware" in django_settings.MIDDLEWARE


def test_v3_5_3_reading_changes_nothing(person):
    person.sign_in()
    prove(person)
    for page in (LOGOUT, "/verrou/poser/", f"{SECURITY}sessions/", f"{SECURITY}codes/nouveaux/"):
        person.web.get(page)
    assert person.web.get(PROFILE).status_code == 200


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_v3_7_2_no_page_leads_to_another_site(person, elsewhere):
    assert "ailleurs" not in person.sign_in(next=elsewhere).url
    sent = {"moyen": "password", "password": f.PASSWORD, "next": elsewhere}
    for page in ("/profil/securite/preuve/", "/verrou/", "/conditions/", "/profil/lieu/"):
        answer = person.web.post(page, sent)
        assert "ailleurs" not in answer.headers.get("Location", "")
        assert "ailleurs" not in person.web.get(page, {"next": elsewhere}).headers.get(
            "Location", ""
        )


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "ailleurs.example"},
        {"Host": "testserver", "X-Forwarded-Host": "ailleurs.example"},
        {"Host": "localhost", "X-Original-URL": "//ailleurs.example"},
    ],
)
def test_v4_1_3_a_host_made_up_writes_no_link(person, headers):
    Client().post(RESET, {"email": person.user.email}, headers=headers)
    run_jobs()
    assert all("ailleurs" not in message.body for message in mail.outbox)
    link = jobs.password_link(person.user)
    assert link.startswith(django_settings.SITE_URL)


def test_v4_1_3_an_unknown_host_is_refused(client):
    assert client.get(LOGIN, headers={"Host": "ailleurs.example"}).status_code == 400


# Who is there is told to nobody.


def refusal(email: str, password: str = WRONG) -> tuple[int, str]:
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


def test_v6_3_8_the_sign_in_says_the_same_of_everybody(person, closed):
    said = refusal("personne@exemple.test")
    assert refusal(person.user.email) == said
    assert refusal(closed.email, f.PASSWORD) == said


def test_v6_3_8_the_reset_says_the_same_of_everybody(person, closed):
    said = [
        (answer.status_code, answer.url)
        for email in ("personne@exemple.test", person.user.email, closed.email)
        for answer in [Client().post(RESET, {"email": email})]
    ]
    assert len(set(said)) == 1


def taken(act, *everybody: str) -> list[float]:
    """The least time of this process that an act takes for each, in seconds, turn by turn: what
    else the machine does is not counted.
    """
    times: dict[str, list[float]] = {one: [] for one in everybody}
    for _run in range(9):
        for one, spent in times.items():
            cache.clear()
            start = time.process_time()
            act(one)
            spent.append(time.process_time() - start)
    return [min(spent) for spent in times.values()]


def test_v6_3_8_the_sign_in_takes_as_long_for_everybody(person, closed, settings):
    """With the hasher of production: it is what takes time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    for account in (person.user, closed):
        with as_owner():
            account.set_password(f.PASSWORD)
            account.save()
    known, *others = taken(refusal, person.user.email, "personne@exemple.test", closed.email)
    for other in others:
        assert 0.6 < other / known < 1.67


def test_v6_3_8_the_reset_takes_as_long_for_everybody(person):
    def ask(email: str) -> None:
        Client().post(RESET, {"email": email})

    counts = []
    for email in (person.user.email, "personne@exemple.test"):
        cache.clear()
        with counted() as made:
            ask(email)
        counts.append(len(made))
    assert counts[0] == counts[1]
    known, unknown = taken(ask, person.user.email, "personne@exemple.test")
    assert 0.5 < known / unknown < 2


# Brute force.


def test_v6_3_1_passwords_cannot_be_tried_without_end(person):
    with time_machine.travel(NOON, tick=False) as clock:
        for _try in range(5):
            person.password(WRONG)
        assert "Trop d" in force_str(person.password().content)
        clock.shift(301)
        assert person.password().url == CODE


def test_v6_3_1_an_attacker_does_not_lock_the_holder_out(person, settings):
    """Passwords tried from elsewhere close the password's way for a while, and no other."""
    settings.SITE_URL = "https://ronde.example"
    person.sign_in()
    prove(person)
    key, _answer = set_passkey(person)
    attacker = Person(person.user)
    for _try in range(8):
        attacker.password(WRONG)
    holder = Client()
    signed = json.dumps(key.sign(challenge(holder)))
    assert holder.post("/connexion/cle/", {"credential": signed}).url == reverse("worklist:list")


def test_v6_3_3_the_password_alone_opens_nothing(person):
    person.password()
    assert not person.signed_in()
    assert person.web.get(PROFILE).url.startswith(LOGIN)


def test_v6_4_1_a_link_that_sets_a_password_serves_once_and_expires(person):
    with time_machine.travel(NOON, tick=False) as clock:
        path = jobs.password_link(person.user).removeprefix(django_settings.SITE_URL)
        clock.shift(timedelta(days=3, seconds=2))
        assert "plus valable" in force_str(Client().get(path).content)
    path = jobs.password_link(person.user).removeprefix(django_settings.SITE_URL)
    web = Client()
    form = web.get(path).url
    new = {"password1": "une autre phrase de passe", "password2": "une autre phrase de passe"}
    web.post(form, new)
    assert "plus valable" in force_str(Client().get(path).content)


def test_v6_4_3_a_new_password_by_mail_does_not_go_round_the_app(person):
    with time_machine.travel(NOON, tick=False) as clock:
        person.sign_in()
        prove(person)
        set_app(person)
        person.user.refresh_from_db()
        path = jobs.password_link(person.user).removeprefix(django_settings.SITE_URL)
        web = Client()
        new = {"password1": "une autre phrase de passe", "password2": "une autre phrase de passe"}
        web.post(web.get(path).url, new)
        clock.shift(60)
        other = Person(person.user, web)
        assert other.password(new["password1"]).url == SECOND
        assert not other.signed_in()


# One-time codes.


def test_v6_5_1_a_mailed_code_serves_once(person):
    person.sign_in()
    used = person.mailed_code()
    person.web.post(LOGOUT)
    assert person.code(used).url == LOGIN


def test_v6_5_1_a_mailed_code_that_served_opens_no_other_browser(person):
    person.sign_in()
    used = person.mailed_code()
    other = Person(person.user)
    other.password()
    own = other.mailed_code()
    assert other.code(used).status_code == 422
    assert not other.signed_in()
    other.code(own)
    assert other.signed_in()


def test_v6_5_1_a_code_of_the_app_serves_once(person):
    with time_machine.travel(NOON, tick=False) as clock:
        person.sign_in()
        prove(person)
        secret = set_app(person)
        clock.shift(60)
        code = app_code(secret)
        for signs_in in (True, False):
            other = Person(person.user)
            other.password()
            other.web.post(SECOND, {"code": code})
            assert other.signed_in() is signs_in
            clock.shift(31)  # The next step, at which the code would still be taken.


def test_v6_5_1_a_recovery_code_serves_once(person):
    person.sign_in()
    prove(person)
    set_app(person)
    code = codes_of(person)[0]
    for signs_in in (True, False):
        other = Person(person.user)
        other.password()
        other.web.post(SECOND, {"code": code})
        assert other.signed_in() is signs_in


def test_v6_5_5_a_mailed_code_lasts_ten_minutes(person):
    with time_machine.travel(NOON, tick=False) as clock:
        person.password()
        clock.shift(601)
        assert person.code(person.mailed_code()).url == LOGIN


def test_v6_5_6_each_means_can_be_taken_away(person):
    person.sign_in()
    prove(person)
    set_app(person)
    assert person.web.post(f"{APP}retirer/").url == SECURITY
    other = Person(person.user)
    assert other.password().url == CODE


def test_v6_6_2_a_mailed_code_serves_where_it_was_asked_for(person):
    person.password()
    thief = Person(person.user)
    assert thief.code(person.mailed_code()).url == LOGIN


def test_v6_6_2_of_two_browsers_signing_in_each_takes_its_own_code_alone(person):
    here, there = person, Person(person.user)
    codes = []
    for browser in (here, there):
        browser.password()
        codes.append(browser.mailed_code())
    for browser, sent_elsewhere in zip((here, there), reversed(codes), strict=True):
        browser.code(sent_elsewhere)
        assert not browser.signed_in()
    for browser, own in zip((here, there), codes, strict=True):
        browser.code(own)
        assert browser.signed_in()


def test_v6_6_3_mailed_codes_cannot_be_tried_without_end(person):
    person.password()
    right = person.mailed_code()
    for _try in range(3):
        person.code(f"{(int(right) + 1) % 1_000_000:06d}")
    assert person.code(right).url == LOGIN
    assert not person.signed_in()


# Sessions.


def test_v7_2_3_the_key_of_a_session_cannot_be_guessed(person):
    keys = set()
    for _time in range(5):
        other = Person(person.user)
        other.web.force_login(person.user)
        keys.add(other.web.session.session_key)
    assert len(keys) == 5
    assert all(re.fullmatch(r"[a-z0-9]{32}", key) for key in keys)


def test_v7_2_4_a_key_given_before_the_sign_in_opens_nothing_after(person):
    person.web.get(LOGIN)
    person.password()
    planted = person.web.session.session_key
    person.code(person.mailed_code())
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    assert thief.get(PROFILE).url.startswith(LOGIN)
    assert person.web.session.session_key != planted


def test_v7_2_4_a_key_made_up_is_not_taken(person):
    person.web.cookies[django_settings.SESSION_COOKIE_NAME] = "a" * 32
    person.sign_in()
    assert person.web.session.session_key != "a" * 32


def test_v7_3_1_a_session_left_alone_asks_again_who_is_there(person, settings):
    settings.SESSION_IDLE_LOCK = 10
    with time_machine.travel(NOON, tick=False) as clock:
        person.sign_in()
        clock.shift(10 * 60 + 90)
        assert person.web.get(PROFILE).url.startswith("/verrou/")


def test_v7_3_2_a_session_lasts_eight_hours_at_most(person):
    with time_machine.travel(NOON, tick=False) as clock:
        person.sign_in()
        for _hour in range(8):
            clock.shift(3600)
            person.web.get(PROFILE)
        assert person.web.get(PROFILE).url.startswith(LOGIN)


def test_v7_4_1_a_session_that_was_left_cannot_be_taken_up(person):
    person.sign_in()
    key = person.web.session.session_key
    person.web.post(LOGOUT)
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = key
    assert thief.get(PROFILE).url.startswith(LOGIN)


def test_v7_4_2_closing_an_account_ends_its_sessions(person):
    person.sign_in()
    with as_owner():
        person.user.is_active = False
        person.user.save()
    assert person.web.get(PROFILE).url.startswith(LOGIN)


def test_v7_4_3_a_new_password_ends_the_other_sessions(person):
    other = Person(person.user)
    person.sign_in()
    other.sign_in()
    sent = {
        "oldpassword": f.PASSWORD, "password1": "une autre phrase de passe",
        "password2": "une autre phrase de passe",
    }  # fmt: skip
    person.web.post("/profil/securite/mot-de-passe/", sent)
    assert person.web.get(PROFILE).status_code == 200
    assert other.web.get(PROFILE).url.startswith(LOGIN)


def test_v7_5_1_a_change_of_what_opens_the_account_asks_for_a_proof(person):
    person.sign_in()
    for page in ("application/", "cles/", "codes/nouveaux/"):
        assert person.web.get(SECURITY + page).url.startswith("/profil/securite/preuve/")


def test_v7_5_2_one_sees_and_ends_one_s_sessions_after_a_proof(person):
    other = Person(person.user)
    person.sign_in()
    other.sign_in()
    assert person.web.post(f"{SECURITY}sessions/").url.startswith("/profil/securite/preuve/")
    assert other.web.get(PROFILE).status_code == 200
    prove(person)
    person.web.post(f"{SECURITY}sessions/")
    assert other.web.get(PROFILE).url.startswith(LOGIN)
