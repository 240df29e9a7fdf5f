"""What every page shows of what waits: where it is asked for, and where it leads."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ronde.core.page import page_context


@page_context
def signals(request: HttpRequest) -> dict[str, Any]:
    if getattr(request, "actor", None) is None:
        return {}
    return {
        "signals_url": reverse("notifications:signals"),
        "bell_url": reverse("notifications:list"),
        "requests_url": reverse("accounts:delegates"),
    }
