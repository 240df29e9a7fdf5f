"""Asking for an account: two steps, a mailed link, then the queue of the console.

What is typed is kept in the visitor's session at each step, wrong or not, until it is sent. Whether
an address has an account is said nowhere but in its own mailbox.
"""

from datetime import datetime, timedelta
from typing import Any

from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts import links, request_queries, requests, terms
from ronde.accounts.jobs import password_link
from ronde.accounts.models import User
from ronde.accounts.psc import is_configured
from ronde.accounts.request_models import LinkPurpose
from ronde.accounts.sign_up_forms import (
    AnswerForm,
    IdentityForm,
    NumberForm,
    Trap,
    initial_from,
)
from ronde.core.errors import too_many_requests
from ronde.core.gate import public_view
from ronde.core.page import fragment, page
from ronde.directory import queries as directory
from ronde.directory.models import Kind

STATE, SENT, PSC = "sign_up", "sign_up_sent", "psc_identity"
PSC_FRESH = timedelta(minutes=30)
LONGEST = 100
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _kept(request: HttpRequest) -> dict[str, Any]:
    return request.session.get(STATE, {})


def _keep(request: HttpRequest, **more: Any) -> None:
    request.session[STATE] = {**_kept(request), **more}


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """What a step holds, bounded: it is kept for somebody whom nobody knows."""
    names = {*NumberForm.base_fields, *IdentityForm.base_fields, "structure_1", "structure_2"}
    names |= {"structure_3"}
    return {
        name: [value[:300] for value in values[:20]]
        for name, values in request.POST.lists()
        if name in names
    }


def proven(request: HttpRequest) -> dict[str, str] | None:
    """The identity that Pro Santé Connect gave to this session, while it is fresh."""
    found = request.session.get(PSC)
    if not found or not found.get("subject") or not (found.get("rpps") or found.get("adeli")):
        return None
    at = found.get("at")
    moment = datetime.fromisoformat(at) if isinstance(at, str) else None
    if moment is None or not timezone.is_aware(moment):
        return None
    return found if timedelta(0) <= timezone.now() - moment < PSC_FRESH else None


@form_methods
@public_view
def sign_up(request: HttpRequest) -> HttpResponse:
    """First step: fonction and number. A number that has an account says what to do."""
    psc = proven(request)
    if psc is not None:
        if not _has_account(psc.get("rpps", ""), psc.get("adeli", "")):
            return redirect("accounts:sign_up_identity")
        return _number_page(request, NumberForm(), has_account=True)
    if request.method != "POST":
        form = NumberForm(initial=initial_from(_kept(request).get("number", {}), NumberForm))
        return _number_page(request, form)
    _keep(request, number=_typed(request), checked=False)
    if not ratelimit.consume(request, action="sign_up_number"):
        return too_many_requests(request)
    form = NumberForm(request.POST)
    if form.is_trapped:
        return redirect("accounts:sign_up_sent")
    if not form.is_valid():
        return _number_page(request, form, status=422)
    values = form.cleaned_data
    if _has_account(values["rpps"], values["adeli"]):
        return _number_page(request, form, has_account=True, status=422)
    _keep(request, checked=True)
    return redirect("accounts:sign_up_identity")


def _has_account(rpps: str, adeli: str) -> bool:
    person = request_queries.person_of(rpps, adeli)
    return person is not None and request_queries.has_account(person)


def _number_page(
    request: HttpRequest, form: NumberForm, *, has_account: bool = False, status: int = 200
) -> HttpResponse:
    by_card = is_configured() and not has_account
    context = {
        "form": form,
        "has_account": has_account,
        "invited_by": _invited(request),
        "pro_sante_url": resolve_url("accounts:psc_start") if by_card else "",
    }
    return page(request, "accounts/sign_up.html", context, status=status)


def _invited(request: HttpRequest) -> str:
    """Who invited this visitor, while the invitation still serves."""
    link = links.key(_kept(request).get("invitation", ""))
    found = request_queries.invitation_behind(link)
    return found[0] if found else ""


