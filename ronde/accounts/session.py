"""The life of a session: it starts at the sign-in, lasts 8 hours, and no activity prolongs it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

STARTED, ACTING, PREVIOUS = "started_at", "acting_party", "previous_login"


def begin(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Start the clock, and take up the identity of the last session (signal `user_logged_in`)."""
    request.session[STARTED] = timezone.now().isoformat()
    request.session.pop(ACTING, None)
    if user.last_identity_id is not None:
        request.session[ACTING] = str(user.last_identity_id)


def end_of(request: HttpRequest) -> datetime:
    """Say when the session ends; one whose start is unknown ends now."""
    started = request.session.get(STARTED)
    if started is None:
        return timezone.now()
    return datetime.fromisoformat(started) + settings.SESSION_MAX_AGE


def ends_soon(request: HttpRequest) -> bool:
    """Tell whether the warning is up: from then on, signing in again is offered."""
    return request.session_end - timezone.now() <= settings.SESSION_WARNING


def previous_login(request: HttpRequest) -> datetime | None:
    """When this person signed in before the present session."""
    found = request.session.get(PREVIOUS)
    return datetime.fromisoformat(found) if found else None
