"""Public reference data for the pickers: options of a listbox, nothing about anybody."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from ronde.core.gate import public_view
from ronde.core.page import fragment
from ronde.terminology import queries

LONGEST = 100


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:LONGEST].replace("\0", "")


def _day(request: HttpRequest):
    """Read `le`, the day for which a place is asked (a birth); anything else is today."""
    try:
        return parse_date(request.GET.get("le", ""))
    except ValueError:
        return None


@require_safe
@public_view
def communes(request: HttpRequest) -> HttpResponse:
    found = queries.communes(_asked(request), _day(request))
    return _options(request, "terminology/_communes.html", {"communes": found})


@require_safe
@public_view
def countries(request: HttpRequest) -> HttpResponse:
    found = queries.countries(_asked(request), _day(request))
    return _options(request, "terminology/_countries.html", {"countries": found})


def _options(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    response = fragment(
        request, template, {**context, "departement_name": queries.departement_name}
    )
    patch_cache_control(response, private=True, max_age=600)
    return response
