"""The search of the directory outside of any record: public names, to be chosen in a list."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ronde.accounts.gate import actor_view
from ronde.core.page import fragment
from ronde.directory import queries as directory
from ronde.directory.models import Kind

LONGEST = 100


@require_safe
@actor_view
def search(request: HttpRequest, kind: str) -> HttpResponse:
    """Options for what is typed: persons or structures."""
    text = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    wanted = Kind.STRUCTURE if kind == "structures" else Kind.PERSON
    found = directory.search(text, wanted) if len(text) > 1 else []
    return fragment(request, "accounts/_directory.html", {"found": found, "text": text})
