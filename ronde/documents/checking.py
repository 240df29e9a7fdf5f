"""Looking at what is sent before keeping it: its size, its kind, and what it may hide."""

import re
import warnings
from dataclasses import dataclass
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image

from ronde.documents import archives
from ronde.documents.kinds import ACCEPTED_SENTENCE, KINDS, LARGEST
from ronde.documents.names import ACTIVE, extension_of, harmless, refuse_disguise

HEAD, TAIL, CHUNK = 1_024, 2_048, 65_536
MOST_PIXELS = 120_000_000
# What makes a browser, an interpreter or a word processor run something. In a picture, only words
# that are long enough never to be met by chance.
LONG = rb"<\s*(script|html|iframe)[\s>/]|<!doctype html"
SCRIPT_IN_PICTURE = re.compile(LONG, re.I)
SCRIPT = re.compile(LONG + rb"|<\s*(svg|object|embed|body)[\s>/]|<\?php|\\obj(data|update)", re.I)
OVERLAP = 32
SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"{\\rtf", "rtf"),
    (b"PK\x03\x04", "zip"),
)
PICTURES = {"jpeg": "JPEG", "png": "PNG", "tiff": "TIFF"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEIC = re.compile(rb"^....ftyp(heic|heix|hevc|mif1|msf1|avif)", re.S)
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
RUNS = (b"#!", b"MZ")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file was found to be; `name` carries the extension of its kind."""

    kind: str
    name: str
    size: int


def check(file: BinaryIO, name: str) -> Checked:
    """Find what the file is, or refuse it in a sentence (ValidationError)."""
    size = file.seek(0, 2)
    name = harmless(name)
    _check_size(size)
    refuse_disguise(name)
    kind = _kind_of(file, extension_of(name))
    _check_content(file, kind)
    file.seek(0)
    return Checked(kind, _named(name, kind), size)


def too_large() -> ValidationError:
    return ValidationError(
        _("Ce fichier dépasse 10 Mo, la taille maximale : réduisez-le ou scindez-le."), code="size"
    )


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise too_large()
    if size == 0:
        raise ValidationError(_("Ce fichier est vide."), code="empty")


def _named(name: str, kind: str) -> str:
    """Refuse a name that promises another kind; give an extension to a name without any."""
    extension = extension_of(name)
    allowed = KINDS[kind].extensions
    if extension in allowed:
        return name
    known = {one for other in KINDS.values() for one in other.extensions}
    if extension in known or extension in ACTIVE:
        raise ValidationError(
            _("Le nom finit par .%(extension)s, mais le contenu est autre (%(kind)s).")
            % {"extension": extension, "kind": KINDS[kind].label},
            code="mismatch",
        )
    return f"{name or _('document')}.{allowed[0]}"


def _kind_of(file: BinaryIO, extension: str) -> str:
    file.seek(0)
    head = file.read(HEAD)
    found = next((kind for mark, kind in SIGNATURES if head.startswith(mark)), "")
    if found == "zip":
        return archives.kind_of(file)
    if found:
        return found
    if _is_text(file):
        return "csv" if extension == "csv" else "txt"
    raise _refusal(head)


def _refusal(head: bytes) -> ValidationError:
    if head.startswith(OLD_OFFICE):
        text = _(
            "Les anciens formats de Word et d'Excel ne sont pas acceptés : enregistrez en PDF."
        )
    elif HEIC.match(head):
        text = _("Les photos HEIC ne sont pas acceptées : choisissez le format JPEG.")
    else:
        text = _("Ce type de fichier n'est pas accepté. Types acceptés : %(kinds)s.") % {
            "kinds": ACCEPTED_SENTENCE
        }
    return ValidationError(text, code="kind")


def _is_text(file: BinaryIO) -> bool:
    """Text in UTF-8 or in a code page of one byte: no control character, and no program."""
    file.seek(0)
    if file.read(2) in RUNS:
        return False
    file.seek(0)
    return not any(CONTROL.search(chunk) for chunk in iter(lambda: file.read(CHUNK), b""))


def _check_content(file: BinaryIO, kind: str) -> None:
    if kind in PICTURES:
        _check_picture(file, PICTURES[kind])
    if kind == "pdf":
        _check_pdf(file)
    if kind not in {"docx", "xlsx", "odt", "ods"}:
        if archives.is_archive(file):
            raise _polyglot()
        _refuse_scripts(file, kind)


def _polyglot() -> ValidationError:
    return ValidationError(
        _("Ce fichier en cache un autre : il n'est pas accepté."), code="polyglot"
    )


def _check_picture(file: BinaryIO, known: str) -> None:
    """Have Pillow read the whole structure; a picture of enormous dimensions is a bomb."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(file, formats=[known])
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise ValidationError(_("Cette image est démesurée."), code="bomb")
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(_("Cette image est abîmée."), code="broken") from error
    if known == "PNG" and not _tail(file, 12).endswith(b"IEND\xaeB`\x82"):
        raise _polyglot()


def _check_pdf(file: BinaryIO) -> None:
    if b"%%EOF" not in _tail(file, TAIL):
        raise ValidationError(_("Ce PDF est incomplet."), code="broken")


def _tail(file: BinaryIO, length: int) -> bytes:
    end = file.seek(0, 2)
    file.seek(max(end - length, 0))
    return file.read(length)


def _refuse_scripts(file: BinaryIO, kind: str) -> None:
    """Refuse what some program would take for a page: SVG, HTML, a picture with a script in it.

    Of a PDF only the beginning is looked at: a page would have to begin there.
    """
    wanted = SCRIPT_IN_PICTURE if kind in PICTURES else SCRIPT
    left = HEAD if kind == "pdf" else LARGEST
    file.seek(0)
    kept = b""
    while chunk := file.read(min(CHUNK, left)):
        if wanted.search(kept + chunk):
            raise ValidationError(
                _("Ce fichier contient un programme ou du code de page web (HTML, SVG, script)."),
                code="script",
            )
        kept = chunk[-OVERLAP:]
        left -= len(chunk)
