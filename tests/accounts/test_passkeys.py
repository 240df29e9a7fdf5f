"""Passkeys: set, used alone or after the password, and attacked."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_str

from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.accounts.conftest import LOGIN, Person
from tests.accounts.second_steps import (
    CODES,
    HOME,
    KEYS,
    PASSKEY,
    SECOND,
    challenge,
    leave,
    prove,
    prove_by_code,
    set_passkey,
)
from tests.accounts.soft_key import b64

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("named_site")]


def test_a_passkey_signs_in_alone(inside):
    key, answer = set_passkey(inside)
    assert answer.url == CODES
    other = leave(inside)
    mail.outbox.clear()
    signed = key.sign(challenge(other.web))
    answer = other.web.post(PASSKEY, {"credential": json.dumps(signed), "next": "/profil/"})
    assert answer.url == "/profil/"
    assert other.signed_in()
    assert not mail.outbox


def test_a_passkey_is_the_second_step_after_the_password(inside):
    key, _answer = set_passkey(inside)
    other = leave(inside)
    assert other.password().url == SECOND
    assert "data-ronde-cle" in force_str(other.web.get(SECOND).content)
    options = challenge(other.web, "?pour=seconde-etape")
    assert options["publicKey"]["allowCredentials"]
    answer = other.web.post(SECOND, {"credential": json.dumps(key.sign(options))})
    assert answer.url == reverse("worklist:list")


def test_the_door_tells_nobody_s_passkeys(inside):
    set_passkey(inside)
    assert not challenge(Client())["publicKey"].get("allowCredentials")
    assert not challenge(Client(), "?pour=seconde-etape")["publicKey"].get("allowCredentials")


@pytest.mark.parametrize(
    "origin", ["https://ronde.example.test", "https://ronde.example:8443", "http://ronde.example"]
)
def test_a_passkey_signed_elsewhere_is_refused(inside, origin):
    key, _answer = set_passkey(inside)
    key.origin = origin
    other = leave(inside)
    signed = key.sign(challenge(other.web))
    assert other.web.post(PASSKEY, {"credential": json.dumps(signed)}).url == LOGIN
    assert not other.signed_in()
    _other_key, answer = set_passkey(inside, origin)
    assert answer.status_code == 422


def test_a_challenge_serves_once_and_in_the_browser_that_asked(inside):
    key, _answer = set_passkey(inside)
    other, thief = leave(inside), leave(inside)
    signed = json.dumps(key.sign(challenge(other.web)))
    challenge(thief.web)
    for web in (thief.web, Client()):
        web.post(PASSKEY, {"credential": signed})
        assert "_auth_user_id" not in web.session
    other.web.post(PASSKEY, {"credential": signed})
    assert other.signed_in()
    other.web.post("/deconnexion/")
    other.web.post(PASSKEY, {"credential": signed})
    assert not other.signed_in()


def test_a_passkey_without_finger_face_nor_pin_is_refused(inside):
    _key, answer = set_passkey(inside, verifies=False)
    assert answer.status_code == 422
    key, _answer = set_passkey(inside)
    key.verifies = False
    other = leave(inside)
    signed = key.sign(challenge(other.web))
    other.web.post(PASSKEY, {"credential": json.dumps(signed)})
    assert not other.signed_in()


def test_the_passkey_of_another_opens_nothing(inside):
    key, _answer = set_passkey(inside)
    other = f.user("ROUX", "Hugo")
    key.holder = b64(other.pk.hex.encode())
    web = Client()
    web.post(PASSKEY, {"credential": json.dumps(key.sign(challenge(web)))})
    assert "_auth_user_id" not in web.session


@pytest.mark.parametrize("sent", ["", "{}", "[]", "nonsense", '{"response": {}}'])
def test_what_is_no_passkey_is_refused_in_french(inside, sent):
    web = Client()
    challenge(web)
    answer = web.post(PASSKEY, {"credential": sent}, follow=True)
    assert answer.status_code == 200
    assert "_auth_user_id" not in web.session


def test_a_closed_account_is_not_opened_by_its_passkey(inside):
    key, _answer = set_passkey(inside)
    with as_owner():
        inside.user.is_active = False
        inside.user.save()
    other = leave(inside)
    other.web.post(PASSKEY, {"credential": json.dumps(key.sign(challenge(other.web)))})
    assert not other.signed_in()


def test_a_passkey_is_renamed_and_removed_by_its_holder_alone(inside):
    set_passkey(inside)
    key = Authenticator.objects.get(type="webauthn")
    other = Person(f.user("ROUX", "Hugo"))
    other.sign_in()
    prove(other)
    assert other.web.get(f"{KEYS}{key.pk}/").status_code == 404
    assert other.web.post(f"{KEYS}{key.pk}/retirer/").status_code == 404
    prove_by_code(inside)
    assert inside.web.post(f"{KEYS}{key.pk}/", {"name": "Clé USB"}).url == HOME
    assert "Clé USB" in force_str(inside.web.get(HOME).content)
    assert "Clé USB" in force_str(inside.web.get(f"{KEYS}{key.pk}/retirer/").content)
    assert inside.web.post(f"{KEYS}{key.pk}/retirer/").url == HOME
    assert not Authenticator.objects.exists()


def test_a_site_without_a_name_offers_no_passkey(inside, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert inside.web.get(KEYS).status_code == 404
    assert "clé d’accès</button>" not in force_str(Client().get(LOGIN).content)
