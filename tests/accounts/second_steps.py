"""Setting and using the second steps of an account, as its holder does."""

import json
import re
import time
from datetime import UTC, datetime
from html import unescape

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.utils.encoding import force_str

from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.accounts.people import Person
from tests.accounts.soft_key import SoftKey

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME, APP, KEYS = "/profil/securite/", "/profil/securite/application/", "/profil/securite/cles/"
CODES, PROOF = "/profil/securite/codes/", "/profil/securite/preuve/"
SECOND, PASSKEY = "/connexion/seconde-etape/", "/connexion/cle/"
SITE = "https://ronde.example"


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


def prove_by_code(person: Person) -> None:
    """Spend a recovery code to prove who one is."""
    with as_owner():
        codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert person.web.post(PROOF, {"moyen": "code", "code": codes[0]}).status_code == 302
