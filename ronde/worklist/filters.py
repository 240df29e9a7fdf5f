"""What a worklist is filtered and sorted by; kept under a short key, never in an address."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ronde.careteam.models import Grant, Member, MemberKind
from ronde.careteam.sections import STATUS, STAYS
from ronde.core.text import fold
from ronde.followup.queries import in_hospital, with_status
from ronde.patients.models import Zone
from ronde.worklist.models import Favourite

YES, NO = "oui", "non"
# By status: in the order of the region's list. By stay: in hospital since the longest, then those
# to come. Records without any follow.
SORTS = {
    "maj": "updated_at",
    "nom": "sort_key",
    "naissance": "birth_date",
    "deces": "patient__death_date",
    "sexe": "sex",
    "commune": "commune_code",
    "statut": "identity_status",
    "suivi": "status_rank",
    "sejour": "stay_starts__0",
}
NEEDED = {"suivi": STATUS, "sejour": STAYS}
DEFAULT_SORT = "-maj"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of features B2 for the data that exist; empty means «not filtered».

    Three-state switches are `oui`, `non` or empty (both). Deceased and archived records are left
    out until asked for.
    """

    text: str = ""
    birth_name: str = ""
    used_name: str = ""
    given: str = ""
    birth_date: str = ""
    sexes: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    record_statuses: list[str] = field(default_factory=list)
    professional: str = ""
    professional_name: str = ""
    roles: list[str] = field(default_factory=list)
    structure: str = ""
    structure_name: str = ""
    zones: list[int] = field(default_factory=list)
    commune: str = ""
    commune_name: str = ""
    favourites: str = ""
    deceased: str = NO
    archived: str = NO
    break_glass: str = ""
    stays: str = ""
    sort: str = DEFAULT_SORT

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Filters":
        """Take back stored values; a name of a former release is left aside."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})

    def values(self) -> dict[str, Any]:
        """The values that differ from «everything»."""
        neutral = asdict(Filters())
        return {name: value for name, value in asdict(self).items() if value != neutral[name]}

    def key(self) -> str:
        text = json.dumps(self.values(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def sorted_by(self, sort: str) -> "Filters":
        return replace(self, sort=sort) if sort.lstrip("-") in SORTS else self

    def without(self, name: str) -> "Filters":
        """The same filters less one (its cross was pressed); deceased and archived come back in."""
        if name not in {one.name for one in fields(self)}:
            return self
        return replace(self, **{name: getattr(Filters(), name)})

    @property
    def has_details(self) -> bool:
        """Whether a filter is on among those that are folded away."""
        return bool(self.values().keys() & DETAILS)


DETAILS = {
    "birth_name",
    "used_name",
    "given",
    "birth_date",
    "commune",
    "professional",
    "structure",
    "favourites",
    "deceased",
    "archived",
    "break_glass",
    "stays",
}


def apply(
    grants: QuerySet[Grant], filters: Filters, user_id: UUID, sections: frozenset[str]
) -> QuerySet[Grant]:
    """Narrow the records of a party. Conditions only ever narrow: the rule came first.

    A filter on what `sections` does not open is left aside: it would tell what it hides.
    """
    conditions = (
        *_traits(filters),
        *_circle(filters),
        *_follow_up(filters, sections),
        *_switches(filters, user_id),
    )
    for condition in conditions:
        grants = grants.filter(condition)
    return grants


def ordered(grants: QuerySet[Grant], filters: Filters, sections: frozenset[str]) -> QuerySet[Grant]:
    """Sort by one column, then by patient so that pages never overlap.

    An order by what `sections` does not open would tell what it hides: the usual one then.
    """
    needed = NEEDED.get(filters.sort.lstrip("-"))
    sort = filters.sort if needed is None or needed in sections else DEFAULT_SORT
    column = SORTS[sort.lstrip("-")]
    sign = "-" if sort.startswith("-") else ""
    return grants.order_by(f"{sign}{column}", f"{sign}patient_id")


def _traits(filters: Filters) -> list[Q]:
    found = [_word(word) for word in filters.text.split()]
    if filters.birth_name:
        found.append(_prefix("name_key", filters.birth_name))
    if filters.used_name:
        found.append(_prefix("used_key", filters.used_name))
    if filters.given:
        found.append(_prefix("given_key", filters.given))
    if filters.birth_date:
        found.append(Q(birth_date=date.fromisoformat(filters.birth_date)))
    if filters.sexes:
        found.append(Q(sex__in=filters.sexes))
    if filters.statuses:
        found.append(Q(identity_status__in=filters.statuses))
    if filters.commune:
        found.append(Q(commune_code=filters.commune))
    if filters.zones:
        codes = Zone.objects.filter(pk__in=filters.zones, retired_at=None).values_list(
            "commune_codes", flat=True
        )
        found.append(Q(commune_code__in={code for zone in codes for code in zone}))
    return found


def _prefix(column: str, text: str) -> Q:
    """`column` starts with the folded text: a range, so that row-level security lets the index
    work (LIKE is not leakproof).
    """
    key = fold(text)
    return Q(**{f"{column}__gte": key, f"{column}__lt": key + "\uffff"}) if key else Q()


def _word(word: str) -> Q:
    """One word of the quick filter: a date of birth, or the start of any of the names."""
    born = typed_date(word)
    if born:
        return Q(birth_date=born)
    return _prefix("name_key", word) | _prefix("used_key", word) | _prefix("given_key", word)


def typed_date(text: str) -> date | None:
    """Read JJ/MM/AAAA; None when the text is something else or no day of the calendar."""
    parts = text.replace("-", "/").replace(".", "/").split("/")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    day, month, year = map(int, parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _circle(filters: Filters) -> list[Q]:
    found = []
    member = Member.objects.filter(patient_id=OuterRef("patient_id"), removed_at=None)
    if filters.professional or filters.roles:
        wanted = member
        if filters.professional:
            wanted = wanted.filter(party_id=filters.professional)
        if filters.roles:
            wanted = wanted.filter(roles__role__in=filters.roles, roles__is_current=True)
        found.append(Q(Exists(wanted)))
    if filters.structure:
        found.append(
            Q(Exists(member.filter(kind=MemberKind.STRUCTURE, party_id=filters.structure)))
        )
    return found


def _follow_up(filters: Filters, sections: frozenset[str]) -> list[Q]:
    """One of these statuses today, for any of the parties that follow; in hospital now, or not."""
    found = []
    if filters.record_statuses and STATUS in sections:
        found.append(with_status(filters.record_statuses))
    if filters.stays and STAYS in sections:
        found.append(in_hospital() if filters.stays == YES else ~in_hospital())
    return found


def _switches(filters: Filters, user_id: UUID) -> list[Q]:
    found = []
    for column, state in (("is_deceased", filters.deceased), ("is_archived", filters.archived)):
        if state:
            found.append(Q(**{column: state == YES}))
    if filters.favourites:
        star = Q(
            Exists(Favourite.objects.filter(user_id=user_id, patient_id=OuterRef("patient_id")))
        )
        found.append(star if filters.favourites == YES else ~star)
    if filters.break_glass:
        found.append(Q(until__isnull=filters.break_glass == NO))
    return found
