"""The access rule, as the code reads it. It is stated in `sql/rule.sql` and nowhere else.

Four readers: `visible_to` (many records), `access_to` (one), `parties_with_access` (backwards),
and the policies of `sql/policies.sql` (the database itself).
"""

from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404

from ronde.careteam.models import Grant, GrantReason, Level, MemberRole, SectionRight
from ronde.careteam.sections import WRITABLE_UNDER_BREAK_GLASS
from ronde.core.actor import Actor
from ronde.patients.models import Merge, Patient

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Access:
    """The proof that `actor` may open the record of `patient`, why, and until when.

    Only this module makes one, so that a function asking for an `Access` cannot be reached by code
    that forgot the rule. `formerly` are the records that were merged into this one: what happened
    on them is read here.
    """

    actor: Actor
    patient: Patient
    reason: GrantReason
    until: datetime | None
    readable: frozenset[str]
    writable: frozenset[str]
    formerly: tuple[UUID, ...] = ()
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            message = "An Access is given by careteam.access.access_to() and made by nobody else."
            raise TypeError(message)

    @property
    def patient_id(self) -> UUID:
        return self.patient.pk

    @property
    def patient_ids(self) -> list[UUID]:
        """The keys under which the journal of this record was written."""
        return [self.patient.pk, *self.formerly]

    @property
    def is_break_glass(self) -> bool:
        return self.reason == GrantReason.BREAK_GLASS

    def can_read(self, section: str) -> bool:
        return section in self.readable

    def can_write(self, section: str) -> bool:
        return section in self.writable

    def require(self, section: str, *, write: bool = False) -> None:
        """Refuse (403) what the rights matrix does not give in this section."""
        if section not in (self.writable if write else self.readable):
            raise PermissionDenied(section)


def live() -> Q:
    """The grants that count now: lasting ones, and break-glass accesses not ended yet."""
    return Q(until=None) | Q(until__gt=Now())


def grants_of(actor: Actor) -> QuerySet[Grant]:
    """The rows of the worklist: one for each record that `actor` may open."""
    return Grant.objects.filter(live(), party_id=actor.party_id)


def visible_to(actor: Actor) -> QuerySet[Patient]:
    """The records that `actor` may open."""
    return Patient.objects.filter(pk__in=grants_of(actor).values("patient_id"))


def access_to(actor: Actor, patient_id: UUID) -> Access:
    """Open one record for `actor`; Http404 when the rule gives nothing, as if it did not exist."""
    merged = Merge.objects.filter(current_id=OuterRef("patient_id"), undone_at=None)
    rows = grants_of(actor).select_related("patient").filter(patient_id=patient_id)
    grant = rows.annotate(formerly=ArraySubquery(merged.values("other_id"))).first()
    if grant is None:
        raise Http404
    reason = GrantReason(grant.reason)
    readable, writable = sections_of(actor, patient_id)
    if reason == GrantReason.BREAK_GLASS:
        writable &= WRITABLE_UNDER_BREAK_GLASS
    return Access(
        actor,
        grant.patient,
        reason,
        grant.until,
        readable,
        writable,
        tuple(grant.formerly),
        seal=_SEAL,
    )


# The line of the matrix for whoever acts as a structure, whatever their profession.
AS_STRUCTURE = "structure"
Sections = tuple[frozenset[str], frozenset[str]]


def sections_of(actor: Actor, patient_id: UUID) -> Sections:
    """What `actor` reads and writes in this record, by their profession and their roles in it."""
    roles = MemberRole.objects.filter(
        patient_id=patient_id, is_current=True, member__party_id=actor.party_id
    ).values("role")
    lines = SectionRight.objects.filter(Q(role="") | Q(role__in=roles))
    return _levels(lines, actor.profession, as_structure=actor.as_structure)


def sections_for(
    profession: str, roles: Iterable[str] = (), *, as_structure: bool = False
) -> Sections:
    """What the rights matrix gives to a profession holding these roles."""
    lines = SectionRight.objects.filter(role__in={"", *roles})
    return _levels(lines, profession, as_structure=as_structure)


def _levels(lines: QuerySet[SectionRight], profession: str, *, as_structure: bool) -> Sections:
    """Settle each section by its most precise line: everybody, then the profession, then acting as
    a structure, then a role. Of two roles the wider right counts.
    """
    known = ["", *filter(None, [profession, AS_STRUCTURE if as_structure else ""])]
    ranks = {code: rank for rank, code in enumerate(known)}
    found = lines.filter(profession_code__in=ranks)
    best: dict[str, tuple[int, int]] = {}
    for code, role, section, level in found.values_list(
        "profession_code", "role", "section", "level"
    ):
        rank = ranks[code] + (len(ranks) if role else 0)
        best[section] = max(best.get(section, (-1, 0)), (rank, level))
    return (
        frozenset(name for name, (_, level) in best.items() if level >= Level.READ),
        frozenset(name for name, (_, level) in best.items() if level >= Level.WRITE),
    )


def parties_with_access(patient_id: UUID) -> list[UUID]:
    """Whom to tell: the parties that may open the record, for who may open it themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT party_id FROM careteam_parties_with_access(%s)", [patient_id])
        return [row[0] for row in cursor.fetchall()]


def accessible(actor: Actor, patient_ids: Iterable[UUID]) -> set[UUID]:
    """Among these records, those that `actor` may open."""
    rows = grants_of(actor).filter(patient_id__in=list(patient_ids))
    return set(rows.values_list("patient_id", flat=True))
