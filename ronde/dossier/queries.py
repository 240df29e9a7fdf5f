"""What the pages of a record read, in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Greatest, JSONObject, Lead
from django.utils import timezone

from ronde.careteam.access import Access
from ronde.careteam.models import AccessRequest, Member, MemberRole
from ronde.careteam.sections import STAYS
from ronde.documents.models import Document
from ronde.dossier.models import BreakGlassAttempt, ReadMark
from ronde.feed.queries import entries
from ronde.followup import queries as followup
from ronde.followup.models import Stay
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.patients.models import Consent, Patient, Zone

# Openings of the same record that are closer than this are one visit.
VISIT_GAP = timedelta(minutes=30)
# How many lines of the journal the synthesis looks at.
RECENT = 60


@dataclass(frozen=True, slots=True)
class Head:
    """What the banner adds to the identity: the consent in force (None when there is none), the
    role codes of the acting party, the zones of the address, the size of the circle, how many
    documents may be read, the stay under way if stays may be read, how many wait for the circle to
    give them a lasting access.
    """

    consent: dict[str, Any] | None
    roles: list[str]
    zones: list[str]
    size: int
    document_count: int
    stay: dict[str, Any] | None
    asking: int


def head(access: Access) -> Head:
    """Read the banner's values in one query."""
    consent = Consent.objects.filter(patient=OuterRef("pk"), withdrawn_at=None).values(
        found=JSONObject(
            given_by="given_by", other="given_by_other", at="attested_at", by="attested_by_name"
        )
    )
    roles = MemberRole.objects.filter(
        patient=OuterRef("pk"),
        is_current=True,
        member__party_id=access.actor.party_id,
        member__removed_at=None,
    )
    current = Member.objects.filter(patient=OuterRef("pk"), removed_at=None).order_by()
    papers = Document.objects.readable(access).filter(patient=OuterRef("pk")).order_by()
    stay = Stay.objects.filter(followup.ongoing(), patient=OuterRef("pk")).order_by("-admitted_at")
    if not access.can_read(STAYS):
        stay = stay.none()
    asking = AccessRequest.objects.filter(patient=OuterRef("pk"), answered_at=None).order_by()
    row = Patient.objects.filter(pk=access.patient_id).values(
        consent=Subquery(consent[:1]),
        roles=ArraySubquery(roles.order_by("role").values("role")),
        zones=ArraySubquery(_zones(access).order_by("name").values("name")),
        size=Subquery(_counted(current)),
        document_count=Subquery(_counted(papers)),
        stay=Subquery(stay.values(found=JSONObject(place="place", at="admitted_at"))[:1]),
        asking=Subquery(_counted(asking)),
    )
    found = row.get()
    for name in ("consent", "stay"):
        if found[name]:
            found[name]["at"] = datetime.fromisoformat(found[name]["at"])
    return Head(**found)


def _counted(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.annotate(n=Func(F("pk"), function="count")).values("n")


def _zones(access: Access) -> QuerySet[Zone]:
    code = access.patient.commune_code
    if not code:
        return Zone.objects.none()
    return Zone.objects.filter(commune_codes__contains=[code], retired_at=None)


@dataclass(frozen=True, slots=True)
class Recent:
    """The last lines of the journal: what others did since the reader's previous visit, and the
    rest. `since` is None for who opens the record for the first time; `more`: not all was read.
    """

    since: datetime | None
    new: Sequence[JournalEntry]
    known: Sequence[JournalEntry]
    more: bool


def recent(access: Access) -> Recent:
    """Read the last lines and the reader's previous visit in one query."""
    rows = list(entries(access).annotate(seen=_seen(access))[: RECENT + 1])
    since = rows[0].seen if rows else None
    me = access.actor.user_id
    new, known = [], []
    for row in rows[:RECENT]:
        is_new = since is not None and row.at > since and row.user_id != me
        (new if is_new else known).append(row)
    return Recent(since, new, known, more=len(rows) > RECENT)


def _seen(access: Access) -> Greatest:
    """The end of the reader's previous visit, or the moment they marked all as read if later."""
    mine = {"user_id": access.actor.user_id, "patient_id": access.patient_id}
    visits = (
        AccessTrace.objects.filter(**mine, granted=True)
        .annotate(next=Window(Lead("at"), order_by=F("at").asc()))
        .filter(next__gt=F("at") + VISIT_GAP)
        .order_by("-at")
    )
    mark = ReadMark.objects.filter(**mine)
    return Greatest(Subquery(visits.values("at")[:1]), Subquery(mark.values("at")[:1]))


def attempts_today(user_id: UUID) -> int:
    """Count the break-glass requests of a person in the last 24 hours."""
    day = timezone.now() - timedelta(hours=24)
    return BreakGlassAttempt.objects.filter(user_id=user_id, at__gt=day).count()
