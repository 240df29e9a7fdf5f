"""Asking for an account as somebody at a browser does, with their mailbox."""

import re
from typing import Any

from django.core import mail
from django.test import Client
from django.urls import reverse

from ronde.accounts.models import AccountRequest
from ronde.core.db.roles import as_owner
from ronde.directory.models import Person
from tests import factories as f
from tests.notifications.worker import run_jobs

# Invented numbers with a right key: no RPPS begins with 98.
RPPS, OTHER_RPPS, ADELI = "98000000012", "98000000020", "830000014"
FIRST_NAMES = {"registered", "profession_code", "rpps", "adeli", "function"}
FIRST = {"registered": "oui", "profession_code": "G15:60", "rpps": RPPS}
SECOND = {
    "title": "MME",
    "family_name": "Moreau",
    "given_name": "Lina",
    "email": "lina.moreau@cabinet.example",
    "phone": "06 39 98 12 34",
}


class Applicant:
    """Somebody without account, on the public pages."""

    def __init__(self) -> None:
        self.web = Client()

    def first(self, **values: Any):
        return self.web.post(reverse("accounts:sign_up"), {**FIRST, **values})

    def second(self, **values: Any):
        return self.web.post(reverse("accounts:sign_up_identity"), {**SECOND, **values})

    def read(self, name: str = "sign_up_identity") -> str:
        return self.web.get(reverse(f"accounts:{name}")).content.decode()

    def ask(self, **values: Any):
        """Both steps; the letter waits in the jobs."""
        self.first(**{key: values.pop(key) for key in list(values) if key in FIRST_NAMES})
        return self.second(**values)

    def confirm(self, **values: Any):
        """Both steps, then the button behind the mailed link."""
        self.ask(**values)
        run_jobs()
        return self.web.post(link_to(values.get("email", SECOND["email"])))


def words(html: str) -> str:
    """What a page says, without its tags nor its tokens."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def letters(email: str) -> list[Any]:
    return [one for one in mail.outbox if one.to == [email]]


def link_to(email: str) -> str:
    """The path of the first link in the last letter to this address."""
    return re.search(r"https?://[^/\s]+(/\S+)", letters(email)[-1].body).group(1)


def only_request() -> AccountRequest:
    with as_owner():
        return AccountRequest.objects.select_related("person").get()


def registered(
    family: str = "MOREAU", given: str = "Lina", rpps: str = RPPS, **fields: Any
) -> Person:
    """Somebody whom the directory knows under this number."""
    who = f.person(family, given, profession="G15:60", **fields)
    with as_owner():
        Person.objects.filter(pk=who.pk).update(rpps=rpps)
    who.rpps = rpps
    return who
