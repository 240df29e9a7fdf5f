"""The columns of «PS_LibreAcces_Personne_activite», found by their titles.

Two layouts were seen: 56 columns (2026) and 52 (2021-2022), with other spellings of some titles.
Titles are compared without case, accents or what stands in parentheses; their order is free.
"""

import re
from dataclasses import dataclass

from ronde.core.text import fold
from ronde.directory.imports.reading import BadFile

HEADER = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|"
    "Libellé civilité exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|"
    "Code profession|Libellé profession|Code catégorie professionnelle|"
    "Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|"
    "Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|"
    "Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|"
    "Numéro FINESS établissement juridique|Identifiant technique de la structure|"
    "Raison sociale site|Enseigne commerciale site|"
    "Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|"
    "Numéro Voie (coord. structure)|Indice répétition voie (coord. Structure)|"
    "Code type de voie (coord. structure)|Libellé type de voie (coord. structure)|"
    "Libellé Voie (coord. structure)|Mention distribution (coord. structure)|"
    "Bureau cedex (coord. structure)|Code postal (coord. structure)|"
    "Code commune (coord. structure)|Libellé commune (coord. structure)|"
    "Code pays (coord. structure)|Libellé pays (coord. structure)|"
    "Téléphone (coord. structure)|Téléphone 2 (coord. structure)|Télécopie (coord. structure)|"
    "Adresse e-mail (coord. structure)|Code département (coord. structure)|"
    "Libellé département (coord. structure)|Ancien identifiant de la structure|"
    "Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|"
    "Code section tableau pharmaciens|Libellé section tableau pharmaciens|Code fonction|"
    "Libellé fonction|Code genre d'activité|Libellé genre d'activité|"
)
# Our names of the columns that the import reads, by folded title.
COLUMNS = {
    "TYPE D IDENTIFIANT PP": "id_type",
    "IDENTIFIANT PP": "id_number",
    "LIBELLE CIVILITE EXERCICE": "title",
    "LIBELLE CIVILITE D EXERCICE": "title",
    "NOM D EXERCICE": "family_name",
    "PRENOM D EXERCICE": "given_name",
    "CODE PROFESSION": "profession",
    "CODE CATEGORIE PROFESSIONNELLE": "category",
    "CODE TYPE SAVOIR FAIRE": "know_how_type",
    "CODE SAVOIR FAIRE": "know_how",
    "CODE MODE EXERCICE": "mode",
    "NUMERO SIRET SITE": "siret",
    "NUMERO SIREN SITE": "siren",
    "NUMERO FINESS SITE": "finess",
    "NUMERO FINESS ETABLISSEMENT JURIDIQUE": "finess_legal",
    "IDENTIFIANT TECHNIQUE DE LA STRUCTURE": "technical_id",
    "RAISON SOCIALE SITE": "legal_name",
    "ENSEIGNE COMMERCIALE SITE": "short_name",
    "COMPLEMENT DESTINATAIRE": "addressee",
    "NUMERO VOIE": "street_number",
    "INDICE REPETITION VOIE": "street_repeat",
    "LIBELLE TYPE DE VOIE": "street_type",
    "LIBELLE VOIE": "street",
    "MENTION DISTRIBUTION": "distribution",
    "BUREAU CEDEX": "cedex",
    "CODE POSTAL": "postcode",
    "CODE COMMUNE": "commune",
    "LIBELLE COMMUNE": "city",
    "TELEPHONE": "phone",
    "ADRESSE E MAIL": "email",
    "CODE SECTEUR D ACTIVITE": "sector",
    "CODE FONCTION": "function",
}
REQUIRED = {
    "id_type": "Type d'identifiant PP",
    "id_number": "Identifiant PP",
    "family_name": "Nom d'exercice",
    "given_name": "Prénom d'exercice",
    "profession": "Code profession",
    "technical_id": "Identifiant technique de la structure",
    "legal_name": "Raison sociale site",
}
_PARENTHESES = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file, in its order; those that the import does not read are `x_…`."""

    columns: list[str]

    @property
    def separators(self) -> int:
        return len(self.columns) - 1

    def place(self, name: str) -> int:
        return self.columns.index(name)

    def fitted(self, separators: int) -> "Layout":
        """Bear a last «|» that the title line has and the others have not, or the reverse."""
        if separators == self.separators - 1 and self.columns[-1].startswith("x_"):
            return Layout(self.columns[:-1])
        if separators == self.separators + 1:
            return Layout([*self.columns, f"x_{len(self.columns)}"])
        return self


def read_header(line: bytes) -> Layout:
    """Recognise the title line; say which columns are missing when it is another file."""
    titles = line.decode().split("|")
    columns = []
    for place, title in enumerate(titles):
        name = COLUMNS.get(fold(_PARENTHESES.sub("", title)))
        columns.append(name if name and name not in columns else f"x_{place}")
    missing = [title for name, title in REQUIRED.items() if name not in columns]
    if missing:
        message = (
            f"Ligne 1 : {len(titles)} colonnes, sans «{'», «'.join(missing)}»."
            " Ce n'est pas l'extraction «Personne_activite» de l'Annuaire Santé."
        )
        raise BadFile(message)
    return Layout(columns)
