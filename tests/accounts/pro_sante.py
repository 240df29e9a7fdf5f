"""Going through Pro Santé Connect, in the tests of the accounts."""

from typing import Any

import requests
from django.test import Client
from django.utils.encoding import force_str

from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests.oidc.playing import ProSante

SITE = "https://ronde.example"
START, BACK = "/connexion/psc/", "/connexion/psc/retour/"
PLACE, PROFILE, SECURITY = "/profil/lieu/", "/profil/", "/profil/securite/"


def go(
    web: Client,
    provider: ProSante,
    who: str,
    start: str = START,
    at: requests.Session | None = None,
) -> Any:
    """Press the button, go through the provider as `who`, come back."""
    back = provider.visit(web.get(start).url, who, at)
    assert back.startswith(SITE + BACK), back
    return web.get(back.removeprefix(SITE))


def signed_in(web: Client) -> bool:
    return "_auth_user_id" in web.session


def refusals() -> list[str]:
    with as_owner():
        rows = JournalEntry.objects.filter(event="ProSanteRefused").order_by("at")
        return [row.payload["reason"] for row in rows]


def text(answer: Any) -> str:
    return force_str(answer.content)
