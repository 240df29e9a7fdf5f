"""The content of a document: downloaded, previewed, closed by the antivirus, traced."""

import base64
import io
import re

import pytest
from PIL import Image

from ronde.core.db.roles import as_owner
from ronde.documents.models import File, Scan
from ronde.journal.models import AccessTrace
from tests.documents import files
from tests.documents.conftest import deposit

pytestmark = pytest.mark.django_db


def test_a_document_is_downloaded_as_an_attachment_that_nothing_opens(desk, coordinator, record):
    content = files.docx()
    document = deposit(coordinator, record, content=content, name="Été «x».docx")
    answer = desk.get("download", document.pk)
    assert b"".join(answer.streaming_content) == content
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("kind", ["pdf", "JPEG", "PNG", "TIFF"])
def test_a_preview_is_drawn_again_in_a_sandbox(desk, coordinator, record, kind):
    content = files.pdf(3) if kind == "pdf" else files.picture(kind, color="red")
    name = "x.pdf" if kind == "pdf" else f"x.{kind.lower()}"
    document = deposit(coordinator, record, content=content, name=name)
    answer = desk.get("preview", document.pk, 2 if kind == "pdf" else 1)
    assert answer.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; img-src data:; frame-ancestors 'self'"
    )
    said = answer.content.decode()
    assert "<script" not in said
    assert re.search(r'src="data:image/jpeg;base64,[A-Za-z0-9+/=]{400,}"', said)
    if kind == "pdf":
        assert "Page 2 sur 3" in said


def test_a_document_that_cannot_be_drawn_says_so(desk, coordinator, record):
    broken = files.pdf()[:60] + b"\n%%EOF\n"
    document = deposit(coordinator, record, content=broken, name="x.pdf")
    assert "Pas d’aperçu" in desk.read("show", document.pk)
    assert desk.get("preview", document.pk, 1).status_code == 404


def test_only_the_page_of_a_document_may_show_a_frame(desk, coordinator, record):
    document = deposit(coordinator, record)
    policy = desk.get("show", document.pk).headers["Content-Security-Policy"]
    assert policy.endswith("; frame-src 'self'")
    assert "frame-src" not in desk.get("list").headers["Content-Security-Policy"]


@pytest.mark.parametrize("state", [Scan.PENDING, Scan.REFUSED])
def test_what_the_antivirus_has_not_cleared_is_never_given(desk, coordinator, record, state):
    document = deposit(coordinator, record)
    with as_owner():
        File.objects.update(scan=state)
    for name, *keys in (["download"], ["former", 1], ["preview", 1]):
        assert desk.get(name, document.pk, *keys).status_code == 404
    assert str(state.label).replace("'", "’") in desk.read("show", document.pk)


def test_each_opening_is_traced_with_the_document_and_its_class(desk, coordinator, record):
    document = deposit(coordinator, record)
    b"".join(desk.get("download", document.pk).streaming_content)
    with as_owner():
        trace = AccessTrace.objects.get(subject_id=document.pk)
    assert (trace.section, trace.granted) == ("documents-10", True)


def test_a_photograph_with_many_pixels_is_previewed_small(desk, coordinator, record):
    content = files.picture("JPEG", (4_000, 3_000), "blue")
    document = deposit(coordinator, record, content=content, name="photo.jpg")
    said = desk.read("preview", document.pk, 1)
    encoded = re.search(r"base64,([^\"]+)", said).group(1)
    assert max(Image.open(io.BytesIO(base64.b64decode(encoded))).size) == 1_400
