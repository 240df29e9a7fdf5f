"""Whom an event is told to."""

from typing import Any
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


def keys_of(entry: JournalEntry) -> dict[str, Any]:
    """What a job has to know of an event: keys and a date, no name."""
    keys = ("patient_id", "user_id", "party_id", "delegator_id")
    return {
        "entry_id": str(entry.pk),
        "event": entry.event,
        "at": entry.at.isoformat(),
        **{name: str(value) if (value := getattr(entry, name)) else None for name in keys},
    }
