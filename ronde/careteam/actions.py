"""What changes in a circle of care: one transaction each, checked, recorded."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam import events
from ronde.careteam.access import Access, access_to
from ronde.careteam.models import (
    UNIQUE_ROLES,
    BreakGlass,
    BreakGlassReason,
    Member,
    MemberKind,
    MemberRole,
    Origin,
)
from ronde.careteam.sections import CARETEAM
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.journal.actions import record
from ronde.patients import actions as patients
from ronde.patients.events import RecordOpened
from ronde.patients.models import Patient


class Conflict(ValidationError):
    """Somebody else changed this first: the message says what, and nothing was saved."""


@transaction.atomic
def open_record(
    actor: Actor,
    identity: Mapping[str, Any],
    consent: patients.ConsentStatement,
    *,
    decided_against: Iterable[UUID] = (),
    why: str = "",
) -> Patient:
    """Create a patient with the consent; the acting party is habilitated at once («auto»).

    `decided_against` are the probable duplicates that a person looked at and set aside, `why` says
    on what ground.
    """
    patient = patients.create(actor, identity)
    now = timezone.now()
    Member(
        patient=patient,
        kind=MemberKind.STRUCTURE if actor.as_structure else MemberKind.PROFESSIONAL,
        party_id=actor.party_id,
        origin=Origin.CREATOR,
        display_name=actor.display_name,
        habilitated=True,
        habilitated_at=now,
        **_added(actor),
    ).save(force_insert=True)
    patients.attest_consent(actor, patient, consent)
    refused = list(decided_against)
    record(
        RecordOpened(patient_id=patient.pk, decided_against=len(refused), why=why), actor=actor
    )
    return patient


def _added(actor: Actor) -> dict[str, Any]:
    return {
        "added_at": timezone.now(),
        "added_by_user": actor.user_id,
        "added_by_party": actor.party_id,
        "added_by_name": actor.person_name,
    }


@transaction.atomic
def add_party(
    access: Access,
    party: Party,
    *,
    roles: Iterable[str] = (),
    details: Mapping[str, Any] | None = None,
) -> Member:
    """Add somebody of the directory, without access. Already there: Conflict."""
    access.require(CARETEAM, write=True)
    member = Member(
        patient=access.patient,
        kind=MemberKind.STRUCTURE if party.is_structure else MemberKind.PROFESSIONAL,
        party=party,
        origin=Origin.DIRECTORY,
        display_name=party.display_name,
        **_added(access.actor),
        **(details or {}),
    )
    return _insert(access, member, roles)


@transaction.atomic
def add_by_hand(
    access: Access, kind: MemberKind, values: Mapping[str, Any], *, roles: Iterable[str] = ()
) -> Member:
    """Add a relative, a professional or a structure typed by hand: for information, no access."""
    access.require(CARETEAM, write=True)
    member = Member(
        patient=access.patient,
        kind=kind,
        origin=Origin.MANUAL,
        **_added(access.actor),
        **values,
    )
    return _insert(access, member, roles)


def _insert(access: Access, member: Member, roles: Iterable[str]) -> Member:
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            _("%(name)s fait déjà partie du cercle de soins."), params={"name": member.display_name}
        ) from error
    set_roles(access, member, roles, tell=False)
    _record(events.MemberAdded, access, member)
    return member


@transaction.atomic
def change(
    access: Access, member: Member, values: Mapping[str, Any], roles: Iterable[str], version: int
) -> Member:
    """Change the roles and details of a member, unless somebody did since `version`."""
    member = locked(access, member)
    if member.version != version:
        raise Conflict(
            _("Cette fiche a été modifiée pendant votre saisie. Vérifiez puis enregistrez à nouveau.")
        )
    for name, value in values.items():
        setattr(member, name, value)
    _save(member, *values)
    set_roles(access, member, roles, tell=False)
    _record(events.MemberChanged, access, member)
    return member


@transaction.atomic
def set_roles(access: Access, member: Member, roles: Iterable[str], *, tell: bool = True) -> None:
    """Give exactly these roles. A unique role held by another member: Conflict, naming them."""
    access.require(CARETEAM, write=True)
    wanted, held = set(roles), {row.role: row for row in member.roles.all()}
    for role, row in held.items():
        if row.is_current != (role in wanted):
            row.is_current = role in wanted
            _unique_or_conflict(access, row)
    for role in sorted(wanted - held.keys()):
        _unique_or_conflict(
            access, MemberRole(member=member, patient_id=access.patient_id, role=role)
        )
    if tell:
        _record(events.MemberChanged, access, member)


def _unique_or_conflict(access: Access, row: MemberRole) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        holder = MemberRole.objects.filter(
            patient_id=access.patient_id, role=row.role, is_current=True, role__in=UNIQUE_ROLES
        ).select_related("member")
        name = next((one.member.display_name for one in holder), "")
        raise Conflict(
            _("Ce rôle est unique et déjà tenu par %(name)s."), params={"name": name}
        ) from error


@transaction.atomic
def habilitate(access: Access, member: Member) -> Member:
    """Give access to the record. Already given: nothing happens, and nobody is told twice."""
    member = locked(access, member)
    if member.habilitated:
        return member
    if member.party_id is None:
        raise ValidationError(
            _("Une personne saisie à la main ne peut pas accéder au dossier."), code="manual"
        )
    if member.refused:
        raise ValidationError(
            _("Le patient refuse le partage avec %(name)s : aucune habilitation possible."),
            code="refused",
            params={"name": member.display_name},
        )
    if not access.patient.consents.filter(withdrawn_at=None).exists():
        raise ValidationError(
            _("Le consentement a été retiré : aucune nouvelle habilitation possible."),
            code="consent",
        )
    member.habilitated, member.habilitated_at = True, timezone.now()
    _save(member, "habilitated", "habilitated_at")
    _record(events.MemberHabilitated, access, member)
    return member


@transaction.atomic
def withdraw(access: Access, member: Member) -> Member:
    """Take the access away; the member stays in the circle. One may withdraw oneself."""
    member = locked(access, member)
    if member.habilitated:
        _record(events.HabilitationWithdrawn, access, member)
        member.habilitated = False
        _save(member, "habilitated")
    return member


@transaction.atomic
def refuse(access: Access, member: Member) -> Member:
    """Write the patient's refusal to share with this member: any access ends at once."""
    member = locked(access, member)
    if not member.refused:
        _record(events.SharingRefused, access, member)
        member.refused, member.refused_at, member.habilitated = True, timezone.now(), False
        _save(member, "refused", "refused_at", "habilitated")
    return member


