"""«Comptes à valider»: the queue, one request in full, and the three decisions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts import requests
from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.accounts.request_models import AccountRequest, RequestKind, RequestStatus
from ronde.console import account_forms as forms
from ronde.console import account_queries as queries
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate

form_methods = require_http_methods(["GET", "HEAD", "POST"])
validator_view = duty_view(DutyKind.ADMINISTRATOR, DutyKind.SUPPORT)
CONFLICT = 409


@require_safe
@validator_view
def queue(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("etat", "")
    state = state if state in queries.STATES else queries.WAITING
    kind, text = request.GET.get("origine", ""), request.GET.get("q", "")[:100].replace("\0", "")
    found = paginate(request, queries.queue(state, kind, text))
    context = {
        "page": found,
        "lines": queries.lines(found.rows),
        "state": state,
        "kind": kind,
        "kinds": RequestKind.choices,
        "q": text,
        "counts": queries.counts(),
    }
    return page(request, "console/account_requests.html", context, partial="results")


def _asked(request_id: UUID) -> AccountRequest:
    seen = AccountRequest.objects.exclude(status=RequestStatus.UNVERIFIED)
    return get_object_or_404(seen.select_related("person__party"), pk=request_id)


@require_safe
@validator_view
def one(request: HttpRequest, request_id: UUID) -> HttpResponse:
    sheet = queries.sheet(_asked(request_id))
    context = {"sheet": sheet, "asked": sheet.request, "next": queries.neighbour(sheet.request)}
    return page(request, "console/account_request.html", context)


@form_methods
@validator_view
def accept(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Open the account, attached to what is ticked."""
    asked = _asked(request_id)
    wished = queries.wished(asked)
    form = forms.AcceptForm(request.POST or None, asked=asked, wished=wished)

    def decide() -> str:
        values = form.cleaned_data
        user = requests.accept(
            request.officer,
            asked.pk,
            values["version"],
            email=values.get("email", ""),
            structures=[UUID(key) for key in values["structures"]],
        )
        return _("Compte de %(name)s ouvert : le lien de mot de passe part par e-mail.") % {
            "name": user.full_name
        }

    return _decision(request, asked, form, "console/accept_account.html", decide)


@form_methods
@validator_view
def refuse(request: HttpRequest, request_id: UUID) -> HttpResponse:
    asked = _asked(request_id)
    form = forms.RefuseForm(request.POST or None, initial={"version": asked.version})

    def decide() -> str:
        values = form.cleaned_data
        requests.refuse(
            request.officer, asked.pk, values["version"], values["reason"], values["text"]
        )
        return _("Demande refusée : le motif part par e-mail.")

    return _decision(request, asked, form, "console/refuse_account.html", decide)


@form_methods
@validator_view
def ask_more(request: HttpRequest, request_id: UUID) -> HttpResponse:
    asked = _asked(request_id)
    form = forms.MoreForm(request.POST or None, initial={"version": asked.version})

    def decide() -> str:
        values = form.cleaned_data
        requests.ask_more(request.officer, asked.pk, values["version"], values["question"])
        return _("Complément demandé par e-mail.")

    return _decision(request, asked, form, "console/ask_more.html", decide)


def _decision(
    request: HttpRequest, asked: AccountRequest, form: Any, template: str, decide: Callable[[], str]
) -> HttpResponse:
    """Show the dialog, or decide; what was typed stays when somebody else was faster."""
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            said = decide()
        except ValidationError as error:
            code = getattr(error, "code", "") or ""
            form.add_error(code if code in form.fields else None, error.messages)
            status = CONFLICT if isinstance(error, requests.Decided) else 422
        else:
            messages.success(request, said)
            if request.htmx:
                return no_content(redirect=resolve_url("console:account_requests"))
            return redirect("console:account_requests")
    context = {"asked": asked, "form": form}
    return page(request, template, context, partial="dialog", status=status)
