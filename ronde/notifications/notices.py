"""What is told in the application: written by the job of the event, read by one human being."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronde.careteam.access import accessible
from ronde.core.actor import Actor
from ronde.journal.events import event_class
from ronde.notifications import mails
from ronde.notifications.models import Notice
from ronde.patients.models import Patient

COUNTED = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as it may be shown now. `patient` is empty for who may not open the record."""

    id: UUID
    at: datetime
    text: str
    author: str
    patient: str
    is_read: bool
    opens: str


def keep(told: mails.Notice, party_id: UUID, user_id: UUID) -> None:
    """Write that this person is told; told already, nothing happens."""
    Notice.objects.bulk_create(
        [
            Notice(
                entry_id=told.entry_id,
                event=told.event,
                at=told.at,
                patient_id=told.patient_id,
                author=mails.author_of(told)[:250],
                user_id=user_id,
                party_id=party_id,
            )
        ],
        ignore_conflicts=True,
    )


def of(actor: Actor) -> QuerySet[Notice]:
    """The notices of the person, as the party they act for, the last one first."""
    rows = Notice.objects.filter(user_id=actor.user_id, party_id=actor.party_id)
    return rows.order_by("-at", "-id")


def unread(actor: Actor) -> int:
    """How many are unread, counted up to a hundred; none by delegation."""
    if actor.is_delegate:
        return 0
    return of(actor).filter(read_at=None).order_by()[:COUNTED].count()


def lines(actor: Actor, rows: Sequence[Notice]) -> list[Line]:
    """Word the notices; a patient is named only to who may open the record at this moment."""
    asked = {row.patient_id for row in rows if row.patient_id}
    open_now = accessible(actor, asked) if asked else set()
    patients = Patient.objects.in_bulk(open_now) if open_now else {}
    return [_line(row, patients.get(row.patient_id)) for row in rows]


def _line(row: Notice, patient: Any) -> Line:
    return Line(
        id=row.pk,
        at=row.at,
        text=str(event_class(row.event).mail),
        author=row.author,
        patient=patient.shown_name if patient else "",
        is_read=row.read_at is not None,
        opens=_opens(row, patient),
    )


def _opens(row: Notice, patient: Any) -> str:
    """Name what the notice leads to: the record, another page, or nothing any more."""
    link = event_class(row.event).link
    if link is not None:
        return str(link[0])
    return patient.shown_name if patient else ""


def target(actor: Actor, row: Notice) -> tuple[str, list[UUID]] | None:
    """The page that the notice opens, by its name and keys, if it still does."""
    link = event_class(row.event).link
    if link is not None:
        return link[1], []
    if row.patient_id and accessible(actor, [row.patient_id]):
        return "dossier:record", [row.patient_id]
    return None


@transaction.atomic
def mark_read(rows: QuerySet[Notice]) -> int:
    """Remember that these were read; those read before keep their date."""
    return rows.order_by().filter(read_at=None).update(read_at=timezone.now())