@transaction.atomic
def lift_refusal(access: Access, member: Member) -> Member:
    """The patient changed their mind; it gives no access by itself."""
    member = locked(access, member)
    if member.refused:
        member.refused = False
        _save(member, "refused")
        _record(events.RefusalLifted, access, member)
    return member


@transaction.atomic
def remove(access: Access, member: Member) -> Member:
    """Take a member out of the circle: access and roles end, the row and its history stay."""
    member = locked(access, member)
    _record(events.MemberRemoved, access, member)
    member.roles.filter(is_current=True).update(is_current=False)
    member.habilitated, member.removed_at = False, timezone.now()
    member.removed_by_name = access.actor.person_name
    _save(member, "habilitated", "removed_at", "removed_by_name")
    return member


def locked(access: Access, member: Member) -> Member:
    """Take the member's row for oneself; gone since the page was shown: Conflict."""
    access.require(CARETEAM, write=True)
    found = (
        Member.objects.select_for_update(of=("self",))
        .filter(pk=member.pk, patient_id=access.patient_id, removed_at=None)
        .first()
    )
    if found is None:
        raise Conflict(_("Ce membre a été retiré du cercle entre-temps."))
    return found


def _save(member: Member, *fields: str) -> None:
    member.version += 1
    member.save(update_fields=[*fields, "version"])


def _record(kind: type[events.MemberEvent], access: Access, member: Member) -> None:
    patients.touch(access.patient_id)
    event = kind(
        patient_id=access.patient_id, member=member.display_name, party_id=member.party_id
    )
    record(event, actor=access.actor)


@transaction.atomic
def break_glass(
    actor: Actor, patient_id: UUID, reason: BreakGlassReason, detail: str
) -> BreakGlass:
    """Open a record in an emergency, for two hours; the circle is told and a review will follow.

    Http404 when it opens nothing (no such record, or the patient refused this party), so that the
    answer reveals nothing.
    """
    now = timezone.now()
    glass = BreakGlass(
        patient_id=patient_id,
        party_id=actor.party_id,
        user_id=actor.user_id,
        party_name=actor.display_name,
        person_name=actor.person_name,
        reason=reason,
        reason_text=detail,
        opened_at=now,
        until=now + settings.BREAK_GLASS_DURATION,
    )
    glass.save(force_insert=True)
    access_to(actor, patient_id)
    event = events.GlassBroken(
        patient_id=patient_id,
        who=actor.display_name,
        reason=str(BreakGlassReason(reason).label),
        detail=detail,
    )
    record(event, actor=actor)
    return glass


@transaction.atomic
def close_glass(access: Access) -> None:
    """End one's own break-glass access before its time."""
    open_ones = BreakGlass.objects.filter(
        patient_id=access.patient_id, party_id=access.actor.party_id, ended_at=None
    )
    record(
        events.GlassClosed(patient_id=access.patient_id, who=access.actor.display_name),
        actor=access.actor,
    )
    open_ones.update(ended_at=timezone.now())
