"""«Gérer les habilitations»: select, choose, see what would change, confirm, read the result."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts.gate import actor_view
from ronde.careteam.foresight import Act
from ronde.core.page import fragment, no_content, page
from ronde.core.pagination import asked
from ronde.worklist import bulk, bulk_queries, bulk_wording, queries
from ronde.worklist.bulk_forms import ChoiceForm
from ronde.worklist.models import BulkRun
from ronde.worklist.views import current_filters, is_uuid

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def run_of(request: HttpRequest, run_id: UUID) -> BulkRun:
    return get_object_or_404(
        BulkRun, pk=run_id, user_id=request.actor.user_id, party_id=request.actor.party_id
    )


def ticked(request: HttpRequest) -> set[UUID]:
    return {UUID(key) for key in request.POST.getlist("patient") if is_uuid(key)}


@require_POST
@actor_view
def new(request: HttpRequest) -> HttpResponse:
    """Keep the ticked records, or all those of the search, and go on to the choice."""
    chosen = [UUID(key) for key in request.POST.getlist("patient") if is_uuid(key)]
    if "tous" in request.POST:
        filters = current_filters(request, queries.saved_searches(request.actor.user_id))
        found = queries.rows(request.actor, filters).grants[: settings.BULK_LIMIT]
        chosen = list(found.values_list("patient_id", flat=True))
    run = bulk.begin(request.actor, chosen)
    return redirect("worklist:bulk_choose", run.pk)


@form_methods
@actor_view
def choose(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Choose for whom and what; a POST keeps the choice and asks to confirm."""
    run = run_of(request, run_id)
    if run.confirmed_at is not None:
        return redirect("worklist:bulk_run", run.pk)
    if request.method != "POST":
        form = ChoiceForm(actor=request.actor)
        return _page(request, run, form, None)
    form = ChoiceForm(request.POST, actor=request.actor)
    kept = ticked(request)
    if form.is_valid() and not kept:
        form.add_error(None, _("Cochez au moins un dossier."))
    if form.is_valid():
        try:
            bulk.choose(run, Act(form.cleaned_data["act"]), form.parties, form.name, kept)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return to_confirm(request, run)
    if request.htmx:
        return _refused(request, run, form)
    return _page(request, run, form, kept, status=422)


def to_confirm(request: HttpRequest, run: BulkRun) -> HttpResponse:
    """Show the question in the dialog, or at its own address without htmx."""
    if not request.htmx:
        return redirect("worklist:bulk_confirm", run.pk)
    context = _question(request, run_of(request, run.pk))
    return fragment(request, "worklist/bulk_confirm.html", context, block="dialog")


@require_POST
@actor_view
def preview(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What the choice as it stands would change in each record."""
    run = run_of(request, run_id)
    form = ChoiceForm(request.POST, actor=request.actor)
    form.is_valid()
    act = form.chosen_act if form.parties else None
    context = _context(request, run, form, ticked(request), form.parties, act)
    return page(request, "worklist/bulk_choose.html", context, partial="records")


def _refused(request: HttpRequest, run: BulkRun, form: ChoiceForm) -> HttpResponse:
    """The dialog says what is missing; the page behind keeps what was chosen."""
    context = {"form": form, "run": run}
    return page(request, "worklist/bulk_refused.html", context, partial="dialog", status=422)


def _page(
    request: HttpRequest,
    run: BulkRun,
    form: ChoiceForm,
    kept: set[UUID] | None,
    *,
    status: int = 200,
) -> HttpResponse:
    act = form.chosen_act if form.parties else None
    context = _context(request, run, form, kept, form.parties, act)
    return page(request, "worklist/bulk_choose.html", context, status=status)


def _context(
    request: HttpRequest,
    run: BulkRun,
    form: ChoiceForm,
    kept: set[UUID] | None,
    parties: list[Any],
    act: Act | None,
) -> dict[str, Any]:
    found = bulk_queries.records(request.actor, run.patients, parties, act, kept)
    return {
        "run": run,
        "form": form,
        "records": found,
        "common": bulk_queries.common_members(found),
        "act": act,
        "meanings": bulk_wording.MEANINGS,
        "done_words": bulk_wording.DONE,
        "lost": len(run.patients) - len(found),
    }


@form_methods
@actor_view
def confirm(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Say what follows, then do it."""
    run = run_of(request, run_id)
    if run.confirmed_at is None and not run.act:
        return redirect("worklist:bulk_choose", run.pk)
    problem = ""
    if request.method == "POST":
        try:
            bulk.confirm(request.actor, run)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            return _go(request, run)
    context = _question(request, run, problem)
    status = 422 if problem else 200
    return page(request, "worklist/bulk_confirm.html", context, partial="dialog", status=status)


def _question(request: HttpRequest, run: BulkRun, problem: str = "") -> dict[str, Any]:
    parties = bulk_queries.parties_of(run.parties)
    tally = bulk_queries.tally(request.actor, run, parties)
    return {
        "run": run,
        "question": bulk_wording.before(
            request.actor, run, parties, tally, is_own=bulk.is_own_departure(run)
        ),
        "problem": problem,
        "nothing": not tally.changes and run.attachment_id is None,
    }


def _go(request: HttpRequest, run: BulkRun) -> HttpResponse:
    address = resolve_url("worklist:bulk_run", run.pk)
    if run.undo_asked_at is None and bulk.is_own_departure(run):
        # The result is the structure's, in whose name they act no more.
        messages.success(request, _("Votre départ est enregistré."))
        address = resolve_url("worklist:list")
    return no_content(redirect=address) if request.htmx else redirect(address)


@require_safe
@actor_view
def show(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The result row by row; while it runs, the page asks again, and 204 says «nothing new»."""
    run = run_of(request, run_id)
    if run.confirmed_at is None:
        return redirect("worklist:bulk_choose", run.pk)
    where = bulk_queries.progress(run)
    if request.htmx and run.is_running and asked(request, "vu", -1) == where.settled:
        return no_content()
    context = {
        "run": run,
        "act": Act(run.act),
        "where": where,
        "results": [] if run.is_running else bulk_queries.results(request.actor, run),
        "done_words": bulk_wording.DONE,
        "may_undo": run.finished_at is not None
        and run.undo_asked_at is None
        and bulk.is_last(run)
        and where.done + bool(run.attachment_id) > 0,
    }
    return page(request, "worklist/bulk_run.html", context, partial="progress")


@form_methods
@actor_view
def undo(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Ask, then take the run back."""
    run = run_of(request, run_id)
    problem = ""
    if request.method == "POST":
        try:
            bulk.take_back(request.actor, run)
        except ValidationError as error:
            problem = error.messages[0]
        except PermissionDenied:
            problem = _("Vous n’êtes plus super-utilisateur de cette structure.")
        else:
            return _go(request, run)
    context = {"run": run, "where": bulk_queries.progress(run), "problem": problem}
    status = 422 if problem else 200
    return page(request, "worklist/bulk_undo.html", context, partial="dialog", status=status)


@require_safe
@actor_view
def runs(request: HttpRequest) -> HttpResponse:
    context = {"runs": bulk_queries.runs(request.actor), "acts": dict(Act.choices)}
    return page(request, "worklist/bulk_runs.html", context)
