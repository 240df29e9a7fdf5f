"""From a recorded event to the jobs that tell it: they exist only if the change is committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
        jobs.tell_service.defer(**queries.keys_of(entry))
        return
    parties = queries.recipients(entry, kind)
    if parties:
        jobs.tell_parties.defer(
            **queries.keys_of(entry), party_ids=[str(party) for party in parties]
        )
