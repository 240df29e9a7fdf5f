"""One way to answer: the whole page, or only the part that htmx asks for."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django_htmx.http import trigger_client_event
from jinja2_fragments import render_block
from markupsafe import Markup

NIL = UUID(int=0)
Provider = Callable[[HttpRequest], dict[str, Any]]
Trigger = str | Mapping[str, Mapping[str, Any]]
SiteProvider = Callable[[], dict[str, Any]]
_providers: list[Provider] = []
_site_providers: list[SiteProvider] = []


def page_context(provider: Provider) -> Provider:
    """Register what every page of the site receives (navigation, identities)."""
    _providers.append(provider)
    return provider


def site_context(provider: SiteProvider) -> SiteProvider:
    """Register what every page receives, that of a server error too.

    It asks nothing of the request nor of the database.
    """
    _site_providers.append(provider)
    return provider


def site_values() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for provider in _site_providers:
        values.update(provider())
    return values


def _environment() -> Any:
    engine = engines["jinja2"]
    assert isinstance(engine, Jinja2)  # noqa: S101
    return engine.env


def common_context(request: HttpRequest) -> dict[str, Any]:
    context: dict[str, Any] = {
        "request": request,
        "actor": getattr(request, "actor", None),
        "csrf_token": SimpleLazyObject(lambda: get_token(request)),
        **site_values(),
    }
    for provider in _providers:
        context.update(provider(request))
    return context


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or only its block `partial` when htmx asks for a part of it.

    A link followed by htmx with a whole page as target (boosted, or history restore) receives
    the whole page.
    """
    htmx = getattr(request, "htmx", None)
    wants_part = bool(partial and htmx and not htmx.boosted and not htmx.history_restore_request)
    if wants_part:
        return fragment(request, template, context, block=partial, status=status)
    html = _environment().get_template(template).render({**common_context(request), **context})
    response = HttpResponse(html, status=status)
    response.headers["Vary"] = "HX-Request"
    return response


def part(template: str, values: Mapping[str, Any]) -> Markup:
    """Render a template of its own values, to be placed in a page that shows several of them."""
    html = _environment().get_template(template).render(values)
    return Markup(html)  # noqa: S704 - rendered with autoescape


def fragment(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    block: str | None = None,
    trigger: Trigger | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a fragment; `trigger` names the event that tells other panels to refresh, or gives
    several events with their details.
    """
    env = _environment()
    values = {**common_context(request), **context}
    html = (
        render_block(env, template, block, values)
        if block
        else env.get_template(template).render(values)
    )
    response = HttpResponse(html, status=status)
    response.headers["Vary"] = "HX-Request"
    _fire(response, trigger)
    return response


def no_content(*, trigger: Trigger | None = None, redirect: str | None = None) -> HttpResponse:
    """Answer htmx without a body: refresh what listens to `trigger`, or go elsewhere."""
    response = HttpResponse(status=204 if not redirect else 200)
    if redirect:
        response.headers["HX-Redirect"] = redirect
    _fire(response, trigger)
    return response


def _fire(response: HttpResponse, trigger: Trigger | None) -> None:
    events = {trigger: {}} if isinstance(trigger, str) else trigger or {}
    for name, details in events.items():
        trigger_client_event(response, name, dict(details))


def address_of(name: str) -> Callable[[UUID], str]:
    """Prepare the address of many records: the resolver is asked once, not once a row."""
    before, after = reverse(name, args=[NIL]).split(str(NIL))
    return lambda key: f"{before}{key}{after}"
