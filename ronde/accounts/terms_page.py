"""The page of the terms of use: read, then accept or leave."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from ronde.accounts import queries, terms
from ronde.core.page import page

# The version that was on the screen when «J'accepte» was chosen.
READ = "conditions_lues"
NOT_SENT_AGAIN = {READ, "csrfmiddlewaretoken"}


def show(
    request: HttpRequest,
    version: str,
    *,
    going_to: str = "",
    typed: QueryDict | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """`typed`: the form that was on its way, sent again with the acceptance."""
    acceptance = queries.acceptance(request.user, version)
    kept = [
        (name, value)
        for name, values in (typed.lists() if typed else ())
        for value in values
        if name not in NOT_SENT_AGAIN
    ]
    context: dict[str, Any] = {
        "version": version,
        "text": terms.text_of(version),
        "news": [] if acceptance else terms.news(request.user),
        "acceptance": acceptance,
        "next": going_to,
        "read": READ,
        "kept": kept,
        "address": request.get_full_path() if typed is not None else "",
        "problem": problem,
    }
    return page(request, "accounts/terms.html", context, status=status)
