"""The authenticator app, passkeys and recovery codes: set, used, lost, and attacked."""

import io
import json
import re
import time
from datetime import UTC, datetime
from html import unescape

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet, InvalidToken
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_str

from ronde.accounts.mfa import secrets
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.accounts.conftest import CODE, LOGIN, Person, run_jobs
from tests.accounts.soft_key import SoftKey, b64

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME, APP, KEYS = "/profil/securite/", "/profil/securite/application/", "/profil/securite/cles/"
CODES, PROOF = "/profil/securite/codes/", "/profil/securite/preuve/"
SECOND, PASSKEY = "/connexion/seconde-etape/", "/connexion/cle/"
SITE = "https://ronde.example"


@pytest.fixture(autouse=True)
def _site(settings) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def inside(clock, person) -> Person:
    """Signed in by password and mailed code, and has just proved who they are."""
    person.sign_in()
    prove(person)
    mail.outbox.clear()
    return person


def prove(person: Person, password: str = f.PASSWORD):
    return person.web.post(PROOF, {"moyen": "password", "password": password})


def app_code(secret: str, *, late: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - late))


def shown_secret(page) -> str:
    return re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", force_str(page.content))[1].replace(" ", "")


def set_app(person: Person) -> str:
    secret = shown_secret(person.web.get(APP))
    assert person.web.post(APP, {"code": app_code(secret)}).status_code == 302
    return secret


def set_passkey(person: Person, origin: str = SITE, **traits) -> tuple[SoftKey, object]:
    key = SoftKey(origin, **traits)
    page = force_str(person.web.get(KEYS).content)
    options = json.loads(unescape(re.search(r'data-ronde-options="([^"]*)"', page)[1]))
    sent = {"name": "Mon téléphone", "credential": json.dumps(key.create(options))}
    return key, person.web.post(KEYS, sent)


def codes_of(person: Person) -> list[str]:
    page = force_str(person.web.get(CODES).content)
    return [one.replace(" ", "") for one in re.findall(r"<li>(\d{4} \d{4})</li>", page)]


def challenge(web: Client, query: str = "") -> dict:
    return web.get(PASSKEY + query, headers={"Accept": "application/json"}).json()


def leave(person: Person) -> Person:
    """The same person, at another browser."""
    return Person(person.user)


def events(person: Person) -> list[str]:
    with as_owner():
        rows = JournalEntry.objects.filter(payload__account=str(person.user.pk)).order_by("at")
        return list(rows.values_list("event", flat=True))


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
def test_a_code_is_taken_one_step_early_or_late(inside, clock, late, status):
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


def test_no_secret_is_readable_in_the_database(inside, settings):
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


def prove_by_code(person: Person) -> None:
    """Spend a recovery code to prove who one is."""
    with as_owner():
        codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert person.web.post(PROOF, {"moyen": "code", "code": codes[0]}).status_code == 302


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


# Passkeys.


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


def test_a_proof_gives_the_session_another_key(person):
    person.sign_in()
    before = person.web.session.session_key
    prove(person)
    assert person.web.session.session_key != before
    assert person.web.get(HOME).status_code == 200


def test_the_password_is_no_proof_once_an_app_is_set(inside, clock):
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


def test_each_change_is_told_by_mail_and_recorded(inside, django_capture_on_commit_callbacks):
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


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(inside):
    other = leave(inside)
    other.sign_in()
    assert change(inside).url == HOME
    assert inside.web.get(HOME).status_code == 200
    assert other.web.get(HOME).url.startswith(LOGIN)
    run_jobs()
    assert "Vos autres sessions ont été fermées" in mail.outbox[-1].body
    assert leave(inside).password(f.PASSWORD).status_code == 422
    assert "PasswordChanged" in events(inside)


def test_the_present_password_is_asked_for(inside):
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
