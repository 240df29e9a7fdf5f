"""A few lines of the national directory, in its own format, brought in as in production."""

from pathlib import Path

from ronde.core.db.roles import as_owner
from ronde.directory.imports.layout import HEADER
from ronde.directory.imports.rpps import import_rpps

GP = {
    "Type d'identifiant PP": "8",
    "Identifiant PP": "10100000017",
    "Identification nationale PP": "810100000017",
    "Libellé civilité exercice": "Docteur",
    "Nom d'exercice": "LEBLANC",
    "Prénom d'exercice": "Marc",
    "Code profession": "10",
    "Libellé profession": "Médecin",
    "Code catégorie professionnelle": "C",
    "Code type savoir-faire": "S",
    "Code savoir-faire": "SM54",
    "Code mode exercice": "L",
    "Identifiant technique de la structure": "R10100000000001",
    "Raison sociale site": "CABINET DU DR LEBLANC",
    "Numéro Voie (coord. structure)": "12",
    "Libellé type de voie (coord. structure)": "Rue",
    "Libellé Voie (coord. structure)": "DES LILAS",
    "Code postal (coord. structure)": "83500",
    "Code commune (coord. structure)": "83126",
    "Libellé commune (coord. structure)": "La Seyne-sur-Mer",
    "Téléphone (coord. structure)": "0494000001",
}
NURSE = {
    **GP,
    "Identifiant PP": "10100000025",
    "Identification nationale PP": "810100000025",
    "Libellé civilité exercice": "",
    "Nom d'exercice": "LEBLANC-MOREL",
    "Prénom d'exercice": "Anne",
    "Code profession": "60",
    "Libellé profession": "Infirmier",
    "Code type savoir-faire": "",
    "Code savoir-faire": "",
    "Identifiant technique de la structure": "R10100000000002",
    "Raison sociale site": "CABINET INFIRMIER DU PORT",
}


def bring_in(folder: Path, *people: dict[str, str]) -> None:
    """Import these people, invented, from a part of a file laid out as that of Annuaire Santé."""
    titles = HEADER.split("|")
    lines = [HEADER, *("|".join(one.get(title, "") for title in titles) for one in people)]
    path = folder / "PS_LibreAcces_Personne_activite.txt"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    with as_owner():
        import_rpps(path, partial=True)
