"""The authenticator app, recovery codes, proofs and the password: set, used, lost, attacked."""

import io
import json
import re
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.encoding import force_str

from ronde.accounts.mfa import secrets
from tests import factories as f
from tests.accounts.conftest import CODE, LOGIN, Person, run_jobs
from tests.accounts.second_steps import (
    APP,
    CODES,
    HOME,
    KEYS,
    PROOF,
    SECOND,
    app_code,
    challenge,
    codes_of,
    events,
    leave,
    prove,
    prove_by_code,
    set_app,
    set_passkey,
    shown_secret,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("named_site")]
# The app.


def test_an_app_takes_the_place_of_the_mailed_code(inside, clock):
    secret = set_app(inside)
    clock.shift(60)
    mail.outbox.clear()
    other = leave(inside)
    assert other.password().url == SECOND
    assert not mail.outbox
    assert not other.signed_in()
    assert other.web.post(SECOND, {"code": app_code(secret)}).url == reverse("worklist:list")
    assert other.signed_in()


def test_the_page_asked_for_opens_after_the_second_step(inside, clock):
    secret = set_app(inside)
    clock.shift(60)
    other = leave(inside)
    other.password(next="/profil/")
    assert other.web.post(SECOND, {"code": app_code(secret)}).url == "/profil/"


def test_the_code_by_mail_does_not_go_round_the_app(inside):
    set_app(inside)
    other = leave(inside)
    other.password()
    assert other.web.get(CODE).url == LOGIN
    assert other.web.post(CODE, {"action": "resend"}).url == LOGIN


def test_a_code_of_the_app_serves_once(inside, clock):
    secret = set_app(inside)
    clock.shift(60)
    code = app_code(secret)
    other = leave(inside)
    other.password()
    other.web.post(SECOND, {"code": code})
    clock.shift(29)
    thief = leave(inside)
    thief.password()
    answer = thief.web.post(SECOND, {"code": f"{code[:3]} {code[3:]}"})
    assert answer.status_code == 422
    assert "déjà utilisé" in unescape(force_str(answer.content))
    assert not thief.signed_in()


def test_the_code_that_enrolled_the_app_does_not_sign_in(inside):
    secret = set_app(inside)
    other = leave(inside)
    other.password()
    assert other.web.post(SECOND, {"code": app_code(secret)}).status_code == 422


@pytest.mark.parametrize(("late", "status"), [(0, 302), (1, 302), (2, 422), (-1, 302), (-2, 422)])
def test_v6_5_5_a_code_is_taken_one_step_early_or_late(inside, clock, late, status):
    secret = set_app(inside)
    clock.shift(600)
    other = leave(inside)
    other.password()
    assert other.web.post(SECOND, {"code": app_code(secret, late=late)}).status_code == status


def test_after_five_wrong_codes_even_the_right_one_waits(inside, clock):
    secret = set_app(inside)
    clock.shift(60)
    other = leave(inside)
    other.password()
    for _try in range(5):
        assert other.web.post(SECOND, {"code": "000000"}).status_code == 422
    answer = other.web.post(SECOND, {"code": app_code(secret)})
    assert "Trop d" in force_str(answer.content)
    assert not other.signed_in()


def test_a_wrong_first_code_keeps_the_same_drawing(inside):
    secret = shown_secret(inside.web.get(APP))
    answer = inside.web.post(APP, {"code": "000000"})
    assert answer.status_code == 422
    assert shown_secret(answer) == secret
    assert not Authenticator.objects.exists()


def test_v6_5_2_no_secret_is_readable_in_the_database(inside, settings):
    secret = shown_secret(inside.web.get(APP))
    assert secret not in json.dumps(dict(inside.web.session.items()))
    inside.web.post(APP, {"code": app_code(secret)})
    codes = codes_of(inside)
    assert len(codes) == 10
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not any(code in kept for code in codes)
    settings.ACCOUNT_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        secrets.decrypt(Authenticator.objects.get(type="totp").data["secret"])


