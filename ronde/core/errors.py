"""Pages of errors: what happened and what to do, never why in detail.

htmx receives a short fragment. A refusal that a reload mends (`stale`) leaves the page as it is,
with what was typed, and says so in a toast.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ronde.core.page import fragment, page, site_values


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    title: str
    text: str
    advice: str = ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request,
        Problem(
            400,
            _("Demande incomprise"),
            _("Le serveur n'a pas compris cette demande."),
            _("Revenez à la page précédente et recommencez."),
        ),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request,
        Problem(
            403,
            _("Action non autorisée"),
            _("Vos droits ne permettent pas cette action."),
            _("Vérifiez au nom de qui vous agissez, en haut à droite, ou écrivez à l’assistance."),
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request,
        Problem(
            404,
            _("Page introuvable"),
            _("Ce dossier ou cette page n'existe pas, ou ne vous est pas accessible."),
            _(
                "Vérifiez au nom de qui vous agissez, en haut à droite. Si ce dossier vous"
                " concerne, demandez l'accès à une personne qui y travaille déjà."
            ),
        ),
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _answer(
        request,
        Problem(
            429,
            _("Trop de demandes"),
            _("Trop de demandes sont arrivées en peu de temps."),
            _("Attendez une minute, puis recommencez."),
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was opened before a sign-in or a change of identity, or comes from elsewhere."""
    return stale(request, _("Cette page n'est plus à jour : rien n'a été enregistré."), status=403)


def stale(request: HttpRequest, text: str, *, status: int = 409) -> HttpResponse:
    """Refuse a form whose page must be loaded again."""
    advice = _("Rechargez la page, vérifiez au nom de qui vous agissez, puis recommencez.")
    if _by_htmx(request):
        said = {"ronde:annonce": {"texte": f"{text} {advice}", "genre": "erreur"}}
        headers = {"HX-Reswap": "none", "HX-Trigger": json.dumps(said)}
        return HttpResponse(status=status, headers=headers)
    return _answer(request, Problem(status, _("Page à recharger"), text, advice))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without the database, which may be what failed."""
    problem = Problem(
        500,
        _("Erreur du serveur"),
        _("Votre demande n'a pas abouti."),
        _("Recommencez dans quelques minutes. Si l'erreur revient, écrivez à l’assistance."),
    )
    return HttpResponse(render_to_string("core/error.html", _values(problem)), status=500)


def _by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _values(problem: Problem) -> dict[str, Any]:
    return {
        **site_values(),
        "actor": None,
        "problem": problem,
        "support_email": settings.SUPPORT_EMAIL,
    }


def _answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    values = _values(problem)
    if _by_htmx(request):
        return fragment(request, "core/_error.html", values, status=problem.status)
    values["actor"] = getattr(request, "actor", None)
    return page(request, "core/error.html", values, status=problem.status)
