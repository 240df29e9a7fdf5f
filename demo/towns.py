"""Where the region is: real communes of three départements, grouped in zones.

Names, postcodes and populations come from the commune table that the product imports.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache

from demo.draw import Draw
from ronde.terminology.imports import DATA

_ZONES = """
Var Ouest – littoral: 83126 83129 83123 83009 83112 83153 83098 83034 83069 83071
Var Ouest – Toulon: 83137 83090 83144 83062 83103
Var Ouest – vallée du Gapeau: 83130 83054 83047 83049 83017
Var Ouest – arrière-pays: 83016 83027 83035 83053 83127
Var Est – Dracénie: 83050 83004 83148 83086 83072
Var Est – Estérel: 83061 83118 83107 83099
Provence – Marseille: 13055 13002 13075
Provence – Aubagne et La Ciotat: 13005 13028 13022 13023 13042 13030 13085 13086
Azur – Nice: 06088 06123 06149 06027
Azur – Cannes et Antibes: 06029 06030 06004 06155 06085 06079
Azur – pays de Grasse: 06069 06084 06095 06090
"""
ZONES = {
    name: codes.split()
    for name, codes in (line.split(": ") for line in _ZONES.strip().splitlines())
}
# Where people of the region were born: the communes of the large maternity hospitals come first.
_BIRTHPLACES = """
83137 83126 83069 13205 13208 13215 06088 06029 83050 13005 13028 06069 83061 06004 83023 13001
13004 84007 04070 05061 2A004 2B033 38185 69383 75114 59350 34172 31555
"""
MARSEILLE = "13055"
_STREETS = """
rue des Aires, chemin des Lavandes, avenue des Tamaris, rue du Four, impasse des Cigales,
boulevard des Pins, traverse du Moulin, rue de la Citerne, chemin des Restanques, rue des Vignes,
rue des Remparts, allée des Micocouliers, montée du Rocher, avenue du Lavoir, rue des Bugadières,
place du Platane, chemin du Petit Bois, rue de la Calade, lotissement Les Arbousiers, rue du Puits,
avenue de la Source, chemin des Oliviers, boulevard de la Corniche, impasse du Mistral
"""


@dataclass(frozen=True, slots=True)
class Town:
    code: str
    name: str
    postcodes: tuple[str, ...]
    population: int

    @property
    def departement(self) -> str:
        return self.code[:2]


@lru_cache(maxsize=1)
def towns() -> dict[str, Town]:
    """Every commune in force by its code, and the arrondissements of Marseille, Lyon and Paris."""
    with (DATA / "communes.csv").open(encoding="utf-8", newline="") as file:
        return {
            line["code"]: Town(
                line["code"],
                line["name"],
                tuple(line["postcodes"].split(",")),
                int(line["population"] or 0),
            )
            for line in csv.DictReader(file, delimiter=";")
            if line["kind"] in {"current", "district"}
        }


def zone_of(code: str) -> str:
    return next(name for name, codes in ZONES.items() if code in codes)


def home(rng: Draw, zones: tuple[str, ...] = tuple(ZONES)) -> Town:
    """A commune of these zones, the larger ones more often, without the largest taking all."""
    found = [towns()[code] for zone in zones for code in ZONES[zone]]
    return rng.choices(found, [town.population**0.6 for town in found])[0]


def birthplace(rng: Draw, near: Town) -> Town:
    if rng.chance(0.35) and near.code != MARSEILLE:
        return near
    found = _BIRTHPLACES.split()
    return towns()[rng.choices(found, [1 / (n + 2) for n in range(len(found))])[0]]


def street(rng: Draw) -> str:
    return f"{rng.randint(1, 98)} {rng.choice(_STREETS.split(',')).strip()}"
