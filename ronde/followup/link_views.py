"""The screens of the linked records."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.careteam.access import Access, visible_to
from ronde.careteam.gate import record_view
from ronde.core.page import fragment, no_content, page
from ronde.followup import kinship, linking
from ronde.followup.forms import LinkForm
from ronde.patients.models import Patient

form_view = require_http_methods(["GET", "HEAD", "POST"])
CHANGED = "links:changed"
# Where the creation of a record finds that it was asked for by a link (`ronde.dossier`).
AFTER_CREATION = "link_after_creation"


@require_safe
@record_view("links")
def links(request: HttpRequest, access: Access) -> HttpResponse:
    context = {"access": access, "tab": "synthese", "related": linking.related(access)}
    return page(request, "followup/links.html", context, partial="results")


@form_view
@record_view("links", write=True)
def add_link(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose the patient and what they are to this one; «Mon patient n'existe pas» creates them."""
    if "creer" in request.POST:
        request.session[AFTER_CREATION] = str(access.patient_id)
        address = redirect("dossier:search").url + "?lien=1"
        return no_content(redirect=address) if request.htmx else redirect(address)
    asked = _other(access, request.POST.get("other") or request.GET.get("autre", ""))
    form = LinkForm(
        request.POST if request.method == "POST" else None,
        patient=access.patient,
        other_patient=asked,
        initial={"other": asked.pk if asked else None},
    )
    backwards = False
    if request.method == "POST" and form.is_valid():
        backwards = _is_backwards(access, asked, form) and not form.cleaned_data["confirmed"]
        if not backwards and _linked(access, form):
            return _done(request, access, _("Dossiers liés."))
    context = {
        "access": access,
        "tab": "synthese",
        "form": form,
        "other": asked,
        "backwards": backwards,
    }
    status = 422 if form.errors or backwards else 200
    return page(request, "followup/add_link.html", context, partial="dialog", status=status)


def _other(access: Access, text: str) -> Patient | None:
    """The patient chosen, if whoever links may open their record."""
    try:
        key = UUID(text)
    except ValueError:
        return None
    return visible_to(access.actor).filter(pk=key).first()


def _is_backwards(access: Access, other: Patient | None, form: LinkForm) -> bool:
    return other is not None and kinship.is_backwards(
        form.cleaned_data["kinship"], access.patient.birth_date, other.birth_date
    )


def _linked(access: Access, form: LinkForm) -> bool:
    values = form.cleaned_data
    try:
        linking.link(access, values["other"], values["kinship"], values["comment"])
    except Http404:
        form.add_error("other", _("Choisissez un patient de votre file active."))
    except ValidationError as error:
        form.add_error("other", error.messages)
    else:
        return True
    return False


@require_POST
@record_view("links", write=True)
def relations(request: HttpRequest, access: Access) -> HttpResponse:
    """The relations, worded for the patient just chosen; nothing of them stands in an address."""
    other = _other(access, request.POST.get("other", ""))
    initial = {"kinship": request.POST.get("kinship", "")}
    form = LinkForm(initial=initial, patient=access.patient, other_patient=other)
    context = {"access": access, "form": form}
    return fragment(request, "followup/_relation.html", context)


@form_view
@record_view("links", write=True)
def remove_link(request: HttpRequest, access: Access, link_id: UUID) -> HttpResponse:
    found = linking.one(access, link_id)
    if found is None:
        raise Http404
    if not found.removable:
        raise PermissionDenied
    if request.method == "POST":
        linking.unlink(access, found.link)
        return _done(request, access, _("Lien retiré."))
    context = {"access": access, "tab": "synthese", "one": found}
    return page(request, "followup/remove_link.html", context, partial="dialog")


def _done(request: HttpRequest, access: Access, text: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, text)
        return redirect("followup:links", access.patient_id)
    said: dict[str, Any] = {"ronde:annonce": {"texte": text, "genre": "ok"}}
    return no_content(trigger={"ronde:fermer": {}, CHANGED: {}, **said})
