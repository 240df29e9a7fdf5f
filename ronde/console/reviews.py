"""What the privacy officer reads of break-glass accesses: their queue, and one of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.models import BreakGlass, Explanation, Review, Verdict
from ronde.careteam.sections import looked_at
from ronde.core.text import words
from ronde.journal.models import AccessTrace
from ronde.notifications.models import Sent

# Openings closer than this are one visit, as in the record's own trace.
VISIT_GAP = timedelta(minutes=30)
# How long before its end a deadline is near.
NEAR = timedelta(days=2)
OPEN, CLOSED = "ouverts", "clos"


def delay() -> timedelta:
    return timedelta(days=settings.BREAK_GLASS_REVIEW_DAYS)


def _rows() -> QuerySet[BreakGlass]:
    questions = Explanation.objects.filter(glass=OuterRef("pk"))
    return BreakGlass.objects.annotate(
        verdict=Subquery(Review.objects.filter(glass=OuterRef("pk")).values("verdict")[:1]),
        waits=Exists(questions.filter(answered_at=None)),
        answered=Exists(questions.filter(answered_at__isnull=False)),
    )


def queue(state: str = OPEN) -> QuerySet[BreakGlass]:
    """The accesses to review, the oldest first, hence those that are late; or those closed."""
    rows = _rows()
    if state == CLOSED:
        return rows.exclude(reviewed_at=None).order_by("-reviewed_at", "pk")
    return rows.filter(reviewed_at=None).order_by("opened_at", "pk")


@dataclass(frozen=True, slots=True)
class Counts:
    late: int
    near: int
    waiting: int
    answered: int
    open: int


def counts() -> Counts:
    rows, now = queue(), timezone.now()
    late, near = now - delay(), now - delay() + NEAR
    return Counts(
        late=rows.filter(opened_at__lt=late).count(),
        near=rows.filter(opened_at__range=(late, near)).count(),
        waiting=rows.filter(waits=True).count(),
        answered=rows.filter(answered=True, waits=False).count(),
        open=rows.count(),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One access in the queue: `number` is all that is known of the record."""

    glass: BreakGlass
    number: int

    @property
    def deadline(self) -> datetime:
        return self.glass.opened_at + delay()

    @property
    def is_late(self) -> bool:
        return self.glass.reviewed_at is None and self.deadline < timezone.now()

    @property
    def is_near(self) -> bool:
        return (
            self.glass.reviewed_at is None
            and not self.is_late
            and self.deadline < timezone.now() + NEAR
        )

    @property
    def in_the_name_of(self) -> str:
        party, person = self.glass.party_name, self.glass.person_name
        return party if sorted(words(party)) != sorted(words(person)) else ""

    @property
    def state(self) -> tuple[str, str, str]:
        """Words, colour and icon of where the review stands."""
        if self.glass.reviewed_at:
            return (str(Verdict(self.glass.verdict).label), *_COLOURS[self.glass.verdict])
        if self.glass.waits:
            return _("Réponse attendue"), "al", "clock"
        if self.glass.answered:
            return _("Réponse reçue"), "acc", "message-square"
        if self.glass.verdict:
            return (str(Verdict(self.glass.verdict).label), *_COLOURS[self.glass.verdict])
        return _("À relire"), "", "inbox"


_COLOURS = {
    Verdict.JUSTIFIED: ("ok", "circle-check"),
    Verdict.UNCLEAR: ("al", "circle-help"),
    Verdict.UNJUSTIFIED: ("da", "circle-alert"),
}


def lines(glasses: Sequence[BreakGlass]) -> list[Line]:
    numbers = _numbers({glass.patient_id for glass in glasses})
    return [Line(glass, numbers.get(glass.patient_id, 0)) for glass in glasses]


def _numbers(patients: Iterable[UUID]) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM careteam_reviewed_records(%s::uuid[])", [list(patients)])
        return dict(cursor.fetchall())


def one(glass_id: UUID) -> Line | None:
    """An access, open or closed."""
    glass = _rows().filter(pk=glass_id).first()
    return lines([glass])[0] if glass else None


@dataclass(frozen=True, slots=True)
class Visit:
    began: datetime
    ended: datetime
    sections: str
    openings: int
    wrote: bool


def visits(glass: BreakGlass) -> list[Visit]:
    """What was opened through this access, visit by visit."""
    traces = AccessTrace.objects.filter(
        patient_id=glass.patient_id,
        user_id=glass.user_id,
        party_id=glass.party_id,
        reason="break_glass",
        at__range=(glass.opened_at, glass.until),
    ).order_by("at")
    groups: list[list[AccessTrace]] = []
    for trace in traces:
        if not groups or trace.at - groups[-1][-1].at > VISIT_GAP:
            groups.append([])
        groups[-1].append(trace)
    return [_visit(group) for group in groups]


def _visit(traces: list[AccessTrace]) -> Visit:
    return Visit(
        traces[0].at,
        traces[-1].at,
        looked_at({trace.section for trace in traces}),
        len(traces),
        any(trace.write for trace in traces),
    )


@dataclass(frozen=True, slots=True)
class Written:
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Told:
    """When the circle was told, and by how many mails."""

    at: datetime
    mails: int


def written(glass: BreakGlass) -> tuple[list[Written], Told | None]:
    """The kinds of what was recorded through this access, and how the circle was told of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM careteam_glass_events(%s)", [glass.pk])
        rows = cursor.fetchall()
    told, kinds = None, []
    for entry_id, event, at in rows:
        if event == "GlassBroken":
            told = told or Told(at, Sent.objects.filter(entry_id=entry_id).count())
        else:
            kinds.append(Written(at, str(KINDS.get(event, OTHER))))
    return kinds, told


KINDS = {
    "NoteWritten": gettext_lazy("Note au fil d'actualité"),
    "GlassClosed": gettext_lazy("Fin de l'accès, par la personne elle-même"),
    "AccessAsked": gettext_lazy("Demande d'accès durable au cercle"),
}
OTHER = gettext_lazy("Autre écriture")


def earlier(glass: BreakGlass) -> list[Line]:
    """The former accesses of the same person, the last one first."""
    former = BreakGlass.objects.filter(user_id=glass.user_id, opened_at__lt=glass.opened_at)
    keys = list(former.order_by("-opened_at").values_list("pk", flat=True)[:20])
    known = _rows().in_bulk(keys)
    return lines([known[key] for key in keys])


def questions(glass: BreakGlass) -> list[Explanation]:
    return list(glass.explanations.order_by("asked_at"))
