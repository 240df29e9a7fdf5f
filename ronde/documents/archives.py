"""Word and OpenDocument files are archives: opened with mistrust, before anybody opens them."""

import re
import zipfile
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ronde.documents.names import ACTIVE, extension_of

MOST_ENTRIES = 2_000
LARGEST_CONTENT = 120 * 1_048_576
LARGEST_RATIO = 200
SMALL = 4 * 1_048_576
CHUNK = 65_536
END = b"PK\x05\x06"
END_SIZE = 22

OOXML = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
}
ODF = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
MACROS = re.compile(
    r"(^|/)(vbaProject|vbaData|macrosheets|activeX)|^(Basic|Scripts)/|macroEnabled", re.I
)


def kind_of(file: BinaryIO) -> str:
    """Answer docx, xlsx, odt or ods; ValidationError for any other archive, or a harmful one."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_shape(file, archive)
            _check_size(archive)
            return _kind(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValidationError(_("Ce fichier est abîmé ou chiffré."), code="broken") from error


def is_archive(file: BinaryIO) -> bool:
    """Whether an archive hides in the file, wherever it begins."""
    file.seek(0)
    return zipfile.is_zipfile(file)


def _check_shape(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Nothing before the first entry nor after the last, no path that leaves the archive."""
    file.seek(-END_SIZE, 2)
    first = min((entry.header_offset for entry in archive.infolist()), default=-1)
    if first != 0 or file.read(4) != END:
        raise ValidationError(_("Ce fichier en cache un autre."), code="polyglot")
    for entry in archive.infolist():
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or entry.filename.startswith(("/", "\\")) or ":" in parts[0]:
            raise ValidationError(
                _("Ce fichier contient un chemin interdit : il n'est pas accepté."), code="path"
            )
        if extension_of(entry.filename) in ACTIVE - {"xml", "xsl"}:
            raise ValidationError(_("Ce fichier contient un programme."), code="program")


def _check_size(archive: zipfile.ZipFile) -> None:
    """Unpack everything, counting: what the headers say of the sizes may be false."""
    entries = archive.infolist()
    packed = sum(entry.compress_size for entry in entries)
    limit = min(max(packed * LARGEST_RATIO, SMALL), LARGEST_CONTENT)
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > limit:
        raise _bomb()
    unpacked = 0
    for entry in entries:
        with archive.open(entry) as content:
            while chunk := content.read(CHUNK):
                unpacked += len(chunk)
                if unpacked > limit:
                    raise _bomb()


def _bomb() -> ValidationError:
    return ValidationError(
        _("Une fois décompressé, ce fichier serait démesuré : il n'est pas accepté."), code="bomb"
    )


def _kind(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if any(MACROS.search(name) for name in names):
        raise _macros()
    if "mimetype" in names:
        kind = ODF.get(archive.read("mimetype").decode("ascii", "replace").strip())
        if kind:
            return kind
    elif "[Content_Types].xml" in names:
        types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
        if "macroEnabled" in types or "vbaProject" in types:
            raise _macros()
        for content, kind in OOXML.items():
            if content in types:
                return kind
    raise ValidationError(
        _("Une archive n'est pas acceptée : déposez les fichiers un par un."), code="archive"
    )


def _macros() -> ValidationError:
    return ValidationError(
        _("Ce fichier contient des macros : enregistrez-le sans macros, ou en PDF."), code="macros"
    )
