"""The first page of the console, and who is on duty for the region."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronde.accounts import actions
from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind, User
from ronde.console import queries
from ronde.console.forms import DutyForm
from ronde.core.page import no_content, page

EVERY_DUTY = tuple(DutyKind.values)


@require_safe
@duty_view(*EVERY_DUTY)
def home(request: HttpRequest) -> HttpResponse:
    """What this person may do here, in their words."""
    return page(request, "console/home.html", {})


@require_safe
@duty_view(DutyKind.ADMINISTRATOR)
def duties(request: HttpRequest) -> HttpResponse:
    return page(request, "console/duties.html", {"groups": queries.on_duty()}, partial="results")


@duty_view(DutyKind.ADMINISTRATOR)
def give_duty(request: HttpRequest) -> HttpResponse:
    """Put an account on duty, found by its e-mail address."""
    form = DutyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, kind = form.cleaned_data["email"], form.cleaned_data["kind"]
        actions.give_duty(request.officer, user, DutyKind(kind))
        said = _("%(name)s : fonction confiée.") % {"name": user.full_name}
        return _done(request, said)
    status = 422 if form.errors else 200
    return page(request, "console/give_duty.html", {"form": form}, partial="dialog", status=status)


@duty_view(DutyKind.ADMINISTRATOR)
def end_duty(request: HttpRequest, user_id: UUID, duty: str) -> HttpResponse:
    """Ask, then take somebody off duty."""
    user = get_object_or_404(User, pk=user_id)
    if duty not in DutyKind.values:
        raise Http404
    kind, problem = DutyKind(duty), ""
    if request.method == "POST":
        try:
            actions.end_duty(request.officer, user, kind)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            return _done(request, _("Fonction retirée."))
    context = {"user": user, "duty": kind, "problem": problem}
    status = 422 if problem else 200
    return page(request, "console/end_duty.html", context, partial="dialog", status=status)


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    if request.htmx:
        return no_content(redirect=resolve_url("console:duties"))
    return redirect("console:duties")
