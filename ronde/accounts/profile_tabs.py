"""The tabs of the profile, each a page with its address, given by the apps that have them.

In the `ready()` of an app, or in a module that it imports:

    profile_tabs.tab(_("Sécurité"), "accounts:security", order=20)

and in the view of the page, whose template extends `accounts/profile_base.html`:

    return profile_page(request, "accounts/security.html", {...})
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ronde.core.page import page


def who_acts(request: HttpRequest) -> bool:
    """Somebody of the directory, or who acts for a structure."""
    return request.actor is not None


def everybody(request: HttpRequest) -> bool:
    """Whoever signed in, on duty for the region included."""
    return True


@dataclass(frozen=True, slots=True)
class Tab:
    """`shown` tells whether this page is for whoever asks."""

    label: Any
    view_name: str
    order: int
    shown: Callable[[HttpRequest], bool] = who_acts


_tabs: dict[str, Tab] = {}


def tab(
    label: Any,
    view_name: str,
    order: int,
    shown: Callable[[HttpRequest], bool] = who_acts,
) -> None:
    """Add a page to the profile: it shows between those of a lower and of a higher order."""
    _tabs[view_name] = Tab(label, view_name, order, shown)


def tabs(request: HttpRequest, current: str = "") -> list[dict[str, Any]]:
    """What `ui.tabs` shows; the page on screen is known by its address, or named."""
    match = request.resolver_match
    here = current or (match.view_name if match else "")
    return [
        {"label": one.label, "url": reverse(one.view_name), "current": one.view_name == here}
        for one in sorted(_tabs.values(), key=lambda one: one.order)
        if one.shown(request)
    ]


def profile_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    current: str = "",
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the profile under its tabs; `current` when another tab is to be marked."""
    values = {**context, "profile_tabs": tabs(request, current)}
    return page(request, template, values, partial=partial, status=status)
