"""National numbers of professionals and establishments: the value to store, or `CheckError`.

For what people type. The national files are imported as they are: a number that its own authority
publishes with a wrong key is still the number of that establishment.
"""

import re

from django.utils.translation import gettext as _
from stdnum import luhn

from ronde.core.checks import CheckError, digits

# Corsica and overseas have letters, which count as their rank: A is 1, B is 2… Seen on 2B0000012
# (centre hospitalier de Bastia) for FINESS; the same rule is in use for ADELI.
_LETTERS = str.maketrans("ABCDEF", "123456")
_ADELI = re.compile(r"(?:0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-8A-F])\d{7}")
_FINESS = re.compile(r"(?:\d\d|2[AB])\d{7}")


def rpps(value: str) -> str:
    """Eleven digits with their Luhn key; the 8 that makes it a national identifier is dropped."""
    number = digits(value)
    if len(number) == 12 and number[0] == "8":
        number = number[1:]
    if not re.fullmatch(r"\d{11}", number):
        raise CheckError(_("Le numéro RPPS compte 11 chiffres."))
    return _keyed(number, "RPPS")


def adeli(value: str) -> str:
    """Nine signs: département of registration, profession, order, key."""
    number = digits(value)
    if len(number) == 10 and number[0] == "0":
        number = number[1:]
    if len(number) != 9:
        raise CheckError(_("Le numéro ADELI compte 9 signes."))
    if not _ADELI.fullmatch(number):
        raise CheckError(_("Le numéro ADELI commence par un département (01 à 98, 2A, 2B, 9A…)."))
    return _keyed(number, "ADELI")


def finess(value: str) -> str:
    """Nine signs, the first two being the département (2A, 2B in Corsica), the last one the key."""
    number = digits(value)
    if not _FINESS.fullmatch(number):
        raise CheckError(_("Le numéro FINESS compte 9 chiffres (ou commence par 2A, 2B en Corse)."))
    return _keyed(number, "FINESS")


def _keyed(number: str, name: str) -> str:
    if not luhn.is_valid(number.translate(_LETTERS)):
        message = _("Ce numéro %(name)s n'existe pas : sa clé est fausse. Vérifiez les chiffres.")
        raise CheckError(message % {"name": name})
    return number
