"""What is read of the documents of a record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404

from ronde.careteam import sections
from ronde.careteam.access import Access
from ronde.careteam.dated import Dated
from ronde.careteam.sections import DOCUMENT_CLASSES, documents
from ronde.core.sharing import Sharing
from ronde.core.text import words
from ronde.directory.models import Party
from ronde.documents import rights, types
from ronde.documents.models import Document, File, Scan

SORTS = {
    "date": ("event_date", "added_at"),
    "titre": ("title_key", "added_at"),
    "type": ("type_code", "event_date"),
    "ajout": ("added_at", "id"),
}
DEFAULT_SORT = "-date"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is reduced to; empty means «not filtered»."""

    text: str = ""
    classes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT

    def __bool__(self) -> bool:
        return bool(self.text or self.classes or self.types)


@dataclass(frozen=True, slots=True)
class Line:
    """One document as a list shows it."""

    document: Document
    file: File
    type: str
    is_new: bool

    @property
    def sharing(self) -> str:
        """Nothing for what is public: only the exception is worth a word."""
        if self.document.sharing == Sharing.SHARED:
            return f"{Sharing.SHARED.label} ({len(self.document.recipients)})"
        return "" if self.document.sharing == Sharing.PUBLIC else str(Sharing.PRIVATE.label)

    @property
    def author(self) -> str:
        return self.document.added_by_party_name


@dataclass(frozen=True, slots=True)
class Tally:
    """How many documents there are, class by class and type by type."""

    classes: list[tuple[str, Any, int]]
    types: list[tuple[str, str, int]]
    total: int


def readable(access: Access) -> QuerySet[Document]:
    """The documents that may be read, each with its current file."""
    files = File.objects.filter(is_current=True)
    rows = Document.objects.readable(access)
    return rows.prefetch_related(Prefetch("files", files, to_attr="current"))


def filtered(rows: QuerySet[Document], filters: Filters) -> QuerySet[Document]:
    if filters.classes:
        rows = rows.filter(class_code__in=filters.classes)
    if filters.types:
        rows = rows.filter(type_code__in=filters.types)
    return _ordered(with_words(rows, filters.text), filters.sort)


def with_words(rows: QuerySet[Document], text: str) -> QuerySet[Document]:
    """Keep the titles that hold each word."""
    wanted = Q()
    for word in words(text):
        wanted &= Q(title_key__contains=word)
    return rows.filter(wanted)


def _ordered(rows: QuerySet[Document], sort: str) -> QuerySet[Document]:
    columns = SORTS.get(sort.lstrip("-"), SORTS["date"])
    sign = "-" if sort.startswith("-") else ""
    return rows.order_by(*(f"{sign}{column}" for column in columns), "pk")


def tally(access: Access, text: str = "") -> Tally:
    """Count what may be read, whatever the classes and types chosen."""
    rows = with_words(Document.objects.readable(access), text).order_by()
    found = rows.values_list("class_code", "type_code").annotate(number=Count("pk"))
    classes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for class_code, type_code, number in found:
        classes[class_code] += number
        kinds[type_code] += number
    named = sorted((types.label(code), code) for code in kinds)
    return Tally(
        [
            (code, label, classes[code])
            for code, label in DOCUMENT_CLASSES.items()
            if access.can_read(documents(code))
        ],
        [(code, name, kinds[code]) for name, code in named],
        classes.total(),
    )


def lines(
    rows: Sequence[Document], since: datetime | None = None, me: UUID | None = None
) -> list[Line]:
    """Word the rows; new: added by somebody else than `me` after `since`."""
    return [
        Line(
            row,
            row.current[0],
            types.label(row.type_code),
            is_new=since is not None and row.added_at > since and row.added_by_user != me,
        )
        for row in rows
    ]


def recent(access: Access, since: datetime | None, limit: int) -> list[Line]:
    """The documents added last; those added by others after `since` are new."""
    rows = readable(access).order_by("-added_at", "-pk")
    return lines(list(rows[:limit]), since, access.actor.user_id)


def waiting(access: Access) -> list[str]:
    """The titles of what may be read and that the antivirus has not seen yet."""
    rows = Document.objects.readable(access).filter(
        files__is_current=True, files__scan=Scan.PENDING
    )
    return list(rows.order_by("added_at", "pk").values_list("title", flat=True))


def of(access: Access, document_id: UUID) -> Document:
    """The document of an address, with its current file."""
    found = readable(access).filter(pk=document_id).first()
    if found is None:
        raise Http404
    return found


def recipient_names(document: Document) -> list[str]:
    """Those with whom it is shared, by name."""
    if document.sharing != Sharing.SHARED:
        return []
    rows = Party.objects.filter(pk__in=document.recipients).order_by("sort_key")
    return list(rows.values_list("display_name", flat=True))


def files(document: Document) -> list[File]:
    """Its versions, the last one first."""
    return list(document.files.order_by("-number"))


def section_of(access: Access, document_id: UUID, **address: Any) -> str:
    """Find to which section the document of an address belongs, readable or not by the matrix.

    Http404 when it is withdrawn, of another record, or not shown to who acts: it does not exist.
    The row of a closed class is hidden by its policy: the gate asks its class, to refuse it (403).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT documents_class(%s, %s)", [document_id, access.patient_id])
        (found,) = cursor.fetchone()
    if found is None:
        raise Http404
    return documents(found)


section_of.section = sections.DOCUMENTS  # type: ignore[attr-defined]


def dated(access: Access, start: date, end: date) -> list[Dated]:
    """The documents between two days, both included, each on the day of what it tells."""
    rows = Document.objects.readable(access).filter(event_date__range=(start, end))
    columns = rows.order_by("event_date", "pk").values_list(
        "event_date", "title", "type_code", "pk"
    )
    labels = {code: types.label(code) for code in {column[2] for column in columns}}
    return [
        Dated("document", day, title, labels[type_code], page="documents:show", key=key)
        for day, title, type_code, key in columns
    ]


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be done to a document by whoever reads it."""

    edit: bool
    share: bool
    withdraw: bool
    fresh: bool


def offered(access: Access, document: Document) -> Offered:
    return Offered(
        rights.may_edit(access, document),
        rights.may_share(access, document),
        rights.may_withdraw(access, document),
        rights.is_fresh(access, document),
    )
