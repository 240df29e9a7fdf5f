"""Writing the journal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from ronde.core import context
from ronde.core.actor import Actor, Officer
from ronde.core.sharing import Shareable
from ronde.journal.events import Event
from ronde.journal.models import AccessTrace, JournalEntry

Listener = Callable[[JournalEntry, type[Event]], None]
_listeners: list[Listener] = []
AUDIENCE = [field.attname for field in Shareable._meta.local_fields]


def on_record(listener: Listener) -> Listener:
    """Have `listener` called inside the transaction of each recorded event.

    It may write rows and defer jobs, which exist only if the transaction commits; it sends nothing.
    """
    _listeners.append(listener)
    return listener


def record(
    event: Event, *, actor: Actor | Officer | None, about: Shareable | None = None
) -> JournalEntry:
    """Write what happened, in the transaction of the change itself.

    `about`: the thing with an audience of its own to which it happened; nobody else reads the line.
    Raises RuntimeError outside a transaction: a change and its trace stand or fall together.
    """
    if not connection.in_atomic_block:
        message = "An event is recorded in the transaction of its change."
        raise RuntimeError(message)
    entry = JournalEntry(
        at=timezone.now(),
        event=type(event).__name__,
        patient_id=event.patient_id,
        section=event.section,
        weight=event.weight,
        payload=event.payload(),
        request_id=context.current().request_id,
        **_who(actor),
    )
    if about is not None:
        for name in AUDIENCE:
            setattr(entry, name, getattr(about, name))
    entry.save(force_insert=True)
    for listener in _listeners:
        listener(entry, type(event))
    return entry


def _who(actor: Actor | Officer | None) -> dict[str, Any]:
    if actor is None:
        return {}
    return {
        "user_id": actor.user_id,
        "party_id": actor.party_id,
        "delegator_id": actor.delegator_id,
        "party_name": actor.display_name,
        "person_name": actor.person_name,
    }


def trace(actor: Actor | Officer, *, pause: timedelta = timedelta(), **what: Any) -> None:
    """Write who opened which record, by which right; refused attempts too (`granted=False`).

    The same opening again within `pause` of one that is written adds nothing.
    """
    if (
        pause
        and AccessTrace.objects.filter(
            **_who(actor), **what, granted=True, at__gt=timezone.now() - pause
        ).exists()
    ):
        return
    AccessTrace(
        at=timezone.now(), request_id=context.current().request_id, **_who(actor), **what
    ).save(force_insert=True)
