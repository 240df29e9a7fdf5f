"""What every page shows around its content: menu, identities, end of the session, messages."""

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language

from ronde.accounts import drafts, legal, queries
from ronde.core.page import page_context, site_context


@site_context
def site() -> dict[str, Any]:
    """Give every page its language, the legal pages and the way to the support."""
    return {
        "lang": get_language() or settings.LANGUAGE_CODE,
        "support_url": reverse("accounts:support"),
        "footer_links": legal.footer(),
    }


@page_context
def chrome(request: HttpRequest) -> dict[str, Any]:
    """Give the base templates what they read; a request that failed early has nobody."""
    values = {
        "messages": get_messages(request),
        "login_url": reverse("account_login"),
        "support_email": settings.SUPPORT_EMAIL,
        "languages": settings.LANGUAGES,
        "language_url": reverse("accounts:language"),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return values
    return {**values, **_signed_in(request)}


def _signed_in(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    end, now = getattr(request, "session_end", None), timezone.now()
    return {
        "identities": [
            {
                "id": one.party_id,
                "label": one.label,
                "kind": "structure" if one.is_structure else "person",
                "delegated": one.is_delegated,
                "current": actor is not None and one.party_id == actor.party_id,
            }
            for one in getattr(request, "identities", [])
        ],
        "nav": _navigation(request),
        "search_url": _address("worklist:palette") if actor else "",
        "switch_url": reverse("accounts:switch"),
        "profile_url": reverse("accounts:profile") if actor else "",
        "logout_url": reverse("account_logout"),
        "terms_url": reverse("accounts:terms"),
        "account_name": request.user.full_name,
        "security_url": reverse("accounts:my_security"),
        "on_duty": bool(queries.duties(request.user)),
        "draft_url": drafts.address_to_save(request),
        "session_end": end.isoformat() if end else None,
        "server_now": now.isoformat(),
        "printed_at": now,
        "shortcuts": request.user.single_key_shortcuts,
    }


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    match = request.resolver_match
    here = match.view_name if match else ""
    items = list(settings.NAVIGATION) if getattr(request, "actor", None) else []
    if getattr(request, "actor", None) and request.actor.is_super_user:
        items.append(settings.STRUCTURE_NAVIGATION)
    if queries.duties(request.user):
        items.append(settings.CONSOLE_NAVIGATION)
    return [
        {
            "label": label,
            "url": address,
            "icon": icon,
            "current": name == here or (match is not None and match.namespace == _console(name)),
            "count": None,
        }
        for label, name, icon in items
        if (address := _address(name))
    ]


def _console(name: str) -> str | None:
    """The namespace whose pages all stand under this item; none for the other items."""
    space = name.partition(":")[0]
    return space if name == settings.CONSOLE_NAVIGATION[1] else None
