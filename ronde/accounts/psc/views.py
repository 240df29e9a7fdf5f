"""The pages of Pro Santé Connect: there and back, the workplace, the ways out.

Somebody whom it knows and we do not is handed over to the sign-up, with what was verified under
`session["psc_identity"]`: {rpps, adeli, given_name, family_name, subject, at (ISO)}.
"""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ronde.accounts import devices, idle, session
from ronde.accounts import queries as accounts
from ronde.accounts.addresses import asked_next
from ronde.accounts.gate import actor_view, public_view
from ronde.accounts.mfa.stages import PRO_SANTE
from ronde.accounts.models import Device, ProSanteLink, User
from ronde.accounts.psc import actions, client, is_configured, leaving, queries
from ronde.accounts.psc.claims import Professional, professional
from ronde.accounts.psc.refusal import WORDS, Refusal, Refused
from ronde.core.page import page

IDENTITY, BEGUN, WORKPLACES, WORKPLACE = "psc_identity", "psc_begun", "workplaces", "workplace"
PROOF = "preuve"
PROOF_LASTS = 300  # Seconds since the card was asked for.


@require_GET
@public_view
def start(request: HttpRequest) -> HttpResponse:
    """Go to Pro Santé Connect, to sign in or to prove again who one is."""
    if not is_configured():
        raise Http404
    proof = request.GET.get("pour") == PROOF and request.user.is_authenticated
    request.session[BEGUN] = {"next": asked_next(request), "proof": proof}
    try:
        return client.start(request, leaving.address_of("accounts:psc_callback"), again=proof)
    except Refused as refused:
        return _refused(request, refused.reason)


@require_GET
@public_view
def callback(request: HttpRequest) -> HttpResponse:
    """Come back from Pro Santé Connect: believe nothing that was not checked."""
    if not is_configured():
        raise Http404
    begun = request.session.pop(BEGUN, {})
    try:
        claims, said, token = client.finish(request)
        if begun.get("proof"):
            return _proved(request, claims, begun.get("next", ""))
        found = professional(said)
        return _sign_in(request, found, claims, token, begun.get("next", ""))
    except Refused as refused:
        return _refused(request, refused.reason)


def _refused(request: HttpRequest, reason: Refusal, user: User | None = None) -> HttpResponse:
    actions.refuse(reason, user)
    words = WORDS[reason]
    return page(request, "account/psc_refused.html", {"words": words}, status=words.status)


def _sign_in(
    request: HttpRequest, found: Professional, claims: dict[str, Any], token: str, going_to: str
) -> HttpResponse:
    user = queries.user_of(found)
    if user is None:
        return _hand_over(request, found, claims)
    if not user.is_active:
        return _refused(request, Refusal.INACTIVE, user)
    try:
        linked = actions.link(user, settings.PSC_ISSUER, claims["sub"])
    except Refused as refused:
        return _refused(request, refused.reason, user)
    if request.user.is_authenticated:
        end_session(request)
    record_authentication(request, user, PRO_SANTE)
    response = perform_login(request, Login(user=user, redirect_url=going_to or None))
    if not request.user.is_authenticated:
        return response
    if linked:
        get_adapter().send_notification_mail("account/email/pro_sante_linked", user)
    _keep(request, claims, token)
    return _at_work(request, user, found, going_to) or response


def _keep(request: HttpRequest, claims: dict[str, Any], token: str) -> None:
    """Keep what signing out will need, there and here."""
    request.session[leaving.ID_TOKEN] = token
    named = str(claims.get("sid") or claims.get("session_state") or "-")
    Device.objects.filter(pk=devices.current_id(request)).update(provider_session=named[:255])


def _at_work(
    request: HttpRequest, user: User, found: Professional, going_to: str
) -> HttpResponse | None:
    """Take the only workplace, or ask which."""
    request.session[WORKPLACES] = [one.as_dict() for one in found.workplaces]
    if len(found.workplaces) == 1:
        _take(request, user, request.session[WORKPLACES][0])
    if len(found.workplaces) < 2:
        return None
    query = f"?next={going_to}" if going_to else ""
    return redirect(reverse("accounts:workplace") + query)


