"""Typed traits made into stored ones, and the rules of identity statuses.

Each check returns the value to store or raises `CheckError`, whose French text the form shows
beside the field. Names are stored in capitals without accents, with their hyphens and apostrophes:
that is our choice for comparing them with what an identity document or INSi says.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from ronde.core.checks import CheckError
from ronde.core.text import fold
from ronde.patients.conventions import (
    EMPTY,
    TO_ASK,
    UNKNOWN_PLACE,
    date_is_known,
    name_is_known,
)
from ronde.patients.models import IdentityStatus, Sex

LONGEST_NAME = 100
LONGEST_GIVEN_NAMES = 200
OLDEST = 130
MOST_TWINS = 9

# RNIV: the traits that an identity document proves. A change of one of them undoes the proof.
STRICT_TRAITS = (
    "birth_name",
    "first_given",
    "given_names",
    "birth_date",
    "sex",
    "birth_place_code",
)

_HYPHENS = re.compile(r"\s*([-‐‑‒–—])\s*")
_APOSTROPHES = re.compile("['’‘ʼ`´]\\s*")
_STORED = re.compile(r"[A-Z]+(?:(?:--|[-' ])[A-Z]+)*")
_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d+)|(\d\d)(\d\d)(\d{4})")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PLACE = re.compile(r"\d{5}|2[AB]\d{3}")


def _capitals(value: str) -> str:
    """Fold each word, between the hyphens, apostrophes and single spaces that are kept."""
    text = " ".join(_APOSTROPHES.sub("'", _HYPHENS.sub("-", value)).split())
    return "".join(part if part in "-' " else fold(part) for part in re.split("([-' ])", text))


def _name(value: str, longest: int) -> str:
    for sign in unicodedata.normalize("NFC", value):
        if sign.isdigit():
            raise CheckError(_("Un nom ne contient pas de chiffre."))
        if not (sign.isalpha() or sign.isspace() or sign in "-‐‑‒–—'’‘ʼ`´"):
            message = _("Signe non admis : « %(sign)s ». Lettres, espaces, tirets, apostrophes.")
            raise CheckError(message % {"sign": sign})
    stored = _capitals(value)
    if len(stored) > longest:
        message = _("Trop long : %(most)d caractères au plus, %(count)d saisis.")
        raise CheckError(message % {"most": longest, "count": len(stored)})
    if not _STORED.fullmatch(stored):
        raise CheckError(
            _("Écrivez le nom en lettres latines ; il commence et finit par une lettre.")
        )
    return stored


def name(value: str, *, fictitious: bool = False) -> str:
    """A birth name or first given name, which may be the convention of what is not known yet.

    «Inconnu» and the like become «A DEMANDER»; «VIDE» is for a fictitious identity alone.
    """
    if not fold(value):
        raise CheckError(_("À remplir. Si vous ne le connaissez pas, écrivez À DEMANDER."))
    if fold(value) == EMPTY:
        if not fictitious:
            raise CheckError(_("VIDE est réservé aux identités fictives : écrivez À DEMANDER."))
        return EMPTY
    stored = _name(value, LONGEST_NAME)
    return stored if name_is_known(stored) or stored.startswith("SANS ") else TO_ASK


def used_name(value: str, birth: str) -> str:
    """The name or given name of everyday life; nothing when it is the one of birth, or unknown."""
    if not name_is_known(value):
        return ""
    stored = _name(value, LONGEST_NAME)
    return "" if stored == birth else stored


def given_names(value: str, first: str) -> str:
    """All the birth given names in the order of the document, the first one included."""
    if not name_is_known(value):
        return ""
    stored = _name(value, LONGEST_GIVEN_NAMES)
    if stored != first and not stored.startswith(first + " "):
        message = _("La liste commence par le premier prénom, %(first)s, puis une espace.")
        raise CheckError(message % {"first": first})
    return stored


def birth_date(value: str, today: date) -> date:
    """Read JJ/MM/AAAA (or AAAA-MM-JJ). The conventions 01/01/1900 and 31/12/1900 are dates too."""
    day = _read_date(value.strip())
    if day > today:
        raise CheckError(_("Cette date est dans le futur."))
    if date_is_known(day) and (today.year - day.year) > OLDEST:
        message = _("Plus de %(years)d ans : vérifiez l'année, ou écrivez 01/01/1900 si inconnue.")
        raise CheckError(message % {"years": OLDEST})
    return day


def _read_date(text: str) -> date:
    if not text:
        raise CheckError(_("À remplir. Si vous ne la connaissez pas, écrivez 01/01/1900."))
    if iso := _ISO_DATE.fullmatch(text):
        year, month, day = iso.groups()
    elif typed := _DATE.fullmatch(text):
        day, month, year = (part for part in typed.groups() if part)
    else:
        raise CheckError(_("Écrivez la date sous la forme JJ/MM/AAAA."))
    if len(year) != 4:
        raise CheckError(_("Écrivez l'année avec quatre chiffres : JJ/MM/AAAA."))
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        shown = f"{int(day):02}/{int(month):02}/{year}"
        raise CheckError(_("Le %(date)s n'existe pas au calendrier.") % {"date": shown}) from None


def birth_place(value: str) -> str:
    """The five characters of a commune or country code. That it exists is for the caller to see."""
    code = value.strip().upper()
    if not code:
        raise CheckError(_("À remplir. Si vous ne le connaissez pas, choisissez 99999."))
    if not _PLACE.fullmatch(code):
        raise CheckError(
            _("Un code de commune ou de pays compte 5 chiffres (2A… ou 2B… en Corse).")
        )
    return code


def sex(value: str) -> str:
    """F, M, or U when undetermined; H and I are read as people write them."""
    code = {"H": "M", "I": "U"}.get(value.strip().upper(), value.strip().upper())
    if code not in Sex.values:
        raise CheckError(_("Veuillez indiquer le sexe."))
    return code


def twin_rank(value: str) -> int | None:
    """The order of birth among twins, or nothing for a single birth."""
    text = value.strip()
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST_TWINS:
        raise CheckError(_("Le rang gémellaire est un chiffre : 1 pour le premier né, puis 2, 3…"))
    return int(text)


def provisional(birth: str, first: str, day: date | None, place: str) -> list[str]:
    """The strict traits, by field name, that still hold a convention and are to be completed."""
    known = {
        "birth_name": name_is_known(birth) or birth.startswith("SANS "),
        "first_given": name_is_known(first) or first.startswith("SANS "),
        "birth_date": date_is_known(day),
        "birth_place_code": place not in ("", UNKNOWN_PLACE),
    }
    return [field for field, is_known in known.items() if not is_known]


def reachable_status(
    *,
    retrieved: bool,
    proof: bool,
    doubtful: bool = False,
    fictitious: bool = False,
    incomplete: bool = False,
) -> IdentityStatus:
    """The one status of an identity (RNIV 1, EXI SI 07), from the INSi call and the document seen.

    A doubtful or a fictitious identity is provisional, and cannot be both (EXI SI 09). So is an
    `incomplete` one, a trait of which still holds a convention: no document proves a convention.
    """
    if doubtful and fictitious:
        raise CheckError(_("Une identité n'est pas à la fois douteuse et fictive."))
    if doubtful or fictitious or incomplete:
        return IdentityStatus.PROVISOIRE
    if retrieved:
        return IdentityStatus.QUALIFIEE if proof else IdentityStatus.RECUPEREE
    return IdentityStatus.VALIDEE if proof else IdentityStatus.PROVISOIRE


def carries_ins(status: int) -> bool:
    """Only a qualified identity shows and sends the INS.

    The regional guides also say «validée»; but a validated identity has by definition no INS, the
    INSi service having not been called (profile fr-core-patient-ins, and EXI SI 07).
    """
    return status == IdentityStatus.QUALIFIEE


def undoes_the_proof(changed: Iterable[str]) -> bool:
    """Whether changing these fields takes the identity back to provisional."""
    return not set(STRICT_TRAITS).isdisjoint(changed)
