"""Two thousand patients, household by household, with the people who live with them.

Most are old people at home; then adults ill or disabled, and infants followed by a perinatal
network. Couples, twins and brothers have a record each, and stand in each other's circle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from demo import numbers
from demo.draw import Draw, draw, key
from demo.people import Human, born_in, given_name, human, spoken, surname
from demo.towns import ZONES, Town, home, street

ELDER, ADULT, INFANT = "elder", "adult", "infant"
# The parts of the region, by the first words of their zones, and how many live there.
AREAS = {"Var Ouest": 58, "Var Est": 8, "Provence": 19, "Azur": 15}
_EXTRAS = ("", "", "", "", "Bât. B, 2e étage", "Résidence Les Pins", "3e étage sans ascenseur")


@dataclass(frozen=True, slots=True)
class Home:
    town: Town
    postcode: str
    street: str
    extra: str
    phone: str


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of the entourage, as a professional types them in the circle."""

    relationship: str
    family_name: str
    given_name: str
    sex: str
    roles: tuple[str, ...]
    phone: str = ""
    mobile: str = ""
    description: str = ""

    @property
    def values(self) -> dict[str, Any]:
        return {
            "display_name": f"{self.family_name} {self.given_name}",
            "family_name": self.family_name,
            "given_name": self.given_name,
            "title": "M" if self.sex == "M" else "MME",
            "relationship_code": self.relationship,
            "phone": self.phone,
            "mobile": self.mobile,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True)
class Person:
    """A patient before anything is said of the record: who, where, and with whom."""

    human: Human
    home: Home
    profile: str
    relatives: tuple[Relative, ...] = ()
    mobile: str = ""
    number: int = 0

    @property
    def id(self) -> UUID:
        return key("patient", self.number)

    @property
    def zone(self) -> str:
        return next(name for name, codes in ZONES.items() if self.home.town.code in codes)


def people(today: date, start: int, end: int) -> Iterator[Person]:
    """The patients numbered `start` to `end` (not included), the same ones every day of a year."""
    rng, number = draw("patients"), start
    while number < end:
        for person in _household(rng, today, number):
            if number < end:
                yield replace(person, number=number)
                number += 1


def _household(rng: Draw, today: date, number: int) -> list[Person]:
    area = rng.weighted(AREAS)
    town = home(rng, tuple(zone for zone in ZONES if zone.startswith(area)))
    where = Home(
        town=town,
        postcode=rng.choice(town.postcodes),
        street=street(rng),
        extra=rng.choice(_EXTRAS),
        phone=numbers.phone(1_000 + number) if rng.chance(0.75) else "",
    )
    make = rng.weighted({_alone: 38, _couple: 24, _adult: 24, _brothers: 3, _infants: 11})
    return make(rng, where, today, number)


def _alone(rng: Draw, where: Home, today: date, number: int) -> list[Person]:
    sex = "F" if rng.chance(0.7) else "M"
    born = born_in(rng, today.year - 98, today.year - 70)
    used = surname(rng) if sex == "F" and rng.chance(0.62) else ""
    one = human(rng, born, where.town, sex=sex, used_name=used)
    relatives = _children(rng, one, number, main=rng.chance(0.7)) or _neighbour(rng, number)
    return [Person(one, where, ELDER, relatives, _mobile(rng, 0.4, number))]


def _couple(rng: Draw, where: Home, today: date, number: int) -> list[Person]:
    born = born_in(rng, today.year - 96, today.year - 70)
    his = human(rng, born, where.town, sex="M")
    hers = human(
        rng,
        born + timedelta(days=rng.randint(-1_500, 2_500)),
        where.town,
        sex="F",
        used_name=his.birth_name if rng.chance(0.88) else "",
    )
    children = _children(rng, his, number, main=False)
    persons = []
    for rank, (one, other) in enumerate(((his, hers), (hers, his))):
        carer = ("main-caregiver", "emergency-contact") if rank == 0 else ("emergency-contact",)
        partner = _relative("SPS", other, roles=carer, phone=where.phone)
        mobile = _mobile(rng, 0.35, number + rank)
        persons.append(Person(one, where, ELDER, (partner, *children), mobile))
    return persons


