"""The documents of a record: the list, one of them, and what is done to it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.careteam.sections import DOCUMENTS
from ronde.careteam.sharing_form import SharingForm
from ronde.core.page import no_content, page
from ronde.core.pagination import asked, paginate
from ronde.core.security import POLICY
from ronde.documents import actions, queries, types
from ronde.documents.deposit_views import form_view, limits
from ronde.documents.forms import EditForm, FilterForm, WithdrawForm
from ronde.documents.models import Document

DEFAULT_SIZE = 50
# The page of a document shows its preview in a frame; no other page may frame anything.
FRAMING = f"{POLICY}; frame-src 'self'"


@form_view
@record_view(DOCUMENTS)
def listing(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the documents; a POST filters them, so that what is searched stands in no address.

    `relire` is asked when they changed: what one filters by is answered too.
    """
    again = bool(request.htmx) and "relire" in request.GET
    if request.method == "POST":
        request.GET = request.POST
    form = FilterForm(request.GET)
    filters = form.filters()
    tally = queries.tally(access, filters.text)
    form.offer(tally)
    rows = paginate(
        request, queries.filtered(queries.readable(access), filters), default_size=DEFAULT_SIZE
    )
    context = {
        "access": access,
        "tab": "documents",
        "form": form,
        "filters": filters,
        "again": again,
        "tally": tally,
        "rows": replace(rows, rows=queries.lines(rows.rows)),
        **limits(),
    }
    return page(request, "documents/list.html", context, partial="results")


@require_safe
@record_view(queries.section_of, about="document_id")
def show(request: HttpRequest, access: Access, document_id: UUID) -> HttpResponse:
    """One document: what it is, its preview, its versions, what may be done."""
    document = queries.of(access, document_id)
    context = {
        "access": access,
        "tab": "documents",
        "line": queries.lines([document])[0],
        "document": document,
        "files": queries.files(document),
        "may": queries.offered(access, document),
        "recipients": queries.recipient_names(document),
        "number": _page_number(request, document.current[0].pages),
    }
    response = page(request, "documents/document.html", context)
    response.headers["Content-Security-Policy"] = FRAMING
    return response


def _page_number(request: HttpRequest, pages: int) -> int:
    return max(min(asked(request, "page", 1), pages), 1)


@form_view
@record_view(queries.section_of, write=True, about="document_id")
def edit(request: HttpRequest, access: Access, document_id: UUID) -> HttpResponse:
    document = queries.of(access, document_id)
    known = {
        "type": document.type_code,
        "title": document.title,
        "event_date": document.event_date,
        "version": document.version,
    }
    form = EditForm(request.POST or None, initial=known, access=access, kept=document.type_code)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(access, document, form.filing, form.cleaned_data["version"] or 0)
        except actions.Conflict as error:
            form.conflict = True
            form.add_error(None, error.messages)
            document = queries.of(access, document_id)
        else:
            return _done(request, access, document, _("Document modifié."))
    return _dialog(request, access, document, "documents/edit.html", form)


@form_view
@record_view(queries.section_of, about="document_id")
def share(request: HttpRequest, access: Access, document_id: UUID) -> HttpResponse:
    """Choose to whom it is shown: whoever deposited it alone."""
    document = queries.of(access, document_id)
    if not queries.offered(access, document).share:
        raise PermissionDenied
    form = SharingForm(request.POST or None, access=access, row=document)
    if request.method == "POST" and form.is_valid():
        try:
            actions.show_to(
                access, document, form.cleaned_data["sharing"], form.cleaned_data["recipients"]
            )
        except ValidationError as error:
            form.add_error("recipients", error.messages)
        else:
            return _done(request, access, document, _("Partage modifié."))
    return _dialog(request, access, document, "documents/share.html", form)


@form_view
@record_view(queries.section_of, about="document_id")
def withdraw(request: HttpRequest, access: Access, document_id: UUID) -> HttpResponse:
    """Take a document out of the record, for a reason."""
    document = queries.of(access, document_id)
    if not queries.offered(access, document).withdraw:
        raise PermissionDenied
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw(access, document, form.sentence)
        messages.success(request, _("Document supprimé du dossier."))
        if request.htmx:
            return no_content(redirect=_address(access))
        return redirect(_address(access))
    return _dialog(request, access, document, "documents/withdraw.html", form)


def _address(access: Access) -> str:
    return resolve_url("documents:list", access.patient_id)


def _done(request: HttpRequest, access: Access, document: Document, text: str) -> HttpResponse:
    """Show the page of the document again: what it says of itself has changed."""
    messages.success(request, text)
    address = resolve_url("documents:show", access.patient_id, document.pk)
    return no_content(redirect=address) if request.htmx else redirect(address)


def _dialog(
    request: HttpRequest, access: Access, document: Document, template: str, form: Any
) -> HttpResponse:
    """A conflict shows what the document says now beside what was typed."""
    context = {
        "access": access,
        "tab": "documents",
        "document": document,
        "type": types.label(document.type_code),
        "form": form,
        "may": queries.offered(access, document),
    }
    status = 200
    if form.errors:
        status = 409 if getattr(form, "conflict", False) else 422
    return page(request, template, context, partial="dialog", status=status)
