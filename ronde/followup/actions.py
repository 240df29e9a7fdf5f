"""What changes in the follow-up of a record: one transaction each, checked, recorded."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.careteam.models import Member
from ronde.careteam.sections import STATUS, STAYS
from ronde.followup import events, jobs, queries
from ronde.followup.models import ListItem, ListName, Nature, Phase, RecordStatus, Stay, StayStep
from ronde.journal.actions import record
from ronde.patients import actions as patients


class Conflict(ValidationError):
    """Somebody else changed this first; nothing was saved."""


@transaction.atomic
def set_status(
    access: Access,
    kind: ListItem,
    started_on: date,
    *,
    former: UUID | None = None,
    expertise: ListItem | None = None,
    reason: ListItem | None = None,
    comment: str = "",
) -> RecordStatus:
    """Say where the patient stands for the acting party, from `started_on`.

    `former` is the status that was shown: another one by now is a Conflict. An exit names its
    reason (AZUREZO, sheet 32). A status begun before the present one is refused.
    """
    access.require(STATUS, write=True)
    _one_at_a_time(access)
    current = queries.current_status(access)
    if (current.pk if current else None) != former:
        raise Conflict(
            _("Le statut a été changé pendant votre saisie : fermez, relisez-le, recommencez."),
            code="conflict",
        )
    _check_status(access, kind, started_on, reason, current)
    if current is not None:
        current.is_current, current.ended_on = False, started_on
        current.save(update_fields=["is_current", "ended_on"])
    status = RecordStatus(
        patient=access.patient,
        party_id=access.actor.party_id,
        party_name=access.actor.display_name,
        kind=kind,
        expertise=expertise,
        reason=reason,
        comment=comment,
        started_on=started_on,
        recorded_at=timezone.now(),
        recorded_by_user=access.actor.user_id,
        recorded_by_name=access.actor.signature,
    )
    status.save(force_insert=True)
    patients.touch(access.patient_id)
    event = events.StatusChanged(
        patient_id=access.patient_id,
        party=access.actor.display_name,
        status=kind.label,
        former=current.kind.label if current else "",
        reason=reason.label if reason else "",
        thing=access.actor.party_id,
        over=kind.nature == Nature.OUT,
    )
    record(event, actor=access.actor)
    return status


def _check_status(
    access: Access,
    kind: ListItem,
    started_on: date,
    reason: ListItem | None,
    current: RecordStatus | None,
) -> None:
    if kind.nature == Nature.OUT and (reason is None or reason.list != ListName.EXIT_REASON):
        raise ValidationError(_("Indiquez le motif de la sortie."), code="reason")
    if started_on > timezone.localdate():
        raise ValidationError(_("La date de début ne peut pas être à venir."), code="started_on")
    if current and started_on < current.started_on:
        raise ValidationError(
            _("Le statut actuel a commencé le %(day)s : choisissez ce jour ou un jour suivant."),
            code="started_on",
            params={"day": f"{current.started_on:%d/%m/%Y}"},
        )
    if started_on < access.patient.birth_date:
        raise ValidationError(_("Cette date précède la naissance."), code="started_on")


def _one_at_a_time(access: Access) -> None:
    """Have writers of the follow-up of this record wait for one another.

    Http404 when the right was withdrawn since the record was opened.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT careteam_hold(%s, NULL)", [access.patient_id])
        if not cursor.fetchone()[0]:
            raise Http404


@transaction.atomic
def record_stay(access: Access, values: Mapping[str, Any]) -> Stay:
    """Note a stay, planned or not, with what is to be done around it."""
    access.require(STAYS, write=True)
    _one_at_a_time(access)
    stay = Stay(
        patient=access.patient,
        recorded_at=timezone.now(),
        recorded_by_user=access.actor.user_id,
        recorded_by_party=access.actor.party_id,
        recorded_by_name=access.actor.signature,
        **values,
    )
    _check_stay(access, stay)
    stay.save(force_insert=True)
    _plan(stay, Phase.ADMISSION, stay.admitted_at)
    if stay.discharged_at:
        _plan(stay, Phase.DISCHARGE, stay.discharged_at)
    over = stay.discharged_at is not None
    at = stay.admitted_at.isoformat()
    _tell(events.StayRecorded, access, stay, at=at, thing=stay.pk, over=over)
    return stay


@transaction.atomic
def change_stay(access: Access, stay: Stay, values: Mapping[str, Any], version: int) -> Stay:
    """Correct a stay, unless somebody did since `version` (Conflict). The discharge plans what is
    to be done at home.
    """
    stay = _locked(access, stay, version)
    changed = [name for name, value in values.items() if getattr(stay, name) != value]
    if not changed:
        return stay
    was_over = stay.discharged_at is not None
    for name in changed:
        setattr(stay, name, values[name])
    _check_stay(access, stay)
    _save(stay, *changed)
    if stay.discharged_at and not was_over:
        _plan(stay, Phase.DISCHARGE, stay.discharged_at)
        at = stay.discharged_at.isoformat()
        _tell(events.PatientDischarged, access, stay, at=at, thing=stay.pk, over=True)
    else:
        again = was_over and stay.discharged_at is None
        _tell(events.StayChanged, access, stay, thing=stay.pk if again else None)
    return stay


