"""Declaring the death of a patient, and taking it back."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.journal.actions import record
from ronde.patients import events
from ronde.patients.actions import RecordAccess, locked, save
from ronde.patients.models import Death


def current(access: RecordAccess) -> Death | None:
    """The death that stands, if one was declared."""
    return Death.objects.filter(patient_id=access.patient_id, undone_at=None).first()


def past(access: RecordAccess) -> list[Death]:
    """What was declared and taken back, the last first."""
    rows = Death.objects.filter(patient_id=access.patient_id).exclude(undone_at=None)
    return list(rows.order_by("-recorded_at"))


@transaction.atomic
def declare(access: RecordAccess, values: Mapping[str, Any]) -> Death:
    """Write the death and tell the circle. Declared already: refused."""
    patient = locked(access)
    if current(access) is not None:
        raise ValidationError(_("Le décès est déjà déclaré."), code="declared")
    died_on = values.get("died_on")
    if died_on and died_on < patient.birth_date:
        raise ValidationError(_("Le décès précède la naissance."), code="died_on")
    if died_on and died_on > timezone.localdate():
        raise ValidationError(_("La date du décès est à venir."), code="died_on")
    death = Death(
        patient=patient,
        recorded_at=timezone.now(),
        recorded_by_user=access.actor.user_id,
        recorded_by_party=access.actor.party_id,
        recorded_by_name=access.actor.signature,
        **values,
    )
    death.save(force_insert=True)
    patient.is_deceased, patient.death_date = True, died_on
    save(patient)
    event = events.PatientDied(
        patient_id=patient.pk,
        died_on=died_on.isoformat() if died_on else "",
        thing=patient.pk,
    )
    record(event, actor=access.actor)
    return death


@transaction.atomic
def undo(access: RecordAccess, reason: str) -> None:
    """Take a declaration back: a mistake of person, most of the time."""
    patient = locked(access)
    death = current(access)
    if death is None:
        raise ValidationError(_("Aucun décès n'est déclaré."))
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Indiquez pourquoi la déclaration est annulée."))
    death.undone_at, death.undone_reason = timezone.now(), reason
    death.undone_by_name = access.actor.signature
    death.save(update_fields=["undone_at", "undone_reason", "undone_by_name"])
    patient.is_deceased, patient.death_date = False, None
    save(patient)
    event = events.DeathUndone(patient_id=patient.pk, reason=reason, thing=patient.pk, over=True)
    record(event, actor=access.actor)
