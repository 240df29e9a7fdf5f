"""The habilitations to look at again in all the records of a structure, for its super-user."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from ronde.accounts.gate import actor_view
from ronde.careteam import due
from ronde.careteam.due_views import say, ticked
from ronde.core.page import page
from ronde.core.pagination import Page, asked


@require_http_methods(["GET", "HEAD", "POST"])
@actor_view
def due_habilitations(request: HttpRequest) -> HttpResponse:
    """Keep or withdraw, one by one or those ticked; 403 to whoever supervises no structure."""
    number = max(asked(request, "page", 1), 1)
    lines, total = due.of_structure(request.actor, number)
    if request.method == "POST":
        keys, gesture = ticked(request)
        say(request, due.settle(request.actor, keys, gesture) if gesture else [])
        return redirect("dossier:due_habilitations")
    shown = Page(lines, number, due.SHOWN, total, capped=False)
    return page(request, "dossier/due.html", {"lines": lines, "page": shown})
