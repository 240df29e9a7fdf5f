"""What the pages of zones read."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ronde.journal.events import sentence
from ronde.journal.models import JournalEntry
from ronde.patients.models import Zone
from ronde.patients.zones import records_in
from ronde.terminology.models import Commune

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    zone: Zone
    population: int
    records: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a zone would hold, before it is saved; `seal` names this very set of communes."""

    communes: list[Commune]
    population: int
    records: int
    added: list[str]
    removed: list[str]
    seal: str


def communes(codes: Iterable[str]) -> list[Commune]:
    return list(Commune.objects.filter(code__in=list(codes)).order_by("key", "code"))


def lines() -> list[Line]:
    """Every zone, those in use first."""
    zones = list(Zone.objects.order_by("retired_at", "name"))
    codes = {code for zone in zones for code in zone.commune_codes}
    people = {one.code: one.population or 0 for one in communes(codes)}
    records = records_in(codes)
    return [
        Line(
            zone,
            sum(people.get(code, 0) for code in zone.commune_codes),
            sum(records.get(code, 0) for code in zone.commune_codes),
        )
        for zone in zones
    ]


def summary(codes: list[str], former: list[str]) -> Summary:
    held = communes(codes)
    names = {one.code: one.name for one in communes({*codes, *former})}
    return Summary(
        held,
        sum(one.population or 0 for one in held),
        sum(records_in(codes).values()),
        [names.get(code, code) for code in sorted(set(codes) - set(former))],
        [names.get(code, code) for code in sorted(set(former) - set(codes))],
        hashlib.sha256(" ".join(codes).encode()).hexdigest()[:16],
    )


def past() -> list[tuple[str, str, datetime]]:
    """What was done to the zones lately: sentence, who, when."""
    rows = JournalEntry.objects.filter(event="ZoneChanged", patient_id=None).order_by("-at")
    return [(sentence(one.event, one.payload), one.person_name, one.at) for one in rows[:SHOWN]]
