"""Checks of typed values: each returns the value as it is stored, or raises `CheckError`."""

import re
from collections.abc import Callable
from types import ModuleType

import phonenumbers
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number

_NOT_IN_NUMBERS = re.compile(r"[\s.\-  ]+")

# Dialled with a 0 from anywhere in France, but another country code behind it.
_OVERSEAS = {
    "0262": "RE", "0263": "RE", "0692": "RE", "0693": "RE",
    "0269": "YT", "0639": "YT",
    "0508": "PM",
    "0590": "GP", "0690": "GP", "0691": "GP",
    "0594": "GF", "0694": "GF",
    "0596": "MQ", "0696": "MQ", "0697": "MQ",
}  # fmt: skip
# Mobile numbers that ARCEP keeps for fiction (decision 2018-0881): unknown to the library, and the
# only ones that invented persons may have.
_FICTION = re.compile(r"\+3363998\d{4}")


class CheckError(ValueError):
    """A value that cannot be kept; its text is in French and is shown beside the field."""


def digits(value: str) -> str:
    """Drop the spaces, dots and hyphens that people put in long numbers."""
    return _NOT_IN_NUMBERS.sub("", value).upper()


def _standard(library: ModuleType, value: str, length: int, name: str) -> str:
    number = digits(value)
    if not re.fullmatch(rf"\d{{{length}}}", number):
        message = _("Le numéro %(name)s compte %(length)d chiffres.")
        raise CheckError(message % {"name": name, "length": length})
    try:
        return library.validate(number)
    except InvalidChecksum:
        message = _("Ce numéro %(name)s n'existe pas : sa clé est fausse. Vérifiez les chiffres.")
        raise CheckError(message % {"name": name}) from None
    except ValidationError:
        raise CheckError(_("Ce numéro %(name)s n'est pas valable.") % {"name": name}) from None


def siren(value: str) -> str:
    """Nine digits with their Luhn key."""
    return _standard(siren_number, value, 9, "SIREN")


def siret(value: str) -> str:
    """Fourteen digits with their Luhn key; the offices of La Poste follow a rule of their own."""
    return _standard(siret_number, value, 14, "SIRET")


def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) and not number.extension else None


def phone(value: str) -> str:
    """E.164 form of a French, overseas or (with its +) foreign number; no short number."""
    text = value.strip()
    overseas = _OVERSEAS.get(re.sub(r"\D", "", text)[:4], "FR")
    number = _parsed(text, overseas) or _parsed(text, "FR")
    if number is not None:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    fiction = re.sub(r"^0(?!0)", "+33", digits(text))
    if _FICTION.fullmatch(fiction):
        return fiction
    raise CheckError(
        _("Numéro de téléphone non valable : dix chiffres, ou + et l'indicatif pour l'étranger.")
    )


def email(value: str) -> str:
    """The address with its domain in small letters. No network: a well-formed one may not exist."""
    text = value.strip()
    if "@" not in text:
        raise CheckError(_("Adresse e-mail incomplète : il manque l'arobase (@)."))
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise CheckError(_("Adresse e-mail non valable. Exemple : nom@domaine.fr")) from None


def optional(check: Callable[[str], str], value: str) -> str:
    """Apply a check to what may be left empty."""
    return check(value) if value.strip() else ""
