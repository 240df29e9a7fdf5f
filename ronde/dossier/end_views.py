"""The end of a follow-up: what is left, closing, reopening; and the death of the patient."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import no_content, page
from ronde.dossier import actions, after_death, closing
from ronde.dossier.forms import DeathForm, UndoDeathForm
from ronde.patients import death

form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@record_view("status")
def close(request: HttpRequest, access: Access) -> HttpResponse:
    """What is left before the record is closed, with where to do it."""
    found = closing.points(access)
    context = {
        "access": access,
        "tab": "suivi",
        "points": found,
        "may_archive": closing.may_archive(access, found),
    }
    return page(request, "dossier/closing.html", context, partial="results")


@require_POST
@record_view("status", write=True)
def archive(request: HttpRequest, access: Access) -> HttpResponse:
    try:
        actions.archive(access)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Dossier archivé."))
    return redirect("dossier:close", patient_id=access.patient_id)


@require_POST
@record_view("status", write=True)
def reopen(request: HttpRequest, access: Access) -> HttpResponse:
    actions.reopen(access)
    messages.success(request, _("Dossier rouvert : il est revenu dans les files actives."))
    return redirect("dossier:close", patient_id=access.patient_id)


@form_view
@record_view("identity", write=True)
def declare_death(request: HttpRequest, access: Access) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = DeathForm(data, planned=after_death.planned(access))
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_death(access, form.values(), form.cleaned_data["cancelled"])
        except ValidationError as error:
            code = getattr(error, "code", "") or ""
            form.add_error(code if code in form.fields else None, error.messages)
        else:
            return _done(request, access, _("Décès déclaré. Le cercle de soins est prévenu."))
    return _dialog(request, access, "dossier/declare_death.html", form)


@form_view
@record_view("identity", write=True)
def undo_death(request: HttpRequest, access: Access) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = UndoDeathForm(data, cancelled=after_death.cancelled(access))
    if request.method == "POST" and form.is_valid():
        try:
            actions.undo_death(access, form.cleaned_data["reason"], form.cleaned_data["restored"])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return _done(request, access, _("Déclaration de décès annulée."))
    left = after_death.left_cancelled(access)
    return _dialog(request, access, "dossier/undo_death.html", form, left=left)


def _dialog(
    request: HttpRequest,
    access: Access,
    template: str,
    form: DeathForm | UndoDeathForm,
    **more: Any,
) -> HttpResponse:
    shown = {"form": form, "death": death.current(access), **more}
    context = {"access": access, "tab": "identite", **shown}
    status = 422 if form.errors else 200
    return page(request, template, context, partial="dialog", status=status)


def _done(request: HttpRequest, access: Access, text: str) -> HttpResponse:
    """The banner of every page of the record changes: the page is shown again."""
    messages.success(request, text)
    address = resolve_url("dossier:identity", access.patient_id)
    return no_content(redirect=address) if request.htmx else redirect(address)
