"""«Sécurité»: what opens an account, and the sessions that are open."""

import base64
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import view_recovery_codes
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ronde.accounts import devices, user_agents
from ronde.accounts.access_events import SessionsRevoked
from ronde.accounts.actions import record_of_account
from ronde.accounts.gate import signed_in
from ronde.accounts.mfa import actions
from ronde.accounts.mfa.adapter import MFAAdapter, passkeys_possible
from ronde.accounts.mfa.forms import (
    ActivateTOTPForm,
    AddPasskeyForm,
    ChangePasswordForm,
    RenamePasskeyForm,
)
from ronde.accounts.mfa.proof import fresh
from ronde.accounts.mfa.queries import second_steps
from ronde.accounts.models import Device, ProSanteLink
from ronde.accounts.profile_tabs import everybody, profile_page, tab
from ronde.accounts.psc import is_configured
from ronde.core.page import page

READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])
HOME = "accounts:my_security"
tab(gettext_lazy("Sécurité"), HOME, order=20, shown=everybody)


def _status(form: object) -> int:
    return 422 if getattr(form, "errors", None) else 200


@require_http_methods(["GET", "HEAD"])
@signed_in
def security(request: HttpRequest) -> HttpResponse:
    """Show what signs in to this account, and where it is open."""
    here = devices.current_id(request)
    values = {
        "steps": second_steps(request.user),
        "has_password": request.user.has_usable_password(),
        "passkeys_possible": passkeys_possible(),
        "pro_sante": ProSanteLink.objects.filter(user=request.user).first(),
        "pro_sante_configured": is_configured(),
        "devices": [
            (one, user_agents.words(one.browser, one.system), one.pk == here)
            for one in devices.open_devices(request.user)
        ],
    }
    return profile_page(request, "accounts/my_security.html", values)


