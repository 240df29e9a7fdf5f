"""What changes in a circle of care: one transaction each, checked, recorded."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam import events
from ronde.careteam.access import Access, access_to
from ronde.careteam.deadlines import next_review
from ronde.careteam.holding import Conflict, Replacing, Stale, give_roles, hold, locked, save, tell
from ronde.careteam.models import BreakGlass, BreakGlassReason, Member, MemberKind, Origin, Right
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.journal.actions import record
from ronde.patients import actions as patients
from ronde.patients.events import RecordOpened
from ronde.patients.models import Patient


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
        display_name=_name(actor),
        habilitated=True,
        habilitated_at=now,
        **_added(actor),
    ).save(force_insert=True)
    patients.attest_consent(actor, patient, consent)
    refused = list(decided_against)
    record(RecordOpened(patient_id=patient.pk, decided_against=len(refused), why=why), actor=actor)
    return patient


def _name(actor: Actor) -> str:
    """The name that the directory gives to the acting party, as for every other member."""
    return Party.objects.values_list("display_name", flat=True).get(pk=actor.party_id)


def _added(actor: Actor) -> dict[str, Any]:
    return {
        "added_at": timezone.now(),
        "added_by_user": actor.user_id,
        "added_by_party": actor.party_id,
        "added_by_name": actor.signature,
    }


@transaction.atomic
def add_party(
    access: Access,
    party: Party,
    *,
    roles: Iterable[str] = (),
    replacing: Replacing | None = None,
    details: Mapping[str, Any] | None = None,
) -> Member:
    """Add somebody of the directory, without access. Already there: Conflict."""
    hold(access, party.pk)
    member = Member(
        patient=access.patient,
        kind=MemberKind.STRUCTURE if party.is_structure else MemberKind.PROFESSIONAL,
        party=party,
        origin=Origin.DIRECTORY,
        display_name=party.display_name,
        **_added(access.actor),
        **(details or {}),
    )
    present = Member.objects.filter(patient_id=access.patient_id, party=party, removed_at=None)
    if present.exists():
        raise Conflict(
            _("%(name)s fait déjà partie du cercle de soins."), params={"name": party.display_name}
        )
    return _insert(access, member, roles, replacing)


@transaction.atomic
def enlist(
    access: Access,
    party: Party,
    *,
    roles: Iterable[str] = (),
    replacing: Replacing | None = None,
    details: Mapping[str, Any] | None = None,
    right: Right = Right.NONE,
) -> Member:
    """Add somebody of the directory and settle their right, all or nothing."""
    member = add_party(access, party, roles=roles, replacing=replacing, details=details)
    return settle(access, member, right)


@transaction.atomic
def add_by_hand(
    access: Access,
    kind: MemberKind,
    values: Mapping[str, Any],
    *,
    roles: Iterable[str] = (),
    replacing: Replacing | None = None,
) -> Member:
    """Add a relative, a professional or a structure typed by hand: for information, no access.

    For a professional who should have access, or who knows of it, the service that keeps the
    directory is asked to register them (AZUREZO, sheet 18).
    """
    hold(access)
    member = Member(
        patient=access.patient,
        kind=kind,
        origin=Origin.MANUAL,
        **_added(access.actor),
        **values,
    )
    _insert(access, member, roles, replacing)
    if kind == MemberKind.PROFESSIONAL and (member.wants_access or member.is_informed):
        _ask_directory(access, member)
    return member


def _ask_directory(access: Access, member: Member) -> None:
    event = events.DirectoryEntryRequested(
        patient_id=access.patient_id,
        member_id=member.pk,
        member=member.display_name,
        family_name=member.family_name,
        given_name=member.given_name,
        city=member.city,
        profession_code=member.profession_code,
        registration_number=member.registration_number,
        email=member.email,
        phone=member.phone or member.mobile,
        wants_access=bool(member.wants_access),
        is_informed=bool(member.is_informed),
    )
    record(event, actor=access.actor)


def _insert(
    access: Access, member: Member, roles: Iterable[str], replacing: Replacing | None
) -> Member:
    wanted = sorted(set(roles))
    member.save(force_insert=True)
    give_roles(access, member, wanted, replacing or {})
    tell(events.MemberAdded, access, member, roles=wanted)
    return member


@transaction.atomic
def change(
    access: Access,
    member: Member,
    values: Mapping[str, Any],
    roles: Iterable[str],
    version: int,
    *,
    replacing: Replacing | None = None,
    right: Right | None = None,
) -> Member:
    """Change roles, details and right of a member, unless somebody did since `version`.

    What is already so is left alone, and tells nobody.
    """
    member = locked(access, member)
    if member.version != version:
        raise Stale(
            _("Cette fiche a été modifiée pendant votre saisie : comparez, puis enregistrez.")
        )
    changed = {name: value for name, value in values.items() if getattr(member, name) != value}
    for name, value in changed.items():
        setattr(member, name, value)
    given, lost = give_roles(access, member, sorted(set(roles)), replacing or {})
    if changed or given or lost:
        save(member, *changed)
        tell(events.MemberChanged, access, member, given=given, lost=lost)
    return member if right is None else settle(access, member, right)


@transaction.atomic
def set_roles(
    access: Access, member: Member, roles: Iterable[str], *, replacing: Replacing | None = None
) -> None:
    """Give exactly these roles. A unique role held by another member: Conflict, naming them,
    unless `replacing` says that this very member loses it.
    """
    member = locked(access, member)
    given, lost = give_roles(access, member, sorted(set(roles)), replacing or {})
    if given or lost:
        save(member)
        tell(events.MemberChanged, access, member, given=given, lost=lost)


@transaction.atomic
def settle(access: Access, member: Member, right: Right) -> Member:
    """Bring the right of a member to what is asked, by the same steps as one by one."""
    member = locked(access, member)
    if right == Right.REFUSED:
        return refuse(access, member)
    if member.refused:
        member = lift_refusal(access, member)
    return habilitate(access, member) if right == Right.HABILITATED else withdraw(access, member)


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
    if member.review_on and member.review_on <= timezone.localdate():
        member.review_on = None  # The date of a former habilitation.
    save(member, "habilitated", "habilitated_at", "review_on")
    tell(events.MemberHabilitated, access, member)
    return member


@transaction.atomic
def keep(access: Access, member: Member) -> Member:
    """Look at a habilitation and leave it, until the next usual date. Withdrawn since: Conflict."""
    member = locked(access, member)
    if not member.habilitated:
        raise Conflict(_("L'habilitation a été retirée entre-temps."))
    member.review_on = next_review()
    save(member, "review_on")
    tell(events.HabilitationKept, access, member, until=member.review_on.isoformat())
    return member


@transaction.atomic
def withdraw(access: Access, member: Member) -> Member:
    """Take the access away; the member stays in the circle. One may withdraw oneself."""
    member = locked(access, member)
    if member.habilitated:
        tell(events.HabilitationWithdrawn, access, member)
        member.habilitated = False
        save(member, "habilitated")
    return member


@transaction.atomic
def refuse(access: Access, member: Member) -> Member:
    """Write the patient's refusal to share with this member: any access ends at once."""
    member = locked(access, member)
    if not member.refused:
        tell(events.SharingRefused, access, member, thing=member.pk)
        member.refused, member.refused_at, member.habilitated = True, timezone.now(), False
        save(member, "refused", "refused_at", "habilitated")
    return member