@transaction.atomic
def cancel_stay(access: Access, stay: Stay, reason: str, at: datetime | None = None) -> Stay:
    """Take back a stay that did not happen, or was noted on the wrong record: it stays readable.

    `at` is the moment of what cancels it along with other things, now otherwise.
    """
    stay = _locked(access, stay)
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Indiquez pourquoi cette hospitalisation est annulée."))
    stay.cancelled_at, stay.cancelled_reason = at or timezone.now(), reason
    _save(stay, "cancelled_at", "cancelled_reason")
    _tell(events.StayCancelled, access, stay, reason=reason, thing=stay.pk, over=True)
    return stay


@transaction.atomic
def restore_stay(access: Access, stay: Stay) -> Stay:
    """Have a cancelled stay stand again, if nothing else was noted meanwhile on its time."""
    access.require(STAYS, write=True)
    _one_at_a_time(access)
    found = Stay.objects.get(pk=stay.pk, patient_id=access.patient_id)
    if found.cancelled_at is None:
        return found
    _check_stay(access, found)
    found.cancelled_at, found.cancelled_reason = None, ""
    _save(found, "cancelled_at", "cancelled_reason")
    at = found.admitted_at.isoformat()
    _tell(events.StayRestored, access, found, at=at, thing=found.pk)
    return found


def _locked(access: Access, stay: Stay, version: int | None = None) -> Stay:
    access.require(STAYS, write=True)
    _one_at_a_time(access)
    found = Stay.objects.filter(pk=stay.pk, patient_id=access.patient_id, cancelled_at=None).first()
    if found is None:
        raise Conflict(_("Cette hospitalisation a été annulée entre-temps."))
    if version is not None and found.version != version:
        raise Conflict(
            _("Cette hospitalisation a été modifiée pendant votre saisie : rechargez-la."),
            code="conflict",
        )
    return found


def _save(stay: Stay, *fields: str) -> None:
    stay.version += 1
    stay.save(update_fields=[*fields, "version"])


def _check_stay(access: Access, stay: Stay) -> None:
    now = timezone.now()
    if not stay.is_planned and stay.admitted_at > now + timedelta(hours=1):
        raise ValidationError(
            _("Une entrée à venir est une hospitalisation programmée : cochez-la."),
            code="admitted_at",
        )
    if stay.discharged_at and stay.discharged_at > now + timedelta(hours=1):
        raise ValidationError(
            _("La sortie n'a pas encore eu lieu : notez-la comme sortie prévue."),
            code="discharged_at",
        )
    if stay.discharged_at and stay.discharged_at < stay.admitted_at:
        raise ValidationError(_("La sortie précède l'entrée."), code="discharged_at")
    if stay.expected_on and stay.expected_on < timezone.localdate(stay.admitted_at):
        raise ValidationError(_("La sortie prévue précède l'entrée."), code="expected_on")
    if timezone.localdate(stay.admitted_at) < access.patient.birth_date:
        raise ValidationError(_("L'entrée précède la naissance."), code="admitted_at")
    if queries.overlapping(access, stay).exists():
        raise ValidationError(
            _("Une autre hospitalisation est déjà notée sur cette période."), code="admitted_at"
        )


def _plan(stay: Stay, phase: Phase, start: datetime) -> None:
    """Write the steps of the region for this phase; each has its hour."""
    list_ = ListName.ADMISSION_STEP if phase == Phase.ADMISSION else ListName.DISCHARGE_STEP
    StayStep.objects.bulk_create(
        StayStep(
            stay=stay,
            patient_id=stay.patient_id,
            phase=phase,
            label=item.label,
            position=rank,
            due_at=start + timedelta(hours=item.due_hours) if item.due_hours is not None else None,
        )
        for rank, item in enumerate(queries.items(list_))
    )


def _tell(kind: type[events.StayEvent], access: Access, stay: Stay, **details: Any) -> None:
    patients.touch(access.patient_id)
    record(kind(patient_id=access.patient_id, place=stay.place, **details), actor=access.actor)


@transaction.atomic
def tick_step(access: Access, step: StayStep, *, done: bool) -> StayStep:
    """Say that a step is done, now; or that it is to be done again. Already so: nothing happens."""
    step = _locked_step(access, step)
    if bool(step.done_at) == done:
        return step
    step.done_at = timezone.now() if done else None
    step.done_by = access.actor.user_id if done else None
    step.done_by_name = access.actor.signature if done else ""
    step.save(update_fields=["done_at", "done_by", "done_by_name"])
    kind = events.StayStepDone if done else events.StayStepReopened
    _tell(kind, access, step.stay, step=step.label)
    return step


