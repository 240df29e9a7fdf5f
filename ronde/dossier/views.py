"""The page of a record, its panels, and who opened it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from markupsafe import Markup

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import common_context, fragment, no_content, page, part
from ronde.dossier import actions, panels, visits
from ronde.dossier.banner import TABS, banner
from ronde.dossier.panels import Opened, Panel


@require_safe
@record_view("identity", traced="summary")
def record(request: HttpRequest, access: Access) -> HttpResponse:
    return _synthesis(request, Opened(access))


@require_safe
@record_view("identity", traced="ins")
def ins(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the numbers that the synthesis masks; the trace says that they were asked for."""
    opened = Opened(access, reveal=True)
    if request.htmx:
        return HttpResponse(_shower(request, opened)(panels.panel("identity")))
    return _synthesis(request, opened)


def _synthesis(request: HttpRequest, opened: Opened) -> HttpResponse:
    context = {
        "access": opened.access,
        "tab": "synthese",
        "columns": panels.arranged(opened),
        "show": _shower(request, opened),
        "known_head": opened.head,
    }
    return page(request, "dossier/record.html", context)


@require_safe
@record_view("identity", traced="summary")
def panel(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """One panel alone: what it refreshes itself from."""
    found = panels.panel(name)
    if found is None:
        raise Http404
    access.require(found.section)
    return HttpResponse(_shower(request, Opened(access, asked=request.GET))(found))


@require_safe
@record_view("identity", typing=True)
def tabs(request: HttpRequest, access: Access) -> HttpResponse:
    """The tabs alone, counted again: they are part of every page of the record."""
    asked = request.GET.get("rubrique")
    tab = next((name for name, _section, _address in TABS if name == asked), "")
    context = {"access": access, "tab": tab, "head": banner(access)}
    return fragment(request, "dossier/_tabs.html", context)


def _shower(request: HttpRequest, opened: Opened) -> Callable[[Panel], Markup]:
    """Make the function that renders a panel with its own values beside those of every page."""
    common: dict[str, Any] = {**common_context(request), "access": opened.access}

    def show(one: Panel) -> Markup:
        template, values = one.show(opened)
        return part(template, {**common, **values})

    return show


@require_POST
@record_view("feed")
def mark_read(request: HttpRequest, access: Access) -> HttpResponse:
    actions.mark_read(access)
    if request.htmx:
        return no_content(trigger="feed:changed")
    return redirect("dossier:record", patient_id=access.patient_id)


@require_safe
@record_view("trace")
def trace(request: HttpRequest, access: Access) -> HttpResponse:
    """Who opened this record, by visit; `impression` shows them all, to print."""
    person = _key(request.GET.get("personne", ""))
    every = request.GET.get("impression") == "1"
    context = {
        "access": access,
        "tab": "trace",
        "rows": visits.visits(request, access, person, every=every),
        "people": [] if every else visits.visitors(access),
        "person": person,
        "every": every,
        "now": timezone.now(),
    }
    return page(request, "dossier/trace.html", context, partial="results")


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
