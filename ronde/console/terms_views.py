"""The terms of use in the console: write a version, read it as it will be, publish it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts import drafts, terms
from ronde.accounts import terms_actions as actions
from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.accounts.terms_models import TermsVersion
from ronde.console.terms_forms import DraftForm, PublishForm
from ronde.core.page import no_content, page

form_view = require_http_methods(["GET", "HEAD", "POST"])
LIST, PREVIEW = "console:terms", "console:terms_preview"


@require_safe
@duty_view(DutyKind.ADMINISTRATOR)
def versions(request: HttpRequest) -> HttpResponse:
    """Every version, who published it, how many accepted it; and what is to come."""
    context = {"lines": terms.lines(), "next": terms.to_come(), "total": terms.open_accounts()}
    return page(request, "console/terms.html", context)


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def edit(request: HttpRequest) -> HttpResponse:
    """Write the draft; without one, from the text in force."""
    row = terms.to_come()
    if row is not None and not row.is_draft and request.method != "POST":
        return redirect(PREVIEW)
    form = DraftForm(request.POST or None, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_draft(request.officer, form.written, form.cleaned_data["revision"] or 0)
        except actions.Conflict as error:
            form.conflict = True
            form.add_error(None, error.messages)
            row = terms.to_come()
        else:
            drafts.drop(request)
            messages.success(request, _("Brouillon enregistré."))
            return redirect(PREVIEW)
    drafts.restore(request, form)
    status = 409 if form.conflict else 422 if form.errors else 200
    return page(request, "console/terms_edit.html", {"form": form, "row": row}, status=status)


def _initial(row: TermsVersion | None) -> dict[str, Any]:
    if row is not None:
        return {name: getattr(row, name) for name in (*actions.WRITTEN, "revision")}
    text, text_en = (terms.start(english=english) for english in (False, True))
    return {"text": text, "text_en": text_en, "revision": 0}


@require_safe
@duty_view(DutyKind.ADMINISTRATOR)
def preview(request: HttpRequest) -> HttpResponse:
    """What is to come, as those who have to accept it will read it."""
    row = terms.to_come()
    if row is None:
        return redirect(LIST)
    english = request.GET.get("langue") == "en"
    text = terms.as_read(row, english=english)
    context = {"row": row, "text": text, "news": [(row.version, text)], "english": english}
    return page(request, "console/terms_preview.html", context)


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def publish(request: HttpRequest) -> HttpResponse:
    """Ask from when, then say what will happen; publish what was said, and nothing else."""
    row = terms.to_come()
    if row is None or not row.is_draft:
        return _over(request, _("Il n'y a plus de brouillon : il a été publié ou abandonné."))
    form = PublishForm(request.POST or None, initial={"revision": row.revision})
    valid = request.method == "POST" and form.is_valid()
    day = form.cleaned_data["day"] if valid else None
    if valid and "confirmer" in request.POST:
        try:
            done = actions.publish(request.officer, day, form.cleaned_data["revision"])
        except ValidationError as error:
            return _over(request, error.messages[0], PREVIEW)
        said = _("Version %(version)s publiée.") % {"version": done.version}
        messages.success(request, said)
        return _go(request, LIST)
    context = {
        "form": form,
        "day": day,
        "name": actions.name_for(day) if valid else "",
        "sure": valid,
        "total": terms.open_accounts(),
    }
    status = 422 if form.errors else 200
    return page(request, "console/terms_publish.html", context, partial="dialog", status=status)


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def withdraw(request: HttpRequest) -> HttpResponse:
    """Call off a publication before its date."""
    row = terms.to_come()
    if row is None or row.is_draft:
        return _over(request, _("Cette publication n'est plus à venir."))
    if request.method == "POST":
        try:
            actions.withdraw(request.officer, request.POST.get("version", ""))
        except actions.Conflict as error:
            return _over(request, error.messages[0])
        messages.success(request, _("Publication retirée : le texte est de nouveau un brouillon."))
        return _go(request, LIST)
    return page(request, "console/terms_withdraw.html", {"row": row}, partial="dialog")


@form_view
@duty_view(DutyKind.ADMINISTRATOR)
def drop(request: HttpRequest) -> HttpResponse:
    """Give the draft up, knowing who wrote in it last."""
    row = terms.to_come()
    if row is None or not row.is_draft:
        return _over(request, _("Il n'y a plus de brouillon : il a été publié ou abandonné."))
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            actions.drop_draft(request.officer, int(revision) if revision.isdecimal() else 0)
        except actions.Conflict as error:
            return _over(request, error.messages[0], PREVIEW)
        messages.success(request, _("Brouillon abandonné."))
        return _go(request, LIST)
    return page(request, "console/terms_drop.html", {"row": row}, partial="dialog")


def _over(request: HttpRequest, problem: str, name: str = LIST) -> HttpResponse:
    """Somebody else was first: say so, where one sees what they did."""
    messages.error(request, problem)
    return _go(request, name)


def _go(request: HttpRequest, name: str) -> HttpResponse:
    return no_content(redirect=resolve_url(name)) if request.htmx else redirect(name)
