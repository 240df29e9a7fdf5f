"""What a browser says of itself, in two words; and where it is, without saying which machine."""

import ipaddress
import re

from django.utils.translation import gettext as _

# In this order: each browser also claims to be those after it.
BROWSERS = [
    ("Edge", r"Edg(?:A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
]
SYSTEMS = [
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("Mac", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
]


def browser_and_system(text: str) -> tuple[str, str]:
    return _first(BROWSERS, text), _first(SYSTEMS, text)


def _first(known: list[tuple[str, str]], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")


def network(address: str | None) -> str:
    """The address without its end: 192.0.2.x, 2001:db8:1::x."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if found.version == 4:
        return f"{str(found).rpartition('.')[0]}.x"
    return f"{ipaddress.ip_network((found, 48), strict=False).network_address}x"


def words(browser: str, system: str, place: str = "") -> str:
    """«Firefox sur Windows, réseau 192.0.2.x»."""
    named = _("%(browser)s sur %(system)s") % {
        "browser": browser or _("Navigateur inconnu"),
        "system": system or _("système inconnu"),
    }
    return _("%(what)s, réseau %(place)s") % {"what": named, "place": place} if place else named