@READ_AND_SEND
@sensitive_post_parameters()
@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; an account that never had one asks for the mailed link."""
    if not request.user.has_usable_password():
        return redirect("account_reset_password")
    form = ChangePasswordForm(request.user, request.POST or None)
    if form.is_bound and form.is_valid():
        actions.change_password(request, form)
        return redirect(HOME)
    return page(request, "account/password_change.html", {"form": form}, status=_status(form))


@READ_AND_SEND
@sensitive_post_parameters()
@signed_in
@fresh
def app(request: HttpRequest) -> HttpResponse:
    """Give the secret to an authenticator app, and keep it once the app has shown a code."""
    if second_steps(request.user).app:
        return redirect(HOME)
    form = ActivateTOTPForm(request.POST or None, user=request.user)
    if form.is_bound and form.is_valid():
        made = actions.add_app(request, form)
        return redirect("accounts:codes" if made else HOME)
    adapter = MFAAdapter()
    address = adapter.build_totp_url(request.user, form.secret)
    drawn = base64.b64encode(adapter.build_totp_svg(address).encode()).decode()
    spelled = " ".join(form.secret[at : at + 4] for at in range(0, len(form.secret), 4))
    values = {"form": form, "drawing": f"data:image/svg+xml;base64,{drawn}", "secret": spelled}
    return page(request, "accounts/app.html", values, status=_status(form))


@READ_AND_SEND
@signed_in
@fresh
def passkey(request: HttpRequest) -> HttpResponse:
    """Keep a passkey made by this browser, this telephone or a key that is plugged in."""
    if not passkeys_possible():
        raise Http404
    form = AddPasskeyForm(request.POST or None, user=request.user)
    if form.is_bound and form.is_valid():
        made = actions.add_passkey(request, form)
        return redirect("accounts:codes" if made else HOME)
    values = {"form": form, "options": form.creation_options()}
    return page(request, "accounts/passkey.html", values, status=_status(form))


def _passkey(request: HttpRequest, key: int) -> Authenticator:
    mine = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    return get_object_or_404(mine, pk=key)


@READ_AND_SEND
@signed_in
@fresh
def rename_passkey(request: HttpRequest, key: int) -> HttpResponse:
    found = _passkey(request, key)
    form = RenamePasskeyForm(request.POST or None, instance=found)
    if form.is_bound and form.is_valid():
        actions.rename(request, found, form.cleaned_data["name"])
        return redirect(HOME)
    values = {"form": form, "key": found}
    return page(request, "accounts/passkey_name.html", values, status=_status(form))


@READ_AND_SEND
@signed_in
@fresh
def remove_passkey(request: HttpRequest, key: int) -> HttpResponse:
    found = _passkey(request, key)
    title = _("Retirer la clé « %(name)s » ?") % {"name": found.wrap().name}
    return _remove(request, found, title)


@READ_AND_SEND
@signed_in
@fresh
def remove_app(request: HttpRequest) -> HttpResponse:
    found = second_steps(request.user).app
    if found is None:
        raise Http404
    return _remove(request, found, _("Retirer l'application d'authentification ?"))


def _remove(request: HttpRequest, factor: Authenticator, title: str) -> HttpResponse:
    """Ask, naming what is lost, then take away."""
    if request.method == "POST":
        actions.remove(request, factor)
        return redirect(HOME)
    if factor.type == Authenticator.Type.TOTP:
        lost = [_("Les codes de l'application n'ouvriront plus votre compte.")]
    else:
        lost = [_("Cette clé n'ouvrira plus votre compte.")]
    if second_steps(request.user).is_last(factor):
        lost += [
            _("C'est votre dernier moyen fort : vos codes de secours seront effacés."),
            _("Un code vous sera de nouveau envoyé par e-mail à chaque connexion."),
        ]
    return _sure(request, title, lost, _("Retirer"))


def _sure(request: HttpRequest, title: str, lost: list[str], verb: str) -> HttpResponse:
    values = {"title": title, "lost": lost, "verb": verb, "action": request.path}
    return page(request, "accounts/sure.html", values)


@require_http_methods(["GET", "HEAD"])
@signed_in
@fresh
def codes(request: HttpRequest) -> HttpResponse:
    """Show the recovery codes that were just made: this once only."""
    with transaction.atomic():
        found, readable = view_recovery_codes(request)
    if found is None:
        raise Http404
    shown = found.get_unused_codes() if readable else []
    return page(request, "accounts/codes.html", {"codes": shown})


@READ_AND_SEND
@signed_in
@fresh
def renew_codes(request: HttpRequest) -> HttpResponse:
    steps = second_steps(request.user)
    if not steps.any:
        raise Http404
    if request.method == "POST":
        actions.renew_codes(request)
        return redirect("accounts:codes")
    lost = [
        ngettext(
            "Le code de secours qui vous reste n'ouvrira plus rien.",
            "Les %(n)d codes de secours qui vous restent n'ouvriront plus rien.",
            steps.codes_left,
        )
        % {"n": steps.codes_left}
    ]
    return _sure(request, _("Faire de nouveaux codes de secours ?"), lost, _("Faire de nouveaux"))


@READ_AND_SEND
@signed_in
@fresh
def close_device(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """End one session from elsewhere; the present one is left by signing out."""
    mine = devices.open_devices(request.user).exclude(pk=devices.current_id(request))
    device = get_object_or_404(mine, pk=device_id)
    if request.method == "POST":
        return _closed(request, mine.filter(pk=device_id))
    named = user_agents.words(device.browser, device.system, device.network)
    lost = [_("%(device)s : il faudra s'y reconnecter.") % {"device": named}]
    lost += [_("Ce qui y est tapé et pas encore enregistré sera perdu.")]
    return _sure(request, _("Fermer cette session ?"), lost, _("Fermer la session"))


@READ_AND_SEND
@signed_in
@fresh
def close_others(request: HttpRequest) -> HttpResponse:
    others = devices.open_devices(request.user).exclude(pk=devices.current_id(request))
    if request.method == "POST":
        return _closed(request, others)
    lost = [user_agents.words(one.browser, one.system, one.network) for one in others]
    title = _("Fermer toutes les autres sessions ?")
    return _sure(request, title, lost, _("Fermer les autres sessions"))


def _closed(request: HttpRequest, found: QuerySet[Device]) -> HttpResponse:
    with transaction.atomic():
        count = devices.close(found)
        if count:
            event = SessionsRevoked(account=request.user.pk, count=count)
            record_of_account(request.user, event)
    said = ngettext("%(n)d session fermée.", "%(n)d sessions fermées.", count) % {"n": count}
    messages.success(request, said)
    return redirect(reverse(HOME))