def test_a_former_key_still_reads_and_the_new_one_writes(settings):
    former, new = (Fernet.generate_key().decode() for _key in range(2))
    settings.ACCOUNT_ENCRYPTION_KEYS = [former]
    kept = secrets.encrypt("secret")
    settings.ACCOUNT_ENCRYPTION_KEYS = [new, former]
    assert secrets.decrypt(kept) == "secret"
    settings.ACCOUNT_ENCRYPTION_KEYS = [new]
    with pytest.raises(InvalidToken):
        secrets.decrypt(kept)


def test_removing_the_app_says_what_is_lost_and_brings_the_mailed_code_back(inside):
    set_app(inside)
    inside.web.get(CODES)
    prove_by_code(inside)
    page = unescape(force_str(inside.web.get(f"{APP}retirer/").content))
    assert "codes de secours seront effacés" in page
    assert "de nouveau envoyé par e-mail" in page
    assert inside.web.post(f"{APP}retirer/").url == HOME
    assert not Authenticator.objects.exists()
    assert leave(inside).password().url == CODE


# Recovery codes.


def test_a_recovery_code_signs_in_once(inside, clock):
    set_app(inside)
    code = codes_of(inside)[3]
    for signs_in in (True, False):
        other = leave(inside)
        other.password()
        other.web.post(SECOND, {"code": f"{code[:4]} {code[4:]}"})
        assert other.signed_in() is signs_in


def test_recovery_codes_are_shown_once(inside):
    set_app(inside)
    assert len(codes_of(inside)) == 10
    prove_by_code(inside)
    page = inside.web.get(CODES)
    assert not re.findall(r"\d{4} \d{4}", force_str(page.content))
    assert "Faire de nouveaux codes" in force_str(page.content)


def test_new_recovery_codes_end_the_former_ones(inside):
    set_app(inside)
    former = codes_of(inside)
    prove_by_code(inside)
    assert "9 codes de secours" in force_str(inside.web.get(f"{CODES}nouveaux/").content)
    assert inside.web.post(f"{CODES}nouveaux/").url == CODES
    new = codes_of(inside)
    assert set(new).isdisjoint(former)
    other = leave(inside)
    other.password()
    other.web.post(SECOND, {"code": former[5]})
    assert not other.signed_in()


# A proof before each change, a mail after.

CHANGES = [APP, f"{APP}retirer/", KEYS, CODES, f"{CODES}nouveaux/", "/profil/securite/sessions/"]


@pytest.mark.parametrize("page", CHANGES)
def test_a_proof_is_asked_for_before_a_change(person, page):
    person.sign_in()
    assert person.web.get(page).url == f"{PROOF}?next={page}"
    if page != CODES:
        assert person.web.post(page).url.startswith(PROOF)


def test_a_proof_lasts_five_minutes_and_leads_back(clock, person):
    person.sign_in()
    answer = person.web.post(PROOF, {"moyen": "password", "password": f.PASSWORD, "next": APP})
    assert answer.url == APP
    assert person.web.get(APP).status_code == 200
    clock.shift(301)
    assert person.web.get(APP).status_code == 302


def test_a_wrong_password_proves_nothing(person):
    person.sign_in()
    answer = prove(person, "pas le bon")
    assert answer.status_code == 422
    assert "incorrect" in force_str(answer.content)
    assert person.web.get(APP).status_code == 302


def test_v7_2_4_a_proof_gives_the_session_another_key(person):
    person.sign_in()
    before = person.web.session.session_key
    prove(person)
    assert person.web.session.session_key != before
    assert person.web.get(HOME).status_code == 200


def test_v7_5_1_the_password_is_no_proof_once_an_app_is_set(inside, clock):
    secret = set_app(inside)
    clock.shift(400)
    assert "password_password" not in force_str(inside.web.get(PROOF).content)
    assert prove(inside).status_code == 422
    assert inside.web.get(f"{APP}retirer/").status_code == 302
    sent = {"moyen": "code", "code": app_code(secret), "next": f"{APP}retirer/"}
    assert inside.web.post(PROOF, sent).url == f"{APP}retirer/"
    assert inside.web.get(f"{APP}retirer/").status_code == 200


