"""The review of break-glass accesses: the queue, one access, its verdict, a question."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.careteam import reviewing
from ronde.careteam.holding import Stale
from ronde.careteam.models import Review, Verdict
from ronde.console import jobs, reviews
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate

OFFICER = DutyKind.PRIVACY_OFFICER


class VerdictForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    verdict = forms.ChoiceField(
        label=gettext_lazy("Avis"),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez un avis.")},
    )
    comment = forms.CharField(
        label=gettext_lazy("Commentaire"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Pour la relecture seulement : le professionnel ne le lit pas."),
        error_messages={"required": gettext_lazy("Dites sur quoi repose votre avis.")},
    )


class QuestionForm(forms.Form):
    question = forms.CharField(
        label=gettext_lazy("Question au professionnel"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        help_text=gettext_lazy(
            "Il reçoit un e-mail sans donnée de santé et répond dans l'application."
        ),
        error_messages={"required": gettext_lazy("Écrivez votre question.")},
    )


@require_safe
@duty_view(OFFICER)
def queue(request: HttpRequest) -> HttpResponse:
    """The accesses to review, late ones first; a record is known by its number alone."""
    asked = request.GET.get("etat", reviews.OPEN)
    state = asked if asked in {reviews.OPEN, reviews.CLOSED} else reviews.OPEN
    shown = paginate(request, reviews.queue(state))
    context = {
        "page": shown,
        "lines": reviews.lines(shown.rows),
        "counts": reviews.counts(),
        "state": state,
        "days": reviews.delay().days,
    }
    return page(request, "console/reviews.html", context, partial="results")


def _line(glass_id: UUID) -> reviews.Line:
    line = reviews.one(glass_id)
    if line is None:
        raise Http404
    return line


@require_http_methods(["GET", "HEAD", "POST"])
@duty_view(OFFICER)
def review(request: HttpRequest, glass_id: UUID) -> HttpResponse:
    """All that the officer may know of one access, and the verdict."""
    line = _line(glass_id)
    known = Review.objects.filter(glass=line.glass).first()
    usual = {
        "verdict": known.verdict if known else "",
        "comment": known.comment if known else "",
        "version": known.version if known else 0,
    }
    form = VerdictForm(request.POST if request.method == "POST" else None, initial=usual)
    status = 200
    if request.method == "POST":
        status, done = _decide(request, line, form)
        if done is not None:
            return done
    context = _context(line, known, form)
    return page(request, "console/review.html", {**context, "stale": status == 409}, status=status)


def _decide(
    request: HttpRequest, line: reviews.Line, form: VerdictForm
) -> tuple[int, HttpResponse | None]:
    if not form.is_valid():
        return 422, None
    close = "clore" in request.POST
    values = form.cleaned_data
    try:
        reviewing.decide(
            request.officer,
            line.glass,
            Verdict(values["verdict"]),
            values["comment"],
            values["version"],
            close=close,
        )
    except Stale as error:
        form.add_error(None, error)
        return 409, None
    except ValidationError as error:
        form.add_error("verdict", error)
        return 422, None
    messages.success(request, _("Relecture close.") if close else _("Avis enregistré."))
    going_to = "console:reviews" if close else request.path
    return 200, redirect(going_to)


def _context(line: reviews.Line, known: Review | None, form: VerdictForm) -> dict[str, Any]:
    written, told = reviews.written(line.glass)
    return {
        "line": line,
        "glass": line.glass,
        "known": known,
        "form": form,
        "visits": reviews.visits(line.glass),
        "written": written,
        "told": told,
        "earlier": reviews.earlier(line.glass),
        "questions": reviews.questions(line.glass),
    }


@duty_view(OFFICER)
def ask(request: HttpRequest, glass_id: UUID) -> HttpResponse:
    """Ask the professional for an explanation: a mail leads them to the page of the answer."""
    line = _line(glass_id)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = reviewing.ask_explanation(
                request.officer, line.glass, form.cleaned_data["question"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            jobs.tell_question.defer(explanation_id=str(asked.pk), user_id=str(line.glass.user_id))
            messages.success(request, _("Question envoyée."))
            address = resolve_url("console:review", glass_id)
            return no_content(redirect=address) if request.htmx else redirect(address)
    status = 422 if form.errors else 200
    context = {"line": line, "form": form}
    return page(request, "console/ask.html", context, partial="dialog", status=status)
