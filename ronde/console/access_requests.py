"""What the privacy officer reads of the lasting accesses asked for: who waits, who may answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from ronde.careteam.models import AccessRequest
from ronde.console.reviews import delay

WAITING, ANSWERED = "attente", "traitees"


@dataclass(frozen=True, slots=True)
class Line:
    """One request: `number` is all that is known of the record, `answerers` who may answer."""

    asked: AccessRequest
    number: int
    answerers: list[UUID]

    @property
    def deadline(self) -> datetime:
        """The day of the review of the access: both are looked at together."""
        return self.asked.asked_at + delay()

    @property
    def is_late(self) -> bool:
        return self.asked.answered_at is None and self.deadline < timezone.now()

    @property
    def was_reminded_today(self) -> bool:
        at = self.asked.reminded_at
        return at is not None and at > timezone.now() - timedelta(days=1)


def queue(state: str = WAITING) -> QuerySet[AccessRequest]:
    """Those that wait, the oldest first; or those answered, the last one first."""
    if state == ANSWERED:
        rows = AccessRequest.objects.exclude(answered_at=None)
        return rows.order_by("-answered_at", "pk")
    return AccessRequest.objects.filter(answered_at=None).order_by("asked_at", "pk")


def late() -> int:
    return queue().filter(asked_at__lt=timezone.now() - delay()).count()


def lines(asked: Sequence[AccessRequest]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM careteam_access_requests(%s::uuid[])", [[one.pk for one in asked]]
        )
        known = {key: (number, answerers) for key, number, answerers in cursor.fetchall()}
    return [Line(one, *known[one.pk]) for one in asked]


def one(asked_id: UUID) -> Line | None:
    """A request, answered or not."""
    asked = AccessRequest.objects.filter(pk=asked_id).first()
    return lines([asked])[0] if asked else None
