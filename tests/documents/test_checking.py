"""What a file is found to be, and what is refused, in a sentence."""

import io

import pytest
from django.core.exceptions import ValidationError

from ronde.documents.checking import check
from ronde.documents.kinds import LARGEST
from ronde.documents.names import harmless
from tests.documents import files

GOOD = {
    "lettre.pdf": (files.pdf(), "pdf"),
    "photo.JPG": (files.picture("JPEG"), "jpeg"),
    "photo.png": (files.picture("PNG"), "png"),
    "fax.tif": (files.picture("TIFF"), "tiff"),
    "courrier.docx": (files.docx(), "docx"),
    "tableau.xlsx": (files.docx(files.SHEET), "xlsx"),
    "courrier.odt": (files.odt(), "odt"),
    "tableau.ods": (files.odt("application/vnd.oasis.opendocument.spreadsheet"), "ods"),
    "note.rtf": (rb"{\rtf1\ansi Bonjour}", "rtf"),
    "note.txt": ("Vu à domicile, a dormi.\n".encode(), "txt"),
    "ancien.txt": ("Vu à domicile, a dormi.\n".encode("cp1252"), "txt"),
    "mesures.csv": (b"date;TA\n03/11/2026;12/7\n", "csv"),
    "CR du 03.11.2026.pdf": (files.pdf(), "pdf"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_known_by_its_content(name):
    content, kind = GOOD[name]
    found = check(io.BytesIO(content), name)
    assert (found.kind, found.name, found.size) == (kind, name, len(content))


def test_a_file_without_extension_takes_that_of_its_kind():
    assert check(io.BytesIO(files.pdf()), "lettre").name == "lettre.pdf"


REFUSED = {
    "an empty file": ("vide.pdf", b"", "vide"),
    "one byte too many": ("gros.txt", b"a" * (LARGEST + 1), "10 Mo"),
    "a drawing with a script": (
        "dessin.svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "page web",
    ),
    "a drawing called a text": (
        "dessin.txt",
        b"<?xml version='1.0'?><svg onload='x()'/>",
        "page web",
    ),
    "a page": ("page.html", b"<!DOCTYPE html><p>Bonjour</p>", "page web"),
    "a page called a text": ("page.txt", b"  <HTML><body>Bonjour</body>", "page web"),
    "a Windows program": ("setup.exe", b"MZ\x90\x00\x03" + bytes(200), "pas accepté"),
    "a program called a PDF": ("setup.pdf", b"MZ\x90\x00\x03" + bytes(200), "pas accepté"),
    "a shell script": ("lance.txt", b"#!/bin/sh\nrm -rf /\n", "pas accepté"),
    "an archive": ("tout.zip", files.archive({"a.pdf": files.pdf()}), "un par un"),
    "an old Word file": ("vieux.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "anciens"),
    "an HEIC picture": ("photo.heic", b"\x00\x00\x00\x18ftypheic" + bytes(60), "HEIC"),
    "a Word file with macros": (
        "macro.docx",
        files.docx(**{"word/vbaProject.bin": b"x"}),
        "macros",
    ),
    "a Word model with macros": (
        "macro.docx",
        files.docx("application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macros",
    ),
    "an OpenDocument with macros": (
        "macro.odt",
        files.odt(**{"Basic/Standard/Module1.xml": b"x"}),
        "macros",
    ),
    "a program in a Word file": ("x.docx", files.docx(**{"word/evil.exe": b"MZ"}), "programme"),
    "a path out of the archive": (
        "x.docx",
        files.docx(**{"../../etc/cron.d/x": b"x"}),
        "chemin interdit",
    ),
    "a bomb": ("bombe.docx", files.bomb(), "démesuré"),
    "a bomb that lies": ("bombe.docx", files.lying_bomb(), "démesuré|abîmé"),
    "an enormous picture": ("x.png", files.enormous_png(), "démesurée|abîmée"),
    "a PDF that is also an archive": (
        "double.pdf",
        files.pdf() + files.archive({"a.txt": "x"}),
        "cache un autre|incomplet",
    ),
    "a picture that is also an archive": (
        "double.jpg",
        files.picture("JPEG") + files.archive({"a.class": "x"}),
        "cache un autre",
    ),
    "an archive behind a program": ("double.docx", b"MZ" + files.docx(), "pas accepté"),
    "an archive with something after it": ("double.docx", files.docx() + b"<p>", "cache un autre"),
    "a picture with a script": ("photo.jpg", files.jpeg_with_a_script(), "script"),
    "a picture with something after it": ("x.png", files.picture() + b"<p>", "cache un autre"),
    "a picture cut short": ("x.png", files.picture()[:-20], "abîmée|cache un autre"),
    "a PDF cut short": ("x.pdf", files.pdf()[:200], "incomplet"),
    "the wrong type": ("photo.pdf", files.picture(), "le contenu est autre"),
    "a double extension": ("facture.exe.pdf", files.pdf(), "deux extensions"),
    "a program's name on a text": ("lance.bat", b"echo bonjour", "le contenu est autre"),
    "an object inside a text": ("x.rtf", rb"{\rtf1{\object\objdata 0105}}", "programme"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_refused_in_a_sentence(what):
    name, content, sentence = REFUSED[what]
    with pytest.raises(ValidationError) as refusal:
        check(io.BytesIO(content), name)
    (message,) = refusal.value.messages
    assert any(word in message for word in sentence.split("|")), message
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Windows\\note.txt", "note.txt"),
        ("rapport\u202efdp.exe.pdf", "rapportfdp.exe.pdf"),
        ("a\x00b\x1b[31m\r\n.pdf", "ab[31m.pdf"),
        ('<b>"x"|?*.pdf', "b-x-.pdf"),
        ("...", ""),
        (f"{'é' * 300}.pdf", f"{'é' * 116}.pdf"),
    ],
)
def test_a_name_is_made_harmless(sent, kept):
    assert harmless(sent) == kept


def test_exactly_ten_megabytes_pass():
    assert check(io.BytesIO(b"a" * LARGEST), "gros.txt").size == 10 * 1_048_576
