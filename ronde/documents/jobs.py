"""What is done with documents apart from any request."""

from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import connection
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ronde.documents import scanning, store
from ronde.documents.models import Scan

# A file put away longer ago than any request lasts, and that no row knows, was left by a failure.
LEFT_OVER_AFTER = timedelta(hours=24)
BATCH = 500


class NoAntivirusError(Exception):
    """The antivirus did not answer; the job comes back."""


@app.task(name="documents.scan", retry=RetryStrategy(max_attempts=200, wait=30, linear_wait=30))
def scan(*, file_id: str) -> None:
    """Have the antivirus look at a file that it could not look at when it was sent."""
    key = UUID(file_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, key_id, sealed_key FROM documents_to_scan(%s)", [key])
        found = cursor.fetchone()
    if found is None:
        return
    place, key_id, sealed_key = found
    verdict = scanning.scan(scanning.Stream(store.content(place, key_id, sealed_key, key)))
    if verdict not in {Scan.CLEAN, Scan.REFUSED}:
        message = "The antivirus did not answer."
        raise NoAntivirusError(message)
    with connection.cursor() as cursor:
        cursor.execute("SELECT documents_scanned(%s, %s)", [key, verdict])


@app.periodic(cron="41 2 * * *")
@app.task(queueing_lock="documents.clean")
def clean(timestamp: int) -> None:
    """Remove, each night, what was put away and belongs to no document."""
    remove_left_overs(timezone.now() - LEFT_OVER_AFTER)


def remove_left_overs(before: datetime) -> int:
    """Remove the files put away before that moment that no row knows; answer how many."""
    removed = 0
    places = store.places_before(before)
    while batch := list(islice(places, BATCH)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT documents_known(%s)", [batch])
            known = {row[0] for row in cursor.fetchall()}
        for place in set(batch) - known:
            store.remove(place)
            removed += 1
    return removed
