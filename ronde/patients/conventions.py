"""What is typed when a trait is not known, until somebody learns it.

The three of the regional guides (AZUREZO, «Création patient»): «À DEMANDER» for a name, 01/01/1900
for a date, 99999 for a place; «VIDE» for the traits of a fictitious identity. The other wordings
are met in files that come from elsewhere. A conventional value says nothing of the person: it makes
no search key and weighs nothing in a comparison.
"""

from datetime import date
from typing import TypeGuard

from ronde.core.text import fold

TO_ASK = "A DEMANDER"
EMPTY = "VIDE"
UNKNOWN_DATE = date(1900, 1, 1)
UNKNOWN_PLACE = "99999"

_NAMES = frozenset(
    {TO_ASK, EMPTY, "INCONNU", "INCONNUE", "NON RENSEIGNE", "NON CONNU", "SANS NOM", "SANS PRENOM"}
)
_DATES = frozenset({UNKNOWN_DATE, date(1900, 12, 31)})
_PLACES = frozenset({"", UNKNOWN_PLACE})


def name_is_known(name: str) -> bool:
    """False for nothing, for a conventional wording, and for signs without a letter."""
    folded = fold(name)
    return folded not in _NAMES and any(map(str.isalpha, folded))


def date_is_known(day: date | None) -> TypeGuard[date]:
    return day is not None and day not in _DATES


def place_is_known(code: str) -> bool:
    return code not in _PLACES
