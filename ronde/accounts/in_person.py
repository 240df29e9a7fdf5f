"""Pages of what one settles in person: whoever acts by delegation is told so, and how to go on."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils.translation import gettext as _

from ronde.accounts.delegating import note_refusal
from ronde.accounts.gate import SAFE, actor_view
from ronde.accounts.switching import stays_open
from ronde.core.actor import Actor
from ronde.core.errors import forbidden, stale
from ronde.core.gate import View
from ronde.core.page import page


def in_person(view: View) -> View:
    """Like `actor_view`, and refused (403, in words) to whoever acts by delegation.

    An attempt to change something that is not one's own to settle leaves its trace.
    """

    @wraps(view)
    def alone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.actor.is_delegate:
            return refusal(request)
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            _note(request)
            return forbidden(request)

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
    _note(request)
    if request.htmx:
        return stale(request, said, status=403)
    return page(request, "accounts/in_person.html", {"text": said}, status=403)


def _note(request: HttpRequest) -> None:
    match = request.resolver_match
    if request.method not in SAFE and match is not None:
        note_refusal(request.actor, match.view_name)


@stays_open
def _left_by_a_delegate(actor: Actor, match: ResolverMatch) -> bool:
    """Whoever starts acting by delegation leaves a page of what is settled in person."""
    return not (actor.is_delegate and getattr(match.func, "in_person", False))
