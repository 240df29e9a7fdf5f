"""Openings of records that somebody asked to be told of: once a day for each visitor and record."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from ronde.careteam.models import Grant
from ronde.core.context import acting
from ronde.journal.models import AccessTrace
from ronde.notifications.events import RecordConsulted
from ronde.notifications.models import Notice, Sent

# Looked at again at each run, so that a worker stopped for a while forgets nobody.
LOOKED_BACK = timedelta(hours=2)
SPACE = UUID(
    "fe2bc02f-b9a4-4e3f-be6b-994534a4f57f"
)  # Drawn once: the same visit always has the same key.


def news() -> Iterator[tuple[dict[str, Any], UUID]]:
    """The keys of each visit to tell, and the party to whom; what was told is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, party_id FROM notifications_askers(%s)", [RecordConsulted.__name__]
        )
        askers = cursor.fetchall()
    seen = set()
    for user_id, party_id in askers:
        with acting(party_id=party_id, user_id=user_id), transaction.atomic():
            found = [one for one in _visits(user_id, party_id) if not _is_told(one, user_id)]
        for keys in found:
            if (keys["entry_id"], party_id) not in seen:
                seen.add((keys["entry_id"], party_id))
                yield keys, party_id


def _visits(user_id: UUID, party_id: UUID) -> list[dict[str, Any]]:
    mine = Grant.objects.filter(party_id=party_id).values("patient_id")
    rows = (
        AccessTrace.objects.filter(
            granted=True, at__gt=timezone.now() - LOOKED_BACK, patient_id__in=mine
        )
        .exclude(user_id=user_id)
        .exclude(party_id=party_id)
        .values("patient_id", "user_id", "party_id", "delegator_id")
        .annotate(first=Min("at"))
    )
    return [_keys(row) for row in rows]


def _keys(row: dict[str, Any]) -> dict[str, Any]:
    day = timezone.localtime(row["first"]).date()
    names = ("patient_id", "user_id", "party_id", "delegator_id")
    name = " ".join(str(row[one]) for one in names)
    return {
        "entry_id": str(uuid5(SPACE, f"{name} {day}")),
        "event": RecordConsulted.__name__,
        "at": row["first"].isoformat(),
        **{one: str(row[one]) if row[one] else None for one in names},
    }


def _is_told(keys: dict[str, Any], user_id: UUID) -> bool:
    entry = keys["entry_id"]
    kept = Notice.objects.filter(entry_id=entry, user_id=user_id)
    return kept.exists() or Sent.objects.filter(entry_id=entry, recipient=str(user_id)).exists()
