"""Reading the follow-up of a record."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Greatest, Now
from django.utils import timezone

from ronde.careteam.access import Access
from ronde.careteam.dated import Dated
from ronde.careteam.sections import STATUS, STAYS
from ronde.core.formats import said
from ronde.followup.models import ListItem, ListName, Nature, RecordStatus, Stay, StayStep

NOTHING = Value([], output_field=ArrayField(TextField()))


def items(list_: ListName) -> list[ListItem]:
    """What the pickers of a list offer, in its order."""
    return list(ListItem.objects.filter(list=list_, retired_at=None).order_by("position", "label"))


FRESH_FOR = 60  # seconds for which the process remembers the statuses below


@dataclass(frozen=True, slots=True)
class StatusKind:
    """A status as a list shows it."""

    code: str
    label: str
    nature: str


_kinds: list[tuple[float, dict[str, StatusKind]]] = []


def status_kinds() -> dict[str, StatusKind]:
    """The statuses of the region by code, in their order: retired ones too, they are still held."""
    if not _kinds or time.monotonic() - _kinds[0][0] > FRESH_FOR:
        rows = ListItem.objects.filter(list=ListName.STATUS).order_by("position", "label")
        known = {row[0]: StatusKind(*row) for row in rows.values_list("code", "label", "nature")}
        _kinds[:] = [(time.monotonic(), known)]
    return _kinds[0][1]


def forget_status_kinds() -> None:
    """Have this process read the statuses again: they were just changed, or one is unknown."""
    _kinds.clear()


def status_choices() -> list[tuple[str, str]]:
    """What a list is filtered by."""
    return [(kind.code, said(kind.label)) for kind in status_kinds().values()]


def named(codes: Iterable[str]) -> list[StatusKind]:
    """These statuses; another process may have made one of them a moment ago."""
    codes = list(codes)
    if codes and not status_kinds().keys() >= set(codes):
        forget_status_kinds()
    return [status_kinds()[code] for code in codes]


def current_status(access: Access) -> RecordStatus | None:
    """The status for the acting party."""
    return (
        RecordStatus.objects.select_related("kind", "expertise", "reason")
        .filter(patient_id=access.patient_id, party_id=access.actor.party_id, is_current=True)
        .first()
    )


def statuses(access: Access) -> list[RecordStatus]:
    """The current status for each party that follows, mine first."""
    access.require(STATUS)
    rows = (
        RecordStatus.objects.select_related("kind", "expertise", "reason")
        .filter(patient_id=access.patient_id, is_current=True)
        .order_by("party_name")
    )
    return sorted(rows, key=lambda row: row.party_id != access.actor.party_id)


def history(access: Access) -> QuerySet[RecordStatus]:
    """Every status of the record, the newest first."""
    access.require(STATUS)
    return (
        RecordStatus.objects.select_related("kind", "expertise", "reason")
        .filter(patient_id=access.patient_id)
        .order_by("-started_on", "-recorded_at")
    )


def stays(access: Access) -> QuerySet[Stay]:
    """Every stay, cancelled ones included, the newest first."""
    access.require(STAYS)
    return (
        Stay.objects.filter(patient_id=access.patient_id)
        .select_related("reason", "establishment")
        .order_by("-admitted_at")
    )


def one_stay(access: Access, stay_id: UUID) -> Stay | None:
    return stays(access).filter(pk=stay_id).first()


def known(rows: QuerySet[Stay]) -> QuerySet[Stay]:
    """Stays that happened, happen or will."""
    return rows.filter(cancelled_at=None)


def ongoing() -> Q:
    """In hospital now."""
    return Q(cancelled_at=None, discharged_at=None, admitted_at__lte=Now())


def to_come() -> Q:
    return Q(cancelled_at=None, discharged_at=None, admitted_at__gt=Now())


def overlapping(access: Access, stay: Stay) -> QuerySet[Stay]:
    """Other stays of the patient whose time meets this one's.

    One that has not ended lasts until now at the least, a day at the least, and as long as
    expected: it hinders no admission planned after that.
    """
    return (
        Stay.objects.filter(patient_id=access.patient_id, cancelled_at=None)
        .exclude(pk=stay.pk)
        .annotate(
            end=Coalesce(
                "discharged_at",
                Greatest(
                    Cast("expected_on", DateTimeField()), Now(), F("admitted_at") + timedelta(1)
                ),
            )
        )
        .filter(admitted_at__lt=_end(stay), end__gt=stay.admitted_at)
    )


def _end(stay: Stay) -> datetime:
    if stay.discharged_at:
        return stay.discharged_at
    ends = [timezone.now(), stay.admitted_at + timedelta(1)]
    if stay.expected_on:
        ends.append(timezone.make_aware(datetime.combine(stay.expected_on, datetime.min.time())))
    return max(ends)


@dataclass(frozen=True, slots=True)
class Step:
    """A step as a screen shows it: late, and by how much it was done."""

    row: StayStep
    start: datetime | None

    @property
    def is_late(self) -> bool:
        due = self.row.due_at
        return due is not None and (self.row.done_at or timezone.now()) > due

    @property
    def delay(self) -> timedelta | None:
        """From the admission or the discharge to the moment it was done."""
        if self.row.done_at is None or self.start is None:
            return None
        return max(self.row.done_at - self.start, timedelta())


def steps(access: Access, stay: Stay) -> list[Step]:
    """What is to be done around a stay, the admission first."""
    access.require(STAYS)
    rows = StayStep.objects.filter(
        stay_id=stay.pk, patient_id=access.patient_id, dropped_at=None
    ).order_by("phase", "position")
    starts = {"admission": stay.admitted_at, "discharge": stay.discharged_at}
    return [Step(row, starts[row.phase]) for row in rows]


def dropped_steps(access: Access, stay: Stay) -> list[StayStep]:
    """What does not concern this stay, somebody said."""
    access.require(STAYS)
    rows = StayStep.objects.filter(stay_id=stay.pk, patient_id=access.patient_id)
    return list(rows.exclude(dropped_at=None).order_by("phase", "position"))


def one_step(access: Access, step_id: UUID, *, dropped: bool = False) -> StayStep | None:
    """A step that stands; `dropped`: or one that was set aside."""
    access.require(STAYS)
    rows = StayStep.objects.select_related("stay").filter(patient_id=access.patient_id)
    return (rows if dropped else rows.filter(dropped_at=None)).filter(pk=step_id).first()


def left_to_do(access: Access, stays_: Iterable[Stay]) -> dict[UUID, int]:
    """For each of these stays, how many steps are not done."""
    rows = StayStep.objects.filter(
        stay__in=[stay.pk for stay in stays_], patient_id=access.patient_id
    ).filter(dropped_at=None, done_at=None)
    found: dict[UUID, int] = {}
    for key in rows.values_list("stay_id", flat=True):
        found[key] = found.get(key, 0) + 1
    return found


def with_follow_up(grants: QuerySet[Any], sections: frozenset[str]) -> QuerySet[Any]:
    """Add to the grants what a list shows of the follow-up, less what `sections` does not open."""
    return grants.annotate(
        shown_statuses=F("statuses") if STATUS in sections else NOTHING,
        shown_places=F("stay_places") if STAYS in sections else NOTHING,
        shown_starts=F("stay_starts") if STAYS in sections else NOTHING,
    )


def with_status(codes: Iterable[str]) -> Q:
    """Grants of the records that have one of these statuses today, for any party that follows."""
    return Q(statuses__overlap=list(codes))


def in_hospital() -> Q:
    """Grants of the records whose patient is in hospital now."""
    return Q(stay_starts__0__lte=Now())


def under_way(places: Iterable[str], starts: Iterable[datetime]) -> list[str]:
    """Of stays that have not ended, where the patient is now."""
    now = timezone.now()
    return [place for place, start in zip(places, starts, strict=True) if start <= now]


def undone_steps(access: Access) -> list[StayStep]:
    """Every step that is still to be done around a stay that stands, the next one first."""
    access.require(STAYS)
    rows = StayStep.objects.select_related("stay").filter(
        patient_id=access.patient_id,
        dropped_at=None,
        done_at=None,
        stay__cancelled_at=None,
    )
    return list(rows.order_by("stay__admitted_at", "stay_id", "phase", "position"))


def cancelled_at(access: Access, moment: datetime) -> list[Stay]:
    """The stays that were cancelled together at this moment, and are still, the next one first."""
    return list(stays(access).filter(cancelled_at=moment).order_by("admitted_at"))


def dropped_at(access: Access, moment: datetime) -> list[StayStep]:
    """The steps that were set aside together at this moment, and are still, by stay."""
    access.require(STAYS)
    rows = StayStep.objects.select_related("stay").filter(
        patient_id=access.patient_id, dropped_at=moment, stay__cancelled_at=None
    )
    return list(rows.order_by("stay__admitted_at", "stay_id", "phase", "position"))


def dated(access: Access, start: date, end: date) -> list[Dated]:
    """The dated items of the follow-up between two days, both included, future ones too."""
    found: list[Dated] = []
    if access.can_read(STAYS):
        rows = _between(access, start, end).order_by()
        columns = rows.values_list(
            "pk", "place", "unit", "admitted_at", "discharged_at", "expected_on"
        )
        found += [_dated_stay(*row) for row in columns]
    if access.can_read(STATUS):
        rows = history(access).filter(started_on__range=(start, end)).order_by()
        found += [
            Dated("status", day, said(label), party, page="followup:statuses")
            for day, label, party in rows.values_list("started_on", "kind__label", "party_name")
        ]
    return found


def _between(access: Access, start: date, end: date) -> QuerySet[Stay]:
    return known(stays(access)).filter(
        Q(discharged_at=None) | Q(discharged_at__date__gte=start), admitted_at__date__lte=end
    )


def _dated_stay(
    key: UUID,
    place: str,
    unit: str,
    admitted_at: datetime,
    ended: datetime | None,
    expected_on: date | None,
) -> Dated:
    return Dated(
        "stay",
        timezone.localdate(admitted_at),
        place,
        unit,
        timezone.localdate(ended) if ended else expected_on,
        open_ended=ended is None,
        page="followup:stay",
        key=key,
    )


def is_followed(access: Access) -> bool:
    """Whether some party still follows the patient."""
    rows = RecordStatus.objects.filter(patient_id=access.patient_id, is_current=True)
    return rows.exclude(kind__nature=Nature.OUT).exists()