@transaction.atomic
def lift_refusal(access: Access, member: Member) -> Member:
    """The patient changed their mind; it gives no access by itself."""
    member = locked(access, member)
    if member.refused:
        member.refused = False
        save(member, "refused")
        tell(events.RefusalLifted, access, member, thing=member.pk, over=True)
    return member


@transaction.atomic
def remove(access: Access, member: Member) -> Member:
    """Take a member out of the circle: access and roles end, the row and its history stay.

    Not while the patient refuses the sharing: the refusal would be forgotten, and a break-glass
    access possible again.
    """
    member = locked(access, member)
    if member.refused:
        raise ValidationError(
            _(
                "Le patient refuse le partage avec %(name)s : levez d'abord ce refus,"
                " s'il a changé d'avis."
            ),
            code="refused",
            params={"name": member.display_name},
        )
    tell(events.MemberRemoved, access, member)
    member.roles.filter(is_current=True).update(is_current=False)
    member.habilitated, member.removed_at = False, timezone.now()
    member.removed_by_name = access.actor.signature
    save(member, "habilitated", "removed_at", "removed_by_name")
    return member


@transaction.atomic
def break_glass(
    actor: Actor, patient_id: UUID, reason: BreakGlassReason, detail: str
) -> BreakGlass:
    """Open a record in an emergency, for two hours; the circle is told and a review will follow.

    In person only: nobody breaks the glass in the name of another (PermissionDenied).
    Http404 when it opens nothing (no such record, or the patient refused this party), so that the
    answer reveals nothing.
    """
    if actor.is_delegate:
        raise PermissionDenied
    now = timezone.now()
    glass = BreakGlass(
        patient_id=patient_id,
        party_id=actor.party_id,
        user_id=actor.user_id,
        party_name=_name(actor),
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
        who=glass.party_name,
        reason=str(BreakGlassReason(reason).value),
        detail=detail,
    )
    record(event, actor=actor)
    return glass


@transaction.atomic
def close_glass(access: Access) -> None:
    """End one's own break-glass access before its time. None is open: nothing happens."""
    open_ones = BreakGlass.objects.filter(
        patient_id=access.patient_id, party_id=access.actor.party_id, ended_at=None
    )
    if not open_ones.exists():
        return
    record(
        events.GlassClosed(patient_id=access.patient_id, who=access.actor.display_name),
        actor=access.actor,
    )
    open_ones.update(ended_at=timezone.now())
