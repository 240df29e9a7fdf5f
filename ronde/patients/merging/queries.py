"""What the identity cell reads: pairs, identities, who may open what. Never a content."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from ronde.patients.matching.ranking import PROBABLE_FROM
from ronde.patients.matching.wording import wording
from ronde.patients.models import (
    Duplicate,
    DuplicateState,
    IdentityHistory,
    Merge,
    Patient,
    Sweep,
)


def live() -> QuerySet[Merge]:
    """The merges that hold now."""
    return Merge.objects.filter(undone_at=None)


def pairs(state: str, kind: str = "") -> QuerySet[Duplicate]:
    """The pairs of a state, the likeliest first; those decided, the last decided first. A pair that
    waits is not shown while one of its records is closed. `kind`: probable, or entered by hand.
    """
    rows = Duplicate.objects.filter(state=state)
    if state == DuplicateState.WAITING:
        closed = live().values("other_id")
        rows = rows.exclude(Q(first_id__in=closed) | Q(second_id__in=closed))
    if kind == "probables":
        rows = rows.filter(score__gte=PROBABLE_FROM)
    elif kind == "main":
        rows = rows.filter(by_hand=True)
    order = ("-score", "pk") if state == DuplicateState.WAITING else ("-decided_at", "pk")
    return rows.order_by(*order)


def counts() -> dict[str, int]:
    """How many pairs in each state."""
    closed = live().values("other_id")
    rows = Duplicate.objects.exclude(
        Q(state=DuplicateState.WAITING) & (Q(first_id__in=closed) | Q(second_id__in=closed))
    )
    found = dict(rows.values_list("state").annotate(n=Count("pk")).values_list("state", "n"))
    return {state: found.get(state, 0) for state in DuplicateState.values}


def last_sweep() -> Sweep | None:
    return Sweep.objects.exclude(finished_at=None).order_by("-finished_at").first()


def identities(ids: Iterable[UUID]) -> dict[UUID, Patient]:
    """The identities of records that stand in a pair."""
    rows = Patient.objects.raw("SELECT * FROM patients_cell_identities(%s)", [list(ids)])
    return {one.pk: one for one in rows}


def history(ids: Iterable[UUID]) -> list[IdentityHistory]:
    return list(IdentityHistory.objects.raw("SELECT * FROM patients_cell_history(%s)", [list(ids)]))


def reasons(pair: Duplicate) -> list[tuple[str, bool]]:
    """Why the two look alike, in words, and whether it speaks for one person; the unknown is
    left out.
    """
    return [(wording(trait, word), bits > 0) for trait, word, bits in pair.marks if bits]


@dataclass(frozen=True, slots=True)
class Seat:
    """A party around the two records: which it opens now, and where the patient refused it."""

    party_id: UUID
    name: str
    opens_kept: bool
    opens_other: bool
    refused_kept: bool
    refused_other: bool

    @property
    def refused(self) -> bool:
        return self.refused_kept or self.refused_other

    @property
    def outcome(self) -> str:
        """What the merge does to it: loses, keeps both, gains the other or gains the kept."""
        if self.refused:
            return "loses" if self.opens_kept or self.opens_other else "refused"
        if self.opens_kept and self.opens_other:
            return "both"
        return "gains_other" if self.opens_kept else "gains_kept"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What one record holds once and both have: `kind` role, status, consent or death."""

    kind: str
    subject: str
    of_kept: str
    of_other: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging `other` into `kept` does, before it is done."""

    kept: Patient
    other: Patient
    seats: list[Seat]
    moves: list[tuple[str, int, int]]
    conflicts: list[Conflict]

    def seats_by_outcome(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for seat in self.seats:
            found.setdefault(seat.outcome, []).append(seat.name)
        return found


def preview(kept: Patient, other: Patient) -> Preview:
    ids = [kept.pk, other.pk]
    return Preview(
        kept,
        other,
        [Seat(*row) for row in _rows("patients_cell_circles", ids)],
        [row for row in _summed(_rows("patients_cell_counts", ids)) if row[1] or row[2]],
        [Conflict(*row) for row in _rows("patients_cell_conflicts", ids)],
    )


def _summed(rows: list[tuple[Any, ...]]) -> list[tuple[str, int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for place, one, two in rows:
        before = found.get(place, (0, 0))
        found[place] = (before[0] + one, before[1] + two)
    return [(place, *both) for place, both in found.items()]


def _rows(function: str, values: list[Any]) -> list[tuple[Any, ...]]:
    asked = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}({asked})", values)  # noqa: S608
        return cursor.fetchall()


def numbered(numbers: Iterable[int]) -> dict[int, tuple[UUID, bool]]:
    """The key of each record by its number, and whether it is closed by a merge."""
    rows = _rows("patients_cell_numbered", [list(numbers)])
    return {number: (key, merged) for key, number, merged in rows}


def parties(ids: Iterable[UUID]) -> list[UUID]:
    """Whom to tell: the parties that may open one of these records."""
    return [row[0] for row in _rows("patients_cell_parties", [list(ids)])]


def merge_of(pair: Duplicate) -> Merge | None:
    """The merge that made one record of this pair, if it still holds."""
    return live().filter(kept_id__in=pair.ids, other_id__in=pair.ids).first()


def rests_on(merge: Merge) -> int | None:
    """The number of the record to separate first; None when nothing stands in the way."""
    return _rows("patients_merge_rests", [merge.pk])[0][0]  # type: ignore[no-any-return]


def answers_for(patient_id: UUID) -> Merge | None:
    """The merge by which this record is read elsewhere, for who may open it there."""
    return live().filter(other_id=patient_id).first()


def brought_together(patient_id: UUID) -> list[int]:
    """The numbers of the records that are read in this one."""
    rows = live().filter(current_id=patient_id).order_by("merged_at")
    return list(rows.values_list("other_number", flat=True))
