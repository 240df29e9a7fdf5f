"""The life line of ten years: 2,000 dated items beside a record that has twenty."""

import http.client
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.figures import figure, percentile
from bench.record import documents
from bench.worklist import CONTROL, Reader, ask, reader, server, timed
from ronde.core.context import acting
from ronde.followup.models import ListItem, RecordStatus, Stay
from ronde.patients.models import Patient
from ronde.worklist import queries
from ronde.worklist.filters import Filters

YEARS, LONG, SHORT = 10, 2_000, 20
ROUNDS = 60


def measure() -> None:
    who = reader(700)
    long, short = _filled(who)
    line, brief = (f"/dossiers/{one}/ligne-de-vie/?periode=tout" for one in (long, short))
    figure("lifeline_queries", _asked(who, line), "queries", "<=", 12)
    with server() as port:
        link = http.client.HTTPConnection("127.0.0.1", port)
        for _warm in range(5):
            ask(link, who, line)
            ask(link, who, brief)
        figure("lifeline_page_kb", len(ask(link, who, line)) / 1024, "kB", "<=", 120)
        pairs = [
            (timed(lambda: ask(link, who, line)), timed(lambda: ask(link, who, brief)))
            for _ in range(ROUNDS)
        ]
    whole, few = (percentile(list(times), 0.5) for times in zip(*pairs, strict=True))
    figure("lifeline_request_ms", whole, "ms", "<=", 200)
    figure("lifeline_growth", whole / few, "x", "<=", 2.5)


def _asked(who: Reader, address: str) -> int:
    web = Client(headers={"host": "127.0.0.1"})
    web.cookies[settings.SESSION_COOKIE_NAME] = who.cookie
    web.get(address)
    with CaptureQueriesContext(connection) as seen:
        web.get(address)
    return sum(one["sql"] not in CONTROL for one in seen.captured_queries)


def _filled(who: Reader) -> tuple[UUID, UUID]:
    """Two records of the reader: one with ten full years, one with a handful of items."""
    with acting(party_id=who.actor.party_id, user_id=who.user.pk), transaction.atomic():
        long, short = (row.patient_id for row in queries.rows(who.actor, Filters())[1:3])
        _items(who, long, LONG)
        _items(who, short, SHORT)
    return long, short


def _items(who: Reader, record: UUID, count: int) -> None:
    """Three documents for a stay and a status, all along the ten years."""
    today = timezone.localdate()
    opened = timezone.now() - timedelta(days=YEARS * 365)
    Patient.objects.filter(pk=record).update(created_at=opened)
    days = [today - timedelta(days=number * YEARS * 365 // count) for number in range(count)]
    documents(who, record, [day for number, day in enumerate(days) if number % 5 > 1])
    _stays(who, record, days[::5])
    _statuses(who, record, days[1::5])


def _stays(who: Reader, record: UUID, days: list[date]) -> None:
    now = timezone.now()
    Stay.objects.bulk_create(
        Stay(
            patient_id=record, place="Centre hospitalier", recorded_at=now,
            admitted_at=now - (timezone.localdate() - day + timedelta(days=2)),
            discharged_at=now - (timezone.localdate() - day + timedelta(days=1)),
            recorded_by_user=who.user.pk, recorded_by_party=who.actor.party_id,
            recorded_by_name="Partie",
        )
        for day in days
    )  # fmt: skip


def _statuses(who: Reader, record: UUID, days: list[date]) -> None:
    kinds = list(ListItem.objects.filter(list="status"))
    RecordStatus.objects.bulk_create(
        RecordStatus(
            patient_id=record, party_id=who.actor.party_id, party_name="Partie",
            kind=kinds[number % len(kinds)], started_on=day, ended_on=day, is_current=False,
            recorded_at=timezone.now(), recorded_by_user=who.user.pk, recorded_by_name="Partie",
        )
        for number, day in enumerate(days)
    )  # fmt: skip
