"""The screens of the identity of a record, and of its consent."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import drafts
from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import no_content, page
from ronde.dossier import creation, identity
from ronde.dossier.creation_views import pdf
from ronde.patients import actions, consent, death, queries
from ronde.patients.forms import initial_of
from ronde.patients.models import Patient, missing_traits
from ronde.patients.record_forms import (
    ConsentForm,
    CorrectionForm,
    FlagsForm,
    ProofForm,
    WithdrawalForm,
)
from ronde.patients.traits import STRICT_TRAITS, undoes_the_proof
from ronde.patients.wording import label
from ronde.terminology import queries as terminology

form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@record_view("identity")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    return _identity_page(request, access)


@require_POST
@record_view("identity", write=True)
def duplicates(request: HttpRequest, access: Access) -> HttpResponse:
    """Search the identities close to this one; the search is recorded."""
    matches = actions.others_like(access, access.patient)
    return _identity_page(request, access, near=creation.cards(access.actor, matches))


def _identity_page(
    request: HttpRequest, access: Access, near: list[creation.Card] | None = None
) -> HttpResponse:
    patient = access.patient
    consents = list(queries.consents(patient.pk))
    died = death.current(access)
    context = {
        "access": access,
        "tab": "identite",
        "patient": patient,
        "strict": identity.strict_rows(patient),
        "others": identity.other_rows(access),
        "contact": identity.contact_rows(patient),
        "missing": missing_traits(patient),
        "oddities": identity.oddities(patient),
        "obstacle": actions.obstacle_to_check(patient),
        "consents": [(one, actions.giver(one)) for one in consents],
        "past": identity.past(access),
        "death": died,
        "death_country": terminology.place(died.country_code) if died else "",
        "near": near,
    }
    return page(request, "dossier/identity.html", context)


@form_view
@record_view("identity", write=True)
def edit(request: HttpRequest, access: Access) -> HttpResponse:
    """Correct the identity. Somebody else did meanwhile: 409, with both values."""
    form = CorrectionForm(
        request.POST or None,
        initial=initial_of(access.patient),
        fictitious=access.patient.is_fictitious,
    )
    if request.method == "POST" and form.is_valid():
        return _correct(request, access, form)
    drafts.restore(request, form)
    return _edit_page(request, access, form)


def _edit_page(
    request: HttpRequest, access: Access, form: CorrectionForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"access": access, "tab": "identite", "form": form, "undone": [], "conflict": None}
    status = max(status, 422) if form.errors else status
    return page(request, "dossier/identity_edit.html", {**context, **more}, status=status)


def _correct(request: HttpRequest, access: Access, form: CorrectionForm) -> HttpResponse:
    values, version = form.identity(), form.cleaned_data["version"]
    try:
        actions.locked(access, version)
        changed = actions.differing(access.patient, values)
        if actions.falls_back(access.patient, changed) and not form.cleaned_data["confirmed"]:
            undone = [label(name) for name in changed if name in STRICT_TRAITS]
            return _edit_page(request, access, form, 422, undone=undone)
        patient = actions.change_identity(access, values, version)
    except actions.Stale as stop:
        found = identity.conflict(stop.patient, version, values)
        return _edit_page(
            request, access, _rebased(request, stop.patient, found), 409, conflict=found
        )
    drafts.drop(request)
    if undoes_the_proof(changed) and queries.probable(actions.others_like(access, patient)):
        messages.warning(request, _("Une identité très proche existe : cherchez les doublons."))
    return _done(request, access, _("Identité enregistrée."), "identity:changed")


def _rebased(request: HttpRequest, now: Patient, found: identity.Conflict) -> CorrectionForm:
    """Keep what was typed, on top of what somebody else saved meanwhile."""
    data, present = request.POST.copy(), initial_of(now)
    taken = found.untouched & present.keys()
    if "birth_place_code" in found.untouched:
        taken |= {"where", "birth_commune", "birth_country"}
    for name in taken:
        data[name] = CorrectionForm.base_fields[name].prepare_value(present[name])
    data.setlist("q", [])
    data["version"] = str(now.version)
    return CorrectionForm(data, fictitious=now.is_fictitious)


@form_view
@record_view("identity", write=True)
def check(request: HttpRequest, access: Access) -> HttpResponse:
    """Validate the identity by a document that was seen."""
    form = ProofForm(request.POST or None, initial={"version": access.patient.version})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.check_identity(access, values["proof"], values["version"])
        except ValidationError as error:
            form.add_error(None, error)
        except actions.Stale:
            form.add_error(None, _stale())
        else:
            return _done(request, access, _("Identité validée."), "identity:changed")
    context = {
        "form": form,
        "strict": identity.strict_rows(access.patient),
        "obstacle": actions.obstacle_to_check(access.patient),
    }
    return _dialog(request, access, "dossier/identity_check.html", context)


@form_view
@record_view("identity", write=True)
def flags(request: HttpRequest, access: Access) -> HttpResponse:
    """Mark the special cases; says first what a doubtful or fictitious identity loses."""
    patient = access.patient
    names = ("is_homonym", "is_doubtful", "is_fictitious", "version")
    form = FlagsForm(request.POST or None, initial={name: getattr(patient, name) for name in names})
    warned = False
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        loses = values["is_doubtful"] or values["is_fictitious"]
        warned = loses and actions.falls_back(patient, STRICT_TRAITS) and not values["confirmed"]
        if not warned and _flagged(access, form):
            return _done(request, access, _("Cas particuliers enregistrés."), "identity:changed")
    context = {"form": form, "warned": warned}
    return _dialog(request, access, "dossier/identity_flags.html", context, 422 if warned else 200)


def _flagged(access: Access, form: FlagsForm) -> bool:
    values = form.cleaned_data
    try:
        actions.set_flags(
            access,
            homonym=values["is_homonym"],
            doubtful=values["is_doubtful"],
            fictitious=values["is_fictitious"],
            version=values["version"],
        )
    except actions.Stale:
        form.add_error(None, _stale())
        return False
    return True


@form_view
@record_view("identity", write=True)
def consent_give(request: HttpRequest, access: Access) -> HttpResponse:
    form = ConsentForm(request.POST or None, born=access.patient.birth_date)
    if request.method == "POST" and form.is_valid():
        try:
            actions.give_consent(access, form.statement())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, access, _("Consentement enregistré."), "consent:changed")
    return _dialog(request, access, "dossier/consent_give.html", {"form": form})


@form_view
@record_view("identity", write=True)
def consent_withdraw(request: HttpRequest, access: Access) -> HttpResponse:
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_consent(access, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, access, _("Consentement annulé."), "consent:changed")
    return _dialog(request, access, "dossier/consent_withdraw.html", {"form": form})


@require_safe
@record_view("identity")
def consent_pdf(request: HttpRequest, access: Access) -> HttpResponse:
    """The document with the identity of the record and, if there is one, the consent in force."""
    patient = access.patient
    current = queries.consents(patient.pk).filter(withdrawn_at=None).first()
    known = {name: getattr(patient, name) for name in consent.BLANK}
    with translation.override(settings.LANGUAGE_CODE):  # As the rest of the patient's document.
        attested = identity.attestation(current)
    content = consent.document(
        access.actor.display_name,
        known,
        given_by=current.given_by if current else "",
        given_by_other=current.given_by_other if current else "",
        attested=attested,
    )
    return pdf(content)


def _stale() -> str:
    return _("L'identité a été modifiée entre-temps : fermez, relisez-la, puis recommencez.")


def _dialog(
    request: HttpRequest, access: Access, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    known = {"access": access, "tab": "identite", **context}
    if context["form"].errors:
        status = 422
    return page(request, template, known, partial="dialog", status=status)


def _done(request: HttpRequest, access: Access, text: str, event: str) -> HttpResponse:
    """Say it after the page is shown again; a dialog leads to that page too."""
    messages.success(request, text)
    if request.htmx:
        address = redirect("dossier:identity", patient_id=access.patient_id).url
        return no_content(redirect=address, trigger=event)
    return redirect("dossier:identity", patient_id=access.patient_id)
