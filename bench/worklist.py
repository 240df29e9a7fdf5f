"""The worklist and the record, asked as a browser does, held against a query written by hand."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import QueryDict
from django.template import engines
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.figures import figure, percentile
from bench.region import party_with
from ronde.accounts import terms
from ronde.accounts.gate import TERMS
from ronde.accounts.models import User
from ronde.accounts.queries import identities
from ronde.accounts.session import STARTED
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.page import address_of, common_context
from ronde.core.pagination import Page
from ronde.directory.models import Person
from ronde.patients.models import IdentityStatus
from ronde.worklist import labels, queries
from ronde.worklist.filters import Filters
from ronde.worklist.forms import FilterForm
from ronde.worklist.views import EVERYTHING

ROUNDS, ROWS = 60, 50
CONTROL = {"BEGIN", "COMMIT", "ROLLBACK", "SET TRANSACTION READ ONLY"}
ADDRESS = f"/file-active/?vue={EVERYTHING}&taille={ROWS}"

# The same rows as the worklist, by hand: what no framework could do without.
BY_HAND = """
SELECT g.patient_id, g.until, g.updated_at, g.sex, g.birth_date, g.identity_status, g.is_deceased,
       p.birth_name, p.first_given, p.used_name, p.used_given, p.death_date, p.postcode, p.city,
       p.commune_code, p.record_number,
       EXISTS (SELECT 1 FROM worklist_favourite f
               WHERE f.user_id = %(user)s AND f.patient_id = g.patient_id),
       g.statuses, g.stay_places, g.stay_starts
FROM careteam_grant g JOIN patients_patient p ON p.id = g.patient_id
WHERE g.party_id = %(party)s AND (g.until IS NULL OR g.until > now())
  AND NOT g.is_deceased AND NOT g.is_archived
ORDER BY g.updated_at DESC, g.patient_id DESC LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody signed in, acting for a party of that many records."""

    records: int
    user: User
    actor: Actor
    cookie: str


def reader(records: int) -> Reader:
    party = party_with(records)
    person, _new = Person.objects.get_or_create(
        party_id=party, defaults={"family_name": "PARTIE", "given_name": str(records)}
    )
    user, _new = User.objects.get_or_create(
        email=f"partie-{records}@banc.test", defaults={"person": person, "full_name": "Partie"}
    )
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[STARTED] = timezone.now().isoformat()
    session[TERMS] = terms.in_force()
    session.save()
    actor = Actor(user.pk, party, party, "Partie", "Partie")
    return Reader(records, user, actor, session.session_key)


@contextmanager
def server() -> Iterator[int]:
    """Start the web server of production, one worker, on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        os.path.join(os.path.dirname(sys.executable), "granian"),
        "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1",
        "--host", "127.0.0.1", "--port", str(port), "config.wsgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, "RONDE_AS_OWNER": "0"})
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int) -> None:
    for _attempt in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    message = "The web server did not start."
    raise RuntimeError(message)


def ask(link: http.client.HTTPConnection, who: Reader, address: str = ADDRESS) -> bytes:
    link.request("GET", address, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={who.cookie}"})
    answer = link.getresponse()
    body = answer.read()
    if answer.status != 200:
        message = f"{address} answered {answer.status}"
        raise RuntimeError(message)
    return body


def by_hand(who: Reader) -> Callable[[], str]:
    """Prepare the peer: one transaction, one query, the same template with the same context."""
    url = os.environ["DATABASE_URL"]
    link = psycopg.connect(url, cursor_factory=psycopg.ClientCursor)
    template = engines["jinja2"].env.get_template("worklist/list.html")
    request = RequestFactory().get(ADDRESS)
    request.actor, request.user, request.htmx = who.actor, who.user, False
    request.identities, request.session_end = identities(who.user), timezone.now()
    request.session = {}
    request.GET = QueryDict(ADDRESS.split("?")[1])
    filters = Filters()
    context = {
        **common_context(request),
        "filters": filters,
        "sections": (opened := queries.readable(who.actor)),
        "sorts": labels.sorts(filters.sort, opened),
        "searches": [],
        "current": None,
        "active": [],
        "zones": queries.zone_names(queries.zones()),
        "statuses": dict(IdentityStatus.choices),
        "everything": EVERYTHING,
        "links": {
            "record": address_of("dossier:record"),
            "circle": address_of("careteam:circle"),
            "star": address_of("worklist:star"),
        },
    }
    values = {"user": who.user.pk, "party": who.actor.party_id}

    def once() -> str:
        with link.transaction(), link.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.party', %s, true), set_config('app.user', %s, true)",
                [str(who.actor.party_id), str(who.user.pk)],
            )
            rows = [queries.Row(*row) for row in cursor.execute(BY_HAND, values).fetchall()]
        page = Page(rows, 1, ROWS, len(rows), capped=False)
        return template.render(**context, rows=page, form=FilterForm.showing(filters, []))

    return once


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1_000


