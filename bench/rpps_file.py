"""An invented extraction of Annuaire Santé, of any length, written as a stream.

Same arguments, same bytes. Shapes follow the national file: 56 columns, 1.67 lines a person, one
structure for twelve lines, towns drawn by population, surnames by a Zipf law with a long tail.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from bench import names
from ronde.directory.imports.layout import HEADER

COMMUNES = Path(__file__).resolve().parent.parent / "ronde/terminology/data/communes.csv"
SURNAMES, BLOCK = 250_000, 5_000
LINES_A_PERSON, LINES_A_STRUCTURE = 5 / 3, 12
# Code, label, share, know-how (code, label) when there is one.
PROFESSIONS = [
    ("60", "Infirmier", 46, []),
    ("10", "Médecin", 20, [("SM54", "Médecine générale"), ("SM04", "Cardiologie"),
                           ("SM42", "Psychiatrie"), ("SM26", "Qualifié en médecine générale")]),
    ("70", "Masseur-Kinésithérapeute", 8, []),
    ("21", "Pharmacien", 6, []),
    ("93", "Psychologue", 6, []),
    ("40", "Chirurgien-Dentiste", 4, []),
    ("91", "Orthophoniste", 3, []),
    ("50", "Sage-Femme", 2, []),
    ("94", "Ergothérapeute", 2, []),
    ("80", "Pédicure-Podologue", 1, []),
    ("95", "Diététicien", 1, []),
    ("41", "Assistant de service social", 1, []),
]  # fmt: skip
STREETS = ["Rue", "Avenue", "Chemin", "Boulevard", "Place", "Route", "Impasse", "Allée"]
STREET_NAMES = [
    "DE LA REPUBLIQUE", "DES LILAS", "JEAN JAURES", "DU GENERAL LECLERC", "VICTOR HUGO",
    "DE LA GARE", "DES ECOLES", "PASTEUR", "DE L'EGLISE", "DU MOULIN", "DES ACACIAS", "DU PORT",
]  # fmt: skip
PLACES = ["", "", "BATIMENT A", "RESIDENCE LES PINS", "CENTRE COMMERCIAL"]
HOUSES = [
    "CENTRE HOSPITALIER DE", "CLINIQUE DE", "EHPAD RESIDENCE DE", "CENTRE DE SANTE DE",
    "MAISON DE SANTE DE", "SSIAD DE", "HOPITAL PRIVE DE", "INSTITUT MEDICO EDUCATIF DE",
]  # fmt: skip
PRACTICES = ["CABINET DU DR", "CABINET", "SELARL", "PHARMACIE", "CABINET INFIRMIER", "SCM"]


@dataclass(frozen=True, slots=True)
class Town:
    code: str
    name: str
    postcode: str
    departement: str


def zipf(length: int, offset: float = 8.0) -> list[float]:
    return list(accumulate(1 / (rank + offset) for rank in range(1, length + 1)))


def surnames(rng: Random) -> list[str]:
    """Frequent names first, then syllables put together: all distinct."""
    known = dict.fromkeys(names.FREQUENT_SURNAMES.replace("_", " ").split(" "))
    first, middle, last = (part.split() for part in names.SURNAME_SYLLABLES[0])
    while len(known) < SURNAMES:
        stem = rng.choice(first) + rng.choice(middle)
        known[stem + (rng.choice(middle) if rng.random() < 0.7 else "") + rng.choice(last)] = None
    return list(known)


def given_names() -> list[str]:
    found: dict[str, None] = {}
    for generations in names.GIVEN_NAMES.values():
        for _, _, line in generations:
            found |= dict.fromkeys(name.capitalize() for name in line.split())
    accents = {"Remi": "Rémi", "Jerome": "Jérôme", "Helene": "Hélène", "Francoise": "Françoise"}
    return [accents.get(name, name) for name in found]


def towns() -> tuple[list[Town], list[float]]:
    """Communes with a postcode, and the cumulated population; districts stand for their city."""
    found, weights = [], []
    with COMMUNES.open(encoding="utf-8", newline="") as source:
        for line in csv.DictReader(source, delimiter=";"):
            wanted = line["kind"] in {"current", "district"} and line["postcodes"]
            if wanted and line["code"] not in {"13055", "69123", "75056"}:
                postcode = line["postcodes"].split(",")[0]
                found.append(Town(line["code"], line["name"], postcode, line["departement"]))
                weights.append(int(line["population"] or 1))
    return found, list(accumulate(weights))


def rpps(rank: int) -> str:
    """Number `rank` of the series 990…, with its Luhn key."""
    body = f"99{rank:08d}"
    doubled = (int(digit) * 2 for digit in body[::-2])
    total = sum(value - 9 * (value > 9) for value in doubled) + sum(map(int, body[-2::-2]))
    return f"{body}{-total % 10}"


class Region:
    """The material that lines are made of."""

    def __init__(self, lines: int, seed: int) -> None:
        self.rng = Random(seed)
        self.lines = lines
        self.surnames, self.given = surnames(self.rng), given_names()
        self.surname_law, self.given_law = zipf(len(self.surnames), 40), zipf(len(self.given), 20)
        self.towns, self.town_law = towns()
        self.structures: dict[str, list[str]] = {}
        self._build_structures(max(lines // LINES_A_STRUCTURE, 10))

    def _build_structures(self, count: int) -> None:
        """Keep, for each departement, the columns 20 to 47 of its structures."""
        places = self.rng.choices(self.towns, cum_weights=self.town_law, k=count)
        for rank, town in enumerate(places):
            line = self._house(rank, town) if rank % 3 == 0 else self._practice(rank, town)
            self.structures.setdefault(town.departement, []).append(line)

    def _house(self, rank: int, town: Town) -> str:
        finess = f"{town.departement[:2]}{rank:07d}"
        name = f"{self.rng.choice(HOUSES)} {town.name.upper()}"
        start = ["", "", finess, finess[:2] + f"{rank // 3:07d}", f"F{finess}", name, ""]
        return "|".join([*start, *self._address(town), f"1{finess}"])

    def _practice(self, rank: int, town: Town) -> str:
        owner = self.rng.choices(self.surnames, cum_weights=self.surname_law)[0]
        name = f"{self.rng.choice(PRACTICES)} {owner}"
        siret = f"{800_000_000 + rank}00017" if rank % 2 else ""
        start = [siret, siret[:9], "", "", f"R{rank:014d}", name, name if rank % 4 else ""]
        return "|".join([*start, *self._address(town), f"499{rank:08d}{rank % 90:03d}"])

    def _address(self, town: Town) -> list[str]:
        rng = self.rng
        phone = f"0{rng.randrange(1, 6)}{rng.randrange(10**8):08d}"
        return [
            "", rng.choice(PLACES), str(rng.randrange(1, 200)), "", "R", rng.choice(STREETS),
            rng.choice(STREET_NAMES), "", f"{town.postcode} {town.name.upper()}", town.postcode,
            town.code, town.name, "99000", "France", phone, "", phone if rng.random() < 0.3 else "",
            f"contact{rng.randrange(10**6)}@exemple.test" if rng.random() < 0.4 else "",
            town.departement, f"Département {town.departement}",
        ]  # fmt: skip

    def persons(self, first: int, count: int) -> Iterator[str]:
        """Write the lines of `count` persons from number `first` on."""
        rng = self.rng
        family = rng.choices(self.surnames, cum_weights=self.surname_law, k=count)
        given = rng.choices(self.given, cum_weights=self.given_law, k=count)
        homes = rng.choices(self.towns, cum_weights=self.town_law, k=count)
        jobs = rng.choices(PROFESSIONS, weights=[job[2] for job in PROFESSIONS], k=count)
        for rank in range(count):
            name = family[rank]
            if rng.random() < 0.04:
                name = f"{name}-{rng.choices(self.surnames, cum_weights=self.surname_law)[0]}"
            head = self._head(first + rank, name, given[rank], jobs[rank])
            places = self.structures.get(homes[rank].departement, [])
            for line in range(self._posts()):
                yield head + self._post(jobs[rank], places, line)

    def _posts(self) -> int:
        return self.rng.choices((1, 2, 3, 5), weights=(58, 26, 10, 6))[0]

    def _head(self, rank: int, family: str, given: str, job: tuple) -> str:
        adeli = rank % 20 == 7
        kind, number = ("0", f"{rank % 95 + 1:02d}{rank:07d}") if adeli else ("8", rpps(rank))
        title = "DR|Docteur" if job[0] == "10" else "|"
        civility = "MME|Madame" if rank % 3 else "M|Monsieur"
        who = f"{kind}|{number}|{kind}{number}|{title}|{civility}|{family}|{given}|"
        return f"{who}{job[0]}|{job[1]}|C|Civil|"

    def _post(self, job: tuple, places: list[str], line: int) -> str:
        rng = self.rng
        code, label = rng.choice(job[3]) if job[3] and not line else ("", "")
        skill = f"S|Spécialité ordinale|{code}|{label}|" if code else "||||"
        if not places or rng.random() < 0.1:
            return skill + "|" * 30 + "CNOM/CNOM/CNOM|||||||||\n"
        place = places[int(len(places) * rng.random() ** 3)]
        mode = "L|Libéral" if "|R0" in place else "S|Salarié"
        sector = "SA07|Cabinet individuel" if "|R0" in place else "SA01|Etablissement public"
        end = f"CNOM/CNOM/CNOM|{sector}|||FON-01|Titulaire de cabinet|GENR01|Activité de soin"
        return f"{skill}{mode}|{place}|{end}|\n"


def blocks(lines: int, seed: int = 2026) -> Iterator[bytes]:
    """Give the file block by block: the header, then `lines` lines."""
    region = Region(lines, seed)
    yield (HEADER + "\n").encode()
    left, first = lines, 0
    while left:
        block = list(region.persons(first, BLOCK))[:left]
        yield "".join(block).encode()
        left -= len(block)
        first += BLOCK


def write(path: Path, lines: int, seed: int = 2026) -> None:
    with path.open("wb") as out:
        for block in blocks(lines, seed):
            out.write(block)
