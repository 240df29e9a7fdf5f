"""Duplicates, as the identity cell settles them: one person, two people, or two again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.careteam.gate import read_only
from ronde.console import duplicates as words
from ronde.console.merge_forms import MergeForm, PairForm, ReasonForm
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate
from ronde.journal.actions import trace
from ronde.patients.merging import IDENTITY_CELL, actions, queries
from ronde.patients.merging.protection import protection
from ronde.patients.models import Duplicate, DuplicateState

form_view = require_http_methods(["GET", "HEAD", "POST"])
KINDS = ("", "probables", "main")


@require_safe
@duty_view(DutyKind.IDENTITY_CELL)
def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs to look at, those of two people, those that were brought together."""
    state, kind = request.GET.get("etat", DuplicateState.WAITING), request.GET.get("afficher", "")
    if state not in DuplicateState.values or kind not in KINDS:
        raise Http404
    rows = paginate(request, queries.pairs(state, kind))
    context = {
        "states": DuplicateState,
        "state": DuplicateState(state),
        "kind": kind,
        "counts": queries.counts(),
        "sweep": queries.last_sweep(),
        "rows": replace(rows, rows=words.lines(rows.rows)),
        "facts": words.facts,
    }
    return page(request, "console/duplicates.html", context, partial="results")


@form_view
@duty_view(DutyKind.IDENTITY_CELL)
def enter_pair(request: HttpRequest) -> HttpResponse:
    """Put two records on the list by their numbers."""
    form = PairForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            pair = actions.enter(request.officer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, resolve_url("console:duplicate", pair.pk), "")
    return _dialog(request, "console/enter_pair.html", form)


@require_safe
@duty_view(DutyKind.IDENTITY_CELL, traced=True)
def duplicate(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Both identities side by side, and what bringing them together would do."""
    pair = get_object_or_404(Duplicate, pk=pair_id)
    for patient_id in pair.ids:
        trace(request.officer, patient_id=patient_id, reason=IDENTITY_CELL, section="identity")
    read_only()
    kept, other = _sides(request, pair)
    merge = queries.merge_of(pair)
    found = None if merge else queries.preview(kept, other)
    context = {
        "pair": pair,
        "kept": kept,
        "other": other,
        "merge": merge,
        "rests_on": queries.rests_on(merge) if merge else None,
        "traits": words.traits(kept, other),
        "reasons": queries.reasons(pair),
        "guard": protection(kept, other),
        "changes": words.changes(queries.history(pair.ids), kept, other),
        "outcomes": words.outcomes(found) if found else [],
        "moves": words.moves(found) if found else [],
        "conflicts": words.conflicts(found) if found else [],
    }
    return page(request, "console/duplicate.html", context)


@form_view
@duty_view(DutyKind.IDENTITY_CELL)
def merge(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Ask why, then bring the two records together."""
    pair = get_object_or_404(Duplicate, pk=pair_id)
    kept, other = _sides(request, pair)
    guard = protection(kept, other)
    form = MergeForm(request.POST or None, homonyms=guard.homonyms)

    def act() -> str:
        why, confirmed = form.cleaned_data["reason"], form.cleaned_data.get("confirmed", "")
        actions.merge(request.officer, pair, kept.pk, why, confirmed=confirmed)
        return _("Le dossier N° %(other)s est réuni au N° %(kept)s.") % {
            "other": other.record_number,
            "kept": kept.record_number,
        }

    more = {"kept": kept, "other": other, "guard": guard}
    return _decide(request, "console/merge.html", form, pair, act, more)


@form_view
@duty_view(DutyKind.IDENTITY_CELL)
def tell_apart(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Ask why, then write that these are two people."""
    pair = get_object_or_404(Duplicate, pk=pair_id)
    form = ReasonForm(request.POST or None)

    def act() -> str:
        actions.tell_apart(request.officer, pair, form.cleaned_data["reason"])
        return _("Deux personnes différentes : la paire ne sera plus proposée.")

    return _decide(request, "console/tell_apart.html", form, pair, act, {})


@form_view
@duty_view(DutyKind.IDENTITY_CELL)
def separate(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Ask why, then give both records back."""
    pair = get_object_or_404(Duplicate, pk=pair_id)
    form = ReasonForm(request.POST or None)
    done = queries.merge_of(pair)

    def act() -> str:
        actions.separate(request.officer, pair, form.cleaned_data["reason"])
        return _("Les deux dossiers et leurs droits sont rendus.")

    return _decide(request, "console/separate.html", form, pair, act, {"merge": done})


def _sides(request: HttpRequest, pair: Duplicate) -> tuple[Any, Any]:
    """The record kept and the other one: as the merge was made, else as asked, else as advised."""
    both = queries.identities(pair.ids)
    done = queries.merge_of(pair)
    asked = request.GET.get("garder", "")
    if done is not None:
        asked = str(done.kept_id)
    kept = next((one for one in both.values() if str(one.pk) == asked), None)
    kept = kept or words.better(*both.values())
    return kept, next(one for one in both.values() if one.pk != kept.pk)


def _decide(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    pair: Duplicate,
    act: Callable[[], str],
    more: dict[str, Any],
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            said = act()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, resolve_url("console:duplicate", pair.pk), said)
    return _dialog(request, template, form, pair=pair, **more)


def _dialog(request: HttpRequest, template: str, form: forms.Form, **more: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return page(request, template, {"form": form, **more}, partial="dialog", status=status)


def _done(request: HttpRequest, address: str, text: str) -> HttpResponse:
    if text:
        messages.success(request, text)
    return no_content(redirect=address) if request.htmx else redirect(address)
