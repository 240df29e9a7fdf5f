"""Zones: sets of communes that an administrator draws."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.console import zone_queries as queries
from ronde.console.zone_forms import ZoneForm
from ronde.core.page import page
from ronde.patients import zones as actions
from ronde.patients.models import Zone

form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@duty_view(DutyKind.ADMINISTRATOR)
def zones(request: HttpRequest) -> HttpResponse:
    """Every zone with its size, and what changed lately."""
    context = {"lines": queries.lines(), "past": queries.past()}
    return page(request, "console/zones.html", context)


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def add_zone(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def edit_zone(request: HttpRequest, zone_id: int) -> HttpResponse:
    return _form(request, get_object_or_404(Zone, pk=zone_id))


@require_POST
@duty_view(DutyKind.ADMINISTRATOR)
def retire_zone(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Take a zone out of use, or put it back: the same button undoes."""
    zone = get_object_or_404(Zone, pk=zone_id)
    retired = zone.retired_at is None
    try:
        actions.retire(request.officer, zone, retired=retired)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        text = _("« %(name)s » n'est plus utilisée.") if retired else _("« %(name)s » est remise.")
        messages.success(request, text % {"name": zone.name})
    return redirect("console:zones")


def _form(request: HttpRequest, zone: Zone | None) -> HttpResponse:
    """Check first, with what the zone would hold; save what was shown, and nothing else."""
    initial = {"name": zone.name} if zone else {}
    form = ZoneForm(request.POST or None, initial=initial)
    codes, summary = (zone.commune_codes if zone else []), None
    if request.method == "POST":
        valid = form.is_valid()
        codes = form.codes
        if valid:
            summary = queries.summary(codes, zone.commune_codes if zone else [])
            if request.POST.get("etape") == "enregistrer" and form.seen == summary.seal:
                try:
                    actions.save(request.officer, zone, form.cleaned_data["name"], codes)
                except ValidationError as error:
                    form.add_error("name", error)
                    summary = None
                else:
                    messages.success(request, _("Zone enregistrée."))
                    return redirect("console:zones")
            else:
                form = form.with_nothing_pasted()
    context = {
        "form": form,
        "zone": zone,
        "summary": summary,
        "communes": queries.communes(codes),
    }
    status = 422 if form.is_bound and form.errors else 200
    return page(request, "console/zone.html", context, status=status)
