"""The words of a mail: who, what, when, a link. Nothing of the patient, nothing of the record."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts.models import User
from ronde.directory.models import Party
from ronde.journal.events import Event, event_class


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to tell: the keys of an event and of its author."""

    entry_id: UUID
    event: str
    at: datetime
    patient_id: UUID | None
    user_id: UUID | None
    party_id: UUID | None

    @classmethod
    def of(cls, keys: dict[str, str | None]) -> "Notice":
        """Read the values of a job."""
        key = {name: UUID(keys[name]) if keys[name] else None for name in UUIDS}
        return cls(**key, event=keys["event"], at=datetime.fromisoformat(keys["at"]))

    @property
    def kind(self) -> type[Event]:
        return event_class(self.event)

    @property
    def needs_access(self) -> bool:
        return self.kind.mail_needs_access and self.patient_id is not None


UUIDS = ("entry_id", "patient_id", "user_id", "party_id")


def write(
    notice: Notice, to: str, recipient: str, lines: list[str], as_whom: Party | None = None
) -> EmailMessage:
    """Compose the mail to one address. `as_whom` is the structure in whose name it is read.

    The Message-ID is drawn from the event and the recipient: if a crash makes the same mail leave
    twice, mail servers know it for the same.
    """
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject=_("Ronde : %(subject)s") % {"subject": notice.kind.mail},
        body="\n".join(_body(notice, lines, as_whom)),
        to=[to],
        headers={
            "Message-ID": f"<{notice.entry_id}.{recipient}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _body(notice: Notice, lines: list[str], as_whom: Party | None) -> list[str]:
    when = timezone.localtime(notice.at)
    body = [_("Bonjour,"), "", f"{notice.kind.mail}.", ""]
    author = _author(notice)
    if author:
        body.append(_("Par : %(name)s") % {"name": author})
    body.append(_("Le : %(day)s à %(time)s") % {"day": f"{when:%d/%m/%Y}", "time": f"{when:%H:%M}"})
    body += lines
    if not notice.kind.mail_setting:
        body += ["", *_way(notice, as_whom), ""]
        body.append(_("Message automatique, sans donnée de santé : n'y répondez pas."))
    return body


def _way(notice: Notice, as_whom: Party | None) -> list[str]:
    way = []
    if as_whom is not None:
        way.append(
            _("Vous le recevez au titre de %(name)s : agissez en son nom pour ouvrir le dossier.")
            % {"name": as_whom.display_name}
        )
    if notice.needs_access:
        return [*way, _("Ouvrir le dossier :"), _absolute("dossier:record", notice.patient_id)]
    return [*way, _("Ouvrir votre file active :"), _absolute("worklist:list")]


def _absolute(name: str, *keys: UUID | None) -> str:
    return settings.SITE_URL.rstrip("/") + resolve_url(name, *keys)


def _author(notice: Notice) -> str:
    """Name who acted, and in whose name; nothing for what happened by itself."""
    user = User.objects.filter(pk=notice.user_id).first() if notice.user_id else None
    if user is None:
        return ""
    if notice.party_id in {None, user.person_id}:
        return user.full_name
    party = Party.objects.filter(pk=notice.party_id).first()
    if party is None:
        return user.full_name
    return _("%(person)s, pour %(party)s") % {"person": user.full_name, "party": party.display_name}
