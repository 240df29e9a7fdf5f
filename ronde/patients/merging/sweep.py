"""The nightly search of records that may be of one person.

Compares the identities created or changed since the former run with all others, by the keys and
the ranking of the search that precedes a creation.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ronde.patients.actions import traits_of
from ronde.patients.matching import query_keys
from ronde.patients.matching.ranking import SURE_ENOUGH
from ronde.patients.merging.actions import marks
from ronde.patients.models import Patient

BATCH = 200
MOST_NEAR = 2_000


def run() -> tuple[int, int]:
    """Look, and answer how many identities were looked at and how many pairs are new."""
    begun, since = _one("SELECT run, since FROM patients_sweep_begin()")
    looked = found = 0
    for batch in _batches(since):
        with transaction.atomic():
            for patient in batch:
                found += around(patient)
        looked += len(batch)
    _one("SELECT patients_sweep_end(%s, %s, %s)", begun, looked, found)
    return looked, found


def _batches(since: datetime | None) -> Iterator[list[Patient]]:
    past = UUID(int=0)
    while True:
        sql = "SELECT * FROM patients_sweep_next(%s, %s, %s)"
        batch = list(Patient.objects.raw(sql, [since, past, BATCH]))
        if not batch:
            return
        yield batch
        past = batch[-1].pk


def around(patient: Patient) -> int:
    """Look for the duplicates of one record; answer how many pairs are new."""
    traits = traits_of(patient)
    keys = query_keys(traits)
    rows = Patient.objects.raw("SELECT * FROM patients_sweep_near(%s, %s)", [keys, MOST_NEAR])
    pairs = []
    for other in rows:
        if other.pk == patient.pk:
            continue
        score, why = marks(traits, traits_of(other))
        if score >= SURE_ENOUGH:
            pairs.append({"other": str(other.pk), "score": score, "marks": why})
    return int(_one("SELECT patients_sweep_found(%s, %s::jsonb)", patient.pk, json.dumps(pairs))[0])


def _one(sql: str, *values: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()  # type: ignore[no-any-return]
