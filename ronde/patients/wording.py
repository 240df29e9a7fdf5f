"""The columns of an identity in words."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from ronde.core import formats
from ronde.patients.models import IdentityStatus, Patient, Proof, Sex

# Columns that say nothing to a reader, or that go with another one.
HIDDEN = {"birth_place_code", "birth_country_code", "commune_code", "ins_oid", "proof_checked_by"}


def grouped_nir(number: str) -> str:
    """The number as it is printed on documents: «2 42 03 83 126 042 72»."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(number[a:b] for a, b in pairwise(cuts)) if number else ""


def label(name: str) -> str:
    names = {
        "identity_status": _("statut de l'identité"),
        "proof": _("pièce d'identité"),
        "proof_checked_at": _("pièce vue le"),
    }
    return str(names.get(name) or Patient._meta.get_field(name).verbose_name)


def worded(name: str, value: Any) -> str:
    """A column of the patient, from JSON or from a form, as people read it."""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    read = _READERS.get(name)
    return str(read(value)) if read else str(value)


def _day(value: Any) -> str:
    return "/".join(reversed(str(value).split("-")))


_READERS: Mapping[str, Any] = {
    "sex": lambda value: Sex(value).label,
    "identity_status": lambda value: IdentityStatus(value).label,
    "proof": lambda value: Proof(value).label,
    "birth_date": _day,
    "death_date": _day,
    "proof_checked_at": lambda value: _day(str(value)[:10]),
    "nir": grouped_nir,
    "holder_nir": grouped_nir,
    "ins": grouped_nir,
    "mobile": formats.phone,
    "phone": formats.phone,
}