def test_a_passkey_is_a_proof(inside, clock):
    key, _answer = set_passkey(inside)
    clock.shift(400)
    signed = json.dumps(key.sign(challenge(inside.web)))
    assert inside.web.post(PROOF, {"moyen": "passkey", "credential": signed}).url == HOME
    assert inside.web.get(f"{CODES}nouveaux/").status_code == 200


def test_proofs_cannot_be_tried_without_end(person):
    person.sign_in()
    said = [prove(person, "pas le bon").status_code for _try in range(12)]
    assert said[0] == 422
    assert said[-1] == 429


def test_v6_3_7_each_change_is_told_by_mail_and_recorded(
    inside, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        set_app(inside)
    set_passkey(inside)
    prove_by_code(inside)
    with django_capture_on_commit_callbacks(execute=True):
        inside.web.post(f"{CODES}nouveaux/")
    key = Authenticator.objects.get(type="webauthn")
    inside.web.post(f"{KEYS}{key.pk}/retirer/")
    inside.web.post(f"{APP}retirer/")
    run_jobs()
    subjects = [message.subject for message in mail.outbox]
    assert subjects == [
        "Compte Ronde : application ajoutee",
        "Compte Ronde : cle ajoutee",
        "Compte Ronde : nouveaux codes de secours",
        "Compte Ronde : cle retiree",
        "Compte Ronde : application retiree",
    ]
    assert all(message.to == [inside.user.email] for message in mail.outbox)
    assert "23/11/2026 13:00" in mail.outbox[0].body
    assert events(inside)[1:] == [
        "FactorAdded", "FactorAdded", "FactorRenewed", "FactorRemoved", "FactorRemoved",
    ]  # fmt: skip


# The password.

NEW = "une autre phrase de passe"
PASSWORD_PAGE = "/profil/securite/mot-de-passe/"


def change(person: Person, old: str = f.PASSWORD, new: str = NEW, again: str = NEW):
    sent = {"oldpassword": old, "password1": new, "password2": again}
    return person.web.post(PASSWORD_PAGE, sent)


def test_v6_2_2_a_new_password_ends_the_other_sessions_and_keeps_this_one(inside):
    other = leave(inside)
    other.sign_in()
    assert change(inside).url == HOME
    assert inside.web.get(HOME).status_code == 200
    assert other.web.get(HOME).url.startswith(LOGIN)
    run_jobs()
    assert "Vos autres sessions ont été fermées" in mail.outbox[-1].body
    assert leave(inside).password(f.PASSWORD).status_code == 422
    assert "PasswordChanged" in events(inside)


def test_v6_2_3_the_present_password_is_asked_for(inside):
    answer = change(inside, old="pas le bon")
    assert answer.status_code == 422
    assert "mot de passe actuel" in force_str(answer.content)


def test_a_weak_new_password_is_refused(inside):
    answer = change(inside, new="court", again="court")
    assert answer.status_code == 422
    assert "12 caractères" in force_str(answer.content)


# Everything lost.


def test_the_installation_takes_the_second_steps_away_and_the_holder_is_told(inside):
    set_app(inside)
    out = io.StringIO()
    call_command("remove_second_steps", inside.user.email.upper(), stdout=out)
    assert "Removed" in out.getvalue()
    assert inside.web.get(HOME).url.startswith(LOGIN)
    mail.outbox.clear()
    run_jobs()
    assert "L’assistance a retiré" in mail.outbox[-1].body
    assert leave(inside).password().url == CODE
    assert "SecondStepsRemoved" in events(inside)


def test_the_command_says_when_there_is_nothing_to_take_away(person):
    out = io.StringIO()
    call_command("remove_second_steps", person.user.email, stdout=out)
    assert "nothing was changed" in out.getvalue()
    with pytest.raises(CommandError, match="No account"):
        call_command("remove_second_steps", "personne@exemple.test")
