"""The screens that change a member: the sheet, the right, the departure."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ronde.careteam import actions, comparing, forms, queries, wording
from ronde.careteam.access import Access
from ronde.careteam.answers import done, left, put, refused, status_of
from ronde.careteam.gate import record_view
from ronde.careteam.lines import Line
from ronde.careteam.models import Member
from ronde.core.page import page

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
@record_view("careteam", write=True)
def edit(request: HttpRequest, access: Access, member_id: UUID) -> HttpResponse:
    line = _present(access, member_id)
    form = _form(access, line, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _dialog(request, access, line, form)
    if not form.is_valid():
        return _dialog(request, access, line, form, status=422)
    try:
        actions.change(
            access,
            line.member,
            form.values,
            form.wanted_roles,
            form.cleaned_data["version"] or 0,
            replacing=form.replacing,
            right=getattr(form, "right", None),
        )
    except actions.Stale as error:
        return _stale(request, access, line, form, error)
    except ValidationError as error:
        put(form, error)
        return _dialog(request, access, line, form, status=status_of(error))
    return done(request, access, _("Fiche mise à jour."))


def _form(access: Access, line: Line, data: Any) -> forms.CircleForm:
    held = [role.code for role in line.roles]
    initial = {**forms.initial_of(line.member, held), "version": line.member.version}
    kind = forms.form_for(line.member, is_me=line.is_me)
    return kind(data, access=access, member=line.member, held=held, initial=initial)


def _dialog(
    request: HttpRequest,
    access: Access,
    line: Line,
    form: forms.CircleForm,
    *,
    status: int = 200,
    stale: comparing.Stale | None = None,
) -> HttpResponse:
    told = None
    if isinstance(form, forms.DirectoryForm):
        told = wording.of_habilitating(access, line.member.party)
    context = {
        "access": access,
        "tab": "cercle",
        "line": line,
        "form": form,
        "told": told,
        "stale": stale,
    }
    return refused(page(request, "careteam/edit.html", context, partial="dialog", status=status))


def _stale(
    request: HttpRequest,
    access: Access,
    line: Line,
    form: forms.CircleForm,
    error: ValidationError,
) -> HttpResponse:
    """Show what was saved meanwhile beside what was typed; sent again, what was typed wins."""
    stale = comparing.stale(access, line, form, error.messages[0])
    form.data = form.data.copy()
    form.data["version"] = str(line.member.version)
    return _dialog(request, access, line, form, status=409, stale=stale)


@form_methods
@record_view("careteam", write=True)
def habilitate(request: HttpRequest, access: Access, member_id: UUID) -> HttpResponse:
    line = _present(access, member_id, in_directory=True)
    return _ask(request, access, line, wording.before_habilitating, actions.habilitate)


@form_methods
@record_view("careteam", write=True)
def withdraw(request: HttpRequest, access: Access, member_id: UUID) -> HttpResponse:
    line = _present(access, member_id, in_directory=True)
    return _ask(request, access, line, wording.before_withdrawing, actions.withdraw)


@form_methods
@record_view("careteam", write=True)
def refuse(request: HttpRequest, access: Access, member_id: UUID) -> HttpResponse:
    line = _present(access, member_id, in_directory=True)
    return _ask(request, access, line, wording.before_refusing, actions.refuse)


@form_methods
@record_view("careteam", write=True)
def lift_refusal(request: HttpRequest, access: Access, member_id: UUID) -> HttpResponse:
    line = _present(access, member_id, in_directory=True)
    return _ask(request, access, line, wording.before_lifting, actions.lift_refusal)


@form_methods
@record_view("careteam", write=True)
def remove(request: HttpRequest, access: Access, member_id: UUID) -> HttpResponse:
    line = _present(access, member_id)
    return _ask(request, access, line, wording.before_removing, actions.remove)


def _present(access: Access, member_id: UUID, *, in_directory: bool = False) -> Line:
    line = queries.one(access, member_id)
    if line is None or (in_directory and not line.from_directory):
        raise Http404
    return line


def _ask(
    request: HttpRequest,
    access: Access,
    line: Line,
    word: Callable[[Access, Line], wording.Question],
    act: Callable[[Access, Member], Member],
) -> HttpResponse:
    """Say what follows, then do it. Whoever closes the record to themselves goes to their list."""
    question = word(access, line)
    context = {"access": access, "tab": "cercle", "line": line, "question": question, "problem": ""}
    status = 200
    if request.method == "POST":
        try:
            after = act(access, line.member)
        except ValidationError as error:
            context["problem"], status = " ".join(error.messages), status_of(error)
        else:
            gone = line.is_me and not after.habilitated
            return left(request, question.done) if gone else done(request, access, question.done)
    return refused(page(request, "careteam/confirm.html", context, partial="dialog", status=status))
