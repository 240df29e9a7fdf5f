"""Making invented files of Annuaire Santé, a line at a time."""

from pathlib import Path

from ronde.directory.imports.layout import HEADER

FILES = Path(__file__).parent / "files"
TITLES = HEADER.split("|")
BASE = {
    "Type d'identifiant PP": "8",
    "Identifiant PP": "99000000010",
    "Nom d'exercice": "EXEMPLE",
    "Prénom d'exercice": "Alix",
    "Libellé civilité exercice": "Docteur",
    "Code profession": "10",
    "Code catégorie professionnelle": "C",
    "Code mode exercice": "L",
    "Identifiant technique de la structure": "R99900000000001",
    "Raison sociale site": "CABINET DES ESSAIS",
    "Numéro Voie (coord. structure)": "12",
    "Libellé type de voie (coord. structure)": "Rue",
    "Libellé Voie (coord. structure)": "DES ESSAIS",
    "Code postal (coord. structure)": "83000",
    "Code commune (coord. structure)": "83137",
    "Libellé commune (coord. structure)": "Toulon",
    "Téléphone (coord. structure)": "0494000001",
}
SHORT = {
    "number": "Identifiant PP",
    "family": "Nom d'exercice",
    "given": "Prénom d'exercice",
    "profession": "Code profession",
    "skill": "Code savoir-faire",
    "mode": "Code mode exercice",
    "finess": "Numéro FINESS site",
    "siret": "Numéro SIRET site",
    "place": "Identifiant technique de la structure",
    "name": "Raison sociale site",
    "sign": "Enseigne commerciale site",
    "city": "Libellé commune (coord. structure)",
    "phone": "Téléphone (coord. structure)",
    "sector": "Code secteur d'activité",
    "kind": "Type d'identifiant PP",
}
# RPPS numbers with a good key.
ALIX, JEAN, NOOR, CAMILLE, LOU = (
    "99000000010", "99000000028", "99000000036", "99000000044", "99000000051",
)  # fmt: skip


def line(number: str = ALIX, **values: str) -> str:
    """One line; `nowhere=True` empties what says where."""
    cells = BASE | {SHORT["number"]: number}
    if values.pop("nowhere", False):
        cells = {title: cell for title, cell in cells.items() if "structure" not in title}
        cells.pop("Raison sociale site")
    cells |= {SHORT[name]: value for name, value in values.items()}
    return "|".join(cells.get(title, "") for title in TITLES)


def five(**changes: str) -> list[str]:
    """Five persons in three places; `changes` touch the first one."""
    return [
        line(ALIX, **changes),
        line(JEAN, family="D'ÉPREUVE-TESTARD", given="Jean-François", profession="60"),
        line(NOOR, family="PHARMATEST", given="Noor", profession="21", place="R2", name="OFFICINE"),
        line(CAMILLE, family="SANSLIEU", given="Camille", profession="93", nowhere=True),
        line(
            LOU,
            family="AUTRE",
            given="Lou",
            profession="60",
            finess="990000001",
            place="F990000001",
        ),
    ]


def write(path: Path, lines: list[str], header: str = HEADER, end: str = "\n") -> Path:
    path.write_bytes(("\n".join([header, *lines]) + end).encode())
    return path
