"""The worklist and what is done from it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ronde.accounts.gate import actor_view, public_view
from ronde.careteam.access import accessible
from ronde.core.page import address_of, fragment, no_content, page
from ronde.core.pagination import capped_count, paginate
from ronde.patients.models import IdentityStatus, Zone
from ronde.worklist import actions, export, labels, queries
from ronde.worklist.filters import Filters
from ronde.worklist.forms import FilterForm, SearchNameForm
from ronde.worklist.models import SavedSearch

STORE, KEPT, EVERYTHING = "worklists", 20, "tous"


@public_view
def home(request: HttpRequest) -> HttpResponse:
    return redirect("worklist:list")


@actor_view
def worklist(request: HttpRequest) -> HttpResponse:
    """Show the records of the acting identity; a POST applies the filters typed."""
    searches = queries.saved_searches(request.actor.user_id)
    zones = queries.zones()
    if request.method != "POST":
        current = current_filters(request, searches)
        return _show(request, current, FilterForm.showing(current, zones), searches, zones)
    form = FilterForm(request.POST, zones=zones)
    form.is_valid()
    filters = form.filters()
    key = _keep(request, filters)
    if not request.htmx:
        return redirect(f"{resolve_url('worklist:list')}?f={key}")
    request.GET = QueryDict(f"f={key}")
    shown = form if form.errors else FilterForm.showing(filters, zones)
    response = _show(request, filters, shown, searches, zones)
    response.headers["HX-Push-Url"] = f"{resolve_url('worklist:list')}?f={key}"
    return response


def _show(
    request: HttpRequest,
    filters: Filters,
    form: FilterForm,
    searches: list[SavedSearch],
    zones: list[Zone],
) -> HttpResponse:
    found = queries.rows(request.actor, filters)
    context = {
        "rows": paginate(request, found),
        "filters": filters,
        "sections": found.sections,
        "sorts": labels.sorts(filters.sort, found.sections),
        "form": form,
        "searches": searches,
        "current": _shown_search(request, searches),
        "active": labels.active(filters, zones),
        "zones": queries.zone_names(zones),
        "statuses": dict(IdentityStatus.choices),
        "everything": EVERYTHING,
        "links": {
            "record": address_of("dossier:record"),
            "circle": address_of("careteam:circle"),
            "star": address_of("worklist:star"),
        },
    }
    return page(request, "worklist/list.html", context, partial="results")


def current_filters(request: HttpRequest, searches: list[SavedSearch]) -> Filters:
    """Find the filters that the address names: a view, a state of this session, or the default."""
    search = _shown_search(request, searches)
    if search is not None:
        found = Filters.from_values(search.filters)
    else:
        found = Filters.from_values(
            request.session.get(STORE, {}).get(request.GET.get("f", ""), {})
        )
    for name in request.GET.getlist("sans"):
        found = found.without(name)
    return found.sorted_by(request.GET.get("tri", found.sort))


def _shown_search(request: HttpRequest, searches: list[SavedSearch]) -> SavedSearch | None:
    asked = request.GET.get("vue")
    if asked:
        return next((one for one in searches if str(one.pk) == asked), None)
    if "f" in request.GET:
        return None
    return next((one for one in searches if one.is_default), None)


def _keep(request: HttpRequest, filters: Filters) -> str:
    """Keep the filters in the session under a short key, so that no name stands in an address."""
    kept = dict(request.session.get(STORE, {}))
    key = filters.key()
    kept.pop(key, None)
    kept[key] = filters.values()
    request.session[STORE] = dict(list(kept.items())[-KEPT:])
    return key


@actor_view
def palette(request: HttpRequest) -> HttpResponse:
    """Answer the quick search (Ctrl K); by POST, so that what is typed stands in no address."""
    text = request.POST.get("q", "").strip()[:100]
    found = queries.found_by_words(request.actor, text) if len(text) > 1 else []
    context = {"rows": found, "text": text, "pages": _pages(text)}
    return fragment(request, "worklist/_palette.html", context)


@require_POST
@actor_view
def records(request: HttpRequest) -> HttpResponse:
    """Offer one's records to a form that chooses one; what is typed stays in the body."""
    text = request.POST.get("q", "").strip()[:100]
    found = queries.found_by_words(request.actor, text) if len(text) > 1 else []
    return fragment(request, "worklist/_records.html", {"rows": found, "text": text})


