"""The «Relations» tab of the profile: «Mes délégués» and «Mes délégants»."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import delegating, relations
from ronde.accounts.in_person import in_person
from ronde.accounts.models import DelegationScope
from ronde.accounts.profile_tabs import profile_page, tab
from ronde.accounts.relation_forms import RelationForm
from ronde.accounts.relations import Side
from ronde.core.page import fragment, no_content
from ronde.core.pagination import Page, asked, page_size

LONGEST = 100
CHANGED, CLOSE, SAY = "relations:changed", "ronde:fermer", "ronde:annonce"
HEADER = "ronde:signaux"
DELEGATES, DELEGATORS = "accounts:delegates", "accounts:delegators"
LISTS = {Side.DELEGATES: DELEGATES, Side.DELEGATORS: DELEGATORS}
DONE = {
    "accepter": (delegating.accept, gettext_lazy("Délégation acceptée.")),
    "refuser": (delegating.refuse, gettext_lazy("Demande refusée.")),
    "retirer": (delegating.withdraw, gettext_lazy("Délégation retirée.")),
}
tab(gettext_lazy("Relations"), DELEGATES, order=40)


@require_safe
@in_person
def delegates(request: HttpRequest) -> HttpResponse:
    """Who may act in my name."""
    return _list(request, Side.DELEGATES)


@require_safe
@in_person
def delegators(request: HttpRequest) -> HttpResponse:
    """In whose name I may act."""
    return _list(request, Side.DELEGATORS)


def _list(request: HttpRequest, side: Side, *, status: int = 200) -> HttpResponse:
    found = relations.relations(request.actor, side)
    size = page_size(request)
    number = min(max(asked(request, "page", 1), 1), max(-(-len(found) // size), 1))
    shown = found[(number - 1) * size : number * size]
    context: dict[str, Any] = {
        "side": side,
        "page": Page(shown, number, size, len(found), capped=False),
        "scopes": list(DelegationScope),
        "editable": request.actor.decides,
        "pending": sum(one.is_pending for one in found),
    }
    template = "accounts/relations.html"
    return profile_page(
        request, template, context, current=DELEGATES, partial="results", status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_person
def relation_add(request: HttpRequest, side: str) -> HttpResponse:
    """Ask somebody for a delegation, or give one to somebody."""
    side = _side(side)
    if not request.actor.decides:
        raise PermissionDenied
    form = RelationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        act = delegating.give if side == Side.DELEGATES else delegating.ask
        try:
            act(request.actor, form.cleaned_data["party"], form.scopes)
        except ValidationError as error:
            form.add_error("party", error.messages)
        else:
            return _done(request, side, _said(side))
    chosen = form.cleaned_data.get("party") if form.is_bound else None
    context = {
        "side": side,
        "form": form,
        "chosen": chosen,
        "structures": _of_structures(request.POST if form.is_bound else request.GET),
    }
    status = 422 if form.errors else 200
    template = "accounts/relation_add.html"
    return profile_page(
        request, template, context, current=DELEGATES, partial="dialog", status=status
    )


def _said(side: Side) -> str:
    if side == Side.DELEGATES:
        return _("Délégation donnée : elle vaut dès maintenant.")
    return _("Demande envoyée. Vous serez prévenu de la réponse.")


@require_safe
@in_person
def relation_search(request: HttpRequest, side: str) -> HttpResponse:
    """The options of the directory for what was typed."""
    typed = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    found = relations.search(
        request.actor, _side(side), typed, structures=_of_structures(request.GET)
    )
    return fragment(request, "accounts/_relation_found.html", {"found": found})


def _of_structures(asked: Any) -> bool:
    return asked.get("type") == "structure"


@require_POST
@in_person
def relation_decide(request: HttpRequest, delegation_id: UUID, verb: str) -> HttpResponse:
    """Accept, refuse or withdraw one delegation, from whichever list it stands in."""
    if verb not in DONE:
        raise Http404
    act, said = DONE[verb]
    side = _side(request.POST.get("cote", Side.DELEGATES))
    try:
        act(request.actor, delegation_id)
    except delegating.ChangedMeanwhileError as error:
        return _refused(request, side, " ".join(error.messages))
    return _done(request, side, str(said))


@require_POST
@in_person
def relation_favorite(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Turn the star of a party."""
    delegating.turn_favorite(request.actor, party_id)
    if request.htmx:
        return no_content()
    return redirect(DELEGATES)


def _side(text: str) -> Side:
    try:
        return Side(text)
    except ValueError:
        raise Http404 from None


def _done(request: HttpRequest, side: Side, text: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, text)
        return redirect(LISTS[side])
    said = {"texte": text, "genre": "ok"}
    return no_content(trigger={CLOSE: {}, CHANGED: {}, HEADER: {}, SAY: said})


def _refused(request: HttpRequest, side: Side, text: str) -> HttpResponse:
    """What was shown is out of date: say so, and show it as it is now."""
    if not request.htmx:
        messages.error(request, text)
        return _list(request, side, status=409)
    answer = no_content(trigger={CHANGED: {}, SAY: {"texte": text, "genre": "erreur"}})
    answer.status_code = 409
    return answer
