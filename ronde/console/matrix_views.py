"""The rights matrix in the console: read a line, change it knowing who gains and loses, undo."""

import csv
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.careteam import matrix, matrix_change
from ronde.careteam.access import AS_STRUCTURE
from ronde.careteam.holding import Stale
from ronde.careteam.matrix import Key
from ronde.careteam.models import Level, MatrixChange
from ronde.careteam.sections import SECTIONS
from ronde.console.matrix_forms import PREFIX, LineForm, ReasonForm
from ronde.core.formats import cell
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate
from ronde.terminology import queries as terminology

ADMINISTRATOR = DutyKind.ADMINISTRATOR


@require_safe
@duty_view(ADMINISTRATOR)
def show(request: HttpRequest) -> HttpResponse:
    """One line of the matrix, beside another one if asked."""
    key = _asked(request)
    compared = request.GET.get("comparer", "")
    other = Key(compared) if compared and matrix.is_known(Key(compared)) else None
    family = request.GET.get("famille", key.family)
    context = {
        "sheet": matrix.sheet(key),
        "other": matrix.sheet(other) if other else None,
        "compared": compared,
        "family": family,
        "families": matrix.FAMILIES,
        "lines": _lines(family, key),
        "professions": matrix.professions(),
        "roles": terminology.pairs(terminology.everything("roles")),
        "last": matrix.changes_of(key).first(),
        "levels": Level,
        "prefix": PREFIX,
        "as_structure": AS_STRUCTURE,
        "address_of": _address,
    }
    return page(request, "console/matrix.html", context, partial="results")


def _asked(request: HttpRequest) -> Key:
    key = Key(request.GET.get("profession", ""), request.GET.get("role", ""))
    if not matrix.is_known(key):
        raise Http404
    return key


def _lines(family: str, key: Key) -> list[Key]:
    """The lines to choose among: those of no profession, and those of one family."""
    found = [one for one in matrix.known_keys() if one.family in {"", family}]
    return found if key in found else sorted([*found, key])


def _address(key: Key) -> str:
    query = urlencode({name: value for name, value in _params(key).items() if value})
    return f"{reverse('console:matrix')}?{query}" if query else reverse("console:matrix")


def _params(key: Key) -> dict[str, str]:
    return {"profession": key.profession, "role": key.role}


@require_POST
@duty_view(ADMINISTRATOR)
def save(request: HttpRequest) -> HttpResponse:
    """Show what the levels on the screen would change, and for whom; then save them."""
    form = LineForm(request.POST)
    confirmed = "confirmer" in request.POST
    reason = ReasonForm(request.POST if confirmed else None)
    if not form.is_valid():
        problem = " ".join(form.non_field_errors()) or _("Un des niveaux n'existe pas.")
        return _dialog(request, {"problem": problem}, status=422)
    key, levels = form.key, _wanted(request, form)
    version = form.cleaned_data["version"]
    if confirmed and reason.is_valid():
        try:
            text = reason.cleaned_data["reason"]
            done = matrix_change.change_line(request.officer, key, levels, version, text)
        except Stale as error:
            return _stale(request, key, levels, reason, error)
        return _saved(request, key, done)
    if version != matrix.version(key):
        return _stale(request, key, levels, reason, None)
    status = 422 if reason.errors else 200
    return _dialog(request, _about(key, levels, reason, version), status=status)


def _wanted(request: HttpRequest, form: LineForm) -> dict[str, int | None]:
    """What is on the screen; «retirer» gives up the whole line."""
    if "retirer" in request.POST and form.key != Key():
        return dict.fromkeys(SECTIONS)
    return form.levels


def _about(key: Key, levels: matrix.Levels, reason: ReasonForm, version: str) -> dict[str, Any]:
    sheet = matrix.sheet(key)
    moved = matrix.differences(sheet, levels)
    return {
        "key": key,
        "levels": levels,
        "version": version,
        "differences": moved,
        "preview": matrix.preview(key, levels) if moved else None,
        "form": reason,
        "action": reverse("console:matrix_save"),
    }


