"""Inviting colleagues to ask for an account."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import request_queries
from ronde.accounts.request_events import ColleagueInvited, InvitationWithdrawn
from ronde.accounts.request_jobs import write_invitation
from ronde.accounts.request_models import Invitation
from ronde.core import checks
from ronde.core.actor import Actor
from ronde.core.text import words
from ronde.journal.actions import record

# Thirteen digits of a NIR or an INS, written in any way; Corsica has a letter in it.
_NATIONAL_NUMBER = re.compile(
    r"(?<!\d)[1-478][\s.\-]*\d{2}[\s.\-]*\d{2}[\s.\-]*(?:\d{2}|2[ABab])[\s.\-]*\d{3}[\s.\-]*\d{3}"
)
_BETWEEN_ADDRESSES = re.compile(r"[\s,;]+")
SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one address typed: `problem` is empty when the invitation left."""

    email: str
    problem: str = ""


def addresses(text: str) -> list[str]:
    """The addresses typed, each once, in the order of the text."""
    found = [part.strip("<>") for part in _BETWEEN_ADDRESSES.split(text) if "@" in part]
    strays = [part for part in _BETWEEN_ADDRESSES.split(text) if part and "@" not in part]
    return list(dict.fromkeys([*found, *strays]))


def about_a_patient(text: str, names: Iterable[str] = ()) -> str:
    """Say why this text may not leave by mail: a national number, or the name of the patient."""
    if _NATIONAL_NUMBER.search(text):
        return _("Ce texte contient un numéro de sécurité sociale ou un INS : retirez-le.")
    said = words(text)
    for name in names:
        wanted = words(name)
        if not wanted or len("".join(wanted)) < SHORTEST_NAME:
            continue
        if any(said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1)):
            return _("Ce texte nomme le patient : un e-mail ne porte aucune donnée de patient.")
    return ""


@transaction.atomic
def invite(actor: Actor, emails: Sequence[str], text: str) -> list[Sent]:
    """Invite each address; a wrong one stops no other. The same answer for an address that has an
    account: its holder alone reads so.
    """
    left = settings.INVITATION_DAILY_LIMIT - request_queries.invited_today(actor)
    outcome = []
    for typed in emails:
        try:
            email = checks.email(typed).lower()
        except checks.CheckError as error:
            outcome.append(Sent(typed, str(error)))
            continue
        if left <= 0:
            outcome.append(Sent(email, _limit()))
            continue
        left -= 1
        _send(actor, email, text)
        outcome.append(Sent(email))
    return outcome


def _limit() -> str:
    return _("Limite de %(n)d invitations par jour atteinte : recommencez demain.") % {
        "n": settings.INVITATION_DAILY_LIMIT
    }


def _send(actor: Actor, email: str, text: str) -> None:
    now = timezone.now()
    invitation = Invitation(
        email=email,
        text=text,
        by_user=actor.user_id,
        by_party=actor.party_id,
        by_name=actor.person_name,
        created_at=now,
        sent_at=now,
        expires_at=now + settings.INVITATION_LIFE,
    )
    invitation.save(force_insert=True)
    record(ColleagueInvited(invitation=invitation.pk), actor=actor)
    write_invitation.defer(invitation_id=str(invitation.pk))


def _held(actor: Actor, invitation_id: uuid.UUID) -> Invitation:
    mine = request_queries.invitations(actor).select_for_update()
    invitation = mine.get(pk=invitation_id)
    if invitation.used_at or invitation.withdrawn_at:
        raise ValidationError(_("Cette invitation a déjà servi, ou a été retirée."))
    return invitation


@transaction.atomic
def send_again(actor: Actor, invitation_id: uuid.UUID) -> None:
    """Write again, with another link: the former one serves no more."""
    invitation = _held(actor, invitation_id)
    if request_queries.invited_today(actor) >= settings.INVITATION_DAILY_LIMIT:
        raise ValidationError(_limit())
    invitation.link, invitation.sent_at = uuid.uuid4(), timezone.now()
    invitation.expires_at = invitation.sent_at + settings.INVITATION_LIFE
    invitation.save(update_fields=["link", "sent_at", "expires_at"])
    record(ColleagueInvited(invitation=invitation.pk), actor=actor)
    write_invitation.defer(invitation_id=str(invitation.pk))


@transaction.atomic
def withdraw(actor: Actor, invitation_id: uuid.UUID) -> None:
    """Take an invitation back: its link opens nothing from now on."""
    invitation = _held(actor, invitation_id)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    record(InvitationWithdrawn(invitation=invitation.pk), actor=actor)


def state(invitation: Invitation) -> tuple[str, str]:
    """The state in words, and the kind of its badge. An address that had an account already stays
    «envoyée», as one that nobody answers.
    """
    if invitation.account_id:
        return _("compte créé"), "ok"
    if invitation.withdrawn_at:
        return _("retirée"), "vide"
    if invitation.request_id:
        return _("demande en cours de validation"), "acc"
    if not invitation.used_at and invitation.expires_at <= timezone.now():
        return _("expirée"), "vide"
    return _("envoyée"), ""
