"""Near identities among all those of the region: are they found, and how fast?"""

import random
import time
from collections import defaultdict

from django.db import connection, transaction

from bench.figures import figure, percentile
from bench.mistakes import KINDS, perturb
from ronde.core.context import acting
from ronde.core.models import uuid7
from ronde.patients import queries
from ronde.patients.actions import traits_of
from ronde.patients.matching import Traits
from ronde.patients.models import Patient


def measure(count: int) -> None:
    """Search `count` identities, each with a mistake of one of the twenty kinds."""
    rng = random.Random(11)
    wanted = _sample(count, rng)
    found: dict[str, list[bool]] = defaultdict(list)
    times = []
    someone = uuid7()
    with acting(party_id=someone, user_id=someone):
        for number, patient in enumerate(wanted):
            kind, typed = _mistaken(traits_of(patient), number, rng)
            start = time.perf_counter()
            with transaction.atomic():
                matches = queries.near(typed)
            times.append((time.perf_counter() - start) * 1_000)
            found[kind].append(patient.pk in [match.ref.id for match in matches[:5]])
    for kind, hits in sorted(found.items()):
        print(f"# identity {kind}: {sum(hits)}/{len(hits)}", flush=True)
    every = [hit for hits in found.values() for hit in hits]
    figure("identity_recall_at_5", sum(every) / len(every), "share", ">=", 0.98)
    figure("identity_p50", percentile(times, 0.5), "ms", "<=", 100)
    figure("identity_p95", percentile(times, 0.95), "ms", "<=", 100)


def _mistaken(traits: Traits, number: int, rng: random.Random) -> tuple[str, Traits]:
    """Make the mistake whose turn it is, or the next one that this identity can bear."""
    kinds = list(KINDS)
    for step in range(len(kinds)):
        kind = kinds[(number + step) % len(kinds)]
        typed = perturb(traits, kind, rng)
        if typed is not None:
            return kind, typed
    message = "No mistake fits this identity."
    raise ValueError(message)


def _sample(count: int, rng: random.Random) -> list[Patient]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(record_number) FROM patients_patient")
        last = cursor.fetchone()[0]
    numbers = rng.sample(range(1, last + 1), count)
    return list(Patient.objects.filter(record_number__in=numbers))
