"""The page where one asks for the data of a patient, follows the making, and takes the file."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import page
from ronde.dossier import extraction
from ronde.dossier.forms import ExtractionForm
from ronde.dossier.models import ExtractionState

SHOWN = 10
UNDER_WAY = {ExtractionState.WAITING, ExtractionState.RUNNING}


@require_http_methods(["GET", "HEAD", "POST"])
@record_view("identity", write=True, traced="extraction")
def extract_data(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask, or see where it is; the page asks again every two seconds while one is made."""
    form = ExtractionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            extraction.ask(access, form.cleaned_data["purpose"])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("dossier:extract_data", patient_id=access.patient_id)
    rows = list(extraction.mine(access)[:SHOWN])
    seen = ".".join(f"{one.state}{one.done}" for one in rows)
    if request.htmx and request.GET.get("vu") == seen:
        return HttpResponse(status=204)
    context = {
        "access": access,
        "tab": "identite",
        "form": form,
        "rows": rows,
        "seen": seen,
        "under_way": any(one.state in UNDER_WAY for one in rows),
        "ready": {one.pk for one in rows if extraction.is_ready(access, one)},
        "closed": {one.pk for one in rows if extraction.closed_since(access, one)},
    }
    status = 422 if form.errors else 200
    return page(request, "dossier/extraction.html", context, partial="results", status=status)


@require_safe
@record_view("identity", write=True, traced="extraction")
def extraction_file(request: HttpRequest, access: Access, extraction_id: UUID) -> HttpResponse:
    """Give the archive to who asked for it, during its day."""
    found = extraction.ready(access, extraction_id)
    if found is None:
        raise Http404
    name = f"dossier-{access.patient.record_number}.zip"
    return StreamingHttpResponse(
        extraction.content(found),
        content_type="application/zip",
        headers={
            "Content-Length": str(found.size),
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )
