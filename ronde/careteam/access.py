"""The access rule, as the code reads it. It is stated in `sql/grant.sql` and nowhere else.

Four readers: `visible_to` (many records), `access_to` (one), `parties_with_access` (backwards),
and the policies of `sql/policies.sql` (the database itself).
"""

from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404

from ronde.careteam.models import Grant, GrantReason, Level, SectionRight
from ronde.careteam.sections import WRITABLE_UNDER_BREAK_GLASS
from ronde.core.actor import Actor
from ronde.patients.models import Patient

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Access:
    """The proof that `actor` may open the record of `patient`, why, and until when.

    Only this module makes one, so that a function asking for an `Access` cannot be reached by code
    that forgot the rule.
    """

    actor: Actor
    patient: Patient
    reason: GrantReason
    until: datetime | None
    readable: frozenset[str]
    writable: frozenset[str]
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            message = "An Access is given by careteam.access.access_to() and made by nobody else."
            raise TypeError(message)

    @property
    def patient_id(self) -> UUID:
        return self.patient.pk

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
    grant = grants_of(actor).select_related("patient").filter(patient_id=patient_id).first()
    if grant is None:
        raise Http404
    reason = GrantReason(grant.reason)
    readable, writable = sections_of(actor.profession)
    if reason == GrantReason.BREAK_GLASS:
        writable &= WRITABLE_UNDER_BREAK_GLASS
    return Access(actor, grant.patient, reason, grant.until, readable, writable, seal=_SEAL)


def sections_of(profession: str) -> tuple[frozenset[str], frozenset[str]]:
    """Read the rights matrix (what is read, what is written): the line of the profession replaces
    the line of everybody.
    """
    lines = SectionRight.objects.filter(profession_code__in={"", profession})
    levels: dict[str, int] = {}
    for line in sorted(lines, key=lambda line: line.profession_code):
        levels[line.section] = line.level
    return (
        frozenset(name for name, level in levels.items() if level >= Level.READ),
        frozenset(name for name, level in levels.items() if level >= Level.WRITE),
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
