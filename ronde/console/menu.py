"""The side menu of the console: each page once, with the duties that open it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import get_resolver, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ronde.accounts import queries
from ronde.core.page import page_context


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` is the page that the line opens; its gate says for whom."""

    label: str | Promise
    name: str
    icon: str
    about: str | Promise


ENTRIES: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("Comptes"),
        (
            Entry(
                _("Comptes à valider"),
                "console:account_requests",
                "inbox",
                _("Demandes d’inscription et comptes demandés par des confrères."),
            ),
            Entry(
                _("Comptes"),
                "console:users",
                "users-round",
                _("Trouver un compte, aider son titulaire, le fermer."),
            ),
            Entry(
                _("Fonctions régionales"),
                "console:duties",
                "shield-check",
                _("Qui administre, qui tient l'identité, la protection des données, l'assistance."),
            ),
            Entry(
                _("Audit"),
                "console:audit",
                "history",
                _("Ce qui a été fait sur les comptes et dans la console."),
            ),
        ),
    ),
    (
        _("Droits d'accès"),
        (
            Entry(
                _("Matrice d'habilitation"),
                "console:matrix",
                "list-checks",
                _("Ce que chaque profession lit et écrit, rubrique par rubrique."),
            ),
            Entry(
                _("Simulateur d'accès"),
                "console:simulate",
                "eye",
                _("Pourquoi un dossier s'ouvre, ou non, à quelqu'un."),
            ),
            Entry(
                _("Relecture des bris de glace"),
                "console:reviews",
                "lock-open",
                _("Qui a ouvert un dossier en urgence, pourquoi, et votre avis."),
            ),
            Entry(
                _("Demandes d'accès"),
                "console:access_requests",
                "key-round",
                _("Accès durables demandés après un bris de glace, et qui doit répondre."),
            ),
        ),
    ),
    (
        _("Identitovigilance"),
        (
            Entry(
                _("Doublons"),
                "console:duplicates",
                "users-round",
                _("Dossiers d'une même personne : les comparer, les réunir, les séparer."),
            ),
        ),
    ),
    (
        _("Paramétrage"),
        (
            Entry(
                _("Zones"),
                "console:zones",
                "map-pin",
                _("Ensembles de communes, déduits de l'adresse de chaque patient."),
            ),
            Entry(
                _("Listes"),
                "console:lists",
                "list",
                _("Statuts, motifs, étapes, rôles, professions, documents : ce que l'on choisit."),
            ),
            Entry(
                _("Conditions d’utilisation"),
                "console:terms",
                "file-text",
                _("Écrire une version, la relire, la publier ; qui l'a acceptée."),
            ),
        ),
    ),
)


def _duties(name: str) -> frozenset[str]:
    """The duties that the gate of a page asks for: they are written there and nowhere else."""
    view = get_resolver().resolve(reverse(name)).func
    return frozenset(getattr(view, "duties", ()))


def _line(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    """`current` is what aria-current says: the page itself, or one of the pages under it."""
    address = reverse(entry.name)
    under = "true" if request.path.startswith(address) else ""
    current = "page" if request.path == address else under
    return {"entry": entry, "url": address, "current": current}


@page_context
def console(request: HttpRequest) -> dict[str, Any]:
    """Give templates `console_menu()`: groups of lines that this person's duties open."""

    def menu() -> list[tuple[str | Promise, list[dict[str, Any]]]]:
        held = queries.duties(request.user)
        groups = [
            (
                title,
                [_line(request, one) for one in entries if held & _duties(one.name)],
            )
            for title, entries in ENTRIES
        ]
        return [(title, lines) for title, lines in groups if lines]

    return {"console_menu": menu}