def _adult(rng: Draw, where: Home, today: date, number: int) -> list[Person]:
    born = born_in(rng, today.year - 69, today.year - 22)
    one = human(rng, born, where.town)
    kin, sex = rng.choice([("MTH", "F"), ("SIS", "F"), ("BRO", "M"), ("DOMPART", "")])
    sex = sex or ("M" if one.sex == "F" else "F")
    other = human(rng, born, where.town, sex=sex, name="" if kin == "DOMPART" else one.birth_name)
    roles = ("emergency-contact", *(["main-caregiver"] if rng.chance(0.4) else []))
    near = (_relative(kin, other, roles=roles, mobile=numbers.mobile(2_000 + number)),)
    return [Person(one, where, ADULT, near if rng.chance(0.7) else (), _mobile(rng, 0.85, number))]


def _brothers(rng: Draw, where: Home, today: date, number: int) -> list[Person]:
    """Two grown-up brothers or sisters under one roof, one the other's carer."""
    born = born_in(rng, today.year - 75, today.year - 50)
    one = human(rng, born, where.town)
    other = human(
        rng, born + timedelta(days=rng.randint(400, 2_000)), where.town, name=one.birth_name
    )
    kin = {"F": "SIS", "M": "BRO"}
    hers = _relative(kin[other.sex], other, roles=("main-caregiver",), phone=where.phone)
    his = _relative(kin[one.sex], one, roles=("emergency-contact",), phone=where.phone)
    return [Person(one, where, ADULT, (hers,)), Person(other, where, ADULT, (his,))]


def _infants(rng: Draw, where: Home, today: date, number: int) -> list[Person]:
    """A child born too early, or twins, of the last thirty months, and their parents."""
    born = today - timedelta(days=rng.randint(12, 900))
    father = human(rng, born - timedelta(days=rng.randint(8_500, 15_000)), where.town, sex="M")
    mother = human(rng, born - timedelta(days=rng.randint(7_500, 14_500)), where.town, sex="F")
    name = f"{father.birth_name}-{mother.birth_name}" if rng.chance(0.12) else father.birth_name
    parents = (
        _relative(
            "MTH",
            mother,
            roles=("legal-representative", "emergency-contact"),
            mobile=numbers.mobile(2_000 + number),
        ),
        _relative("FTH", father, roles=("legal-representative",)),
    )
    parents = parents if rng.chance(0.85) else parents[:1]
    children = [human(rng, born, where.town, name=name, native=True)]
    if rng.chance(0.14):
        children.append(_twin(rng, children[0]))
        children[0] = replace(children[0], twin_rank=1)
    return [Person(child, where, INFANT, parents) for child in children]


def _twin(rng: Draw, one: Human) -> Human:
    sex = one.sex if rng.chance(0.65) else rng.choice("FM")
    first = one.first_given
    while first == one.first_given:
        first = given_name(rng, sex, one.birth_date.year)
    return replace(one, first_given=first, given_names=first, sex=sex, twin_rank=2)


def _children(rng: Draw, parent: Human, number: int, *, main: bool) -> tuple[Relative, ...]:
    """None, one or two grown-up children; `main`: the first one is the main carer."""
    found: list[Relative] = []
    for rank in range(rng.choices([0, 1, 2], [1, 5, 3])[0]):
        sex = rng.choice("FFM")
        name = parent.name if parent.sex == "M" or sex == "M" else surname(rng)
        roles = ["trusted-person"] if rank == 0 else ["emergency-contact"]
        if main:
            roles.append("main-caregiver" if rank == 0 else "secondary-caregiver")
        found.append(
            Relative(
                relationship={"F": "DAUC", "M": "SONC"}[sex],
                family_name=name,
                given_name=spoken(given_name(rng, sex, parent.birth_date.year + 28)),
                sex=sex,
                roles=tuple(roles),
                mobile=numbers.mobile(4_000 + 2 * number + rank),
                description=rng.choice(
                    ["", "", "Joignable après 18 h", "Vit à Lyon", "Passe le dimanche"]
                ),
            )
        )
    return tuple(found)


def _neighbour(rng: Draw, number: int) -> tuple[Relative, ...]:
    sex = rng.choice("FFM")
    return (
        Relative(
            relationship="NBOR",
            family_name=surname(rng),
            given_name=spoken(given_name(rng, sex, 1955)),
            sex=sex,
            roles=("emergency-contact",),
            mobile=numbers.mobile(4_000 + 2 * number),
            description="A les clés",
        ),
    )


def _relative(
    relationship: str,
    who: Human,
    *,
    roles: tuple[str, ...],
    phone: str = "",
    mobile: str = "",
) -> Relative:
    return Relative(relationship, who.name, who.given, who.sex, roles, phone, mobile)


def _mobile(rng: Draw, share: float, number: int) -> str:
    return numbers.mobile(number) if rng.chance(share) else ""
