"""Who may reach a page that is not a record: nobody in particular, or a signed-in person."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

from ronde.accounts import actions, drafts, idle, queries, terms, terms_page
from ronde.accounts.addresses import page_behind
from ronde.core.actor import Officer
from ronde.core.context import acting, current
from ronde.core.errors import stale
from ronde.core.gate import View, public_view
from ronde.core.page import page

TERMS = "terms_accepted"
TERMS_FIRST = "X-Ronde-Conditions"
SAFE = {"GET", "HEAD"}
__all__ = [
    "SAFE",
    "actor_view",
    "duty_view",
    "first_obstacle",
    "public_view",
    "signed_in",
    "to_login",
]


def signed_in(view: View) -> View:
    """Mark a page of an account: signed in is enough (terms, log-out, drafts)."""

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_login(request)
        return view(request, *args, **kwargs)

    gated.gate = "signed_in"  # type: ignore[attr-defined]
    return gated


def actor_view(view: View) -> View:
    """Open to whoever signed in, accepted the terms and acts as somebody of the directory.

    The view runs in one transaction under the policies of the acting party; a GET may not write.
    """

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refusal = first_obstacle(request)
        if refusal is not None:
            return refusal
        mode = connection.read_only() if request.method in SAFE else nullcontext()
        with mode, transaction.atomic():
            return view(request, *args, **kwargs)

    gated.gate = "actor"  # type: ignore[attr-defined]
    return gated


def duty_view(*kinds: str, traced: bool = False) -> Callable[[View], View]:
    """Open a page of the console to whoever is on one of these duties; to others it does not exist.

    The view runs in one transaction under the duty alone: whatever identities the person has, no
    record is in reach. It receives `request.officer`. `traced`: even a GET writes who looked.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = _before_terms(request)
            if refusal is not None:
                return refusal
            held = [kind for kind in kinds if kind in queries.duties(request.user)]
            if not held:
                actions.refuse_duty(request.user, request.actor, kinds[0])
                raise Http404
            request.officer = Officer(request.user.pk, request.user.full_name, held[0])
            reads = request.method in SAFE and not traced
            mode = connection.read_only() if reads else nullcontext()
            known = current()
            with (
                acting(
                    party_id=None,
                    user_id=request.user.pk,
                    request_id=known.request_id,
                    duty=held[0],
                ),
                mode,
                transaction.atomic(),
            ):
                return view(request, *args, **kwargs)

        gated.gate = "duty"  # type: ignore[attr-defined]
        gated.duties = kinds  # type: ignore[attr-defined]
        return gated

    return gate


def first_obstacle(request: HttpRequest) -> HttpResponse | None:
    """Return the page that stands before any other, if one does.

    Whoever acts for the region alone starts the day in the console, having no list of records.
    """
    refusal = _before_terms(request)
    if refusal is not None:
        return refusal
    if request.actor is None:
        landing = request.resolver_match.view_name == settings.LOGIN_REDIRECT_URL
        if landing and queries.duties(request.user):
            return _elsewhere(request, resolve_url("console:home"))
        return page(request, "accounts/no_identity.html", {}, status=403)
    if request.identity_lost and request.method not in SAFE:
        return _keep_and_refuse(request)
    return None


def _keep_and_refuse(request: HttpRequest) -> HttpResponse:
    """Refuse what was filled in a name that was withdrawn; what was typed stays on the page, or is
    given back at its address.
    """
    if not request.htmx:
        drafts.keep(request.user.pk, request.path, request.POST)
    rotate_token(request)
    return stale(request, _("Vous n'agissez plus à ce titre : rien n'a été enregistré."))


def _before_terms(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return to_login(request)
    version = terms.in_force()
    if request.session.get(TERMS) == version:
        return None
    if _accepts(request) == version or queries.accepted(request.user, version):
        request.session[TERMS] = version
        return None
    return _terms_first(request, version)


def _accepts(request: HttpRequest) -> str:
    """The version that is accepted by this very form, sent again from the page of the terms."""
    version = request.POST.get(terms_page.READ, "")
    if not version or not terms.is_known(version):
        return ""
    actions.accept_terms(request.user, version)
    return version


def _terms_first(request: HttpRequest, version: str) -> HttpResponse:
    """Ask to accept the terms, and lose nothing of what was typed.

    A page that asked by script stays as it is and says where to accept them; a form on its way is
    sent again once they are; what a page asks by itself is passed over.
    """
    if request.htmx and idle.is_background(request):
        return HttpResponse(status=204)
    address = f"{resolve_url('accounts:terms')}?next="
    if request.htmx or request.headers.get("Accept") == "application/json":
        back = _here(request) if request.htmx else quote(page_behind(request) or "/")
        return HttpResponse(status=401, headers={TERMS_FIRST: f"{address}{back}"})
    if request.method in SAFE or request.FILES:
        return redirect(f"{address}{_here(request)}")
    return terms_page.show(request, version, typed=request.POST, status=409)


def to_login(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page; htmx gets a 401, so that the page keeps what was typed."""
    if request.htmx:
        return HttpResponse(status=401)
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={_here(request)}")


def _here(request: HttpRequest) -> str:
    if request.htmx:
        return quote(request.htmx.current_url_abs_path or "/")
    return quote(request.get_full_path() if request.method in SAFE else "/")


def _elsewhere(request: HttpRequest, address: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return redirect(address)
