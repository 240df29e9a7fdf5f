"""«Comptes»: finding an account, closing it, helping its holder; and the audit of what is done."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts import closing
from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind, User
from ronde.console import user_queries as queries
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate

form_methods = require_http_methods(["GET", "HEAD", "POST"])
helper_view = duty_view(DutyKind.ADMINISTRATOR, DutyKind.SUPPORT)
TEXT_MAX = 100


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        max_length=200,
        widget=forms.TextInput(attrs={"autofocus": True}),
        help_text=gettext_lazy("Pour l'audit. Aucune donnée de patient."),
        error_messages={"required": gettext_lazy("Dites pourquoi.")},
    )


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:TEXT_MAX].replace("\0", "")


@require_safe
@helper_view
def users(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("etat", "")
    state, text = state if state in queries.STATES else queries.OPEN, _text(request)
    context = {"page": paginate(request, queries.accounts(state, text)), "state": state, "q": text}
    return page(request, "console/users.html", context, partial="results")


@require_safe
@helper_view
def user(request: HttpRequest, user_id: UUID) -> HttpResponse:
    found = get_object_or_404(User.objects.select_related("person__party"), pk=user_id)
    context = {
        "sheet": queries.sheet(found),
        "account": found,
        "may_close": request.officer.duty == DutyKind.ADMINISTRATOR,
    }
    return page(request, "console/user.html", context)


def _decide(
    request: HttpRequest, user_id: UUID, template: str, act: Callable[[User, str], None], said: str
) -> HttpResponse:
    found = get_object_or_404(User, pk=user_id)
    form, problem = ReasonForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            act(found, form.cleaned_data["reason"])
        except ValidationError as error:
            problem = error.messages[0]
        else:
            return _done(request, found, said)
    status = 422 if form.errors or problem else 200
    context = {"account": found, "form": form, "problem": problem}
    return page(request, template, context, partial="dialog", status=status)


def _done(request: HttpRequest, found: User, said: str) -> HttpResponse:
    messages.success(request, said)
    address = resolve_url("console:user", found.pk)
    return no_content(redirect=address) if request.htmx else redirect(address)


@form_methods
@duty_view(DutyKind.ADMINISTRATOR)
def close(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Ask why, then end the sessions of the account and keep it shut."""

    def act(found: User, reason: str) -> None:
        closing.close(request.officer, found, reason)

    return _decide(request, user_id, "console/close_user.html", act, _("Compte fermé."))


@form_methods
@duty_view(DutyKind.ADMINISTRATOR)
def reopen(request: HttpRequest, user_id: UUID) -> HttpResponse:
    def act(found: User, reason: str) -> None:
        closing.reopen(request.officer, found, reason)

    return _decide(request, user_id, "console/reopen_user.html", act, _("Compte rouvert."))


@form_methods
@helper_view
def send_link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Mail the link by which the holder chooses a password."""
    found = get_object_or_404(User, pk=user_id, is_active=True)
    if request.method == "POST":
        closing.send_password_link(request.officer, found)
        return _done(request, found, _("Le lien part par e-mail."))
    return page(request, "console/send_link.html", {"account": found}, partial="dialog")


@require_safe
@duty_view(DutyKind.ADMINISTRATOR, DutyKind.PRIVACY_OFFICER, DutyKind.SUPPORT)
def audit(request: HttpRequest) -> HttpResponse:
    """What was done to accounts and in the console: no record, no patient."""
    kinds = queries.kinds()
    event = request.GET.get("quoi", "")
    event = event if event in dict(kinds) else ""
    days = [_day(request.GET.get(name, "")) for name in ("du", "au")]
    found = paginate(request, queries.audit(_text(request), event, *days))
    context = {
        "page": found,
        "lines": queries.lines(found.rows),
        "q": _text(request),
        "event": event,
        "kinds": kinds,
        "first": days[0],
        "last": days[1],
    }
    return page(request, "console/audit.html", context, partial="results")


def _day(text: str) -> object:
    try:
        return parse_date(text)
    except ValueError:
        return None
