"""The screens of the memos."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.careteam.sections import CARETEAM
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate
from ronde.followup import memo_actions as actions
from ronde.followup import memo_queries as queries
from ronde.followup.forms import MemoForm, MemoKindsForm
from ronde.followup.models import Memo

form_view = require_http_methods(["GET", "HEAD", "POST"])
CHANGED = "memos:changed"


@require_safe
@record_view("memos")
def memos(request: HttpRequest, access: Access) -> HttpResponse:
    form = MemoKindsForm(request.GET)
    context = {
        "access": access,
        "tab": "memos",
        "form": form,
        "filtered": bool(form.kinds()),
        "rows": paginate(request, queries.memos(access, form.kinds())),
    }
    return page(request, "followup/memos.html", context, partial="results")


@require_safe
@record_view("memos")
def memo(request: HttpRequest, access: Access, memo_id: UUID) -> HttpResponse:
    """One memo, with what it said before."""
    found = _memo(access, memo_id)
    context = {"access": access, "tab": "memos", "memo": found, "past": queries.past(found)}
    return page(request, "followup/memo.html", context, partial="dialog")


@form_view
@record_view("memos", write=True)
def add_memo(request: HttpRequest, access: Access) -> HttpResponse:
    form = MemoForm(request.POST if request.method == "POST" else None, access=access)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write(access, **form.values())
        except ValidationError as error:
            _put(form, error)
        else:
            return _done(request, access, _("Mémo ajouté."))
    return _dialog(request, access, form, None)


@form_view
@record_view("memos", write=True)
def edit_memo(request: HttpRequest, access: Access, memo_id: UUID) -> HttpResponse:
    found = _memo(access, memo_id)
    data = request.POST if request.method == "POST" else None
    form = MemoForm.of(found, data, access=access, mine=queries.is_mine(access, found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                access, found, version=form.cleaned_data["version"] or 0, **form.values()
            )
        except ValidationError as error:
            _put(form, error)
        else:
            return _done(request, access, _("Mémo enregistré."))
    return _dialog(request, access, form, found)


@form_view
@record_view("memos", write=True)
def take_over_memo(request: HttpRequest, access: Access, memo_id: UUID) -> HttpResponse:
    """Ask before taking over; say so when there is nothing to take over any more."""
    access.require(CARETEAM, write=True)
    found = _memo(access, memo_id)
    if request.method == "POST":
        try:
            actions.take_over(access, found)
        except actions.Conflict:
            found = _memo(access, memo_id)
        else:
            return _done(request, access, _("Mémo repris."))
    context = {"access": access, "tab": "memos", "memo": found}
    status = 200 if found.to_take_over else 409
    return page(request, "followup/take_over_memo.html", context, partial="dialog", status=status)


@require_POST
@record_view("memos", write=True)
def delete_memo(request: HttpRequest, access: Access, memo_id: UUID) -> HttpResponse:
    """Delete at once, and offer to undo."""
    found = _memo(access, memo_id)
    try:
        actions.delete(access, found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("followup:memos", access.patient_id)
    undo = resolve_url("followup:restore_memo", access.patient_id, found.pk)
    return _done(request, access, _("Mémo supprimé."), undo=undo)


@require_POST
@record_view("memos", write=True)
def restore_memo(request: HttpRequest, access: Access, memo_id: UUID) -> HttpResponse:
    found = _memo(access, memo_id, deleted=True)
    try:
        actions.restore(access, found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("followup:memos", access.patient_id)
    return _done(request, access, _("Mémo rétabli."))


def _memo(access: Access, memo_id: UUID, *, deleted: bool = False) -> Memo:
    found = queries.one(access, memo_id, deleted=deleted)
    if found is None:
        raise Http404
    return found


def _put(form: MemoForm, error: ValidationError) -> None:
    code = getattr(error, "code", "") or ""
    form.conflict = isinstance(error, actions.Conflict)
    form.add_error(code if code in form.fields else None, error.messages)


def _dialog(
    request: HttpRequest, access: Access, form: MemoForm, memo: Memo | None
) -> HttpResponse:
    """A conflict shows what the other wrote beside what was typed."""
    status = 200
    if form.errors:
        status = 409 if form.conflict else 422
    context = {
        "access": access,
        "tab": "memos",
        "form": form,
        "memo": memo,
        "mine": memo is None or queries.is_mine(access, memo),
    }
    return page(request, "followup/edit_memo.html", context, partial="dialog", status=status)


def _done(request: HttpRequest, access: Access, text: str, *, undo: str = "") -> HttpResponse:
    if not request.htmx:
        messages.success(request, text)
        return redirect("followup:memos", access.patient_id)
    said: dict[str, Any] = {"texte": text, "genre": "ok"}
    if undo:
        said["annuler"] = undo
    return no_content(
        trigger={"ronde:fermer": {}, CHANGED: {}, "feed:changed": {}, "ronde:annonce": said}
    )
