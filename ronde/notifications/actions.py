"""From a recorded event to the jobs that tell it: they exist only if the change is committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ronde.journal.actions import on_record
from ronde.journal.events import Event
from ronde.journal.models import JournalEntry
from ronde.notifications import jobs, queries

_quiet: ContextVar[bool] = ContextVar("ronde_quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Tell nobody of what is recorded in the block: a past that is written down, not news."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


@on_record
def ask_for_mails(entry: JournalEntry, kind: type[Event]) -> None:
    """Defer one job for the event, in its transaction. A job holds keys and a date, no name."""
    if kind.mail is None or _quiet.get():
        return
    if kind.mail_setting:
        jobs.tell_service.defer(**_keys(entry))
        return
    parties = queries.recipients(entry, kind)
    if parties:
        jobs.tell_parties.defer(**_keys(entry), party_ids=[str(party) for party in parties])


def _keys(entry: JournalEntry) -> dict[str, Any]:
    return {
        "entry_id": str(entry.pk),
        "event": entry.event,
        "at": entry.at.isoformat(),
        "patient_id": str(entry.patient_id) if entry.patient_id else None,
        "user_id": str(entry.user_id) if entry.user_id else None,
        "party_id": str(entry.party_id) if entry.party_id else None,
    }
