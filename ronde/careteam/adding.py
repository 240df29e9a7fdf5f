"""The screens that add somebody to a circle, from the directory or by hand."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronde.careteam import actions, finding, forms
from ronde.careteam.access import Access
from ronde.careteam.answers import done, put, refused, status_of, told
from ronde.careteam.gate import record_view
from ronde.careteam.models import Right
from ronde.core.page import Trigger, fragment, page
from ronde.directory import queries as directory

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
@record_view("careteam", write=True)
def add(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose somebody of the directory, say their role and their right."""
    if request.method == "POST":
        return _enlist(request, access)
    party = finding.candidate(access, request.GET.get("party", ""))
    structures = party.is_structure if party else request.GET.get("type") == "structure"
    return _dialog(request, access, finding.Choice(access, party, structures=structures))


def _enlist(request: HttpRequest, access: Access) -> HttpResponse:
    asked = request.POST.get("party", "")
    party = finding.candidate(access, asked)
    structures = request.POST.get("type") == "structure"
    choice = finding.Choice(access, party, structures=structures, data=request.POST)
    if party is None:
        choice.problem = finding.why_not(access, asked)
        return _dialog(request, access, choice, status=422)
    form = choice.form
    if not form.is_valid():
        return _dialog(request, access, choice, status=422)
    try:
        actions.enlist(
            access,
            party,
            roles=form.wanted_roles,
            replacing=form.replacing,
            details=form.values,
            right=form.right,
        )
    except ValidationError as error:
        put(form, error)
        return _dialog(request, access, choice, status=status_of(error))
    if "continue" in request.POST and request.htmx:
        again = finding.Choice(access, None, structures=structures)
        return _dialog(request, access, again, trigger=told(_said(form.right)))
    return done(request, access, _said(form.right))


def _dialog(
    request: HttpRequest,
    access: Access,
    choice: finding.Choice,
    *,
    status: int = 200,
    trigger: Trigger | None = None,
) -> HttpResponse:
    context = {"access": access, "tab": "cercle", "choice": choice, "form": choice.form}
    if trigger:
        return fragment(request, "careteam/add.html", context, block="dialog", trigger=trigger)
    return refused(page(request, "careteam/add.html", context, partial="dialog", status=status))


def _said(right: Right) -> str:
    return {
        Right.HABILITATED: _("Ajouté au cercle de soins et habilité."),
        Right.REFUSED: _("Ajouté au cercle de soins, partage refusé par le patient."),
        Right.NONE: _("Ajouté au cercle de soins, sans accès au dossier."),
    }[right]


@require_safe
@record_view("careteam", write=True, typing=True)
def search(request: HttpRequest, access: Access) -> HttpResponse:
    """Options of the directory for what is typed."""
    context = {"found": finding.found(access, request.GET), "most": directory.SHOWN}
    return fragment(request, "careteam/_found.html", context)


@require_safe
@record_view("careteam", write=True)
def chosen(request: HttpRequest, access: Access) -> HttpResponse:
    """The half of the dialog about the party just chosen."""
    party = finding.candidate(access, request.GET.get("party", ""))
    if party is None:
        raise Http404
    choice = finding.Choice(access, party, structures=party.is_structure)
    context = {"access": access, "choice": choice, "form": choice.form, "fresh": True}
    return fragment(request, "careteam/_side.html", context)


@form_methods
@record_view("careteam", write=True)
def add_person(request: HttpRequest, access: Access) -> HttpResponse:
    form = forms.PersonForm(request.POST or None, access=access)
    return _by_hand(request, access, form, "careteam/add_person.html")


@form_methods
@record_view("careteam", write=True)
def add_structure(request: HttpRequest, access: Access) -> HttpResponse:
    form = forms.StructureForm(request.POST or None, access=access)
    return _by_hand(request, access, form, "careteam/add_structure.html")


def _by_hand(request: HttpRequest, access: Access, form: Any, template: str) -> HttpResponse:
    context = {"access": access, "tab": "cercle", "form": form}
    if request.method != "POST":
        return page(request, template, context, partial="dialog")
    status = 422
    if form.is_valid():
        try:
            actions.add_by_hand(
                access,
                form.member_kind,
                form.values,
                roles=form.wanted_roles,
                replacing=form.replacing,
            )
            return done(request, access, _("Ajouté au cercle de soins, pour information."))
        except ValidationError as error:
            put(form, error)
            status = status_of(error)
    return refused(page(request, template, context, partial="dialog", status=status))
