"""One act on 1,000 records, as the job plays it, while somebody reads the same worklist."""

import time
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from bench.figures import figure, percentile
from bench.worklist import Reader, large_reader, reading
from ronde.careteam.foresight import Act
from ronde.core.context import acting
from ronde.core.text import fold
from ronde.directory.models import Kind, Party, Person, Source
from ronde.patients.models import Consent, ConsentGiver
from ronde.worklist import bulk, jobs
from ronde.worklist.filters import Filters
from ronde.worklist.models import BulkRun
from ronde.worklist.queries import matching

PAUSE = 0.05  # Seconds between two reads.


def measure(rows: int) -> None:
    """The run through the job, the readers beside it, and the preview before it."""
    who = large_reader()
    target = _target()
    records = _records(who, rows)
    _consents(records)
    with connection.as_role(settings.DATABASE_APP_ROLE):
        run = _asked(who, records, target)
        with reading(who, PAUSE) as (reads, waits):
            seconds, busy = _played(run)
    with transaction.atomic():
        done = run.lines.filter(state="done").count()
    figure("habilitation_run_rows", done, "rows", ">=", rows)
    figure("habilitation_run", seconds, "s", "<=", 120)
    figure("habilitation_run_cpu", busy / rows * 1_000, "ms a row", "<=", 30)
    figure("habilitation_run_reads_p95", percentile(reads, 0.95), "ms", "<=", 100)
    figure("habilitation_run_blocked", len(waits), "reads", "<=", 0)


def _target() -> Party:
    name = "CIBLE Camille"
    party = Party.objects.create(
        kind=Kind.PERSON, display_name=name, sort_key=fold(name), source=Source.REGION
    )
    Person.objects.create(party=party, family_name="CIBLE", given_name="Camille")
    return party


def _records(who: Reader, rows: int) -> list[UUID]:
    with acting(party_id=who.actor.party_id, user_id=who.user.pk), transaction.atomic():
        found = matching(who.actor, Filters(), frozenset()).filter(reason=1)
        return list(found.values_list("patient_id", flat=True)[:rows])


def _consents(records: list[UUID]) -> None:
    """The records of the bench are written without consent, and a habilitation wants one."""
    now = timezone.now()
    Consent.objects.bulk_create(
        Consent(
            patient_id=patient,
            given_by=ConsentGiver.PATIENT,
            attested_at=now,
            attested_by_user=patient,
            attested_by_party=patient,
            attested_by_name="Banc",
        )
        for patient in records
    )


def _asked(who: Reader, records: list[UUID], target: Party) -> BulkRun:
    with acting(party_id=who.actor.party_id, user_id=who.user.pk):
        run = bulk.begin(who.actor, records)
        run = bulk.choose(run, Act.HABILITATE, [target], target.display_name, records)
        return bulk.confirm(who.actor, run)


def _played(run: BulkRun) -> tuple[float, float]:
    """How long the job took, and how long this thread itself was computing, in seconds."""
    keys = {"user_id": str(run.user_id), "party_id": str(run.party_id)}
    start, busy = time.perf_counter(), time.thread_time()
    jobs.play(run_id=str(run.pk), **keys)
    return time.perf_counter() - start, time.thread_time() - busy
