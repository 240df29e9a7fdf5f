"""The content of a document: downloaded, or drawn in a frame that can run nothing."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import fragment
from ronde.documents import drawing, queries, store
from ronde.documents.models import File

# What is opened there has no origin, no script, no form, and asks nothing of the network.
SANDBOX = "sandbox; default-src 'none'; img-src data:; frame-ancestors 'self'"


@require_safe
@record_view(queries.section_of, about="document_id")
def download(
    request: HttpRequest, access: Access, document_id: UUID, number: int = 0
) -> StreamingHttpResponse:
    """Give the file to keep: the present version, or an older one by its number."""
    file = _file(access, document_id, number)
    response = StreamingHttpResponse(_pieces(file), content_type=file.mime)
    response.headers["Content-Length"] = str(file.size)
    response.headers["Content-Disposition"] = content_disposition_header(True, file.name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_safe
@record_view(queries.section_of, about="document_id")
def preview(request: HttpRequest, access: Access, document_id: UUID, page: int) -> HttpResponse:
    """Show one page of a PDF or an image, drawn again: nothing of the file itself is shown."""
    file = _file(access, document_id, 0)
    if not file.can_be_previewed:
        raise Http404
    drawn = drawing.draw(file.kind, _pieces(file), page)
    context: dict[str, Any] = {"drawn": drawn, "page": page}
    if drawn is not None:
        context["image"] = f"data:image/jpeg;base64,{b64encode(drawn.image).decode()}"
    response = fragment(request, "documents/preview.html", context)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _file(access: Access, document_id: UUID, number: int) -> File:
    """The version asked; one that the antivirus refused or has not seen yet is not there."""
    document = queries.of(access, document_id)
    found = next((one for one in queries.files(document) if number in {0, one.number}), None)
    if found is None or not found.is_open:
        raise Http404
    return found


def _pieces(file: File) -> Iterator[bytes]:
    with closing(store.content(file.place, file.key_id, file.sealed_key, file.pk)) as pieces:
        yield from pieces
