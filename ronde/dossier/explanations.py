"""After a break-glass access: the answer to the privacy officer, and the published count."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts.gate import actor_view, signed_in
from ronde.careteam import reviewing
from ronde.core.page import page
from ronde.terminology.queries import display


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Votre explication"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Lue par la personne chargée de la protection des données. Ne nommez pas le patient."
        ),
        error_messages={"required": gettext_lazy("Écrivez votre explication.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@actor_view
def explain(request: HttpRequest, explanation_id: UUID) -> HttpResponse:
    """Read what one is asked about a break-glass access of one's own, and answer once."""
    asked = reviewing.asked_of(request.actor.user_id, explanation_id)
    if asked is None:
        raise Http404
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reviewing.answer(request.actor, asked, form.cleaned_data["answer"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Réponse envoyée."))
            return redirect("dossier:explain", explanation_id=asked.pk)
    context = {"asked": asked, "glass": asked.glass, "form": form}
    status = 422 if form.errors else 200
    return page(request, "dossier/explain.html", context, status=status)


@require_safe
@signed_in
def glass_counts(request: HttpRequest) -> HttpResponse:
    """How many break-glass accesses, month by month and by kind of structure: no name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM careteam_glass_counts(%s)", [settings.TIME_ZONE])
        rows = cursor.fetchall()
    months = [(month, [_count(*row[1:]) for row in some]) for month, some in groupby(rows, _month)]
    return page(request, "dossier/glass_counts.html", {"months": months})


def _month(row: tuple[Any, ...]) -> str:
    return f"{row[0]:%m/%Y}"


def _count(kind: str, accesses: int, reviewed: int, unjustified: int) -> dict[str, Any]:
    own = _("Professionnels en leur nom")
    name = own if kind == "person" else display("establishment-categories", kind)
    return {
        "kind": name or _("Autres structures"),
        "accesses": accesses,
        "reviewed": reviewed,
        "unjustified": unjustified,
    }
