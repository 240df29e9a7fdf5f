"""What is asked of the support: kept, numbered, mailed to it, and acknowledged to its author."""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronde import __version__
from ronde.accounts import mails
from ronde.accounts.addresses import page_behind
from ronde.accounts.models import SupportRequest
from ronde.core.formats import day_and_hour

log = logging.getLogger(__name__)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SALT = "ronde.accounts.support"
HIDDEN = "…"
# In order: Edge and Opera also say that they are Chrome, and Chrome that it is Safari.
BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request is written from: the shape of an address, without the keys that fill it."""

    page: str = ""
    error: int = 0

    def sealed(self) -> str:
        return signing.dumps([self.page, self.error], salt=SALT)

    @classmethod
    def unsealed(cls, text: str) -> "Place":
        try:
            page, error = signing.loads(text, salt=SALT)
        except signing.BadSignature:
            return cls()
        return cls(page, error)


def place_of(request: HttpRequest) -> Place:
    """The page that leads here. Its query is left out, and every variable part is hidden."""
    asked = request.GET.get("erreur", "")
    error = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 3 else 0
    return Place(shape(urlsplit(page_behind(request)).path), error)


def shape(path: str) -> str:
    """«/dossiers/…/cercle/» for the circle of a record; nothing for an address that is not ours."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    if match.view_name.startswith("accounts:support"):
        return ""
    parts = [HIDDEN if one.startswith("<") else one for one in match.route.split("/")]
    return "/" + "/".join(parts)


def browser(agent: str) -> str:
    """«Firefox 132, Windows», or the beginning of what the browser says of itself."""
    name = next((f"{said} {_version(agent, sign)}" for sign, said in BROWSERS if sign in agent), "")
    system = next((said for sign, said in SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (name, system))) or agent[:80]


def _version(agent: str, sign: str) -> str:
    return agent.partition(sign)[2].partition(".")[0].partition(" ")[0]


def facts(request: HttpRequest, place: Place) -> dict[str, Any]:
    """What is kept with the request; nothing of a patient."""
    actor = getattr(request, "actor", None)
    return {
        "page": place.page,
        "error": place.error,
        "signed_in": request.user.is_authenticated,
        "acting": actor.display_name if actor else "",
        "browser": browser(request.headers.get("User-Agent", "")),
        "at": timezone.now().isoformat(),
        "version": __version__,
    }


def lines(kept: dict[str, Any]) -> list[tuple[str, str]]:
    """The same in words, for the author before it is sent and for the support afterwards."""
    error = _("erreur %(number)s") % {"number": kept["error"]} if kept["error"] else ""
    nobody = _("compte sans fiche d’annuaire") if kept["signed_in"] else _("visiteur")
    return [
        (_("Page"), ", ".join(filter(None, (kept["page"] or _("non précisée"), error)))),
        (_("Agit pour"), kept["acting"] or nobody),
        (_("Navigateur"), kept["browser"]),
        (_("Heure"), day_and_hour(datetime.fromisoformat(kept["at"]))),
        (_("Version de Ronde"), kept["version"]),
    ]


def new_reference() -> str:
    """Eight signs that nobody mistakes for others when they are read over the telephone."""
    return "S-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


@transaction.atomic
def send(request_id: UUID) -> None:
    """Mail the request to the support, in its language; the answer goes to its author."""
    asked = _locked(request_id)
    if asked is None or asked.sent_at is not None:
        return
    with translation.override(settings.LANGUAGE_CODE):
        values = {
            "asked": asked,
            "category": asked.get_category_display(),
            "lines": lines(asked.context),
        }
        mails.send(
            "accounts/email/support_request",
            settings.SUPPORT_EMAIL,
            values,
            language=settings.LANGUAGE_CODE,
            reply_to=[asked.email],
            headers={"Message-ID": _message_id(asked, "request")},
        )
    asked.sent_at = timezone.now()
    asked.save(update_fields=["sent_at"])


@transaction.atomic
def acknowledge(request_id: UUID) -> None:
    """Write the reference to the author. Nothing of their text: anybody may type any address."""
    asked = _locked(request_id)
    if asked is None or asked.acknowledged_at is not None:
        return
    try:
        mails.send(
            "accounts/email/support_received",
            asked.email,
            {"asked": asked},
            language=asked.language,
            headers={"Message-ID": _message_id(asked, "received")},
        )
    except SMTPRecipientsRefused as error:
        if not all(code >= 500 for code, _said in error.recipients.values()):
            raise
        log.warning("acknowledgement refused for good: request %s", asked.pk)
    asked.acknowledged_at = timezone.now()
    asked.save(update_fields=["acknowledged_at"])


def _locked(request_id: UUID) -> SupportRequest | None:
    return SupportRequest.objects.select_for_update().filter(pk=request_id).first()


def _message_id(asked: SupportRequest, kind: str) -> str:
    return f"<{asked.pk}.{kind}@{urlsplit(settings.SITE_URL).hostname}>"


def purge() -> None:
    """Remove the requests that are older than the legal pages say, once they were sent."""
    old = timezone.now() - settings.SUPPORT_KEPT_FOR
    SupportRequest.objects.filter(created_at__lt=old, sent_at__isnull=False).delete()
