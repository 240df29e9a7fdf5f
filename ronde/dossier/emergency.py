"""The screens of a break-glass access: before, during, after."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ronde.accounts import in_person
from ronde.accounts.gate import actor_view
from ronde.careteam import actions as careteam
from ronde.careteam.access import Access, accessible
from ronde.careteam.gate import record_view
from ronde.core.errors import not_found
from ronde.core.page import no_content, page
from ronde.dossier import actions
from ronde.dossier import break_glass as sealed
from ronde.dossier.forms import AskAccessForm, BreakGlassForm

NOT_BY_DELEGATION = gettext_lazy(
    "Un accès bris de glace engage une personne : il se fait en votre nom, jamais par délégation"
    " de %(name)s."
)


@actor_view
def break_glass(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Warn and ask why, then open. Who may open the record goes straight to it.

    A first POST brings the traits that a search showed; the second one, the reason. Nothing here
    tells a record that exists from one that does not.
    """
    if accessible(request.actor, [patient_id]):
        return _go(request, resolve_url("dossier:record", patient_id))
    if request.actor.is_delegate:
        return in_person.refusal(request, NOT_BY_DELEGATION)
    form = BreakGlassForm(request.POST if "confirmer" in request.POST else None)
    if not form.is_valid():
        return _warn(request, patient_id, form)
    try:
        glass = actions.break_the_glass(
            request.actor, patient_id, form.cleaned_data["reason"], form.cleaned_data["detail"]
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _warn(request, patient_id, form)
    if glass is None:
        return not_found(request)
    until = f"{timezone.localtime(glass.until):%H:%M}"
    messages.warning(
        request,
        _("Accès bris de glace jusqu'à %(time)s. Le cercle est prévenu.") % {"time": until},
    )
    return _go(request, resolve_url("dossier:record", patient_id))


def _warn(request: HttpRequest, patient_id: UUID, form: BreakGlassForm) -> HttpResponse:
    token = request.POST.get("identite", "")
    context: dict[str, Any] = {
        "patient_id": patient_id,
        "form": form,
        "token": token,
        "traits": sealed.read(token, request.actor, patient_id),
        "hours": int(settings.BREAK_GLASS_DURATION.total_seconds() // 3600),
    }
    status = 422 if form.errors else 200
    return page(request, "dossier/break_glass.html", context, partial="dialog", status=status)


@require_POST
@record_view("identity")
def close_glass(request: HttpRequest, access: Access) -> HttpResponse:
    if not access.is_break_glass:
        raise Http404
    careteam.close_glass(access)
    messages.success(request, _("Vous avez mis fin à votre accès bris de glace."))
    return _go(request, resolve_url("worklist:list"))


@record_view("feed", write=True)
def ask_access(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask the circle for a lasting habilitation, from a break-glass access."""
    if not access.is_break_glass:
        raise Http404
    form = AskAccessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_lasting_access(access, form.cleaned_data["text"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _asked(request, access)
    context = {"access": access, "tab": "synthese", "form": form}
    status = 422 if form.errors else 200
    return page(request, "dossier/ask_access.html", context, partial="dialog", status=status)


def _asked(request: HttpRequest, access: Access) -> HttpResponse:
    text = _("Demande envoyée au cercle de soins.")
    if request.htmx:
        said = {"ronde:annonce": {"texte": text, "genre": "ok"}}
        return no_content(trigger={"ronde:fermer": {}, "feed:changed": {}, **said})
    messages.success(request, text)
    return redirect("dossier:record", patient_id=access.patient_id)


@require_safe
@actor_view
def left(request: HttpRequest) -> HttpResponse:
    """Where a page goes whose access ended while it was open."""
    messages.info(request, _("Ce dossier ne vous est plus accessible : votre accès a pris fin."))
    return redirect("worklist:list")


def _go(request: HttpRequest, address: str) -> HttpResponse:
    return no_content(redirect=address) if request.htmx else redirect(address)
