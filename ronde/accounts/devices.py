"""The open sessions of an account: listed, ended from elsewhere, covered when nobody is there.

The row of a session follows it by `session["device"]`, since its key changes at each proof of who
one is. What was seen is written once a minute at most, so that a page costs no query for it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ronde.accounts import idle
from ronde.accounts.models import Device, User
from ronde.accounts.user_agents import browser_and_system, network, words

DEVICE = "device"
WRITTEN_EVERY = 60.0  # Seconds.
REMEMBERED = 10_000
_written: OrderedDict[str, float] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Seen:
    """From what a request comes, in words: for a mail to the holder."""

    browser: str
    system: str
    network: str
    at: str

    def __str__(self) -> str:
        return words(self.browser, self.system, self.network)


def describe(request: HttpRequest) -> Seen:
    browser, system = browser_and_system(request.META.get("HTTP_USER_AGENT", ""))
    return Seen(browser, system, network(get_client_ip(request)), timezone.now().isoformat())


def begin(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Write the session that has just been opened (signal `user_logged_in`)."""
    session = request.session
    if not session.session_key:
        session.create()
    seen, now = describe(request), timezone.now()
    Device.objects.filter(pk=session.get(DEVICE)).delete()
    device = Device.objects.create(
        user=user,
        session_key=session.session_key,
        browser=seen.browser,
        system=seen.system,
        network=seen.network,
        opened_at=now,
        seen_at=now,
    )
    session[DEVICE] = str(device.pk)
    _remember(str(device.pk))


def end(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Forget the session that is being closed (signal `user_logged_out`)."""
    Device.objects.filter(pk=request.session.get(DEVICE)).delete()


def follow(request: HttpRequest) -> None:
    """Write that the session is in use, and the key that it has now."""
    name = request.session.get(DEVICE)
    found = Device.objects.filter(pk=name).update(
        seen_at=timezone.now(), session_key=request.session.session_key
    )
    if found:
        _remember(name)
    else:
        begin(None, request, request.user)


def renew_key(request: HttpRequest) -> None:
    """Give the session another key, as each proof of who one is should."""
    request.session.cycle_key()
    follow(request)


def _remember(name: str) -> None:
    _written[name] = time.monotonic()
    _written.move_to_end(name)
    while len(_written) > REMEMBERED:
        _written.popitem(last=False)


def _is_due(name: str | None) -> bool:
    return time.monotonic() - _written.get(name or "", -WRITTEN_EVERY) >= WRITTEN_EVERY


def open_devices(user: User) -> QuerySet[Device]:
    """The sessions of an account that still open something, the last used first."""
    live = Session.objects.filter(
        session_key=OuterRef("session_key"), expire_date__gt=timezone.now()
    )
    return Device.objects.filter(
        Exists(live), user=user, opened_at__gt=timezone.now() - settings.SESSION_MAX_AGE
    ).order_by("-seen_at")


@transaction.atomic
def close(devices: QuerySet[Device]) -> int:
    """End these sessions: their next request finds nothing."""
    rows = list(devices.values_list("pk", "session_key"))
    Session.objects.filter(session_key__in=[key for _pk, key in rows]).delete()
    Device.objects.filter(pk__in=[pk for pk, _key in rows]).delete()
    return len(rows)


def current_id(request: HttpRequest) -> UUID | None:
    name = request.session.get(DEVICE)
    return UUID(name) if name else None


def purge() -> None:
    """Remove the rows whose session is over (each night)."""
    live = Session.objects.filter(session_key=OuterRef("session_key"))
    old = timezone.now() - timedelta(minutes=5)
    Device.objects.filter(~Exists(live), seen_at__lt=old).delete()


class DeviceMiddleware:
    """Write that the session is in use, and refuse what comes to a covered screen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.STATIC_URL) or not request.user.is_authenticated:
            return self.get_response(request)
        name = request.session.get(DEVICE)
        if idle.is_watched(request):
            refusal = idle.refusal(request, Device.objects.filter(pk=name).first())
            if refusal is not None:
                return refusal
        if _is_due(name) and not idle.is_background(request):
            follow(request)
        return self.get_response(request)
