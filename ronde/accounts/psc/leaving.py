"""Signing out of Pro Santé Connect when one signs out here (OpenID Connect RP-Initiated Logout)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from ronde.accounts.psc import client
from ronde.core.page import page

ID_TOKEN, STATE = "psc_id_token", "psc_leaving"


def address_of(name: str) -> str:
    """The address of ours that was declared to the provider."""
    return settings.SITE_URL.rstrip("/") + reverse(name)


def page_to_provider(request: HttpRequest, id_token: str) -> HttpResponse | None:
    """Say that one is signed out here, and go on to the provider; None when it does not answer.

    A page and not a redirection: a form may only lead to this site (CSP `form-action`).
    """
    found = client.logout_address(id_token, address_of("accounts:psc_left"))
    if found is None:
        return None
    address, request.session[STATE] = found
    response = page(request, "account/leaving.html", {"address": address})
    response.headers["Refresh"] = f"1; url={address}"
    return response


def came_back(request: HttpRequest) -> bool:
    """Tell whether this is the return of the sign-out begun in this browser."""
    expected = request.session.pop(STATE, "")
    return bool(expected) and constant_time_compare(request.GET.get("state", ""), expected)
