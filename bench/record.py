"""The page of a heavy record: 300 documents, 200 notes, 40 members, 60 memos.

The peer sends the same statements by a bare cursor and fills the same templates with values that
are ready: no session, identity, gate nor ORM.
"""

import http.client
import os
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.figures import figure, percentile
from bench.worklist import CONTROL, Reader, ask, reader, server, timed
from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.careteam.queries import present
from ronde.core.context import acting
from ronde.core.models import uuid7
from ronde.core.page import common_context, page, part
from ronde.core.sharing import Sharing
from ronde.directory.models import Party
from ronde.documents.models import Document, File
from ronde.dossier import panels
from ronde.feed.actions import add_note
from ronde.followup import memo_actions
from ronde.worklist import queries
from ronde.worklist.filters import Filters

DOCUMENTS, NOTES, MEMBERS, MEMOS = 300, 200, 40, 60
ROUNDS = 60


def measure() -> None:
    who = reader(700)
    record = _filled(who)
    address = f"/dossiers/{record}/"
    hand, asked = by_hand(who, address)
    figure("record_heavy_queries", asked, "queries", "<=", 20)
    with server() as port:
        link = http.client.HTTPConnection("127.0.0.1", port)
        for _warm in range(5):
            ask(link, who, address)
            hand()
        pairs = [(timed(lambda: ask(link, who, address)), timed(hand)) for _ in range(ROUNDS)]
    whole, peer = (percentile(list(times), 0.5) for times in zip(*pairs, strict=True))
    figure("record_request_ms", whole, "ms", "<=", 200)
    figure("record_request_ratio", whole / peer, "x", "<=", 2.5)


def _filled(who: Reader) -> UUID:
    with acting(party_id=who.actor.party_id, user_id=who.user.pk), transaction.atomic():
        record = queries.rows(who.actor, Filters())[:1][0].patient_id
        access = access_to(who.actor, record)
        here = set(present(record).values_list("party_id", flat=True))
        others = Party.objects.exclude(pk__in=here).order_by("pk")[: MEMBERS - len(here)]
        for party in others:
            careteam.add_party(access, party)
        for number in range(NOTES):
            add_note(access, f"Note {number} : passage de ce matin, rien à signaler.")
        for number in range(MEMOS):
            memo_actions.write(
                access, f"Mémo {number} : code 21{number:02d}B", sharing=Sharing.PUBLIC
            )
    today = timezone.localdate()
    documents(who, record, [today - timedelta(days=number) for number in range(DOCUMENTS)])
    return record


def documents(who: Reader, record: UUID, days: Iterable[date]) -> None:
    """Put a document of each of these days in the record, with the one file of each."""
    added = [
        Document(
            patient_id=record, class_code="coordination", type_code="C:courrier",
            title=f"Courrier {number}", title_key=f"courrier {number}", event_date=day,
            added_at=timezone.make_aware(datetime.combine(day, time())),
            added_by_user=who.user.pk, added_by_party_name="Partie", added_by_name="Partie",
            owner_party=who.actor.party_id, sharing=Sharing.PUBLIC,
        )
        for number, day in enumerate(days)
    ]  # fmt: skip
    Document.objects.bulk_create(added)
    File.objects.bulk_create(
        File(
            document=one, number=1, name="courrier.pdf", kind="pdf", size=14_000, sha256="0" * 64,
            place=f"banc/{uuid7()}", key_id="banc", sealed_key=b"0", scan="clean", pages=1,
            added_at=one.added_at, added_by_user=who.user.pk, added_by_name="Partie",
        )
        for one in added
    )  # fmt: skip


def by_hand(who: Reader, address: str) -> tuple[Callable[[], bytes], int]:
    """Prepare the peer; answer it, and how many statements the page makes."""
    web = Client(headers={"host": "127.0.0.1"})
    web.cookies[settings.SESSION_COOKIE_NAME] = who.cookie
    web.get(address)
    with CaptureQueriesContext(connection) as seen:
        answer = web.get(address)
    sent = [one["sql"] for one in seen.captured_queries if one["sql"] not in CONTROL]
    request = answer.wsgi_request
    with acting(party_id=who.actor.party_id, user_id=who.user.pk), transaction.atomic():
        access = access_to(who.actor, UUID(address.split("/")[2]))
        opened = panels.Opened(access)
        columns = panels.arranged(opened)
        common = {**common_context(request), "access": access}
        shown = {one.name: one.show(opened) for column in columns.values() for one in column}
        context = {
            "access": access,
            "tab": "synthese",
            "columns": columns,
            "show": lambda one: part(shown[one.name][0], {**common, **shown[one.name][1]}),
            "known_head": opened.head,
        }
        page(request, "dossier/record.html", context)
    reads = [sql for sql in sent if sql.startswith(("SELECT", "WITH", "("))]
    link = psycopg.connect(os.environ["DATABASE_URL"], cursor_factory=psycopg.ClientCursor)

    def once() -> bytes:
        with link.transaction(), link.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.party', %s, true), set_config('app.user', %s, true)",
                [str(who.actor.party_id), str(who.user.pk)],
            )
            for sql in reads:
                cursor.execute(sql).fetchall()
        return page(request, "dossier/record.html", context).content

    return once, len(sent)
