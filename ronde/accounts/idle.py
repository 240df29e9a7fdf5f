"""The lock of shared computers: a screen left alone is covered, and the server refuses.

The page covers itself after `SESSION_IDLE_LOCK` minutes without a gesture in any tab, or at once
when «Verrouiller» is chosen, and says so here. A page that could not say it (asleep, closed) is
locked all the same, from what was seen last.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from ronde.accounts.access_events import SessionLocked, SessionUnlocked
from ronde.accounts.actions import record_of_account
from ronde.accounts.middleware import way_back
from ronde.accounts.models import Device
from ronde.core.page import page_context

COVERED = "X-Ronde-Verrou"
# Set in a session covered by hand, so that the others cost no query where the setting is off.
BY_HAND = "covered"
# A gesture is told here a minute later at most: the server waits for that.
LATE = timedelta(seconds=90)
# What a covered screen may still ask: to be opened, to be left, to keep what was typed.
OPEN = {
    "accounts:draft",
    "accounts:lock",
    "accounts:unlock",
    "accounts:psc_callback",
    "accounts:psc_start",
    "account_logout",
    "mfa_login_webauthn",
}
# What pages send by themselves: nobody has to be there.
BACKGROUND = {"accounts:draft", "accounts:lock", "mfa_login_webauthn", "notifications:signals"}


def _name(request: HttpRequest) -> str:
    try:
        return resolve(request.path).view_name
    except Resolver404:
        return ""


def is_background(request: HttpRequest) -> bool:
    return _name(request) in BACKGROUND


def is_watched(request: HttpRequest) -> bool:
    """Tell whether the screen of this session may be covered."""
    return bool(settings.SESSION_IDLE_LOCK) or BY_HAND in request.session


def is_locked(device: Device) -> bool:
    if device.locked_at is not None or not settings.SESSION_IDLE_LOCK:
        return device.locked_at is not None
    limit = timedelta(minutes=settings.SESSION_IDLE_LOCK) + LATE
    return timezone.now() - device.seen_at >= limit


def refusal(request: HttpRequest, device: Device | None) -> HttpResponse | None:
    """What a covered screen receives in the place of a page; None when it is not covered."""
    if device is None or not is_locked(device):
        return None
    lock(request, device)
    if _name(request) in OPEN:
        return None
    if request.htmx:
        return HttpResponse(status=401, headers={COVERED: "1"})
    return redirect(f"{reverse('accounts:unlock')}?next={quote(way_back(request))}")


@transaction.atomic
def lock(request: HttpRequest, device: Device) -> None:
    if not settings.SESSION_IDLE_LOCK:
        request.session[BY_HAND] = True
    if Device.objects.filter(pk=device.pk, locked_at=None).update(locked_at=timezone.now()):
        record_of_account(device.user, SessionLocked(account=device.user_id))


@transaction.atomic
def unlock(request: HttpRequest, device: Device) -> None:
    request.session.pop(BY_HAND, None)
    opened = Device.objects.filter(pk=device.pk).exclude(locked_at=None)
    if opened.update(locked_at=None, seen_at=timezone.now()):
        record_of_account(device.user, SessionUnlocked(account=device.user_id))


@page_context
def cover(request: HttpRequest) -> dict[str, Any]:
    """What a page needs to cover itself; nothing when nobody is there. 0 minutes: by hand only."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "idle_minutes": settings.SESSION_IDLE_LOCK,
        "alive_url": reverse("accounts:alive"),
        "lock_url": reverse("accounts:lock"),
        "unlock_url": reverse("accounts:unlock"),
    }
