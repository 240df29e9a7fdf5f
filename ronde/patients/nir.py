"""NIR (number of the national register of persons) and INS: what is accepted, what looks odd."""

import re
from datetime import date

from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError
from stdnum.fr import nir as nir_number

from ronde.core.checks import CheckError, digits
from ronde.patients.conventions import date_is_known, place_is_known

# Identifier systems of the INS (ANS); tests and demonstrations have their own, so that an invented
# INS is never taken for a real one.
OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
OID_TEST = "1.2.250.1.213.1.4.10"
OID_DEMO = "1.2.250.1.213.1.4.11"

# First digit: 1 and 2 are final, the others wait for the certification of a birth abroad.
_FINAL, _WAITING = "12", "3478"
_FORM = re.compile(r"[123478]\d{4}(?:\d\d|2[AB])\d{8}")

# Communes around Paris changed département in 1968: any of these codes may stand for another.
_AROUND_PARIS = frozenset({"75", "78", "91", "92", "93", "94", "95"})
_LAST_YEAR_BEFORE_PARIS_SPLIT = 1968
_LAST_YEAR_OF_UNDIVIDED_CORSICA = 1976
# Algeria, Morocco and Tunisia had codes of départements until then.
_LAST_YEAR_OF_FORMER_DEPARTMENTS = 1967


def check_nir(value: str) -> str:
    """Fifteen signs, key included: a NIR, or the provisional number (NIA) that waits for one."""
    number = digits(value)
    if len(number) == 13:
        raise CheckError(_("Ajoutez la clé : les deux chiffres qui suivent le numéro."))
    if len(number) != 15:
        message = _("Un NIR compte 15 signes avec sa clé ; %(count)d saisis.")
        raise CheckError(message % {"count": len(number)})
    if not _FORM.fullmatch(number):
        raise CheckError(
            _("Un NIR commence par 1 ou 2 (3, 4, 7, 8 en attente), sans lettre hors 2A et 2B.")
        )
    try:
        return nir_number.validate(number)
    except ValidationError:
        raise CheckError(
            _("Ce NIR n'existe pas : sa clé est fausse. Vérifiez les chiffres.")
        ) from None


def is_waiting(nir: str) -> bool:
    """Whether this is a provisional number (NIA), to be replaced by the final NIR."""
    return nir[:1] in _WAITING


def check_ins(matricule: str, oid: str, *, invented: bool = False) -> tuple[str, str]:
    """A matricule with the OID that says its nature. `invented`: tests and demonstrations only."""
    number = check_nir(matricule)
    allowed = {OID_TEST, OID_DEMO} if invented else {OID_NIR, OID_NIA}
    oid = oid.strip().removeprefix("urn:oid:")
    if oid not in allowed:
        raise CheckError(_("Cet identifiant n'est pas de la nature attendue (OID inconnu)."))
    if not invented and is_waiting(number) != (oid == OID_NIA):
        raise CheckError(_("La nature de l'INS (NIR ou NIA) ne correspond pas à son numéro."))
    return number, oid


def warnings(nir: str, *, sex: str, birth_date: date | None, birth_place: str) -> list[str]:
    """What in a valid NIR disagrees with the other traits: to be looked at, not an error.

    A NIR keeps what was known when it was given: sex, date and place may have been corrected since.
    """
    found = []
    if sex in ("F", "M") and sex != ("M" if nir[0] in "137" else "F"):
        found.append(_("Le NIR est celui d'une personne de l'autre sexe."))
    if date_is_known(birth_date):
        if nir[1:3] != f"{birth_date.year % 100:02}":
            found.append(_("Le NIR indique une autre année de naissance."))
        if 1 <= int(nir[3:5]) <= 12 and int(nir[3:5]) != birth_date.month:
            found.append(_("Le NIR indique un autre mois de naissance."))
    if place_is_known(birth_place) and not _place_agrees(nir, birth_date, birth_place):
        found.append(_("Le NIR indique un autre département de naissance."))
    return found


def _place_agrees(nir: str, birth_date: date | None, place: str) -> bool:
    """Compare départements alone: the codes of communes change with mergers."""
    year = birth_date.year if date_is_known(birth_date) else 0
    length = 3 if place.startswith(("97", "98")) else 2
    written, known = nir[5 : 5 + length], place[:length]
    if written == known:
        return True
    if known in ("2A", "2B"):
        return written == "20" and year <= _LAST_YEAR_OF_UNDIVIDED_CORSICA
    if known == "99":
        return "91" <= written <= "96" and year <= _LAST_YEAR_OF_FORMER_DEPARTMENTS
    around_paris = {written, known} <= _AROUND_PARIS
    return around_paris and year <= _LAST_YEAR_BEFORE_PARIS_SPLIT
