"""Addresses that come from the browser: followed only inside the site."""

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def is_ours(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def asked_next(request: HttpRequest) -> str:
    """The page asked for by `next`, or nothing: an address of another site is dropped."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    return address if address and is_ours(request, address) else ""


def page_behind(request: HttpRequest) -> str:
    """The path and query of the page that a form was sent from, or nothing."""
    referrer = request.headers.get("Referer", "")
    if not referrer or not is_ours(request, referrer):
        return ""
    return urlunsplit(urlsplit(referrer)._replace(scheme="", netloc="", fragment=""))
