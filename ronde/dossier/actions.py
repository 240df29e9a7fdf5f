"""What is done with a record as a whole."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts.models import User
from ronde.careteam import actions as careteam
from ronde.careteam import lasting
from ronde.careteam.access import Access
from ronde.careteam.models import BreakGlass, BreakGlassReason
from ronde.careteam.sections import FEED, STATUS
from ronde.core.actor import Actor
from ronde.dossier import after_death, closing, events, queries
from ronde.dossier.events import AccessAsked
from ronde.dossier.models import BreakGlassAttempt, ReadMark
from ronde.journal.actions import record, trace
from ronde.patients import death
from ronde.patients.models import Death, Patient


@transaction.atomic
def break_the_glass(
    actor: Actor, patient_id: UUID, reason: BreakGlassReason, detail: str
) -> BreakGlass | None:
    """Open a record in an emergency; None when nothing opens (no such record, or a refusal).

    Each request counts against the day's limit, whatever its outcome, so that nobody finds out by
    trying which records exist. Past the limit: ValidationError.
    """
    User.objects.select_for_update().get(pk=actor.user_id)
    limit = settings.BREAK_GLASS_DAILY_LIMIT
    if queries.attempts_today(actor.user_id) >= limit:
        raise ValidationError(
            _(
                "Vous avez demandé %(limit)s accès bris de glace en 24 heures : c'est le maximum. "
                "Demandez à un membre du cercle de soins de vous habiliter, ou écrivez à %(mail)s."
            ),
            code="limit",
            params={"limit": limit, "mail": settings.SUPPORT_EMAIL},
        )
    BreakGlassAttempt(user_id=actor.user_id).save(force_insert=True)
    try:
        with transaction.atomic():
            return careteam.break_glass(actor, patient_id, reason, detail)
    except Http404:
        trace(actor, patient_id=patient_id, granted=False, section="break_glass", write=True)
        return None


@transaction.atomic
def ask_for_lasting_access(access: Access, text: str) -> None:
    """Ask the circle for a habilitation, once for each break-glass access; a mail tells them."""
    access.require(FEED, write=True)
    lasting.ask(access, text)
    asked = AccessAsked(patient_id=access.patient_id, who=access.actor.signature, text=text)
    record(asked, actor=access.actor)


@transaction.atomic
def mark_read(access: Access) -> None:
    """Take what happened so far as read by this person."""
    ReadMark.objects.update_or_create(
        user_id=access.actor.user_id,
        patient_id=access.patient_id,
        defaults={"at": timezone.now()},
    )


@transaction.atomic
def declare_death(
    access: Access, values: Mapping[str, Any], cancelled: Collection[str] = ()
) -> Death:
    """Write the death, and cancel what was chosen of what is planned (`after_death`)."""
    declared = death.declare(access, values)
    after_death.play(after_death.planned(access, declared.recorded_at), cancelled)
    return declared


@transaction.atomic
def undo_death(access: Access, reason: str, restored: Collection[str] = ()) -> None:
    """Take the declaration back, and give back what was chosen of what it had cancelled."""
    things = after_death.cancelled(access)
    death.undo(access, reason)
    after_death.play(things, restored)


@transaction.atomic
def archive(access: Access) -> None:
    """Put a record that nobody follows any more out of the lists; it stays readable.

    Refused while somebody follows the patient, or before the acting party has left.
    """
    access.require(STATUS, write=True)
    if not closing.may_archive(access, closing.points(access)):
        raise ValidationError(
            _("Ce dossier est encore suivi : il sera archivé quand chaque structure l'aura quitté.")
        )
    _set_archived(access, archived=True)


@transaction.atomic
def reopen(access: Access) -> None:
    """Bring an archived record back in the lists; its history has gone nowhere."""
    access.require(STATUS, write=True)
    _set_archived(access, archived=False)


def _set_archived(access: Access, *, archived: bool) -> None:
    rows = Patient.objects.filter(pk=access.patient_id, archived_at__isnull=archived)
    now = timezone.now()
    if rows.update(archived_at=now if archived else None, updated_at=now):
        event = events.RecordArchived if archived else events.RecordReopened
        record(event(patient_id=access.patient_id), actor=access.actor)
