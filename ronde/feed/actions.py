"""Writing in the feed."""

from django.db import transaction

from ronde.careteam.access import Access
from ronde.careteam.sections import FEED
from ronde.feed.events import NoteWritten
from ronde.journal.actions import record
from ronde.journal.models import JournalEntry, Weight


@transaction.atomic
def add_note(access: Access, text: str, weight: Weight = Weight.NORMAL) -> JournalEntry:
    """Write a note for everyone who may read the record. Allowed under break-glass."""
    access.require(FEED, write=True)
    note = NoteWritten(patient_id=access.patient_id, text=text, weight=weight)
    return record(note, actor=access.actor)
