"""What Pro Santé Connect says of a professional: who, and where they work.

`SubjectNameID` is the national identifier: 8 then the RPPS number, or 0 then the ADELI number.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ronde.accounts.psc.refusal import Refusal, Refused

NUMBER = re.compile(r"(?P<kind>[80])(?P<number>\d+)")
LENGTHS = {"8": 11, "0": 9}
FIELDS = {
    "finess": "numeroFinessSite",
    "finess_legal": "numeroFinessetablissementJuridique",
    "siret": "numeroSiretSite",
    "technical_id": "identifiantTechniqueDeLaStructure",
}
LONGEST = 250
MOST_WORKPLACES = 30


@dataclass(frozen=True, slots=True)
class Workplace:
    """One activity of one exercise; the numbers may all be empty (a practice at home)."""

    name: str
    town: str
    profession: str
    finess: str = ""
    finess_legal: str = ""
    siret: str = ""
    technical_id: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Professional:
    rpps: str
    adeli: str
    given_name: str
    family_name: str
    workplaces: tuple[Workplace, ...]


def professional(claims: Mapping[str, Any]) -> Professional:
    """Read the claims; raises `Refused` when they carry no number of the directory."""
    number = _text(claims.get("SubjectNameID") or claims.get("preferred_username"))
    known = claims.get("preferred_username")
    if known and _text(known) != number:
        raise Refused(Refusal.TOKEN)
    found = NUMBER.fullmatch(number)
    if found is None or len(found["number"]) != LENGTHS[found["kind"]]:
        raise Refused(Refusal.NO_NUMBER)
    return Professional(
        rpps=found["number"] if found["kind"] == "8" else "",
        adeli=found["number"] if found["kind"] == "0" else "",
        given_name=_text(claims.get("given_name")),
        family_name=_text(claims.get("family_name")),
        workplaces=tuple(dict.fromkeys(_workplaces(claims)))[:MOST_WORKPLACES],
    )


def _text(value: Any) -> str:
    return str(value).strip()[:LONGEST] if isinstance(value, str | int) else ""


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _workplaces(claims: Mapping[str, Any]) -> Iterator[Workplace]:
    about = claims.get("SubjectRefPro")
    for exercise in _list(about.get("exercices") if isinstance(about, Mapping) else None):
        for activity in _list(exercise.get("activities")):
            numbers = {ours: _text(activity.get(theirs)) for ours, theirs in FIELDS.items()}
            yield Workplace(
                name=_text(activity.get("raisonSocialeSite"))
                or _text(activity.get("enseigneCommercialeSite")),
                town=re.sub(r"^\d{5} ", "", _text(activity.get("bureauCedex"))),
                profession=_text(exercise.get("codeProfession")),
                **numbers,
            )
