"""Reading the worklist: one statement for the rows, whatever the size of the party."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from ronde.careteam.access import grants_of, sections_for
from ronde.core.actor import Actor
from ronde.core.text import fold
from ronde.directory.models import Kind, Party
from ronde.followup.queries import StatusKind, named, under_way, with_follow_up
from ronde.patients.models import Merge, Patient, Zone
from ronde.worklist.filters import Filters, apply, ordered
from ronde.worklist.models import Favourite, SavedSearch

COLUMNS = (
    "patient_id",
    "until",
    "updated_at",
    "sex",
    "birth_date",
    "identity_status",
    "is_deceased",
    "patient__birth_name",
    "patient__first_given",
    "patient__used_name",
    "patient__used_given",
    "patient__death_date",
    "patient__postcode",
    "patient__city",
    "patient__commune_code",
    "patient__record_number",
    "is_favourite",
    "shown_statuses",
    "shown_places",
    "shown_starts",
)


@dataclass(slots=True)
class Row:
    """One line of the worklist. `until` is set for a break-glass access."""

    patient_id: UUID
    until: datetime | None
    updated_at: datetime
    sex: str
    birth_date: date
    identity_status: int
    is_deceased: bool
    birth_name: str
    first_given: str
    used_name: str
    used_given: str
    death_date: date | None
    postcode: str
    city: str
    commune_code: str
    record_number: int
    is_favourite: bool
    status_codes: list[str] | None
    stay_places: list[str] | None
    stay_starts: list[datetime] | None

    @property
    def statuses(self) -> list[StatusKind]:
        return named(self.status_codes or ())

    @property
    def stays(self) -> list[str]:
        return under_way(self.stay_places or (), self.stay_starts or ())

    @property
    def family(self) -> str:
        return self.used_name or self.birth_name

    @property
    def given(self) -> str:
        return Patient.spoken(self.used_given or self.first_given)

    @property
    def born(self) -> str:
        """Birth name and given name, when they differ from those of everyday life."""
        if not self.used_name and not self.used_given:
            return ""
        return f"{self.birth_name} {Patient.spoken(self.first_given)}"


def readable(actor: Actor) -> frozenset[str]:
    """The sections that a list may show and filter by: those of the profession, since a list has no
    role of one record.
    """
    return sections_for(actor.profession, as_structure=actor.as_structure)[0]


def matching(actor: Actor, filters: Filters, sections: frozenset[str]) -> QuerySet[Any]:
    """The records of `actor` that fit, in order, as bare grants: to count and to cut."""
    return ordered(apply(grants_of(actor), filters, actor.user_id, sections), filters, sections)


def with_columns(grants: QuerySet[Any], user_id: UUID, sections: frozenset[str]) -> QuerySet[Any]:
    star = Favourite.objects.filter(user_id=user_id, patient_id=OuterRef("patient_id"))
    known = with_follow_up(grants, sections).annotate(is_favourite=Exists(star))
    return known.values_list(*COLUMNS)


def rows(actor: Actor, filters: Filters) -> "Rows":
    """The lines of the worklist; the page and the export read the same."""
    sections = readable(actor)
    return Rows(matching(actor, filters, sections), actor.user_id, sections)


def ticked(actor: Actor, patient_ids: Iterable[UUID], sort: Filters) -> "Rows":
    """The lines of these records, in the order of the screen."""
    sections = readable(actor)
    chosen = grants_of(actor).filter(patient_id__in=list(patient_ids))
    return Rows(ordered(chosen, sort, sections), actor.user_id, sections)


@dataclass(frozen=True, slots=True)
class Rows:
    """A queryset as a pager wants it: counted on the grants alone, shown with all columns."""

    grants: QuerySet[Any]
    user_id: UUID
    sections: frozenset[str]

    def order_by(self) -> QuerySet[Any]:
        return self.grants.order_by()

    def __getitem__(self, cut: slice) -> list[Row]:
        shown = with_columns(self.grants, self.user_id, self.sections)
        return [Row(*values) for values in shown[cut]]


def zones() -> list[Zone]:
    return list(Zone.objects.filter(retired_at=None).order_by("name"))


def zone_names(known: Iterable[Zone]) -> dict[str, list[str]]:
    """For each commune, the names of its zones."""
    found: dict[str, list[str]] = {}
    for zone in known:
        for code in zone.commune_codes:
            found.setdefault(code, []).append(zone.name)
    return found


def saved_searches(user_id: UUID) -> list[SavedSearch]:
    return list(SavedSearch.objects.filter(user_id=user_id).order_by("-is_default", "created_at"))


def is_favourite(actor: Actor, patient_id: UUID) -> bool:
    return Favourite.objects.filter(user_id=actor.user_id, patient_id=patient_id).exists()


def found_by_words(actor: Actor, text: str, limit: int = 8) -> list[Row]:
    """The quick search (Ctrl K): names in any order, date of birth, or record number."""
    filters = Filters(text=text, deceased="", archived="", sort="nom")
    sections = frozenset[str]()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return _numbered(actor, int(text), sections)
    if fold(text):
        grants = matching(actor, filters, sections)
    else:
        return []
    return Rows(grants, actor.user_id, sections)[:limit]


def _numbered(actor: Actor, number: int, sections: frozenset[str]) -> list[Row]:
    """The record of this number, or the one where it is read since it was merged."""
    mine = grants_of(actor)
    found = Rows(mine.filter(patient__record_number=number), actor.user_id, sections)[:1]
    if found:
        return found
    merged = Merge.objects.filter(other_number=number, undone_at=None).values("current_id")
    return Rows(mine.filter(patient_id__in=merged), actor.user_id, sections)[:1]


def parties(text: str, *, structures: bool, limit: int = 12) -> list[Party]:
    """Persons or structures of the directory whose name starts with the text, by name."""
    key = fold(text)
    kind = Kind.STRUCTURE if structures else Kind.PERSON
    named = Party.objects.filter(kind=kind, gone_on=None, sort_key__gte=key)
    return list(named.filter(sort_key__lt=key + "\uffff").order_by("sort_key")[:limit])
