"""The identity of each record: statuses, proofs, INS of test, unknown traits, namesakes.

The proportions are those of a region at work: a third still provisional, a third checked against a
document, a quarter qualified by INSi (test identifiers only), a few special cases.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from demo import numbers
from demo.draw import draw
from demo.patients import ELDER, INFANT, Person
from demo.people import Human
from ronde.core.text import fold
from ronde.patients.conventions import EMPTY, TO_ASK, UNKNOWN_DATE, UNKNOWN_PLACE
from ronde.patients.models import ConsentGiver, IdentityStatus, Proof
from ronde.patients.nir import OID_TEST

_PLAIN, _NAMESAKE = "", "namesake"
# Each of these cases once in so many records, from the given one on.
_CASES = {
    "place": (110, 41),
    "date": (260, 77),
    "given": (410, 103),
    "doubtful": (230, 89),
    "fictitious": (650, 300),
    _NAMESAKE: (170, 58),
}
_INFANT_PROOFS = {Proof.FAMILY_BOOK: 5, Proof.BIRTH_CERTIFICATE: 4}
_PROOFS = {Proof.CNI: 12, Proof.PASSPORT: 4, Proof.FAMILY_BOOK: 1, Proof.RESIDENCE_PERMIT: 1}


@dataclass(frozen=True, slots=True)
class Identity:
    """What the creation form holds: `values` are columns of the patient, proof apart.

    `proof` was seen when the record was opened, or some days after (`proof_later`). `why` says how
    the record differs from `namesake_of`, an earlier one.
    """

    values: dict[str, Any]
    status: IdentityStatus
    proof: str = ""
    proof_later: bool = False
    giver: str = ConsentGiver.PATIENT
    giver_other: str = ""
    namesake_of: int | None = None
    why: str = ""


class Identities:
    """Draws them in the order of the records: NIRs and namesakes depend on those before."""

    def __init__(self) -> None:
        self.rng = draw("identities")
        self.nirs = numbers.Nirs()
        self._last: dict[str, Person] = {}

    def of(self, person: Person) -> Identity:
        """Draw the identity of a record; a namesake takes the name of an earlier patient."""
        case = self._case(person)
        other = self._last.get(person.human.sex + person.profile) if case == _NAMESAKE else None
        if other is not None:
            person = replace(person, human=_same_name(person.human, other.human))
        self._last[person.human.sex + person.profile] = person
        found = self._identity(person, case)
        if other is not None:
            found = replace(
                found,
                namesake_of=other.number,
                why="Homonyme : ni la même adresse, ni le même lieu de naissance",
            )
        return found

    def told(self, person: Person, status: IdentityStatus, proof: str) -> Identity:
        """The identity that a story wants."""
        values = {
            **_traits(person.human),
            **_address(person),
            "nir": self._nir(person.human, status),
        }
        giver = ConsentGiver.PARENT if person.profile == INFANT else ConsentGiver.PATIENT
        return Identity(values=values, status=status, proof=proof, giver=giver)

    def _case(self, person: Person) -> str:
        if person.human.twin_rank:
            return _PLAIN
        return next(
            (name for name, (every, first) in _CASES.items() if person.number % every == first),
            _PLAIN,
        )

    def _identity(self, person: Person, case: str) -> Identity:
        human = _unknown(person.human, case)
        status = self._status(human, case)
        proof = self._proof(person, status)
        giver, other = self._giver(person)
        values = {
            **_traits(human),
            **self._daily(person),
            **_address(person),
            **self._mail(person),
            "nir": self._nir(human, status),
            "is_homonym": case == _NAMESAKE,
            "is_doubtful": case == "doubtful",
            "is_fictitious": case == "fictitious",
        }
        return Identity(
            values=values,
            status=status,
            proof=proof,
            proof_later=status == IdentityStatus.VALIDEE and self.rng.chance(0.25),
            giver=giver,
            giver_other=other,
        )

    def _status(self, human: Human, case: str) -> IdentityStatus:
        if case not in {_PLAIN, _NAMESAKE}:
            return IdentityStatus.PROVISOIRE
        shares = {
            IdentityStatus.PROVISOIRE: 34,
            IdentityStatus.RECUPEREE: 5,
            IdentityStatus.VALIDEE: 33,
            IdentityStatus.QUALIFIEE: 28,
        }
        status = self.rng.weighted(shares)
        retrieved = status in {IdentityStatus.RECUPEREE, IdentityStatus.QUALIFIEE}
        if retrieved and human.birth_country_code != "99100":
            return IdentityStatus.VALIDEE
        return status

    def _proof(self, person: Person, status: IdentityStatus) -> str:
        if status < IdentityStatus.VALIDEE:
            return ""
        return self.rng.weighted(_INFANT_PROOFS if person.profile == INFANT else _PROOFS)

    def _nir(self, human: Human, status: IdentityStatus) -> str:
        known = human.birth_country_code == "99100" and human.birth_place_code != UNKNOWN_PLACE
        if not known or human.birth_date == UNKNOWN_DATE:
            return ""
        if status == IdentityStatus.QUALIFIEE or self.rng.chance(0.25):
            return self.nirs.give(human.sex, human.birth_date, human.birth_place_code)
        return ""

    def _daily(self, person: Person) -> dict[str, Any]:
        """What daily life makes of an identity: a second given name used, a sex not known yet."""
        others = person.human.given_names.split()[1:] if person.profile != INFANT else []
        daily = {"used_given": others[0]} if others and self.rng.chance(0.05) else {}
        return {**daily, "sex": "U"} if self.rng.chance(0.0015) else daily

    def _mail(self, person: Person) -> dict[str, Any]:
        if not person.mobile or not self.rng.chance(0.2 if person.profile == ELDER else 0.6):
            return {}
        local = fold(f"{person.human.given} {person.human.name}").lower().replace(" ", ".")
        return {"email": f"{local}@courriel.example"}

    def _giver(self, person: Person) -> tuple[str, str]:
        if person.profile == INFANT:
            return ConsentGiver.PARENT, ""
        giver = self.rng.weighted(
            {
                ConsentGiver.PATIENT: 88,
                ConsentGiver.TUTEUR: 5,
                ConsentGiver.CURATEUR: 3,
                ConsentGiver.TRUSTED: 3,
                ConsentGiver.OTHER: 1,
            }
        )
        return giver, "L’assistante sociale du CCAS" if giver == ConsentGiver.OTHER else ""


def _same_name(one: Human, other: Human) -> Human:
    """Somebody else of the same name, born in the same year elsewhere."""
    day = one.birth_date
    return replace(
        one,
        birth_name=other.birth_name,
        first_given=other.first_given,
        given_names=other.given_names,
        birth_date=date(other.birth_date.year, day.month, min(day.day, 28)),
    )


def _unknown(human: Human, case: str) -> Human:
    """The conventions of the regional guides, for what nobody could say that day."""
    if case == "place":
        return replace(
            human,
            birth_place_code=UNKNOWN_PLACE,
            birth_place="Lieu inconnu",
            birth_country_code=UNKNOWN_PLACE,
        )
    if case == "date":
        return replace(human, birth_date=UNKNOWN_DATE)
    if case == "given":
        return replace(human, first_given=TO_ASK, given_names="")
    if case == "fictitious":
        return replace(human, birth_name=EMPTY, first_given=EMPTY, given_names="", used_name="")
    return human


def _traits(human: Human) -> dict[str, Any]:
    return {
        "birth_name": human.birth_name,
        "first_given": human.first_given,
        "given_names": human.given_names,
        "used_name": human.used_name,
        "birth_date": human.birth_date,
        "sex": human.sex,
        "birth_place_code": human.birth_place_code,
        "birth_place": human.birth_place,
        "birth_country_code": human.birth_country_code,
        "twin_rank": human.twin_rank,
    }


def _address(person: Person) -> dict[str, Any]:
    home = person.home
    return {
        "address_line": home.street,
        "address_extra": home.extra,
        "postcode": home.postcode,
        "city": home.town.name,
        "commune_code": home.town.code,
        "phone": home.phone,
        "mobile": person.mobile,
    }


def ins_of(identity: Identity) -> dict[str, Any]:
    """The columns of a qualified identity: the INS, under the identifier of tests."""
    if identity.status != IdentityStatus.QUALIFIEE:
        return {}
    return {"ins": identity.values["nir"], "ins_oid": OID_TEST}
