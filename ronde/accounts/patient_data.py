"""What in a free text looks like the identity of a patient.

A net with wide meshes, for texts that leave by mail: it stops the two slips that are common, and
the page asks people not to write the others.
"""

import re
from datetime import date

from django.utils import timezone
from stdnum.fr import nir

_GAP = r"[\s.\-_ ]*"
# Overlapping on purpose: a figure just before the number must not hide it.
_NIR = re.compile(
    rf"(?=(?<![0-9A-Za-z])([1-478](?:{_GAP}\d){{4}}{_GAP}(?:\d{_GAP}\d|2{_GAP}[AaBb])"
    rf"(?:{_GAP}\d){{8}})(?![0-9]))"
)
_MONTHS = {
    "janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6,
    "juillet": 7, "août": 8, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11,
    "décembre": 12, "decembre": 12, "january": 1, "february": 2, "march": 3, "april": 4,
    "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11,
    "december": 12,
}  # fmt: skip
_DATE = re.compile(
    rf"(?<![\d/])(\d{{1,2}})(?:er)?[/.\-\s]+(\d{{1,2}}|{'|'.join(_MONTHS)})[/.\-\s]+((?:19|20)?\d\d)"
    r"(?![\d/])|(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)",
    re.I,
)
_BORN = re.compile(r"\bn[ée]+(?:\(e\))?\s+le|naissance|\bDDN\b|\bborn\b|\bDOB\b", re.I)
_SHOUTED = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{3,}(?:[-'’ ][A-ZÀ-ÖØ-Þ]{2,})*\b")
_PROPER = re.compile(
    r"\b[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+(?:-[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+)?\s+[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þa-zà-öø-ÿ'’-]+\b"
    r"|\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame|Mrs|Ms)\s+[A-ZÀ-ÖØ-Þ][\wÀ-ÿ'’-]+"
)
_NO_NAMES = {
    "ADELI", "CGU", "CPS", "CPTS", "CSV", "DAC", "DDN", "DOB", "EHPAD", "ERREUR", "ERROR", "FINESS",
    "GHT", "HTTP", "HTTPS", "INS", "INSI", "MDPH", "NIR", "OTP", "PDF", "PSC", "RCP", "RGPD",
    "RONDE", "RPPS", "SAMU", "SMS", "SSIAD", "URGENT", "URL", "USB", "VPN",
}  # fmt: skip
_NEAR = 60
_A_YEAR = 365


def national_number(text: str) -> str:
    """The first NIR (or INS) of the text whose key is right, as it was written, or nothing."""
    for found in _NIR.finditer(text):
        if nir.is_valid(re.sub(r"[^0-9AB]", "", found[1].upper())):
            return found[1]
    return ""


def dated_name(text: str) -> str:
    """The first birth date next to a name, as written, or nothing.

    A date of the last twelve months is that of an incident, unless a word says that it is a birth.
    """
    for found in _DATE.finditer(text):
        around = text[max(found.start() - _NEAR, 0) : found.end() + _NEAR]
        at = _date(found)
        if at is None or not (_is_old(at) or _BORN.search(around)):
            continue
        if _name(around):
            return found[0]
    return ""


def _date(found: re.Match[str]) -> date | None:
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    if iso_year:
        day, month, year = iso_day, iso_month, iso_year
    number = int(month) if month.isdigit() else _MONTHS[month.lower()]
    whole = int(year) if len(year) == 4 else 2000 + int(year)
    if whole > timezone.localdate().year:
        whole -= 100
    try:
        return date(whole, number, int(day))
    except ValueError:
        return None


def _is_old(at: date) -> bool:
    return (timezone.localdate() - at).days > _A_YEAR


def _name(text: str) -> bool:
    if _PROPER.search(text):
        return True
    return any(
        not set(re.split(r"[-'’ ]", found[0])) <= _NO_NAMES for found in _SHOUTED.finditer(text)
    )
