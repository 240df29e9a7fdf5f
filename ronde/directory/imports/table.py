"""Reading the CSV of a region: titles, then checked values, by line (docs/directory-csv.md)."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ronde.core import checks
from ronde.core.checks import CheckError
from ronde.core.text import fold
from ronde.directory import numbers
from ronde.directory.imports.lines import Report
from ronde.directory.imports.reading import BadFile, check_encoding, line_blocks, opened
from ronde.terminology import queries as terminology

MEMBER = "structures"
_IDENTIFIERS = ("identifiant", "finess", "siret")


@dataclass(slots=True)
class Line:
    """One structure as its line gives it: only what is said. `parent` is an identifier."""

    number: int
    values: dict[str, Any]
    parent: str = ""


def _text(limit: int, value: str) -> str:
    if len(value) > limit:
        message = f"{limit} signes au plus"
        raise CheckError(message)
    return value


def _yes_no(value: str) -> bool:
    if (answer := fold(value)) not in {"OUI", "NON"}:
        message = "«oui» ou «non» attendu"
        raise CheckError(message)
    return answer == "OUI"


def _category(value: str) -> str:
    if terminology.concept("establishment-categories", value) is None:
        message = f"catégorie d'établissement «{value[:20]}» inconnue"
        raise CheckError(message)
    return value


def _commune(value: str) -> str:
    if terminology.commune(value) is None:
        message = f"commune «{value[:20]}» inconnue du code officiel géographique"
        raise CheckError(message)
    return value


def _postcode(value: str) -> str:
    if not re.fullmatch(r"[0-9]{5}", value):
        message = "cinq chiffres attendus"
        raise CheckError(message)
    return value


# For each title, what the value is called in the directory and how it is checked.
COLUMNS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "identifiant": ("technical_id", partial(_text, 60)),
    "libelle": ("display_name", partial(_text, 250)),
    "sigle": ("short_name", partial(_text, 120)),
    "finess": ("finess", numbers.finess),
    "siret": ("siret", checks.siret),
    "siren": ("siren", checks.siren),
    "categorie": ("category_code", _category),
    "adresse": ("address_line", partial(_text, 250)),
    "code_postal": ("postcode", _postcode),
    "commune": ("city", partial(_text, 100)),
    "code_insee": ("commune_code", _commune),
    "telephone": ("phone", checks.phone),
    "email": ("email", checks.email),
    "personne_morale": ("acts_as_legal_person", _yes_no),
    "coordination": ("is_coordination", _yes_no),
    "parent": ("parent", partial(_text, 60)),
}


def read_table(path: Path, report: Report) -> list[Line]:
    """Answer the lines whose values are all right; the others go to the report."""
    lines: list[Line] = []
    titles: list[str] = []
    delimiter = ";"
    with opened(path, MEMBER) as source:
        for block in line_blocks(source):
            check_encoding(block)
            last = block.number + len(block.lines) - 1 if block.cut else 0
            for number, text in enumerate(map(bytes.decode, block.lines), block.number):
                if number == 1:
                    delimiter, titles = _titles(text)
                elif text.strip(f"{delimiter} \t"):
                    values = _split(text, delimiter)
                    if number == last:
                        _check_end(number, values, titles)
                    if found := _checked(number, values, titles, report):
                        lines.append(found)
    return lines


def _titles(text: str) -> tuple[str, list[str]]:
    """Recognise the title line, in any order, capitals and accents ignored."""
    delimiter = max(";,", key=text.count)
    said = _split(text, delimiter) or []
    titles = [fold(title).lower().replace(" ", "_") for title in said]
    unknown = [
        raw for raw, title in zip(said, titles, strict=True) if title and title not in COLUMNS
    ]
    if unknown:
        names = "», «".join(name[:60] for name in unknown[:10])
        message = (
            f"Ligne 1 : colonnes inconnues : «{names}». Colonnes attendues : {', '.join(COLUMNS)}."
        )
        raise BadFile(message)
    if twice := sorted({title for title in titles if title and titles.count(title) > 1}):
        message = f"Ligne 1 : colonnes en double : {', '.join(twice)}."
        raise BadFile(message)
    if not set(titles) & set(_IDENTIFIERS):
        message = "Ligne 1 : il faut une colonne identifiant, finess ou siret."
        raise BadFile(message)
    return delimiter, titles


def _split(text: str, delimiter: str) -> list[str] | None:
    """Split a line; None when its quotes are not closed."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _check_end(number: int, values: list[str] | None, titles: list[str]) -> None:
    if values is None or len(values) < len(titles):
        message = f"Le fichier s'arrête au milieu de la ligne {number} : il est tronqué."
        raise BadFile(message)


def _checked(
    number: int, values: list[str] | None, titles: list[str], report: Report
) -> Line | None:
    """Check every value of a line, and report all that is wrong with it at once."""
    if values is None:
        report.refuse(number, "guillemets mal fermés")
        return None
    if len(values) != len(titles):
        report.refuse(number, f"{len(values)} colonnes au lieu de {len(titles)}")
        return None
    found: dict[str, Any] = {}
    troubles = []
    for title, value in zip(titles, values, strict=True):
        # An address copied from elsewhere brings no-break spaces.
        if title and (text := " ".join(value.split())):
            name, check = COLUMNS[title]
            try:
                found[name] = check(_visible(text))
            except CheckError as error:
                troubles.append(f"{title} : {error}")
    troubles += _incoherent(found)
    if troubles:
        report.refuse(number, " ; ".join(troubles))
        return None
    return Line(number, found, found.pop("parent", ""))


def _visible(value: str) -> str:
    if not value.isprintable():
        message = "caractère invisible dans la valeur"
        raise CheckError(message)
    return value


def _incoherent(found: dict[str, Any]) -> list[str]:
    """Say what does not hold together between the values of a line."""
    troubles = []
    if not any(found.get(COLUMNS[title][0]) for title in _IDENTIFIERS):
        troubles.append("un identifiant, un numéro FINESS ou un SIRET est attendu")
    siret, siren = found.get("siret", ""), found.get("siren", "")
    if siret and siren and siret[:9] != siren:
        troubles.append("siren : ce n'est pas le début du SIRET")
    return troubles