def _pages(text: str) -> list[dict[str, str]]:
    """The pages and actions whose name holds what was typed."""
    known = [
        {"label": _("File active"), "url": resolve_url("worklist:list"), "icon": "folder-open"},
        {
            "label": _("Mes opérations sur les habilitations"),
            "url": resolve_url("worklist:bulk_runs"),
            "icon": "shield-check",
        },
        {
            "label": _("Créer un nouveau patient"),
            "url": resolve_url("dossier:search"),
            "icon": "plus",
        },
        {"label": _("Mon profil"), "url": resolve_url("accounts:profile"), "icon": "user-round"},
    ]
    return [one for one in known if text.lower() in one["label"].lower()] if text else known


@actor_view
def parties(request: HttpRequest, kind: str) -> HttpResponse:
    """Offer persons or structures to filter by: public names of the directory."""
    text = request.GET.get("q", "").strip()[:100]
    found = queries.parties(text, structures=kind == "structures") if len(text) > 1 else []
    return fragment(request, "worklist/_parties.html", {"parties": found, "text": text})


@require_POST
@actor_view
def star(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    if not accessible(request.actor, [patient_id]):
        raise Http404
    actions.star(request.actor, patient_id)
    return no_content()


@actor_view
def save_search(request: HttpRequest) -> HttpResponse:
    """Ask a name for the filters on the screen, then keep them."""
    filters = current_filters(request, queries.saved_searches(request.actor.user_id))
    form = SearchNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            search = actions.save_search(
                request.actor,
                form.cleaned_data["name"],
                filters,
                default=form.cleaned_data["default"],
            )
        except ValidationError as error:
            form.add_error("name", error)
        else:
            return _go(request, f"{resolve_url('worklist:list')}?vue={search.pk}")
    status = 422 if form.errors else 200
    context = {"form": form, "address": request.get_full_path()}
    return page(request, "worklist/save_search.html", context, partial="dialog", status=status)


def _mine(request: HttpRequest, search_id: UUID) -> SavedSearch:
    return get_object_or_404(SavedSearch, pk=search_id, user_id=request.actor.user_id)


@require_POST
@actor_view
def make_default(request: HttpRequest, search_id: UUID) -> HttpResponse:
    search = _mine(request, search_id)
    actions.make_default(request.actor, search)
    return _go(request, f"{resolve_url('worklist:list')}?vue={search.pk}")


@actor_view
def delete_search(request: HttpRequest, search_id: UUID) -> HttpResponse:
    search = _mine(request, search_id)
    if request.method == "POST":
        actions.delete_search(request.actor, search)
        return _go(request, f"{resolve_url('worklist:list')}?vue={EVERYTHING}")
    return page(request, "worklist/delete_search.html", {"search": search}, partial="dialog")


def _go(request: HttpRequest, address: str) -> HttpResponse:
    return no_content(redirect=address) if request.htmx else redirect(address)


@actor_view
def export_list(request: HttpRequest) -> HttpResponse:
    """Give the current selection as a spreadsheet: the ticked rows, or all that the filters show.

    1,000 patients at most (AZUREZO, sheet 11): past that, a dialog says so first.
    """
    filters = current_filters(request, queries.saved_searches(request.actor.user_id))
    if request.method != "POST":
        total, capped = capped_count(queries.rows(request.actor, filters))
        context: dict[str, Any] = {
            "total": total,
            "capped": capped,
            "limit": settings.WORKLIST_EXPORT_LIMIT,
            "address": request.get_full_path(),
        }
        return page(request, "worklist/export.html", context, partial="dialog")
    rows = _exported_rows(request, filters)
    actions.exported(request.actor, [row.patient_id for row in rows])
    response = HttpResponse(
        export.spreadsheet(rows, queries.zone_names(queries.zones()), request.actor),
        content_type=export.TYPE,
    )
    name = f"file-active-{timezone.localdate():%Y-%m-%d}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _exported_rows(request: HttpRequest, filters: Filters) -> list[queries.Row]:
    ticked = {UUID(key) for key in request.POST.getlist("patient") if is_uuid(key)}
    limit = settings.WORKLIST_EXPORT_LIMIT
    if not ticked or "tous" in request.POST:
        return queries.rows(request.actor, filters)[:limit]
    return queries.ticked(request.actor, ticked, filters)[:limit]


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