@transaction.atomic
def give_step(
    access: Access, step: StayStep, owner: Member | None, due_at: datetime | None
) -> None:
    """Say who of the circle does it, and by when; whoever receives it is told."""
    step = _locked_step(access, step)
    former = (step.owner_id, step.owner_name, step.due_at)
    step.owner_id = owner.party_id if owner else None
    step.owner_name = owner.display_name if owner else ""
    step.due_at = due_at
    if (step.owner_id, step.owner_name, step.due_at) == former:
        return
    step.save(update_fields=["owner_id", "owner_name", "due_at"])
    _tell(
        events.StayStepGiven,
        access,
        step.stay,
        step=step.label,
        owner=step.owner_name,
        at=due_at.isoformat() if due_at else "",
        told=step.owner_id if step.owner_id != former[0] else None,
    )


@transaction.atomic
def drop_steps(access: Access, steps: Sequence[StayStep], at: datetime | None = None) -> None:
    """These steps do not concern their stay. `at`: as for `cancel_stay`."""
    found = _locked_steps(access, steps)
    _set_aside(found, at or timezone.now())
    _tell_steps(events.StayStepsDropped, access, found)


@transaction.atomic
def restore_steps(access: Access, steps: Sequence[StayStep]) -> None:
    """They do concern it, after all."""
    access.require(STAYS, write=True)
    _one_at_a_time(access)
    rows = StayStep.objects.select_related("stay").filter(patient_id=access.patient_id)
    found = list(rows.filter(pk__in=[one.pk for one in steps]).exclude(dropped_at=None))
    _set_aside(found, None)
    _tell_steps(events.StayStepsRestored, access, found)


def _set_aside(steps: Sequence[StayStep], at: datetime | None) -> None:
    StayStep.objects.filter(pk__in=[one.pk for one in steps]).update(dropped_at=at)


def _tell_steps(
    kind: type[events.StayStepsDropped], access: Access, steps: Sequence[StayStep]
) -> None:
    """One line for each stay, its steps in their order."""
    by_stay: dict[UUID, list[StayStep]] = {}
    for one in sorted(steps, key=lambda step: (step.phase, step.position)):
        by_stay.setdefault(one.stay_id, []).append(one)
    for found in by_stay.values():
        _tell(kind, access, found[0].stay, steps=tuple(one.label for one in found))


def _locked_step(access: Access, step: StayStep) -> StayStep:
    return _locked_steps(access, [step])[0]


def _locked_steps(access: Access, steps: Sequence[StayStep]) -> list[StayStep]:
    """Take the follow-up of the record, then these steps as they are now, all of them or none."""
    access.require(STAYS, write=True)
    _one_at_a_time(access)
    rows = StayStep.objects.select_related("stay").filter(patient_id=access.patient_id)
    found = list(rows.filter(pk__in=[one.pk for one in steps], dropped_at=None))
    if len(found) < len(steps):
        raise Conflict(_("Cette étape a été retirée entre-temps."))
    return found


@transaction.atomic
def add_item(officer: Any, list_: ListName, label: str, values: Mapping[str, Any]) -> ListItem:
    """Add a line to a list of the region; the same label twice is refused."""
    item = ListItem(
        list=list_,
        code=f"r-{ListItem.objects.filter(list=list_).count() + 1}",
        label=label,
        **values,
    )
    _write(item, force_insert=True)
    _told(officer, item, "added")
    return item


@transaction.atomic
def change_item(officer: Any, item: ListItem, values: Mapping[str, Any]) -> ListItem:
    """Rename a line or change what it means; what was written with it shows the new label.

    Lists sorted by status follow when a status is moved, in a while: it may be that of a million
    records.
    """
    moves = item.list == ListName.STATUS and values.get("position", item.position) != item.position
    for name, value in values.items():
        setattr(item, name, value)
    _write(item, update_fields=list(values))
    _told(officer, item, "changed")
    if moves:
        jobs.put_in_order.defer(kind_id=str(item.pk))
    return item


@transaction.atomic
def retire_item(officer: Any, item: ListItem, *, retired: bool = True) -> None:
    """Take a line out of the pickers, or put it back."""
    item.retired_at = timezone.now() if retired else None
    _write(item, update_fields=["retired_at"])
    _told(officer, item, "retired" if retired else "restored")


def _write(item: ListItem, **how: Any) -> None:
    try:
        with transaction.atomic():
            item.save(**how)
            queries.forget_status_kinds()
    except IntegrityError as error:
        raise ValidationError(
            _("Cette liste contient déjà « %(label)s »."), params={"label": item.label}
        ) from error


def _told(officer: Any, item: ListItem, change: str) -> None:
    event = events.ListChanged(list=item.list, label=item.label, change=change)
    record(event, actor=officer)