@form_methods
@public_view
def identity(request: HttpRequest) -> HttpResponse:
    """Second step: identity, contact, structures; sent, it makes the request."""
    psc = proven(request)
    first = _first_step(request, psc)
    if first is None:
        return redirect("accounts:sign_up")
    person = request_queries.person_of(first["rpps"], first["adeli"])
    if person is not None and request_queries.has_account(person):
        return redirect("accounts:sign_up")  # It opened since the first step.
    known = request_queries.known(person)
    options = {
        "known": known,
        "locked": psc is not None,
        "initial": _initial(request, known, psc),
    }
    if request.method != "POST":
        return _identity_page(request, IdentityForm(**options), first)
    _keep(request, identity=_typed(request))
    if "back" in request.POST:
        return redirect("accounts:sign_up")
    form = IdentityForm(request.POST, **options)
    if not form.is_valid():
        return _identity_page(request, form, first, status=422)
    if not ratelimit.consume(request, action="sign_up", key=form.cleaned_data["email"]):
        return too_many_requests(request)
    if not form.is_trapped:
        requests.submit(
            {**form.values, **first},
            person=person,
            structures=form.structures,
            name_differs=form.name_differs,
            psc_subject=psc["subject"] if psc else "",
            invitation=links.key(_kept(request).get("invitation", "")),
        )
    request.session.pop(STATE, None)
    request.session[SENT] = form.cleaned_data["email"]
    return redirect("accounts:sign_up_sent")


def _first_step(request: HttpRequest, psc: dict[str, str] | None) -> dict[str, str] | None:
    """What the first step established; None when it was not gone through."""
    if psc is not None:
        numbers = {name: psc.get(name, "") for name in ("rpps", "adeli")}
        person = request_queries.person_of(**numbers)
        profession = person.profession_code if person else ""
        return {**numbers, "profession_code": profession, "function": ""}
    kept = _kept(request)
    if not kept.get("checked"):
        return None
    form = NumberForm({name: values[-1] for name, values in kept["number"].items() if values})
    if not form.is_valid():
        return None
    names = ("rpps", "adeli", "profession_code", "function")
    return {name: form.cleaned_data[name] for name in names}


def _initial(
    request: HttpRequest, known: request_queries.Known | None, psc: dict[str, str] | None
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    found = request_queries.invitation_behind(links.key(_kept(request).get("invitation", "")))
    if found:
        values["email"] = found[1]
    if known is not None:
        values["family_name"] = known.person.family_name
        values["given_name"] = known.person.given_name
    values |= initial_from(_kept(request).get("identity", {}), IdentityForm)
    if psc is not None:
        values |= {"family_name": psc["family_name"], "given_name": psc["given_name"]}
    return values


def _identity_page(
    request: HttpRequest, form: IdentityForm, first: dict[str, str], *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "first": first,
        "known": form.known,
        "trap": Trap(),
        "terms_version": terms.in_force(),
    }
    return page(request, "accounts/sign_up_identity.html", context, status=status)


@require_safe
@public_view
def structures(request: HttpRequest) -> HttpResponse:
    """Structures of the directory, which is public, for what is typed."""
    if not ratelimit.consume(request, action="sign_up_search"):
        return too_many_requests(request)
    text = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    found = directory.search(text, Kind.STRUCTURE) if text else []
    return fragment(request, "accounts/_structures.html", {"found": found})


@require_safe
@public_view
def sent(request: HttpRequest) -> HttpResponse:
    context = {"email": request.session.get(SENT, "")}
    return page(request, "accounts/sign_up_sent.html", context)


@form_methods
@public_view
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: a button, because mail filters open links too."""
    behind = request_queries.request_behind(links.key(token))
    if behind is None or behind.purpose != LinkPurpose.VERIFY:
        return _dead_link(request)
    if request.method != "POST":
        return page(request, "accounts/sign_up_confirm.html", {"behind": behind, "problem": ""})
    try:
        outcome = requests.confirm(token)
    except ValidationError:
        problem = _("Un compte existe déjà pour vous : connectez-vous, ou écrivez à l’assistance.")
        context = {"behind": behind, "problem": problem}
        return page(request, "accounts/sign_up_confirm.html", context, status=409)
    if outcome is None:
        return _dead_link(request)
    if isinstance(outcome, User):
        return redirect(password_link(outcome))
    return page(request, "accounts/sign_up_done.html", {})


@form_methods
@public_view
def complete(request: HttpRequest, token: str) -> HttpResponse:
    """Answer what a validator asked."""
    behind = request_queries.request_behind(links.key(token))
    if behind is None or behind.purpose != LinkPurpose.COMPLETE:
        return _dead_link(request)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not requests.complete(token, form.cleaned_data["answer"]):
            return _dead_link(request)
        return page(request, "accounts/sign_up_done.html", {"completed": True})
    context = {"behind": behind, "form": form}
    status = 422 if form.errors else 200
    return page(request, "accounts/sign_up_complete.html", context, status=status)


@require_safe
@public_view
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation leads to the sign-up, which uses it up."""
    if request_queries.invitation_behind(links.key(token)) is None:
        return _dead_link(request)
    _keep(request, invitation=token)
    return redirect("accounts:sign_up")


def _dead_link(request: HttpRequest) -> HttpResponse:
    return page(request, "accounts/dead_link.html", {}, status=410)
