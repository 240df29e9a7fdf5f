"""Names, and the persons who bear them.

Surnames are common in Provence or in France, given names are those of the year of birth; who bears
both is drawn at random.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from bench import names
from demo.draw import Draw, falling
from demo.towns import Town, birthplace, towns

_SOUTHERN = """
ROUX REYNAUD BLANC GIRAUD IMBERT ISNARD MAUREL ROSSI RICARD ROMAN SAUVAIRE SICARD AUDIBERT  AUBANEL
BERNARDI BIANCHI BONIFAY BOREL BOTTERO BOUISSON BREMOND CASTELLANI CAUVIN CHABERT CHAIX  COLOMBANI
CORTESE COULOMB CURTI DALMASSO DAUMAS DECUGIS ESPOSITO ESTIENNE FERRERO FERRARI FERRI  FOUQUE GALLO
GASTAUD GAUDIN GIORDANO GIRAUDO GRANIER GRIMALDI GUEIRARD GUIGOU HUGUES ICARD  JAUFFRET JOURDAN
LANTERI LIEUTAUD LOMBARD LUCCHESI MARCHETTI MARIANI MARTINI MATTEI MEIFFREN  MONTI MOUTON NEGREL
OLIVIERI ORENGO PASTORELLI PELLEGRIN PELLISSIER PEIRANO PERETTI PINELLI  PISANI POGGI RAIBAUD
RAMBAUD RASTELLO RAYBAUD REBUFFAT REVEST RICCARDI RIPERT RIZZO ROSTAGNO  ROUBAUD ROUVIER RUSSO
SANTINI SARDOU SAVELLI SIMEONI SILVESTRI TASSY TORTEL TOUCAS TRUCCO TURCAT  VALENTINI VERAN VIALE
VINCENTI ZANETTI ZUNINO AMRANI BELAID BENAMAR BOUAZIZ BOUCHAREB CHERIF  DRIDI FERHAT GHARBI HAMDI
KADRI KHELIFI MANSOURI MEBARKI MESSAOUDI MOKRANI OUALI RAHMANI SAIDI  SLIMANI TOUATI YAHIAOUI
ZERROUKI ALMEIDA ALVES CARVALHO CORREIA DIAS FERNANDES GOMES GONCALVES  LOPES MARQUES MENDES NUNES
OLIVEIRA PINTO RIBEIRO TEIXEIRA ALVAREZ CASTILLO DELGADO DIAZ GIMENEZ  GOMEZ HERNANDEZ IBANEZ
MORENO NAVARRO ORTEGA ORTIZ RAMOS ROMERO RUIZ SERRANO TORRES PHAM HOANG  VO BA CISSE COULIBALY
DIARRA KEITA KONE NDIAYE SOW TOURE ANDRIANARIVO RAKOTO HOUMADI ATTOUMANI
"""
_ACCENTS = """
Helene=Hélène Therese=Thérèse Andre=André Andree=Andrée Rene=René Renee=Renée Gerard=Gérard
Francois=François Francoise=Françoise Jerome=Jérôme Cecile=Cécile Frederic=Frédéric
Stephane=Stéphane Stephanie=Stéphanie Herve=Hervé Joel=Joël Sebastien=Sébastien Cedric=Cédric
Jeremy=Jérémy Gregory=Grégory Clement=Clément Valerie=Valérie Veronique=Véronique Helena=Héléna
Celine=Céline Melanie=Mélanie Aurelie=Aurélie Emilie=Émilie Elodie=Élodie Laetitia=Laëtitia Lea=Léa
Zoe=Zoé Leo=Léo Chloe=Chloé Oceane=Océane Anais=Anaïs Ines=Inès Adele=Adèle Clemence=Clémence
Theo=Théo Raphael=Raphaël Agnes=Agnès Gisele=Gisèle Angele=Angèle Michele=Michèle Danielle=Danièle
Eugene=Eugène Emile=Émile Edouard=Édouard Remi=Rémi Eric=Éric Jose=José Nael=Naël Mael=Maël
Josephine=Joséphine Evelyne=Évelyne Emilienne=Émilienne Lena=Léna Aicha=Aïcha
"""
_ACCENTED = {
    plain.upper(): accented for plain, accented in (pair.split("=") for pair in _ACCENTS.split())
}
# Countries of birth abroad, the most frequent first.
_COUNTRIES = {
    "99352": "Algérie",
    "99350": "Maroc",
    "99127": "Italie",
    "99139": "Portugal",
    "99351": "Tunisie",
    "99134": "Espagne",
    "99109": "Allemagne",
    "99243": "Vietnam",
    "99131": "Belgique",
    "99341": "Sénégal",
}


@dataclass(frozen=True, slots=True)
class Human:
    """Somebody invented: the strict traits, in capitals without accents as they are stored."""

    birth_name: str
    first_given: str
    given_names: str
    sex: str
    birth_date: date
    birth_place_code: str
    birth_place: str
    birth_country_code: str = "99100"
    used_name: str = ""
    twin_rank: int | None = None

    @property
    def name(self) -> str:
        return self.used_name or self.birth_name

    @property
    def given(self) -> str:
        return spoken(self.first_given)


def spoken(given: str) -> str:
    """A given name as it is written, accents included: HELENE reads «Hélène»."""
    return "-".join(_ACCENTED.get(part, part.capitalize()) for part in given.split("-"))


@lru_cache(maxsize=1)
def _surnames() -> tuple[list[str], list[float]]:
    common = [name.replace("_", " ") for name in names.FREQUENT_SURNAMES.split()]
    southern = _SOUTHERN.split()
    mixed = [name for pair in zip(southern, common, strict=False) for name in pair]
    every = list(dict.fromkeys([*mixed, *common, *southern]))
    return every, falling(len(every), 60, 0.9)


@lru_cache(maxsize=256)
def _given_names(sex: str, decade: int) -> tuple[list[str], list[float]]:
    """The given names of a sex and decade; those of other times count less."""
    weights: dict[str, float] = {}
    for start, end, listed in names.GIVEN_NAMES[sex]:
        away = max(start - decade, decade + 10 - end, 0)
        for rank, name in enumerate(listed.split() if away < 10 else ()):
            weights[name] = weights.get(name, 0) + (rank + 4) ** -0.7 / (1 + away) ** 2
    return list(weights), list(weights.values())


def surname(rng: Draw) -> str:
    every, cumulated = _surnames()
    return rng.choices(every, cum_weights=cumulated)[0]


def given_name(rng: Draw, sex: str, year: int) -> str:
    found, weights = _given_names(sex, year // 10 * 10)
    return rng.choices(found, weights)[0]


def human(
    rng: Draw,
    born: date,
    near: Town,
    *,
    sex: str = "",
    name: str = "",
    used_name: str = "",
    native: bool = False,
) -> Human:
    """Draw somebody born that day. `native`: born in France."""
    sex = sex or rng.choice("FM")
    first = given_name(rng, sex, born.year)
    others = [given_name(rng, sex, max(born.year - 30, 1920)) for _ in range(rng.randrange(3))]
    abroad = not native and rng.chance(0.12)
    country = rng.choices(list(_COUNTRIES), [1 / (n + 1) for n in range(len(_COUNTRIES))])[0]
    town = birthplace(rng, near)
    birth_name = name or surname(rng)
    return Human(
        birth_name=birth_name,
        first_given=first,
        given_names=" ".join(dict.fromkeys([first, *others])),
        sex=sex,
        birth_date=born,
        birth_place_code=country if abroad else town.code,
        birth_place=_COUNTRIES[country] if abroad else town.name,
        birth_country_code=country if abroad else "99100",
        used_name="" if used_name == birth_name else used_name,
    )


def born_in(rng: Draw, first: int, last: int) -> date:
    """A day of the years `first` to `last`."""
    return date(rng.randint(first, last), 1, 1) + timedelta(days=rng.randrange(365))


def place_name(code: str) -> str:
    return _COUNTRIES.get(code) or towns()[code].name
