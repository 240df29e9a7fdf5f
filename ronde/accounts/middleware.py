"""Who is acting: resolved once for each request, from the database, never from the browser."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import queries
from ronde.core.actor import Actor
from ronde.core.context import acting

STARTED, ACTING = "started_at", "acting_party"


class ActorMiddleware:
    """Set `request.actor` and the context of row-level security; close a session after 8 hours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None
        request.identities = []
        request.session_end = None
        if request.path.startswith(settings.STATIC_URL) or not request.user.is_authenticated:
            return self.get_response(request)
        request.session_end = session_end(request)
        if timezone.now() >= request.session_end:
            return _close(request)
        request.identities = queries.identities(request.user)
        request.actor = _actor(request)
        with acting(
            party_id=request.actor.party_id if request.actor else None,
            user_id=request.user.pk,
            request_id=uuid.uuid4().hex,
        ):
            return self.get_response(request)


def session_end(request: HttpRequest) -> datetime:
    """Say when this session ends, counted from the sign-in and never moved by activity."""
    started = request.session.get(STARTED)
    if started is None:
        started = timezone.now().isoformat()
        request.session[STARTED] = started
    limit: timedelta = settings.SESSION_MAX_AGE
    return datetime.fromisoformat(started) + limit


def _close(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.info(
        request, _("Votre session de 8 heures est terminée. Reconnectez-vous pour continuer.")
    )
    if request.htmx:
        return HttpResponse(status=401)  # The page stays, with what was typed, and offers to sign in.
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(request.get_full_path())}")


def _actor(request: HttpRequest) -> Actor | None:
    """Find the identity chosen in the session; one that was withdrawn since is dropped and said."""
    asked = request.session.get(ACTING)
    chosen = next((one for one in request.identities if str(one.party_id) == asked), None)
    if asked and chosen is None:
        del request.session[ACTING]
        messages.warning(request, _("Vous n'agissez plus pour cette structure."))
    if chosen is None:
        chosen = request.identities[0] if request.identities else None
    if chosen is None:
        return None
    person = request.user.person
    return Actor(
        user_id=request.user.pk,
        party_id=chosen.party_id,
        person_id=person.pk if person else None,
        display_name=chosen.label,
        person_name=request.user.full_name,
        as_structure=chosen.is_structure,
        profession=person.profession_code if person else "",
    )
