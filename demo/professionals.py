"""Three hundred professionals, where they work, and which of them are called when.

Doctors, nurses and the like have an invented RPPS number; the others come from the regional
register.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from uuid import UUID

from demo import numbers
from demo.draw import Draw, draw, key
from demo.people import given_name, spoken, surname
from demo.structures import StructurePlan, kind, structures
from demo.towns import Town, home, street, towns, zone_of
from ronde.core.text import fold
from ronde.directory.keys import name_key

# Trade: profession (G15, R95, R94, R85), know-how, how many in all.
TRADES = {
    "gp": ("G15:10", "SM54", 72),
    "geriatrician": ("G15:10", "SM18", 7),
    "cardiologist": ("G15:10", "SM04", 6),
    "neurologist": ("G15:10", "SM32", 4),
    "psychiatrist": ("G15:10", "SM42", 5),
    "paediatrician": ("G15:10", "SM40", 10),
    "neonatologist": ("G15:10", "SM87", 3),
    "nurse": ("G15:60", "", 50),
    "ward-nurse": ("G15:60", "", 26),
    "midwife": ("G15:50", "", 7),
    "physiotherapist": ("G15:70", "", 24),
    "pharmacist": ("G15:21", "", 12),
    "speech-therapist": ("G15:91", "", 7),
    "occupational-therapist": ("G15:94", "", 6),
    "psychomotor-therapist": ("G15:96", "", 5),
    "podiatrist": ("G15:80", "", 4),
    "dietitian": ("G15:95", "", 4),
    "psychologist": ("R95:93", "", 7),
    "coordinator": ("R85:330", "", 14),
    "social-worker": ("R94:41", "", 14),
    "guardian": ("R85:307", "", 4),
    "care-manager": ("R85:333", "", 7),
    "secretary": ("R85:331", "", 2),
}
# Where those of a trade are employed, by the first word of the structures' keys; the others are in
# private practice.
_EMPLOYERS = {
    "geriatrician": ("chits", "ch", "clinique"),
    "cardiologist": ("chits", "ch", "clinique"),
    "neurologist": ("chits", "ch"),
    "psychiatrist": ("cmp", "ch"),
    "neonatologist": ("chits", "ch"),
    "ward-nurse": ("ssiad", "had", "ehpad", "chits", "ch", "saas"),
    "psychomotor-therapist": ("camsp",),
    "psychologist": ("cmp", "camsp", "dac"),
    "coordinator": ("dac", "cocon", "cpts"),
    "social-worker": ("ccas", "mdph", "chits", "ch", "dac"),
    "care-manager": ("saad", "saas"),
    "secretary": ("dac",),
}
_FOR_THEMSELVES = {"gp", "geriatrician", "cardiologist", "neurologist", "psychiatrist"}
# Key, name, trade, commune, structure: those whom the mock-ups, the accounts and the stories name.
_NAMED = """
lambert|LAMBERT Sophie|coordinator|83137|dac-var
mercier|MERCIER Laurent|coordinator|83137|dac-var
ricci-jp|RICCI Jean-Paul|coordinator|83137|dac-var
haddad|HADDAD Amel|coordinator|13005|dac-azur
sanna|SANNA Claire|coordinator|13005|dac-azur
leblanc|LEBLANC Marc|gp|83126|
ricci-g|RICCI Gérard|gp|83126|msp-port
ricci|RICCI Paola|nurse|83126|
costa|COSTA Hugo|physiotherapist|83126|
ricciardi|RICCIARDI Anna|speech-therapist|83126|cabinet-mas
vidal|VIDAL Pierre|cardiologist|83137|chits
belkacem|BELKACEM Nadia|social-worker|83137|chits
castel|CASTEL Hélène|neonatologist|13055|cocon
olivieri|OLIVIERI Karine|social-worker|83126|ccas-seyne
riccio|RICCIO Luc|pharmacist|83126|pharmacie-berthe
perrot|PERROT Julie|ward-nurse|83126|ssiad-sicie
""".strip().splitlines()


@dataclass(frozen=True, slots=True)
class ProfessionalPlan:
    key: str
    trade: str
    family_name: str
    given_name: str
    sex: str
    structure: StructurePlan | None
    town: Town
    postcode: str
    address: str
    phone: str
    rpps: str

    @property
    def id(self) -> UUID:
        return name_key(f"rpps:{self.rpps}") if self.rpps else key("person", self.key)

    @property
    def user_id(self) -> UUID:
        return key("user", self.key)

    @property
    def name(self) -> str:
        return f"{self.family_name} {self.given_name}"

    @property
    def profession_code(self) -> str:
        return TRADES[self.trade][0]

    @property
    def know_how_code(self) -> str:
        return TRADES[self.trade][1]

    @property
    def zone(self) -> str:
        return zone_of(self.town.code)

    @property
    def email(self) -> str:
        local = fold(f"{self.given_name} {self.family_name}").lower()
        return f"{local.replace(' ', '.')}@demo.ronde.example"


@lru_cache(maxsize=1)
def professionals() -> dict[str, ProfessionalPlan]:
    rng, found = draw("professionals"), {}
    left = {trade: number for trade, (_, _, number) in TRADES.items()}
    taken: set[str] = set()
    for line in _NAMED:
        label, name, trade, town, employer = line.split("|")
        left[trade] -= 1
        taken.add(fold(name))
        family, given = name.split(" ", 1)
        structure = structures().get(employer)
        found[label] = _plan(
            rng, label, trade, (family, given, ""), structure, towns()[town], len(found)
        )
    for trade, number in left.items():
        for rank in range(number):
            label = f"{trade}-{rank + 1}"
            structure = _employer(rng, trade, rank)
            town = structure.town if structure else home(rng)
            bearer = _name(rng, taken)
            found[label] = _plan(rng, label, trade, bearer, structure, town, len(found))
    return found


def _employer(rng: Draw, trade: str, rank: int) -> StructurePlan | None:
    """Each structure in turn for the employed; of the others, one in six shares a practice."""
    employers = kind(*_EMPLOYERS.get(trade, ()))
    if employers:
        return employers[rank % len(employers)]
    if trade == "paediatrician" and rank < 5:
        return kind("pmi", "camsp")[rank % 3]
    if trade in {"gp", "nurse", "physiotherapist"} and rng.chance(0.17):
        return rng.choice(kind("msp", *(["cabinet"] if trade == "nurse" else [])))
    return None


def _name(rng: Draw, taken: set[str]) -> tuple[str, str, str]:
    """A name that no other professional has: e-mail addresses are made of it."""
    while True:
        sex = "F" if rng.chance(0.62) else "M"
        bearer = surname(rng), spoken(given_name(rng, sex, rng.randint(1960, 1998))), sex
        if fold(f"{bearer[0]} {bearer[1]}") not in taken:
            taken.add(fold(f"{bearer[0]} {bearer[1]}"))
            return bearer


def _plan(
    rng: Draw,
    label: str,
    trade: str,
    bearer: tuple[str, str, str],
    structure: StructurePlan | None,
    town: Town,
    number: int,
) -> ProfessionalPlan:
    family, given, sex = bearer
    regulated = TRADES[trade][0].startswith(("G15", "R95"))
    return ProfessionalPlan(
        key=label,
        trade=trade,
        family_name=family,
        given_name=given,
        sex=sex or ("M" if given in {"Laurent", "Jean-Paul", "Marc", "Gérard", "Hugo"} else "F"),
        structure=structure,
        town=town,
        postcode=structure.postcode if structure else rng.choice(town.postcodes),
        address=structure.address if structure else street(rng),
        phone=structure.phone if structure and rng.chance(0.5) else numbers.phone(100 + number),
        rpps=numbers.rpps(number + 1) if regulated else "",
    )


@cache
def called(trade: str, zone: str) -> tuple[ProfessionalPlan, ...]:
    """Who is called in a zone: those of the zone, else of its part of the region, else anybody."""
    every = [one for one in professionals().values() if one.trade == trade]
    area = zone.split(" ")[0]
    near = [one for one in every if one.zone == zone]
    around = [one for one in every if one.zone.split(" ")[0] == area]
    return tuple(near or around or every)


@cache
def team(structure: str) -> tuple[ProfessionalPlan, ...]:
    """Who writes in the name of a structure: its employees, but not the doctors of its wards."""
    return tuple(
        one
        for one in professionals().values()
        if one.structure and one.structure.key == structure and one.trade not in _FOR_THEMSELVES
    )
