"""The nomenclatures in which the region chooses: a tab each, beside its own lists."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.console import nomenclature_actions as actions
from ronde.console import nomenclature_queries as queries
from ronde.console.nomenclature_forms import RoleForm
from ronde.core.page import no_content, page
from ronde.terminology.models import Nomenclature, RegionalRole

form_view = require_http_methods(["GET", "HEAD", "POST"])
TEXT_MAX = 100


@require_POST
@duty_view(DutyKind.ADMINISTRATOR)
def offer(request: HttpRequest, nomenclature: str) -> HttpResponse:
    """Take one line out of the pickers, or put it back; the button says which of the two."""
    if nomenclature not in Nomenclature.values:
        raise Http404
    name, offered = Nomenclature(nomenclature), "remettre" in request.POST
    code = request.POST.get("remettre" if offered else "retirer", "")
    try:
        label = actions.offer(request.officer, name, code, offered=offered)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        text = _("« %(label)s » est remis.") if offered else _("« %(label)s » n'est plus proposé.")
        messages.success(request, text % {"label": label})
    return redirect(address(name, code, **filters(request.POST)))


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def add_role(request: HttpRequest) -> HttpResponse:
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.add_role(request.officer, values["display"], values["close_to"])
        except ValidationError as error:
            form.add_error("display", error)
        else:
            return _done(request, _("Rôle ajouté."))
    return _dialog(request, form, None)


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def edit_role(request: HttpRequest, role_id: int) -> HttpResponse:
    role = get_object_or_404(RegionalRole, pk=role_id)
    shown = {"display": role.display, "close_to": role.close_to, "former": role.display}
    form = RoleForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_role(request.officer, role, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("display", error)
            form.data = form.data.copy()
            form.data["former"] = role.display
        else:
            return _done(request, _("Rôle enregistré."))
    return _dialog(request, form, role)


def show(request: HttpRequest, name: Nomenclature) -> dict[str, Any]:
    """What the page of a nomenclature shows."""
    asked = filters(request.GET)
    return {
        "shown": name,
        "sheet": queries.sheet(name, asked.get("q", ""), asked.get("etat", "")),
        "states": queries.STATES,
        "q": asked.get("q", ""),
        "state": asked.get("etat", ""),
    }


def filters(asked: Mapping[str, str]) -> dict[str, str]:
    text = asked.get("q", "")[:TEXT_MAX].replace("\0", "").strip()
    state = asked.get("etat", "")
    values = {"q": text, "etat": state if state in queries.STATES else ""}
    return {name: value for name, value in values.items() if value}


def address(name: Nomenclature, code: str = "", **asked: str) -> str:
    """The page of a nomenclature, at one of its lines."""
    query = urlencode({"liste": name.value, **asked})
    return f"{resolve_url('console:lists')}?{query}" + (f"#{quote(code)}" if code else "")


def _dialog(request: HttpRequest, form: RoleForm, role: RegionalRole | None) -> HttpResponse:
    context = {"form": form, "role": role, "back": address(Nomenclature.ROLES)}
    status = 422 if form.errors else 200
    return page(request, "console/role.html", context, partial="dialog", status=status)


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    back = address(Nomenclature.ROLES)  # With the place of a line, htmx would only go there.
    return no_content(redirect=back) if request.htmx else redirect(back)
