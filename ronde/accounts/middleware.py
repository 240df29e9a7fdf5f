"""Who is acting: resolved once for each request, from the database, never from the browser."""

import uuid
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import actions, drafts, queries, session
from ronde.accounts.addresses import page_behind
from ronde.core.actor import Actor
from ronde.core.context import acting


class ActorMiddleware:
    """Set `request.actor` and the context of row-level security; close a session after 8 hours.

    `request.identity_lost`: the identity chosen in this session was withdrawn since.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None
        request.identities = []
        request.identity_lost = False
        request.session_end = None
        if request.path.startswith(settings.STATIC_URL) or not request.user.is_authenticated:
            return self.get_response(request)
        request.session_end = session.end_of(request)
        if timezone.now() >= request.session_end:
            return _close(request)
        request.identities = queries.identities(request.user)
        request.actor = _actor(request)
        with acting(
            party_id=request.actor.party_id if request.actor else None,
            user_id=request.user.pk,
            request_id=uuid.uuid4().hex,
            delegated=request.actor is not None and request.actor.is_delegate,
        ):
            return self.get_response(request)


def _close(request: HttpRequest) -> HttpResponse:
    """End the session; a form that arrives too late is kept, to be given back at its page."""
    back = way_back(request)
    logout(request)
    messages.info(
        request, _("Votre session de 8 heures est terminée. Reconnectez-vous pour continuer.")
    )
    if request.htmx:
        return HttpResponse(
            status=401
        )  # The page stays, with what was typed, and offers to sign in.
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(back)}")


def way_back(request: HttpRequest) -> str:
    """Where to come back; a form that cannot be taken is kept, to be given back at its page."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    back = page_behind(request)
    if back.partition("?")[0] == request.path and not request.htmx:
        with acting(party_id=None, user_id=request.user.pk):
            drafts.keep(request.user.pk, request.path, request.POST)
    return back or "/"


def _actor(request: HttpRequest) -> Actor | None:
    """Find the identity chosen in the session; one that was withdrawn since is dropped and said."""
    asked = request.session.get(session.ACTING)
    chosen = next((one for one in request.identities if str(one.party_id) == asked), None)
    if asked and chosen is None:
        _lose(request, asked)
    if chosen is None:
        chosen = request.identities[0] if request.identities else None
    return queries.actor_for(request.user, chosen) if chosen else None


def _lose(request: HttpRequest, asked: str) -> None:
    """Drop an identity that was withdrawn, and make the forms of the pages still open useless.

    They were filled in its name and would be saved in one's own: their token is no longer good, so
    that each answers that its page has to be loaded again. One that is just being sent is answered
    by the gate, which then changes the token too.
    """
    del request.session[session.ACTING]
    actions.forget_identity(request.user)
    request.identity_lost = True
    messages.warning(request, _what_ended(request, asked))
    if request.method in {"GET", "HEAD"}:
        rotate_token(request)


def _what_ended(request: HttpRequest, asked: str) -> str:
    name = queries.former_delegator(request.user, asked)
    if name:
        return _("La délégation de %(name)s vous a été retirée : vous agissez en votre nom.") % {
            "name": name
        }
    return _("Votre rattachement à cette structure a été retiré : vous agissez en votre nom.")
