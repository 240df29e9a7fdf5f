"""In which language pages and mails speak: chosen by the person, never guessed.

A computer set in English stands in many a French hospital: what the browser prefers says nothing
of its user. The choice is kept on the account, and in a cookie for who has not signed in.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from ronde.accounts.models import User

COOKIE = "ronde_langue"
ONE_YEAR = 365 * 86_400


def known(code: str) -> str:
    """The language of this code if the site speaks it, or nothing."""
    return code if code in dict(settings.LANGUAGES) else ""


def of_request(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    kept = user.language if user is not None and user.is_authenticated else ""
    return known(kept) or known(request.COOKIES.get(COOKIE, "")) or settings.LANGUAGE_CODE


def of_mails(user: User | None) -> str:
    """The language to write in: that of the recipient, or else the one spoken at this moment."""
    return (
        (known(user.language) if user else "")
        or translation.get_language()
        or settings.LANGUAGE_CODE
    )


def remember(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        COOKIE,
        code,
        max_age=ONE_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class LanguageMiddleware:
    """Speak the language of whoever asks, for the time of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        code = of_request(request)
        with translation.override(code):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response
