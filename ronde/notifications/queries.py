"""Whom an event is told to."""

from uuid import UUID

from ronde.careteam.access import parties_with_access
from ronde.journal.events import Event
from ronde.journal.models import JournalEntry


def recipients(entry: JournalEntry, kind: type[Event]) -> list[UUID]:
    """List the parties to tell, in a fixed order; the party that acted already knows."""
    named = kind.recipients(entry.payload)
    if named is None:
        named = parties_with_access(entry.patient_id) if entry.patient_id else []
    return sorted(set(named) - {entry.party_id})
