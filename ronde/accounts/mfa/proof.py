"""Asking again who one is: before a change of what opens the account, and to uncover a screen."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ronde.accounts import devices, idle
from ronde.accounts.addresses import asked_next, page_behind
from ronde.accounts.gate import SAFE, signed_in
from ronde.accounts.mfa.adapter import passkeys_possible
from ronde.accounts.mfa.forms import ConfirmPasskeyForm, ConfirmPasswordForm, ReauthenticateForm
from ronde.accounts.mfa.queries import has_second_step, second_steps
from ronde.accounts.models import Device
from ronde.accounts.psc import is_configured
from ronde.core.errors import too_many_requests
from ronde.core.gate import View
from ronde.core.page import no_content, page

LASTS = 300.0  # Seconds during which a proof allows changes.
STRONG = {"mfa", "pro_sante"}
FORMS: dict[str, type[forms.Form]] = {
    "password": ConfirmPasswordForm,
    "code": ReauthenticateForm,
    "passkey": ConfirmPasskeyForm,
}


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether a proof was just given; the password is not enough where more was set."""
    strong = has_second_step(request.user)
    return any(
        one.get("reauthenticated")
        and time.time() - one["at"] < LASTS
        and (one["method"] in STRONG or not strong)
        for one in get_authentication_records(request, request.user)
    )


def fresh(view: View) -> View:
    """Have the page asked for again after a proof, when the last one is too old."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        back = request.get_full_path() if request.method in SAFE else page_behind(request)
        back = back or reverse("accounts:my_security")
        return redirect(f"{reverse('account_reauthenticate')}?next={quote(back)}")

    return checked


def _means(request: HttpRequest, *, password_is_enough: bool) -> set[str]:
    user, steps = request.user, second_steps(request.user)
    means = set()
    if user.has_usable_password() and (password_is_enough or not steps.any):
        means.add("password")
    if steps.app or steps.codes:
        means.add("code")
    if steps.passkeys and passkeys_possible():
        means.add("passkey")
    return means


def _forms(request: HttpRequest, means: set[str]) -> dict[str, forms.Form]:
    """One form for each means, with ids of its own; the one that was sent is bound."""
    sent = request.POST.get("moyen", "")
    return {
        name: FORMS[name](
            request.POST if name == sent else None, user=request.user, auto_id=f"{name}_%s"
        )
        for name in FORMS
        if name in means
    }


Done = Callable[[], HttpResponse]


def _ask(
    request: HttpRequest, template: str, done: Done, *, password_is_enough: bool, **more: Any
) -> HttpResponse:
    means = _means(request, password_is_enough=password_is_enough)
    if request.method == "POST" and not ratelimit.consume(
        request, action="reauthenticate", user=request.user
    ):
        return too_many_requests(request)
    shown = _forms(request, means)
    for name, form in shown.items():
        if form.is_bound and form.is_valid():
            if name == "password":
                reauthenticate_by_password(request)
            else:
                form.save()
            devices.renew_key(request)
            return done()
    values = {
        "forms": shown,
        "pro_sante": is_configured() and hasattr(request.user, "pro_sante"),
        "next": asked_next(request),
        **more,
    }
    status = 422 if request.method == "POST" else 200
    return page(request, template, values, partial="proofs", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for a proof before a change; an account that has its second step gives that one."""
    going_to = asked_next(request) or reverse("accounts:my_security")
    return _ask(
        request, "accounts/confirm.html", lambda: redirect(going_to), password_is_enough=False,
        action=reverse("account_reauthenticate"), by_part=False,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@signed_in
def unlock(request: HttpRequest) -> HttpResponse:
    """Uncover the screen: the page itself asks by htmx, a page opened again asks here."""
    going_to = asked_next(request) or resolve_url("worklist:home")
    device = Device.objects.filter(pk=devices.current_id(request)).first()
    if device is None or device.locked_at is None:
        return _uncovered(request, going_to)

    def done() -> HttpResponse:
        idle.unlock(request, device)
        return _uncovered(request, going_to)

    return _ask(
        request, "accounts/unlock.html", done, password_is_enough=True,
        action=reverse("accounts:unlock"), by_part=bool(request.htmx),
    )  # fmt: skip


def _uncovered(request: HttpRequest, going_to: str) -> HttpResponse:
    if request.htmx:
        return no_content(trigger="ronde:decouvert")
    return redirect(going_to)


@require_POST
@signed_in
def lock(request: HttpRequest) -> HttpResponse:
    """Cover the screens of this session: nobody is there any more, or «Verrouiller» was chosen."""
    device = Device.objects.filter(pk=devices.current_id(request)).first()
    if device is not None:
        idle.lock(request, device)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(f"{reverse('accounts:unlock')}?next={quote(page_behind(request) or '/')}")


@require_POST
@signed_in
def alive(request: HttpRequest) -> HttpResponse:
    """Somebody is there: told by the page while they read or type."""
    devices.follow(request)
    return HttpResponse(status=204)