def _take(request: HttpRequest, user: User, workplace: dict[str, str]) -> None:
    request.session[WORKPLACE] = workplace
    known = accounts.identities(user)
    if known:
        here = request.session.get(session.ACTING)
        former = next((one for one in known if str(one.party_id) == here), known[0])
        actor = actions.start_at(user, workplace, accounts.actor_for(user, former))
        request.session[session.ACTING] = str(actor.party_id)


def _hand_over(request: HttpRequest, found: Professional, claims: dict[str, Any]) -> HttpResponse:
    """Leave the verified identity for the sign-up; without one, say what to do."""
    request.session[IDENTITY] = {
        "rpps": found.rpps,
        "adeli": found.adeli,
        "given_name": found.given_name,
        "family_name": found.family_name,
        "subject": claims["sub"],
        "at": timezone.now().isoformat(),
    }
    try:
        address = reverse("accounts:sign_up")
    except NoReverseMatch:
        return _refused(request, Refusal.UNKNOWN)
    actions.refuse(Refusal.UNKNOWN)
    return redirect(address)


def _proved(request: HttpRequest, claims: dict[str, Any], going_to: str) -> HttpResponse:
    """Whoever is signed in has shown their card again, just now."""
    link = {"issuer": settings.PSC_ISSUER, "subject": claims["sub"]}
    mine = request.user.is_authenticated and ProSanteLink.objects.filter(user=request.user, **link)
    if not mine:
        raise Refused(Refusal.OTHER_PERSON)
    if time.time() - claims.get("auth_time", 0) > PROOF_LASTS:
        raise Refused(Refusal.EXPIRED)
    record_authentication(request, request.user, PRO_SANTE, reauthenticated=True)
    devices.renew_key(request)
    device = Device.objects.filter(pk=devices.current_id(request)).first()
    if device is not None:
        idle.unlock(request, device)
    return redirect(going_to or reverse("accounts:my_security"))


@require_http_methods(["GET", "HEAD", "POST"])
@actor_view
def workplace(request: HttpRequest) -> HttpResponse:
    """Choose where one works now; the structure of that place is acted for, if one may."""
    known = request.session.get(WORKPLACES, [])
    if not known:
        raise Http404
    going_to = asked_next(request)
    error = ""
    if request.method == "POST":
        chosen = request.POST.get("lieu", "")
        if chosen.isascii() and chosen.isdigit() and int(chosen) < len(known):
            _take(request, request.user, known[int(chosen)])
            messages.success(request, _("Vous exercez à : %(name)s.") % known[int(chosen)])
            return redirect(going_to or resolve_url(settings.LOGIN_REDIRECT_URL))
        error = _("Choisissez le lieu où vous exercez maintenant.")
    values = {
        "workplaces": [
            (one, queries.structure_here(one, request.identities) is not None) for one in known
        ],
        "present": request.session.get(WORKPLACE),
        "next": going_to,
        "error": error,
    }
    return page(request, "accounts/workplace.html", values, status=422 if error else 200)


@require_GET
@public_view
def left(request: HttpRequest) -> HttpResponse:
    """Come back from the sign-out at Pro Santé Connect."""
    if leaving.came_back(request):
        messages.success(request, _("Vous êtes déconnecté, ici et de Pro Santé Connect."))
    return redirect("account_login")


@csrf_exempt
@require_POST
@public_view
def ended(request: HttpRequest) -> HttpResponse:
    """Pro Santé Connect says that a session is over (OpenID Connect Back-Channel Logout)."""
    told = client.read_logout(request.POST.get("logout_token", "")) if is_configured() else None
    if told is None:
        return JsonResponse({"error": "invalid_request"}, status=400)
    actions.end_sessions(
        settings.PSC_ISSUER, session=told.get("sid", ""), subject=told.get("sub", "")
    )
    return HttpResponse(status=200)
