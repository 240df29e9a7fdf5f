"""The access rule, as the code reads it. It is stated in `sql/rule.sql` and nowhere else.

Four readers: `visible_to` (many records), `access_to` (one), `parties_with_access` (backwards),
and the policies of `sql/policies.sql` (the database itself).
"""

from collections.abc import Collection, Iterable, Mapping
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
from ronde.careteam.sections import ALL_DOCUMENTS, DOCUMENTS, WRITABLE_UNDER_BREAK_GLASS
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
# Profession, role, section, level.
Right = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Settled:
    """What decides of one section: its level, and the line of the matrix that says so."""

    level: Level
    profession: str
    role: str


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


def explained(
    profession: str, roles: Iterable[str] = (), *, as_structure: bool = False
) -> dict[str, Settled]:
    """The same section by section, with the line that decides of each."""
    held = {"", *roles}
    lines = SectionRight.objects.filter(role__in=held).values_list(*COLUMNS)
    return settled(lines, profession, held, as_structure=as_structure)


COLUMNS = ("profession_code", "role", "section", "level")


def _levels(lines: QuerySet[SectionRight], profession: str, *, as_structure: bool) -> Sections:
    known = ["", *filter(None, [profession, AS_STRUCTURE if as_structure else ""])]
    found = lines.filter(profession_code__in=known).values_list(*COLUMNS)
    best = settled(found, profession, None, as_structure=as_structure)
    return _at_least(best, Level.READ), _at_least(best, Level.WRITE)


def _at_least(best: Mapping[str, Settled], wanted: Level) -> frozenset[str]:
    """The sections held at this level; whoever holds a class of documents enters the documents."""
    held = frozenset(name for name, one in best.items() if one.level >= wanted)
    return held | {DOCUMENTS} if held & ALL_DOCUMENTS else held


def settled(
    lines: Iterable[Right], profession: str, roles: Collection[str] | None, *, as_structure: bool
) -> dict[str, Settled]:
    """Settle each section by its most precise line: everybody, then the profession, then acting as
    a structure, then a role. Of two roles the wider right counts. `roles` None: the lines were
    chosen already.
    """
    known = ["", *filter(None, [profession, AS_STRUCTURE if as_structure else ""])]
    ranks = {code: rank for rank, code in enumerate(known)}
    best: dict[str, tuple[int, int, str, str]] = {}
    for code, role, section, level in lines:
        if code not in ranks or not (roles is None or not role or role in roles):
            continue
        rank = ranks[code] + (len(ranks) if role else 0)
        found = (rank, level, code, role)
        best[section] = max(best.get(section, found), found)
    return {
        name: Settled(Level(level), code, role) for name, (_, level, code, role) in best.items()
    }


def parties_with_access(patient_id: UUID) -> list[UUID]:
    """Whom to tell: the parties that may open the record, for who may open it themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT party_id FROM careteam_parties_with_access(%s)", [patient_id])
        return [row[0] for row in cursor.fetchall()]


def accessible(actor: Actor, patient_ids: Iterable[UUID]) -> set[UUID]:
    """Among these records, those that `actor` may open."""
    rows = grants_of(actor).filter(patient_id__in=list(patient_ids))
    return set(rows.values_list("patient_id", flat=True))
