"""The bell, what it leads to, and the «Notifications» tab of the profile."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import relations
from ronde.accounts.gate import actor_view
from ronde.accounts.in_person import in_person
from ronde.accounts.profile_tabs import profile_page, tab
from ronde.accounts.queries import duties
from ronde.core.page import fragment, no_content, page
from ronde.core.pagination import paginate
from ronde.journal.events import Topic
from ronde.notifications import notices, preferences

PREFERENCES = "notifications:preferences"
tab(gettext_lazy("Notifications"), PREFERENCES, order=30)


@require_safe
@actor_view
def signals(request: HttpRequest) -> HttpResponse:
    """The counts of the header; 204 when they are those that the page already shows."""
    unread, waiting = notices.unread(request.actor), relations.waiting(request.actor)
    state = f"{unread}-{waiting}"
    lost = _lost(request)
    if request.GET.get("etat") == state and not lost:
        return no_content()
    counted = {"unread": unread, "waiting": waiting, "state": state}
    return fragment(request, "core/_signals_inner.html", {"signals": counted}, trigger=lost)


def _lost(request: HttpRequest) -> dict[str, Any] | None:
    """Say at once, on the page that is open, that its identity was withdrawn."""
    if not request.identity_lost:
        return None
    said = _(
        "Vous n'agissez plus au nom choisi : rechargez la page."
        " Ce qui est tapé ici reste à l'écran."
    )
    return {"ronde:annonce": {"texte": said, "genre": "erreur"}}


@require_safe
@actor_view
def notices_list(request: HttpRequest) -> HttpResponse:
    rows = paginate(request, notices.of(request.actor))
    context = {
        "rows": replace(rows, rows=notices.lines(request.actor, rows.rows)),
        "unread": notices.unread(request.actor),
    }
    return page(request, "notifications/list.html", context, partial="results")


@require_POST
@actor_view
def read(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    get_object_or_404(notices.of(request.actor), pk=notice_id)
    notices.mark_read(notices.of(request.actor).filter(pk=notice_id))
    return _changed(request)


@require_POST
@actor_view
def read_all(request: HttpRequest) -> HttpResponse:
    notices.mark_read(notices.of(request.actor))
    return _changed(request)


@require_POST
@actor_view
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Go to what the notice speaks of; it counts as read."""
    found = get_object_or_404(notices.of(request.actor), pk=notice_id)
    notices.mark_read(notices.of(request.actor).filter(pk=notice_id))
    target = notices.target(request.actor, found)
    if target is None:
        messages.info(request, _("Ce dossier ne vous est plus accessible."))
        return redirect("notifications:list")
    name, keys = target
    return redirect(name, *keys)


def _changed(request: HttpRequest) -> HttpResponse:
    if request.htmx:
        return no_content(trigger={"notifications:changed": {}, "ronde:signaux": {}})
    return redirect("notifications:list")


@require_http_methods(["GET", "HEAD", "POST"])
@in_person
def preferences_page(request: HttpRequest) -> HttpResponse:
    """Choose what to be told of, as the party one acts for."""
    if request.method == "POST":
        preferences.choose(
            request.actor,
            request.POST.getlist("mail"),
            request.POST.getlist("application"),
            _duties(request),
        )
        return _saved(request, _("Préférence enregistrée."))
    context = {"groups": preferences.groups(request.actor, _duties(request))}
    return profile_page(request, "notifications/preferences.html", context)


def _duties(request: HttpRequest) -> frozenset[str]:
    """What one does for the region is told to the person, not to a structure."""
    return frozenset() if request.actor.as_structure else duties(request.user)


@require_POST
@in_person
def reset(request: HttpRequest) -> HttpResponse:
    """Come back to what is usual, for one group or for all."""
    asked = request.POST.get("groupe", "")
    topics = [topic for topic in Topic if asked in {topic.value, "toutes"}]
    preferences.reset(request.actor, topics, _duties(request))
    messages.success(request, _("Notifications réinitialisées."))
    return redirect(PREFERENCES)


def _saved(request: HttpRequest, text: str) -> HttpResponse:
    if request.htmx:
        return no_content(trigger={"ronde:annonce": {"texte": text, "genre": "ok"}})
    messages.success(request, text)
    return redirect(PREFERENCES)
