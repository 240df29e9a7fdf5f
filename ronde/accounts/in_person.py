"""Pages of what one settles in person: whoever acts by delegation is told so, and how to go on."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ronde.accounts.gate import actor_view
from ronde.core.errors import stale
from ronde.core.gate import View
from ronde.core.page import page


def in_person(view: View) -> View:
    """Like `actor_view`, and refused (403, in words) to whoever acts by delegation."""

    @wraps(view)
    def alone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.actor.is_delegate:
            return refusal(request)
        return view(request, *args, **kwargs)

    gated = actor_view(alone)
    gated.in_person = True  # type: ignore[attr-defined]
    return gated


def refusal(request: HttpRequest, text: str = "") -> HttpResponse:
    """Say that this is done in person only; `text` says what, when it is no setting."""
    said = text or _(
        "Vous agissez par délégation de %(name)s : son profil, ses délégations et ses préférences"
        " ne se règlent qu'en personne."
    )
    said = said % {"name": request.actor.display_name}
    if request.htmx:
        return stale(request, said, status=403)
    return page(request, "accounts/in_person.html", {"text": said}, status=403)
