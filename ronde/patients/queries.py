"""Reading identities: those that look alike, and what one record's became."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from ronde.patients.matching import LOOKALIKE_FROM, Match, Traits, Verdict, score, search
from ronde.patients.models import Consent, IdentityHistory, IdentityStatus, Zone

# How many candidates share a key at most: the most common name of a region stays under this.
MOST_CANDIDATES = 10_000
SHOWN = 10
# What an identity whose five traits are all known scores against itself.
WHOLE = 34.0
# Every probable duplicate is shown, since each one has to be set aside; past this the search is
# too vague to decide on.
MOST_PROBABLE = 50


@dataclass(frozen=True, slots=True)
class Near:
    """What an identity search may show of a record that one does not follow: traits, never who
    follows the patient.
    """

    id: UUID
    birth_name: str
    first_given: str
    given_names: str
    used_name: str
    used_given: str
    birth_date: date
    sex: str
    birth_place_code: str
    birth_place: str
    twin_rank: int | None
    identity_status: int
    is_homonym: bool

    @property
    def traits(self) -> Traits:
        return Traits(
            birth_name=self.birth_name,
            first_given=self.first_given,
            given_names=self.given_names,
            used_name=self.used_name,
            used_given=self.used_given,
            birth_date=self.birth_date,
            sex=self.sex,
            birth_place=self.birth_place_code,
            twin_rank=self.twin_rank,
        )

    @property
    def status_label(self) -> str:
        return str(IdentityStatus(self.identity_status).label)


def _candidates(keys: list[str]) -> Iterator[tuple[Near, Traits]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM patients_near(%s, %s)", [keys, MOST_CANDIDATES])
        for row in cursor.fetchall():
            found = Near(*row)
            yield found, found.traits


def near(traits: Traits) -> list[Match]:
    """Find who may be this person across all circles, best first; `match.ref` is a `Near`.

    The ten best, and every probable duplicate; what has nothing in common is left out, with less
    asked of identities that have less to compare (no date, no place). It wants a signed-in user,
    and the caller records the search.
    """
    enough = LOOKALIKE_FROM * score(traits, traits).bits / WHOLE
    found = search(traits, _candidates, MOST_PROBABLE)
    alike = [match for match in found if match.score.bits >= enough]
    return [
        match
        for rank, match in enumerate(alike)
        if rank < SHOWN or match.score.verdict is Verdict.PROBABLE
    ]


def probable(matches: list[Match]) -> list[Match]:
    """Those that stop a creation until a person decides."""
    return [match for match in matches if match.score.verdict is Verdict.PROBABLE]


def looks_like_a_twin(match: Match) -> bool:
    """Same family, same birth, another given name: a twin rather than the same person."""
    words = {part.trait: part.bits for part in match.score.parts}
    return (
        words["birth_name"] > 0
        and words["birth_date"] >= 9
        and words["birth_place"] >= 0
        and words["first_given"] < 0
    )


def consents(patient_id: UUID) -> QuerySet[Consent]:
    """Every consent of the record, the last one first."""
    return Consent.objects.filter(patient_id=patient_id).order_by("-attested_at")


def history(patient_id: UUID) -> QuerySet[IdentityHistory]:
    return IdentityHistory.objects.filter(patient_id=patient_id).order_by("-at", "-pk")


def values_at(patient_id: UUID, version: int) -> dict[str, Any]:
    """What the columns changed since `version` held at that version, as JSON values."""
    later = history(patient_id).filter(version__gt=version).values_list("before", flat=True)
    former: dict[str, Any] = {}
    for before in later:
        former.update(before)
    return former


def zones_of(commune_code: str) -> list[str]:
    """Name the zones that hold this commune, in alphabetical order."""
    if not commune_code:
        return []
    held = Zone.objects.filter(commune_codes__contains=[commune_code], retired_at=None)
    return list(held.order_by("name").values_list("name", flat=True))
