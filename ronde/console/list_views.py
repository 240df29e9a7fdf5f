"""The lists that the region sets up for itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.console import nomenclature_views, queries
from ronde.core.page import no_content, page
from ronde.followup import actions
from ronde.followup.forms import ItemForm
from ronde.followup.models import ListItem, ListName
from ronde.terminology.models import Nomenclature

form_view = require_http_methods(["GET", "HEAD", "POST"])
_MOVED = gettext_lazy("Ligne enregistrée. Les listes triées par statut suivent dans un moment.")


@require_safe
@duty_view(DutyKind.ADMINISTRATOR)
def lists(request: HttpRequest) -> HttpResponse:
    """Every list with its lines, those that were retired below; and the nomenclatures."""
    asked = request.GET.get("liste", ListName.STATUS)
    both = {"lists": ListName, "nomenclatures": Nomenclature}
    if asked in Nomenclature.values:
        context = both | nomenclature_views.show(request, Nomenclature(asked))
        return page(request, "console/nomenclature.html", context, partial="results")
    shown = _name(asked)
    context = both | {"shown": shown, "items": queries.list_items(shown)}
    return page(request, "console/lists.html", context, partial="results")


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def add_item(request: HttpRequest, list_name: str) -> HttpResponse:
    name = _name(list_name)
    initial = {"position": len(queries.list_items(name))}
    form = ItemForm(request.POST or None, list_=name, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            actions.add_item(request.officer, name, values.pop("label"), values)
        except ValidationError as error:
            form.add_error("label", error)
        else:
            return _done(request, name, _("Ligne ajoutée."))
    return _dialog(request, form, name, None)


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def edit_item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    item = get_object_or_404(ListItem, pk=item_id)
    name = ListName(item.list)
    names = ("label", "nature", "due_hours", "position")
    initial = {one: getattr(item, one) for one in names}
    form = ItemForm(request.POST or None, list_=name, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_item(request.officer, item, form.cleaned_data)
        except ValidationError as error:
            form.add_error("label", error)
        else:
            moved = name == ListName.STATUS and "position" in form.changed_data
            return _done(request, name, _MOVED if moved else _("Ligne enregistrée."))
    return _dialog(request, form, name, item)


@require_POST
@duty_view(DutyKind.ADMINISTRATOR)
def retire_item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Take a line out of the pickers, or put it back: the same button undoes."""
    item = get_object_or_404(ListItem, pk=item_id)
    retired = item.retired_at is None
    try:
        actions.retire_item(request.officer, item, retired=retired)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        text = _("« %(label)s » n'est plus proposé.") if retired else _("« %(label)s » est remis.")
        messages.success(request, text % {"label": item.label})
    return redirect(_address(ListName(item.list)))


def _name(text: str) -> ListName:
    if text not in ListName.values:
        raise Http404
    return ListName(text)


def _address(name: ListName) -> str:
    return f"{resolve_url('console:lists')}?liste={name.value}"


def _dialog(
    request: HttpRequest, form: ItemForm, name: ListName, item: ListItem | None
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "name": name, "item": item, "back": _address(name)}
    status = 422 if form.errors else 200
    return page(request, "console/list_item.html", context, partial="dialog", status=status)


def _done(request: HttpRequest, name: ListName, text: str) -> HttpResponse:
    messages.success(request, text)
    return no_content(redirect=_address(name)) if request.htmx else redirect(_address(name))
