"""Putting files in a record: by a form of the browser, or one by one by the script of the page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.careteam.sections import DOCUMENTS
from ronde.core.page import page
from ronde.documents import actions, checking, queries
from ronde.documents.forms import DepositForm, FileForm
from ronde.documents.kinds import ACCEPTED_SENTENCE, KINDS, LARGEST
from ronde.documents.models import Document
from ronde.documents.uploads import dropped

form_view = require_http_methods(["GET", "HEAD", "POST"])
Refused = list[tuple[str, str]]


@form_view
@record_view(DOCUMENTS, write=True)
def add(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose files, say what they are and who sees them."""
    if request.method != "POST":
        return _dialog(request, access, DepositForm(access=access))
    form = DepositForm(request.POST, request.FILES, access=access)
    by_script = _by_script(request)
    if not form.is_valid():
        if by_script:
            return JsonResponse(
                {"champs": {name: list(e) for name, e in form.errors.items()}}, status=422
            )
        return _dialog(request, access, form)
    kept, refused = _deposit(request, access, form)
    if not kept and not refused:
        refused = [("", _("Choisissez au moins un fichier."))]
    if by_script:
        said = " ".join(sentence for _name, sentence in refused)
        return JsonResponse({"texte": said}, status=422 if refused else 201)
    if refused:
        return _dialog(request, access, form, refused, len(kept))
    messages.success(request, said_added(len(kept)))
    return redirect("documents:list", patient_id=access.patient_id)


def _by_script(request: HttpRequest) -> bool:
    """Whether the script of the page sends the file, and shows what is answered itself."""
    return request.headers.get("Accept", "") == "application/json"


def said_added(number: int) -> str:
    return ngettext("%(n)d document ajouté.", "%(n)d documents ajoutés.", number) % {"n": number}


def _deposit(
    request: HttpRequest, access: Access, form: DepositForm
) -> tuple[list[Document], Refused]:
    """Keep the files one by one: one that is refused does not stop the others."""
    kept, known = [], form.cleaned_data
    refused = [(name, checking.too_large().message) for name in dropped(request)]
    alone = len(form.sent) == 1
    for one in form.sent:
        filing = form.filing if alone else form.filing_of_many
        try:
            document = actions.deposit(
                access,
                one.file,
                one.name,
                filing,
                level=known["sharing"],
                recipients=known["recipients"],
                sending=known["sending"] if alone else None,
            )
        except ValidationError as error:
            refused.append((one.name, " ".join(error.messages)))
        else:
            kept.append(document)
    return kept, refused


def _dialog(
    request: HttpRequest,
    access: Access,
    form: DepositForm,
    refused: Refused | None = None,
    kept: int = 0,
) -> HttpResponse:
    context = {
        "access": access,
        "tab": "documents",
        "form": form,
        "refused": refused or [],
        "kept": said_added(kept) if kept else "",
        **limits(),
    }
    status = 422 if refused or form.errors else 200
    return page(request, "documents/add.html", context, partial="dialog", status=status)


def limits() -> dict[str, Any]:
    """What the page says of what is accepted, and checks before anything is sent."""
    extensions = [one for kind in KINDS.values() for one in kind.extensions]
    return {"largest": LARGEST, "extensions": " ".join(extensions), "kinds": ACCEPTED_SENTENCE}


@form_view
@record_view(queries.section_of, write=True, about="document_id")
def replace(request: HttpRequest, access: Access, document_id: Any) -> HttpResponse:
    """Put a new version in the place of the present one."""
    document = queries.of(access, document_id)
    by_script, sent = _by_script(request), request.method == "POST"
    form = FileForm(request.POST, request.FILES) if sent else FileForm()
    if sent:
        try:
            _replaced(request, access, document, form)
        except ValidationError as error:
            form.add_error("file", error.messages)
        if not form.errors:
            messages.success(request, _("Nouvelle version enregistrée."))
            if by_script:
                return JsonResponse({}, status=201)
            return redirect("documents:show", access.patient_id, document.pk)
        if by_script:
            said = [sentence for sentences in form.errors.values() for sentence in sentences]
            return JsonResponse({"texte": " ".join(said)}, status=422)
    context = {"access": access, "tab": "documents", "document": document, "form": form, **limits()}
    status = 422 if form.errors else 200
    return page(request, "documents/replace.html", context, partial="dialog", status=status)


def _replaced(request: HttpRequest, access: Access, document: Document, form: FileForm) -> None:
    valid = form.is_valid()
    if dropped(request):
        form.errors.pop("file", None)  # «Choose a file»: one was chosen, and not kept.
        raise checking.too_large()
    if valid and form.sent is not None:
        actions.replace(access, document, form.sent.file, form.sent.name)
