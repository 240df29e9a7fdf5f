"""How the dialogs of the circle answer."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django_htmx.http import trigger_client_event

from ronde.careteam.access import Access
from ronde.careteam.holding import Conflict
from ronde.careteam.models import UNIQUE_ROLES
from ronde.core.page import no_content

CONFLICT = 409
CHANGED, CLOSE, SAY = "careteam:changed", "ronde:fermer", "ronde:annonce"


def done(request: HttpRequest, access: Access, text: str) -> HttpResponse:
    """Close the dialog, refresh what shows the circle, say what was done."""
    if not request.htmx:
        messages.success(request, text)
        return redirect("careteam:circle", access.patient_id)
    return no_content(trigger={CLOSE: {}, **told(text)})


def told(text: str) -> dict[str, dict[str, str]]:
    """The events that refresh the circle and say what was done, the dialog staying open."""
    return {CHANGED: {}, SAY: {"texte": text, "genre": "ok"}}


def left(request: HttpRequest, text: str) -> HttpResponse:
    """The record is closed to whoever asked: back to their list."""
    messages.success(request, text)
    address = resolve_url(settings.LOGIN_REDIRECT_URL)
    return no_content(redirect=address) if request.htmx else redirect(address)


def status_of(error: ValidationError) -> int:
    return CONFLICT if isinstance(error, Conflict) else 422


def put(form: Any, error: ValidationError) -> None:
    """Show what an action refused beside the field that it is about."""
    code = getattr(error, "code", "") or ""
    field = {"refused": "habilitated", "consent": "habilitated"}.get(code)
    if code in UNIQUE_ROLES:
        field = form.role_field
    form.add_error(field if field in form.fields else None, error.messages)


def refused(response: HttpResponse) -> HttpResponse:
    """What is shown behind the dialog was out of date: it refreshes."""
    if response.status_code == CONFLICT:
        trigger_client_event(response, CHANGED)
    return response
