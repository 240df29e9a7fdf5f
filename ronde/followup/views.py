"""The screens of the follow-up: statuses, stays, what is to be done around a stay."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import drafts
from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.careteam.models import Member
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate
from ronde.followup import actions, queries
from ronde.followup.forms import CancelForm, StatusForm, StayForm, StepForm
from ronde.followup.models import Phase, Stay, StayStep

form_view = require_http_methods(["GET", "HEAD", "POST"])
STATUS_CHANGED, STAYS_CHANGED = "status:changed", "stays:changed"


@require_safe
@record_view("status")
def statuses(request: HttpRequest, access: Access) -> HttpResponse:
    """Where the patient stands for each party, and every status since the beginning."""
    context = {
        "access": access,
        "tab": "suivi",
        "current": queries.statuses(access),
        "rows": paginate(request, queries.history(access)),
    }
    return page(request, "followup/statuses.html", context, partial="results")


@form_view
@record_view("status", write=True)
def set_status(request: HttpRequest, access: Access) -> HttpResponse:
    current = queries.current_status(access)
    initial = {"former": current.pk if current else None}
    data = request.POST if request.method == "POST" else None
    form = StatusForm(data, first=current is None, initial=initial)
    if request.method == "POST" and form.is_valid() and _status_set(access, form):
        return _done(request, access, _("Statut enregistré."), STATUS_CHANGED, "followup:statuses")
    drafts.restore(request, form)
    context = {"form": form, "current": current}
    return _dialog(request, access, "followup/set_status.html", context)


def _status_set(access: Access, form: StatusForm) -> bool:
    values = form.cleaned_data
    try:
        actions.set_status(
            access,
            values["kind"],
            values["started_on"],
            former=values["former"],
            expertise=values["expertise"],
            reason=form.reason_given(),
            comment=values["comment"],
        )
    except ValidationError as error:
        _put(form, error)
        return False
    return True


@require_safe
@record_view("stays")
def stays(request: HttpRequest, access: Access) -> HttpResponse:
    rows = paginate(request, queries.stays(access))
    context = {
        "access": access,
        "tab": "suivi",
        "rows": rows,
        "left": queries.left_to_do(access, rows.rows),
        "now": timezone.now(),
    }
    return page(request, "followup/stays.html", context, partial="results")


@form_view
@record_view("stays", write=True)
def add_stay(request: HttpRequest, access: Access) -> HttpResponse:
    initial = {"admitted_at": timezone.localtime()}
    form = StayForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            stay = actions.record_stay(access, form.values())
        except ValidationError as error:
            _put(form, error)
        else:
            text = _("Hospitalisation notée.")
            return _done(request, access, text, STAYS_CHANGED, "followup:stay", stay.pk)
    return _dialog(request, access, "followup/edit_stay.html", {"form": form, "stay": None})


@form_view
@record_view("stays", write=True)
def edit_stay(request: HttpRequest, access: Access, stay_id: UUID) -> HttpResponse:
    stay = _stay(access, stay_id, open_only=True)
    form = StayForm.of(stay, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_stay(access, stay, form.values(), form.cleaned_data["version"] or 0)
        except ValidationError as error:
            _put(form, error)
        else:
            text = _("Hospitalisation enregistrée.")
            return _done(request, access, text, STAYS_CHANGED, "followup:stay", stay.pk)
    return _dialog(request, access, "followup/edit_stay.html", {"form": form, "stay": stay})


@form_view
@record_view("stays", write=True)
def cancel_stay(request: HttpRequest, access: Access, stay_id: UUID) -> HttpResponse:
    stay = _stay(access, stay_id, open_only=True)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_stay(access, stay, form.cleaned_data["reason"])
        except ValidationError as error:
            _put(form, error)
        else:
            text = _("Hospitalisation annulée.")
            return _done(request, access, text, STAYS_CHANGED, "followup:stays")
    return _dialog(request, access, "followup/cancel_stay.html", {"form": form, "stay": stay})


@require_POST
@record_view("stays", write=True)
def restore_stay(request: HttpRequest, access: Access, stay_id: UUID) -> HttpResponse:
    """Have a cancelled stay stand again."""
    found = _stay(access, stay_id)
    try:
        actions.restore_stay(access, found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Hospitalisation rétablie."))
    return redirect("followup:stay", access.patient_id, found.pk)


@require_safe
@record_view("stays")
def stay(request: HttpRequest, access: Access, stay_id: UUID) -> HttpResponse:
    """One stay and its round trip: who is told, what stops, what starts again, how late."""
    return _stay_page(request, access, _stay(access, stay_id))


def _stay_page(request: HttpRequest, access: Access, found: Stay) -> HttpResponse:
    steps = queries.steps(access, found)
    context = {
        "access": access,
        "tab": "suivi",
        "stay": found,
        "now": timezone.now(),
        "phases": [
            (phase, [step for step in steps if step.row.phase == phase])
            for phase in Phase
            if phase == Phase.ADMISSION or found.discharged_at
        ],
        "dropped": queries.dropped_steps(access, found),
    }
    return page(request, "followup/stay.html", context, partial="results")


@require_POST
@record_view("stays", write=True)
def tick_step(request: HttpRequest, access: Access, step_id: UUID) -> HttpResponse:
    """Tick, or untick: the same button undoes."""
    step = _step(access, step_id)
    try:
        actions.tick_step(access, step, done=request.POST.get("fait") == "1")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    if request.htmx:
        return _stay_page(request, access, _stay(access, step.stay_id))
    return redirect("followup:stay", access.patient_id, step.stay_id)


@require_POST
@record_view("stays", write=True)
def restore_step(request: HttpRequest, access: Access, step_id: UUID) -> HttpResponse:
    step = _step(access, step_id, dropped=True)
    actions.restore_steps(access, [step])
    if request.htmx:
        return _stay_page(request, access, _stay(access, step.stay_id))
    return redirect("followup:stay", access.patient_id, step.stay_id)


@form_view
@record_view("stays", write=True)
def edit_step(request: HttpRequest, access: Access, step_id: UUID) -> HttpResponse:
    """Who does it and by when; or take the step away."""
    step = _step(access, step_id)
    members = {
        str(row.pk): row
        for row in Member.objects.filter(patient_id=access.patient_id, removed_at=None)
    }
    owner = next((key for key, row in members.items() if _holds(row, step)), "")
    due = timezone.localtime(step.due_at) if step.due_at else None
    form = StepForm(
        request.POST if request.method == "POST" else None,
        members=sorted(((key, row.display_name) for key, row in members.items()), key=_by_name),
        initial={"owner": owner, "due_at": due},
    )
    if request.method == "POST" and ("retirer" in request.POST or form.is_valid()):
        try:
            if "retirer" in request.POST:
                actions.drop_steps(access, [step])
            else:
                values = form.cleaned_data
                actions.give_step(access, step, members.get(values["owner"]), values["due_at"])
        except ValidationError as error:
            _put(form, error)
        else:
            text = _("Étape enregistrée.")
            return _done(request, access, text, STAYS_CHANGED, "followup:stay", step.stay_id)
    return _dialog(request, access, "followup/edit_step.html", {"form": form, "step": step})


def _by_name(choice: tuple[str, str]) -> str:
    return choice[1]


def _holds(member: Member, step: StayStep) -> bool:
    if step.owner_id:
        return member.party_id == step.owner_id
    return bool(step.owner_name) and member.display_name == step.owner_name


def _stay(access: Access, stay_id: UUID, *, open_only: bool = False) -> Stay:
    found = queries.one_stay(access, stay_id)
    if found is None or (open_only and found.cancelled_at):
        raise Http404
    return found


def _step(access: Access, step_id: UUID, *, dropped: bool = False) -> StayStep:
    found = queries.one_step(access, step_id, dropped=dropped)
    if found is None:
        raise Http404
    return found


def _put(form: Any, error: ValidationError) -> None:
    """Show what an action refused beside the field that it is about."""
    code = getattr(error, "code", "") or ""
    field = {"reason": "exit_reason"}.get(code, code)
    form.conflict = isinstance(error, actions.Conflict)
    form.add_error(field if field in form.fields else None, error.messages)


def _dialog(
    request: HttpRequest, access: Access, template: str, context: dict[str, Any]
) -> HttpResponse:
    form = context["form"]
    status = 200
    if form.errors:
        status = 409 if getattr(form, "conflict", False) else 422
    known = {"access": access, "tab": "suivi", **context}
    return page(request, template, known, partial="dialog", status=status)


def _done(
    request: HttpRequest, access: Access, text: str, event: str, page_name: str, *keys: Any
) -> HttpResponse:
    """Close the dialog, refresh what shows the follow-up, say what was done."""
    if not request.htmx:
        drafts.drop(request)
        messages.success(request, text)
        return redirect(page_name, access.patient_id, *keys)
    said = {"ronde:annonce": {"texte": text, "genre": "ok"}}
    return no_content(trigger={"ronde:fermer": {}, event: {}, "feed:changed": {}, **said})
