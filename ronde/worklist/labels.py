"""The filters in words: what stands on the small crosses above the list."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.core.formats import day
from ronde.followup.queries import status_choices
from ronde.patients.models import IdentityStatus, Zone
from ronde.terminology import queries as terminology
from ronde.worklist.filters import NEEDED, YES, Filters

SORTED_BY = {
    "-maj": gettext_lazy("Mis à jour récemment"),
    "nom": gettext_lazy("Nom"),
    "naissance": gettext_lazy("Date de naissance"),
    "deces": gettext_lazy("Date de décès"),
    "sexe": gettext_lazy("Sexe"),
    "commune": gettext_lazy("Commune"),
    "statut": gettext_lazy("Identité"),
    "suivi": gettext_lazy("Statut"),
    "sejour": gettext_lazy("Hospitalisation"),
}
SEXES = {"F": gettext_lazy("F"), "M": gettext_lazy("H"), "U": gettext_lazy("I")}


def sorts(current: str, sections: frozenset[str]) -> list[tuple[str, str]]:
    """The orders offered, and the present one where it is the reverse of one of them."""
    found = []
    for sort, label in SORTED_BY.items():
        if NEEDED.get(sort) not in {None, *sections}:
            continue
        found.append((sort, str(label)))
        if current != sort and current.lstrip("-") == sort.lstrip("-"):
            found.append((current, _("%(order)s, ordre inverse") % {"order": label}))
    return found


def active(filters: Filters, zones: Iterable[Zone]) -> list[tuple[str, str]]:
    """Name each filter that is on, with what it keeps."""
    said = {
        "text": lambda value: f"« {value} »",
        "birth_name": lambda value: _("Nom de naissance : %(v)s") % {"v": value},
        "used_name": lambda value: _("Nom utilisé : %(v)s") % {"v": value},
        "given": lambda value: _("Prénom : %(v)s") % {"v": value},
        "birth_date": lambda value: _("Né(e) le %(v)s") % {"v": day(date.fromisoformat(value))},
        "sexes": lambda value: _("Sexe : %(v)s") % {"v": _join(SEXES, value)},
        "statuses": lambda value: _join(dict(IdentityStatus.choices), value),
        "record_statuses": lambda value: _join(dict(status_choices()), value),
        "roles": lambda value: ", ".join(terminology.display("roles", one) for one in value),
        "zones": lambda value: _join({zone.pk: zone.name for zone in zones}, value),
        "professional": lambda _value: filters.professional_name or _("Professionnel"),
        "structure": lambda _value: filters.structure_name or _("Structure"),
        "commune": lambda _value: filters.commune_name or _("Commune"),
        "favourites": lambda value: _("Favoris") if value == YES else _("Sans les favoris"),
        "deceased": lambda value: _("Décédés seuls") if value == YES else _("Décédés compris"),
        "archived": lambda value: _("Archivés seuls") if value == YES else _("Archivés compris"),
        "stays": lambda value: (
            _("Hospitalisés") if value == YES else _("Sans hospitalisation en cours")
        ),
        "break_glass": lambda value: (
            _("Bris de glace") if value == YES else _("Sans les bris de glace")
        ),
    }
    return [(name, said[name](value)) for name, value in filters.values().items() if name in said]


def _join(names: dict[Any, Any], chosen: list[Any]) -> str:
    return ", ".join(str(names[one]) for one in chosen if one in names)
