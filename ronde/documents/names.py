"""The name of a file, made harmless: what is shown and downloaded, never where it is kept."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 120
# Control characters, overrides of the writing direction and other invisible signs.
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')
# What a system may run or open as a page, wherever it stands among the extensions of a name.
ACTIVE = frozenset({
    "ade", "adp", "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg", "docm",
    "dotm", "exe", "gadget", "hta", "htm", "html", "iso", "jar", "js", "jse", "lnk", "mht",
    "mhtml", "msc", "msi", "msp", "php", "pif", "potm", "ppam", "pptm", "ps1", "py", "reg",
    "scf", "scr", "sh", "shtml", "svg", "svgz", "sys", "url", "vb", "vbe", "vbs", "wsf", "wsh",
    "xbap", "xhtml", "xht", "xlam", "xlsm", "xltm", "xml", "xsl",
})  # fmt: skip


def harmless(name: str) -> str:
    """Keep the last part of a path, without any sign that hides or misleads."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(sign for sign in name if unicodedata.category(sign) not in INVISIBLE)
    name = re.sub(r"\s+", " ", FORBIDDEN.sub("-", name)).strip(" .-")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(extension) - 1].rstrip(' .')}.{extension}"


def extension_of(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def stem_of(name: str) -> str:
    """The name without its extension: what a document is called when nobody gives a title."""
    return name.rpartition(".")[0] or name


def refuse_disguise(name: str) -> None:
    """Refuse a second extension that runs: «facture.exe.pdf»."""
    hidden = [part.lower() for part in name.split(".")[1:-1] if part.lower() in ACTIVE]
    if hidden:
        raise ValidationError(
            _("Le nom « %(name)s » contient deux extensions (.%(hidden)s) : renommez le fichier.")
            % {"name": name, "hidden": hidden[0]},
            code="double",
        )
