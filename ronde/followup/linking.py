"""Linked records: reading, making and removing links between two patients."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BooleanField, Func, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam.access import Access, access_to, grants_of
from ronde.careteam.models import GrantReason, Level
from ronde.careteam.sections import LINKS
from ronde.core.sharing import Sharing
from ronde.followup import kinship
from ronde.followup.events import RecordsLinked
from ronde.followup.models import Link
from ronde.journal.actions import record
from ronde.journal.models import JournalEntry
from ronde.patients import actions as patients
from ronde.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Related:
    """A link seen from one of its records: who the other is, and what they are to the patient.

    `removable`: whoever reads it may take it away, which they would do in both records.
    """

    link: Link
    other: Patient
    kinship: str
    removable: bool

    @property
    def label(self) -> str:
        return kinship.label(self.kinship, self.other.sex)


def related(access: Access) -> list[Related]:
    """The linked records that the reader may open too, by name; of the others, nothing.

    The database shows a link to whoever may read links in both.
    """
    access.require(LINKS)
    mine = grants_of(access.actor).values("patient_id")
    here = access.patient_id
    rows = (
        Link.objects.filter(Q(patient_id=here) | Q(other_id=here), removed_at=None)
        .filter(patient_id__in=mine, other_id__in=mine)
        .select_related("patient", "other")
        .annotate(removable=_removable(access))
    )
    return sorted((_from(here, row) for row in rows), key=lambda one: one.other.sort_key)


def _removable(access: Access) -> Q:
    """Written in both records, by a lasting access and by the rights matrix, as the policy asks."""
    lasting = grants_of(access.actor).filter(reason=GrantReason.MEMBER).values("patient_id")
    held = Q(patient_id__in=lasting, other_id__in=lasting)
    return held & Q(_written("patient_id")) & Q(_written("other_id"))


def _written(side: str) -> Func:
    return Func(
        side,
        template=f"'{LINKS}' = ANY (careteam_sections(%(expressions)s, {Level.WRITE.value}))",
        output_field=BooleanField(),
    )


def _from(here: UUID, row: Link) -> Related:
    if row.patient_id == here:
        return Related(row, row.other, row.kinship, row.removable)
    return Related(row, row.patient, kinship.reverse(row.kinship), row.removable)


def one(access: Access, link_id: UUID) -> Related | None:
    return next((row for row in related(access) if row.link.pk == link_id), None)


@transaction.atomic
def link(access: Access, other_id: UUID, name: str, comment: str = "") -> Link:
    """Write that the patient of `other_id` is the `name` of this one.

    Both records must be open to whoever links, for writing; Http404 when the other is not.
    """
    access.require(LINKS, write=True)
    other = access_to(access.actor, other_id)
    other.require(LINKS, write=True)
    if other.patient_id == access.patient_id:
        raise ValidationError(_("Choisissez un autre patient que celui-ci."), code="other")
    row = Link(
        patient=access.patient,
        other=other.patient,
        kinship=name,
        comment=comment,
        linked_at=timezone.now(),
        linked_by_user=access.actor.user_id,
        linked_by_party=access.actor.party_id,
        linked_by_name=access.actor.signature,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(
            _("%(name)s est déjà lié(e) à ce dossier."),
            code="other",
            params={"name": other.patient.shown_name},
        ) from error
    _tell(access, row, removed=False)
    return row


@transaction.atomic
def unlink(access: Access, row: Link) -> None:
    """Take the link away from both records, open for writing; it can be made again."""
    access.require(LINKS, write=True)
    found = one(access, row.pk)
    if found is not None and not found.removable:
        raise PermissionDenied(LINKS)
    taken = Link.objects.filter(pk=row.pk, removed_at=None).update(
        removed_at=timezone.now(), removed_by_name=access.actor.signature
    )
    if taken:
        _tell(access, row, removed=True)


def _tell(access: Access, row: Link, *, removed: bool) -> None:
    """Record it on both sides, for the party that did it alone: a line that everybody reads would
    tell that a link exists.
    """
    audience = JournalEntry(sharing=Sharing.PRIVATE)
    audience.belongs_to(access.actor)
    for patient_id in (row.patient_id, row.other_id):
        patients.touch(patient_id)
        event = RecordsLinked(patient_id=patient_id, link_id=row.pk, removed=removed)
        record(event, actor=access.actor, about=audience)
