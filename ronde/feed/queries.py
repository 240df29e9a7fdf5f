"""The feed of a record: its journal, for who may read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ronde.careteam.access import Access
from ronde.core.sharing import shown_to
from ronde.journal.events import sentence
from ronde.journal.models import JournalEntry, Weight

IMPORTANT, VERY_IMPORTANT, NOTES, ACTIVE = "important", "tres-important", "notes", "actifs"
NOTE = "NoteWritten"


def active() -> Q:
    """What is still so: the last event that speaks of its thing, if that thing is not over."""
    later = JournalEntry.objects.filter(
        patient_id=OuterRef("patient_id"),
        payload__thing=OuterRef("payload__thing"),
        at__gt=OuterRef("at"),
    )
    return Q(payload__has_key="thing", payload__over=False) & ~Exists(later)


KINDS = {
    IMPORTANT: Q(weight=Weight.IMPORTANT),
    VERY_IMPORTANT: Q(weight=Weight.VERY_IMPORTANT),
    NOTES: Q(event=NOTE),
    ACTIVE: active(),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the feed, in the reader's language.

    `person` is the human being, empty for what happened by itself; `party` in whose name they
    acted, when it was not their own; `by_delegation` says how.
    """

    id: UUID
    at: datetime
    person: str
    party: str
    text: str
    weight: Weight
    is_note: bool
    by_delegation: bool = False


def entries(access: Access) -> QuerySet[JournalEntry]:
    """What happened on the record, newest first, in the sections that `access` may read; of what
    is not shown to everybody, what is shown to who acts.
    """
    rows = JournalEntry.objects.filter(
        patient_id__in=access.patient_ids, section__in=sorted(access.readable)
    )
    return rows.filter(shown_to(access.actor)).order_by("-at", "-id")


def of_kinds(rows: QuerySet[JournalEntry], kinds: Iterable[str]) -> QuerySet[JournalEntry]:
    """Keep the entries of any of these kinds; none named, all are kept."""
    wanted = Q()
    for kind in kinds:
        wanted |= KINDS[kind]
    return rows.filter(wanted)


def line(entry: JournalEntry) -> Line:
    return Line(
        id=entry.pk,
        at=entry.at,
        person=entry.person_name,
        party=entry.party_name if entry.party_name != entry.person_name else "",
        text=sentence(entry.event, entry.payload),
        weight=Weight(entry.weight),
        is_note=entry.event == NOTE,
        by_delegation=entry.delegator_id is not None,
    )