def _stale(
    request: HttpRequest,
    key: Key,
    levels: matrix.Levels,
    reason: ReasonForm,
    error: ValidationError | None,
) -> HttpResponse:
    """Show what the other administrator saved beside what was chosen here; to confirm again."""
    context = _about(key, levels, reason, matrix.version(key))
    other = matrix.changes_of(key).first()
    told = _("Cette ligne a été modifiée entre-temps par quelqu'un d'autre.")
    context |= {"problem": error.messages[0] if error else told, "other": other}
    return _dialog(request, context, status=409)


def _dialog(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    values = {
        "problem": "",
        "other": None,
        "key": None,
        "prefix": PREFIX,
        "undone": None,
        **context,
    }
    return page(request, "console/matrix_save.html", values, partial="dialog", status=status)


def _saved(request: HttpRequest, key: Key, done: MatrixChange | None) -> HttpResponse:
    text = _("Matrice enregistrée : %(line)s.") if done else _("Rien à changer : %(line)s.")
    messages.success(request, text % {"line": key})
    return no_content(redirect=_address(key)) if request.htmx else redirect(_address(key))


@require_safe
@duty_view(ADMINISTRATOR)
def history(request: HttpRequest) -> HttpResponse:
    """Every change, the last one first: who, when, why, before and after."""
    changes = paginate(request, MatrixChange.objects.order_by("-at", "-pk"))
    undone = set(
        MatrixChange.objects.filter(undoes__in=[one.pk for one in changes.rows]).values_list(
            "undoes_id", flat=True
        )
    )
    lines = [
        {
            "change": one,
            "key": Key(one.profession_code, one.role),
            "rows": _rows(one),
            "undone": one.pk in undone,
        }
        for one in changes.rows
    ]
    context = {"lines": lines, "page": changes, "address_of": _address}
    return page(request, "console/matrix_history.html", context, partial="results")


def _rows(change: MatrixChange) -> list[tuple[str, str, str]]:
    touched = {*change.before, *change.after}
    return [
        (str(label), matrix.word(change.before.get(name)), matrix.word(change.after.get(name)))
        for name, label in SECTIONS.items()
        if name in touched
    ]


@duty_view(ADMINISTRATOR)
def undo(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Take a change back, knowing who gains and loses by it."""
    change = matrix.change(change_id)
    if change is None:
        raise Http404
    key, levels = Key(change.profession_code, change.role), matrix_change.restored(change)
    usual = _("Annulation : %(reason)s") % {"reason": change.reason}
    form = ReasonForm(request.POST or None, initial={"reason": usual[:500]})
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            done = matrix_change.undo(request.officer, change, form.cleaned_data["reason"])
        except Stale as error:
            problem = error.messages[0]
        else:
            return _saved(request, key, done)
    context = _about(key, levels, form, matrix.version(key))
    context |= {
        "problem": problem,
        "undone": change,
        "action": reverse("console:matrix_undo", args=[change.pk]),
    }
    return _dialog(request, context, status=409 if problem else 422 if form.errors else 200)


@require_safe
@duty_view(ADMINISTRATOR)
def export(request: HttpRequest) -> HttpResponse:
    """The lines of the matrix as a spreadsheet opens them (UTF-8 with its mark, semicolons)."""
    name = f"matrice-habilitation-{timezone.localdate():%Y-%m-%d}.csv"
    response = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    writer = csv.writer(response, delimiter=";")
    writer.writerow(
        [_("Code"), _("Profession"), _("Rôle"), _("Rubrique"), _("Nom de la rubrique"), _("Niveau")]
    )
    order = list(SECTIONS)
    for code, role, section, level in sorted(
        matrix.everything(), key=lambda line: (line[0], line[1], order.index(line[2]))
    ):
        cells = (
            code,
            matrix.profession_name(code),
            terminology.display("roles", role),
            section,
            SECTIONS[section],
            Level(level).label,
        )
        writer.writerow([cell(one) for one in cells])
    return response
