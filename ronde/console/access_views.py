"""The queue of lasting accesses asked for: remind the circle, say no, or give in its place."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.careteam import lasting
from ronde.careteam.answers import status_of
from ronde.careteam.lasting_views import DeclineForm
from ronde.console import access_requests
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate

OFFICER = DutyKind.PRIVACY_OFFICER
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@duty_view(OFFICER)
def queue(request: HttpRequest) -> HttpResponse:
    """Who waits for a lasting access, the oldest first; a record is known by its number alone."""
    known = {access_requests.WAITING, access_requests.ANSWERED}
    asked = request.GET.get("etat", access_requests.WAITING)
    state = asked if asked in known else access_requests.WAITING
    shown = paginate(request, access_requests.queue(state))
    context = {
        "page": shown,
        "lines": access_requests.lines(shown.rows),
        "state": state,
        "waiting": access_requests.queue().count(),
        "late": access_requests.late(),
    }
    return page(request, "console/access_requests.html", context, partial="results")


def _line(asked_id: UUID) -> access_requests.Line:
    line = access_requests.one(asked_id)
    if line is None:
        raise Http404
    return line


@form_methods
@duty_view(OFFICER)
def remind(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    line = _line(asked_id)
    return _confirm(
        request,
        line,
        "console/remind_access.html",
        lambda: lasting.remind(request.officer, line.asked, line.answerers),
        gettext_lazy("Cercle relancé."),
    )


@form_methods
@duty_view(OFFICER)
def give(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Where nobody is left to answer, the region does."""
    line = _line(asked_id)
    return _confirm(
        request,
        line,
        "console/give_access.html",
        lambda: lasting.give_for_the_circle(request.officer, line.asked),
        gettext_lazy("Accès donné."),
    )


def _confirm(
    request: HttpRequest,
    line: access_requests.Line,
    template: str,
    act: Callable[[], None],
    said: Promise,
) -> HttpResponse:
    problem, status = "", 200
    if request.method == "POST":
        try:
            act()
        except ValidationError as error:
            problem, status = " ".join(error.messages), status_of(error)
        else:
            return _done(request, said)
    context = {"line": line, "problem": problem}
    return page(request, template, context, partial="dialog", status=status)


@form_methods
@duty_view(OFFICER)
def decline(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    line = _line(asked_id)
    form, status = DeclineForm(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        try:
            lasting.decline_for_the_circle(request.officer, line.asked, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
            status = status_of(error)
        else:
            return _done(request, gettext_lazy("Demande refusée."))
    elif form.is_bound:
        status = 422
    context = {"line": line, "form": form}
    return page(request, "console/decline_access.html", context, partial="dialog", status=status)


def _done(request: HttpRequest, said: Promise) -> HttpResponse:
    messages.success(request, said)
    address = resolve_url("console:access_requests")
    return no_content(redirect=address) if request.htmx else redirect(address)