def requests(classes: list[int]) -> None:
    """Measure whole requests beside the peer, turn by turn, so that both meet the same machine."""
    middle: dict[int, float] = {}
    with server() as port:
        link = http.client.HTTPConnection("127.0.0.1", port)
        for records in classes:
            who = reader(records)
            hand = by_hand(who)
            for _warm in range(10):
                ask(link, who)
                hand()
            pairs = [(timed(lambda: ask(link, who)), timed(hand)) for _ in range(ROUNDS)]  # noqa: B023
            whole = percentile([pair[0] for pair in pairs], 0.5)
            peer = percentile([pair[1] for pair in pairs], 0.5)
            middle[records] = whole
            figure(f"worklist_request_ms_{records}", whole, "ms", "<=", 100)
            figure(f"worklist_request_ratio_{records}", whole / peer, "x", "<=", 2.5)
    largest, usual = max(classes), 700
    figure("worklist_size_ratio", middle[largest] / middle[usual], "x", "<=", 1.5)


def counts() -> None:
    """Count the statements of one page, as Django sees them, the bounds of transactions apart."""
    who = reader(700)
    web = Client(headers={"host": "127.0.0.1"})
    web.cookies[settings.SESSION_COOKIE_NAME] = who.cookie
    with acting(party_id=who.actor.party_id, user_id=who.user.pk):
        record = queries.rows(who.actor, Filters())[:1][0].patient_id
    for name, address, goal in (
        ("worklist_queries", ADDRESS, 8),
        ("record_queries", f"/dossiers/{record}/", 20),
    ):
        web.get(address)
        with CaptureQueriesContext(connection) as seen:
            answer = web.get(address)
        if answer.status_code != 200:
            message = f"{address} answered {answer.status_code}"
            raise RuntimeError(message)
        asked = [one for one in seen.captured_queries if one["sql"] not in CONTROL]
        figure(name, len(asked), "queries", "<=", goal)


def row_level_security(classes: list[int]) -> None:
    """The same page of rows with the policies (application's role) and without (owner's)."""
    ratios = []
    for records in classes:
        who = reader(records)
        values = {"user": who.user.pk, "party": who.actor.party_id}
        times: dict[str, list[float]] = {"DATABASE_URL": [], "DATABASE_OWNER_URL": []}
        links = {name: psycopg.connect(os.environ[name]) for name in times}
        for _round in range(ROUNDS):
            for name, link in links.items():
                times[name].append(timed(lambda: _rows(link, values)))  # noqa: B023
        with_policies, without = (percentile(times[name], 0.5) for name in times)
        ratios.append(with_policies / without)
    figure("rls_ratio", max(ratios), "x", "<=", 1.3)


def _rows(link: psycopg.Connection, values: dict[str, UUID]) -> None:
    with link.transaction(), psycopg.ClientCursor(link) as cursor:
        cursor.execute(
            "SELECT set_config('app.party', %s, true), set_config('app.user', %s, true)",
            [str(values["party"]), str(values["user"])],
        )
        cursor.execute(BY_HAND, values).fetchall()


@contextmanager
def reading(who: Reader, pause: float = 0.0) -> Iterator[tuple[list[float], list[int]]]:
    """Read a worklist again and again beside the block; answer the times, and the reads given up.

    The reader gives up on any lock it waits for longer than 100 ms: none may happen.
    """
    stop, reads, waits = threading.Event(), [], []

    def read() -> None:
        values = {"user": who.user.pk, "party": who.actor.party_id}
        with psycopg.connect(os.environ["DATABASE_URL"]) as link:
            link.execute("SET lock_timeout = '100ms'")
            link.commit()
            while not stop.wait(pause):
                try:
                    reads.append(timed(lambda: _rows(link, values)))
                except psycopg.errors.LockNotAvailable:
                    waits.append(1)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield reads, waits
    finally:
        stop.set()
        thread.join()


def bulk_habilitation(rows: int) -> None:
    """Give 10,000 habilitations in one transaction while somebody reads the same worklist."""
    who = large_reader()
    with reading(who) as (reads, waits):
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE careteam_member SET habilitated = true, habilitated_at = now() WHERE id IN"
                " (SELECT id FROM careteam_member WHERE NOT habilitated AND NOT refused"
                "  AND removed_at IS NULL AND party_id IS NOT NULL LIMIT %s)",
                [rows],
            )
            done = cursor.rowcount
        seconds = time.perf_counter() - start
    figure("habilitation_bulk_rows", done, "rows", ">=", rows)
    figure("habilitation_bulk", seconds, "s", "<=", 60)
    figure("habilitation_bulk_reads", len(reads), "reads", ">=", 1)
    figure("habilitation_bulk_blocked", len(waits), "reads", "<=", 0)


def large_reader() -> Reader:
    """Somebody acting for the party that has the most records."""
    return reader(max(records for records in _classes() if records >= 2_000))


def _classes() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT records FROM bench_party")
        return [row[0] for row in cursor.fetchall()]
