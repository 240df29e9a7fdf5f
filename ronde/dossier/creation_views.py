"""The screens of a creation: search, near identities, identity and consent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import drafts
from ronde.accounts.gate import actor_view
from ronde.careteam.access import accessible
from ronde.core.page import page
from ronde.dossier import creation as creating
from ronde.dossier.models import Creation
from ronde.followup.link_views import AFTER_CREATION
from ronde.patients import actions as patients
from ronde.patients import consent, queries, regional
from ronde.patients.forms import TraitsForm
from ronde.patients.record_forms import CreationForm, DecisionForm

form_view = require_http_methods(["GET", "HEAD", "POST"])


@form_view
@actor_view
def search(request: HttpRequest) -> HttpResponse:
    """«Rechercher si le patient est existant»: the traits travel in the body alone."""
    former = _former(request)
    if request.method == "GET" and not former and "lien" not in request.GET:
        request.session.pop(AFTER_CREATION, None)  # Another creation, begun for itself.
    form = TraitsForm(request.POST or None, initial=former.values if former else None)
    if request.method == "POST" and form.is_valid():
        creation, found = creating.search(request.actor, form.traits(), form.typed(), former)
        drafts.drop(request)
        to_look_at = found or regional.connector()
        step = "dossier:create_near" if to_look_at else "dossier:create_identity"
        return redirect(step, creation_id=creation.pk)
    drafts.restore(request, form)
    context = {
        "form": form,
        "former": former,
        "unfinished": [] if former else creating.unfinished(request.actor),
    }
    return _form_page(request, "dossier/creation_search.html", context, form)


def _former(request: HttpRequest) -> Creation | None:
    """The creation whose search is being corrected."""
    asked = request.POST.get("reprise") or request.GET.get("reprise")
    if not asked:
        return None
    try:
        return creating.mine(request.actor, UUID(asked))
    except ValueError:
        raise Http404 from None


def _form_page(
    request: HttpRequest, template: str, context: dict[str, Any], form: Any
) -> HttpResponse:
    return page(request, template, context, status=422 if form.errors else 200)


@form_view
@actor_view
def near(request: HttpRequest, creation_id: UUID) -> HttpResponse:
    """Near identities: open, break the glass, or say that it is somebody else."""
    creation = creating.mine(request.actor, creation_id, lock=request.method == "POST")
    typed = creating.typed(creation)
    if not typed.is_valid():
        return redirect(f"{_search_address()}?reprise={creation.pk}")
    if creating.take_proposal(creation, request.POST.get("reprendre", "")):
        messages.info(request, _("Traits repris du serveur régional : vérifiez-les avec la pièce."))
        return redirect("dossier:create_near", creation_id=creation.pk)
    matches = queries.near(typed.traits())
    probable = {match.ref.id for match in queries.probable(matches)}
    form = DecisionForm(request.POST or None, initial={"why": creation.why})
    status = 200
    if request.method == "POST":
        unseen = probable - creating.shown_on(creation, request.POST.get("vus", ""))
        if unseen:
            form.add_error(None, _new_ones(len(unseen)))
            status = 409
        elif not probable or form.is_valid():
            creating.decide(creation, probable, form.cleaned_data["why"] if probable else "")
            return redirect("dossier:create_identity", creation_id=creation.pk)
        else:
            status = 422
    elsewhere = regional.near(typed.traits())
    context = {
        "creation": creation,
        "typed": typed,
        "elsewhere": creating.regional_cards(creation, elsewhere or []),
        "silent": elsewhere is None,
        "cards": creating.cards(request.actor, matches),
        "probable": len(probable),
        "seal": creating.seal(creation, matches),
        "form": form,
    }
    return page(request, "dossier/creation_near.html", context, status=status)


def _search_address() -> str:
    return redirect("dossier:search").url


def _new_ones(count: int) -> str:
    return ngettext(
        "Une identité très proche vient d'apparaître : regardez-la avant de créer le dossier.",
        "%(n)s identités très proches viennent d'apparaître : regardez-les avant de créer le"
        " dossier.",
        count,
    ) % {"n": count}


@form_view
@actor_view
def identity(request: HttpRequest, creation_id: UUID) -> HttpResponse:
    """Identity and consent. Sent twice, it makes one record and leads to it."""
    try:
        creation = creating.mine(request.actor, creation_id, lock=request.method == "POST")
    except Http404:
        if accessible(request.actor, [creation_id]):
            return redirect("dossier:record", patient_id=creation_id)
        raise
    first = {"is_homonym": bool(creation.decided_against), **creation.values}
    form = CreationForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid() and _same_party(request, creation, form):
        return _create(request, creation, form)
    drafts.restore(request, form)
    context = {"creation": creation, "form": form}
    return _form_page(request, "dossier/creation_identity.html", context, form)


def _same_party(request: HttpRequest, creation: Creation, form: CreationForm) -> bool:
    """Say once that the acting identity changed since the search: it will hold the record."""
    if creation.party_id == request.actor.party_id:
        return True
    creation.party_id = request.actor.party_id
    creation.save(update_fields=["party_id"])
    text = _("Vous agissez maintenant pour %(name)s : le dossier sera créé en son nom. Validez.")
    form.add_error(None, text % {"name": request.actor.display_name})
    return False


def _create(request: HttpRequest, creation: Creation, form: CreationForm) -> HttpResponse:
    try:
        patient = creating.open_record(
            request.actor,
            creation,
            form.traits(),
            form.identity(),
            form.statement(),
            proof=form.cleaned_data["proof"],
        )
    except patients.ProbableDuplicate as stop:
        creation.values = form.typed()
        creation.save(update_fields=["values"])
        patients.note_search(request.actor, len(stop.matches))
        messages.warning(request, _new_ones(len(stop.matches)))
        return redirect("dossier:create_near", creation_id=creation.pk)
    drafts.drop(request)
    messages.success(request, _("Dossier créé. Vous y êtes habilité(e) : auto-habilitation."))
    linked = request.session.pop(AFTER_CREATION, None)
    if linked is not None:
        address = redirect("followup:add_link", patient_id=linked).url
        return redirect(f"{address}?autre={patient.pk}")
    return redirect("dossier:record", patient_id=patient.pk)


@require_POST
@actor_view
def abandon(request: HttpRequest, creation_id: UUID) -> HttpResponse:
    creating.mine(request.actor, creation_id).delete()
    messages.info(request, _("Création abandonnée."))
    return redirect("dossier:search")


@require_safe
@actor_view
def consent_form(request: HttpRequest) -> HttpResponse:
    """The empty document, to fill by hand."""
    return pdf(consent.document(request.actor.display_name))


@require_safe
@actor_view
def prefilled_consent(request: HttpRequest, creation_id: UUID) -> HttpResponse:
    """The document with the traits typed so far."""
    typed = creating.typed(creating.mine(request.actor, creation_id))
    known = typed.cleaned_data
    known["birth_place"] = known["place"][1] if "place" in known else ""
    return pdf(consent.document(request.actor.display_name, known))


def pdf(content: bytes) -> HttpResponse:
    """A document to download; its name says nothing of the patient."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="consentement.pdf"'},
    )
