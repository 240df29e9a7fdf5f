"""The life line on a page of its own: the grid in full width, or the list."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import page
from ronde.core.pagination import Page, asked, page_size
from ronde.dossier import lifeline

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


@require_safe
@record_view("identity", traced="lifeline")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """`vue=liste` gives the same as text, the newest first; `du` and `au` narrow it.

    The panel of the record asks for its part from here too; `seul` tells that this page asks.
    """
    as_list = request.GET.get("vue") == "liste"
    alone = not request.htmx or "seul" in request.GET
    context = {"access": access, "tab": "synthese", "as_list": as_list, "alone": alone}
    if as_list:
        return page(
            request, "dossier/lifeline_list.html", {**context, **_list(request, access)},
            partial="results",
        )  # fmt: skip
    values = lifeline.view(access, request.GET.get("periode", ""), request.GET.get("fin", ""))
    return page(request, "dossier/lifeline.html", {**context, **values}, partial="results")


def _list(request: HttpRequest, access: Access) -> dict[str, object]:
    start = lifeline.day_of(request.GET.get("du", "")) or FIRST
    end = lifeline.day_of(request.GET.get("au", "")) or LAST
    found = lifeline.items(access, start, end)
    size = page_size(request)
    number = min(max(asked(request, "page", 1), 1), max(-(-len(found) // size), 1))
    first = (number - 1) * size
    rows = Page(found[first : first + size], number, size, len(found), capped=False)
    return {
        "rows": rows,
        "lanes": {kind: label for kind, label, _look in lifeline.LANES},
        "day": timezone.localdate(),
        "when": lifeline.when,
        "address": lambda one: lifeline.address(access, one),
        "narrowed": start != FIRST or end != LAST,
    }
