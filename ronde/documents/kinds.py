"""The kinds of files that are accepted, found from their content and never from their name."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

# AZUREZO, sheet 35: «une taille maximale de 10 Mo».
LARGEST = 10 * 1_048_576


@dataclass(frozen=True, slots=True)
class Kind:
    label: Any
    mime: str
    extensions: tuple[str, ...]
    icon: str = "file-text"
    previewed: bool = False


KINDS = {
    "pdf": Kind(_("PDF"), "application/pdf", ("pdf",), previewed=True),
    "jpeg": Kind(_("Image JPEG"), "image/jpeg", ("jpg", "jpeg"), "image", previewed=True),
    "png": Kind(_("Image PNG"), "image/png", ("png",), "image", previewed=True),
    "tiff": Kind(_("Image TIFF"), "image/tiff", ("tif", "tiff"), "image", previewed=True),
    "docx": Kind(
        _("Texte Word"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ("docx",),
    ),
    "xlsx": Kind(
        _("Tableur Excel"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ("xlsx",),
        "table",
    ),
    "odt": Kind(_("Texte OpenDocument"), "application/vnd.oasis.opendocument.text", ("odt",)),
    "ods": Kind(
        _("Tableur OpenDocument"),
        "application/vnd.oasis.opendocument.spreadsheet",
        ("ods",),
        "table",
    ),
    "rtf": Kind(_("Texte RTF"), "application/rtf", ("rtf",)),
    "csv": Kind(_("Tableau CSV"), "text/csv", ("csv",), "table"),
    "txt": Kind(_("Texte brut"), "text/plain", ("txt", "text")),
}
ACCEPT = ",".join(f".{one}" for kind in KINDS.values() for one in kind.extensions)
PHOTOS = "image/jpeg,image/png"
ACCEPTED_SENTENCE = _("PDF, JPEG, PNG, TIFF, DOCX, XLSX, ODT, ODS, RTF, CSV ou TXT")
