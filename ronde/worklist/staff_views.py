"""«Ma structure»: who acts in its name, on which of its records, and the departure of one."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts import staff
from ronde.accounts.group_forms import PartyForm
from ronde.accounts.models import Attachment, User
from ronde.careteam.foresight import Act
from ronde.core.page import no_content, page
from ronde.worklist import bulk, bulk_queries, bulk_wording
from ronde.worklist.bulk_views import ticked, to_confirm

form_methods = require_http_methods(["GET", "HEAD", "POST"])
LEAVING = (Act.WITHDRAW, Act.REMOVE)


@require_safe
@staff.super_user_view
def index(request: HttpRequest) -> HttpResponse:
    held = staff.attached(request.actor.party_id)
    context = {"colleagues": bulk_queries.colleagues(request.actor, held)}
    return page(request, "worklist/staff.html", context)


def _attachment(request: HttpRequest, attachment_id: UUID) -> Attachment:
    held = staff.attached(request.actor.party_id)
    found = next((one for one in held if one.pk == attachment_id), None)
    if found is None:
        raise Http404
    return found


@form_methods
@staff.super_user_view
def departure(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """The records of a colleague that the structure opens too; then what is to be done there."""
    attachment = _attachment(request, attachment_id)
    user = attachment.user
    patients = bulk_queries.records_of(request.actor, user.person_id, settings.BULK_LIMIT)
    act = Act.REMOVE if request.POST.get("act") == Act.REMOVE else Act.WITHDRAW
    if request.method == "POST" and "apercu" not in request.GET:
        return _depart(request, attachment, act, patients)
    parties = bulk_queries.parties_of([user.person_id] if user.person_id else [])
    kept = ticked(request) if request.method == "POST" else None
    context = {
        "attachment": attachment,
        "records": bulk_queries.records(request.actor, patients, parties, act, kept),
        "acts": [(one, bulk_wording.MEANINGS[one]) for one in LEAVING],
        "done_words": bulk_wording.DONE,
        "act": act,
        "is_full": len(patients) == settings.BULK_LIMIT,
        "is_me": user.pk == request.actor.user_id,
        "problem": _own_problem(request, attachment),
    }
    return page(request, "worklist/departure.html", context, partial="records")


def _own_problem(request: HttpRequest, attachment: Attachment) -> str:
    """What keeps a super-user from leaving the structure themselves."""
    if attachment.user_id != request.actor.user_id:
        return ""
    return staff.why_stay(staff.attached(request.actor.party_id), request.actor.user_id)


def _depart(
    request: HttpRequest, attachment: Attachment, act: Act, patients: list[UUID]
) -> HttpResponse:
    kept = ticked(request)
    user = attachment.user
    run = bulk.begin(request.actor, [key for key in patients if key in kept])
    parties = bulk_queries.parties_of([user.person_id] if user.person_id else [])
    ends = attachment.pk if "ends" in request.POST else None
    bulk.choose(run, act, parties, user.full_name, run.patients, attachment_id=ends)
    return to_confirm(request, run)


def _answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return page(request, template, context, partial="dialog", status=status)


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    address = resolve_url("worklist:staff")
    return no_content(redirect=address) if request.htmx else redirect(address)


@form_methods
@staff.super_user_view
def attach(request: HttpRequest) -> HttpResponse:
    """Choose a colleague who has an account, and say what acting for the structure gives."""
    form = PartyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["party"]
        user = User.objects.filter(person_id=person, is_active=True).first()
        if user is not None:
            staff.attach(request.actor, user)
            return _done(request, _("%(name)s est rattaché(e).") % {"name": user.full_name})
        form.add_error("party", _("Cette personne n’a pas encore de compte."))
    status = 422 if form.errors else 200
    return _answer(request, "worklist/staff_attach.html", {"form": form}, status=status)


@form_methods
@staff.super_user_view
def level(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """Name a super-user, or take the level back."""
    attachment, problem = _attachment(request, attachment_id), ""
    wanted = not attachment.is_super_user
    if request.method == "POST":
        wanted = request.POST.get("level") == "super"
        try:
            staff.set_super_user(request.actor, attachment.pk, wanted=wanted)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            if not wanted and attachment.user_id == request.actor.user_id:
                return _left(request)
            return _done(request, _("Niveau enregistré."))
    context = {"attachment": attachment, "wanted": wanted, "problem": problem}
    return _answer(request, "worklist/staff_level.html", context, status=422 if problem else 200)


def _left(request: HttpRequest) -> HttpResponse:
    """Who is no longer super-user does not see the page any more."""
    address = resolve_url(settings.LOGIN_REDIRECT_URL)
    messages.success(request, _("Vous n’êtes plus super-utilisateur."))
    return no_content(redirect=address) if request.htmx else redirect(address)
