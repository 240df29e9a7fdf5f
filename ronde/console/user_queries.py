"""The accounts, and what was done outside of any record, as the console reads them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from ronde.accounts.mfa.queries import has_second_step
from ronde.accounts.models import Attachment, Duty, DutyKind, User
from ronde.accounts.queries import attachments
from ronde.core.text import words
from ronde.journal.events import event_classes
from ronde.journal.models import JournalEntry
from ronde.terminology.queries import display

OPEN, CLOSED = "ouverts", "fermes"
STATES = (OPEN, CLOSED)
SHOWN = 20
SECTIONS = ("account", "console")


def accounts(state: str, text: str) -> QuerySet[User]:
    """By name; `text`: words of the name, an address or a number of the directory."""
    rows = User.objects.filter(is_active=state == OPEN).select_related("person")
    for word in text.split():
        rows = rows.filter(
            Q(full_name__icontains=word)
            | Q(email__icontains=word)
            | Q(person__rpps=word)
            | Q(person__adeli=word)
        )
    return rows.order_by("full_name", "pk")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What support may know of an account: never a record."""

    user: User
    profession: str
    number: str
    attachments: list[Attachment]
    duties: list[str]
    second_step: bool
    by_pro_sante: bool
    lines: list["Line"]


def sheet(user: User) -> Sheet:
    person = user.person
    held = Duty.objects.filter(user=user, ended_at=None).values_list("kind", flat=True)
    return Sheet(
        user=user,
        profession=display("professions", person.profession_code) if person else "",
        number=(person.rpps or person.adeli) if person else "",
        attachments=attachments(user),
        duties=[str(DutyKind(kind).label) for kind in held],
        second_step=has_second_step(user),
        by_pro_sante=hasattr(user, "pro_sante"),
        lines=lines(_entries().filter(user_id=user.pk)[:SHOWN]),
    )


def _entries() -> QuerySet[JournalEntry]:
    rows = JournalEntry.objects.filter(patient_id=None, section__in=SECTIONS)
    return rows.order_by("-at", "-pk")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the audit. `about`: the account to which it was done, when it is another."""

    entry: JournalEntry
    sentence: str
    about: str


def audit(text: str, event: str, first: date | None, last: date | None) -> QuerySet[JournalEntry]:
    """What was done to accounts and in the console, the last first; `text`: words of a name."""
    rows = _entries()
    for word in words(text):
        rows = rows.filter(person_name__icontains=word)
    if event:
        rows = rows.filter(event=event)
    if first:
        rows = rows.filter(at__date__gte=first)
    return rows.filter(at__date__lte=last) if last else rows


def lines(entries: QuerySet[JournalEntry] | list[JournalEntry]) -> list[Line]:
    rows = list(entries)
    asked = {row.pk: row.payload.get("account") for row in rows}
    keys = {UUID(one) for one in asked.values() if one}
    names = dict(User.objects.filter(pk__in=keys).values_list("pk", "full_name"))
    known = event_classes()
    found = []
    for row in rows:
        kind = known.get(row.event)
        key = UUID(asked[row.pk]) if asked[row.pk] else None
        about = names.get(key, "") if key and key != row.user_id else ""
        found.append(Line(row, kind.sentence(row.payload) if kind else row.event, about))
    return found


def kinds() -> list[tuple[str, str]]:
    """The events that the audit may be filtered by, in words."""
    found = [
        (name, str(kind.text))
        for name, kind in event_classes().items()
        if kind.section in SECTIONS and getattr(kind, "text", "") and "%" not in str(kind.text)
    ]
    return sorted(found, key=lambda pair: pair[1])
