"""The feed as a page of the record, and the writing of notes."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import no_content, page
from ronde.core.pagination import paginate
from ronde.feed import actions, queries
from ronde.feed.forms import KindsForm, NoteForm


@record_view("feed")
def feed(request: HttpRequest, access: Access) -> HttpResponse:
    form = KindsForm(request.GET)
    rows = paginate(request, queries.of_kinds(queries.entries(access), form.kinds()))
    context = {
        "access": access,
        "tab": "fil",
        "form": form,
        "filtered": bool(form.kinds()),
        "rows": replace(rows, rows=[queries.line(entry) for entry in rows.rows]),
    }
    return page(request, "feed/list.html", context, partial="results")


@record_view("feed", write=True)
def add_note(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the dialog of a note, or write it."""
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_note(access, form.cleaned_data["text"], form.cleaned_data["weight"])
        if not request.htmx:
            return redirect("feed:list", patient_id=access.patient_id)
        said = {"ronde:annonce": {"texte": _("Note ajoutée au fil d'actualité."), "genre": "ok"}}
        return no_content(trigger={"ronde:fermer": {}, "feed:changed": {}, **said})
    status = 422 if form.errors else 200
    context = {"access": access, "tab": "fil", "form": form}
    return page(request, "feed/note.html", context, partial="dialog", status=status)
