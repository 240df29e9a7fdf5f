"""The nomenclatures in which the region chooses, as the console shows them."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.sections import DOCUMENT_CLASSES
from ronde.core.text import words
from ronde.terminology.models import CodeSystem, Nomenclature, RegionalRole
from ronde.terminology.queries import Entry, pairs, stored

OFFERED, WITHHELD = "proposes", "retires"
STATES = {
    "": gettext_lazy("Toutes"),
    OFFERED: gettext_lazy("Proposées"),
    WITHHELD: gettext_lazy("Plus proposées"),
}
LONG = 20  # Lines from which one filters by text.
PUBLISHERS = {"loinc.org": "LOINC", "roles": "Ronde", "documents": "Ronde"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `role` is the key of a role of the region, which alone can be renamed."""

    entry: Entry
    source: str
    detail: str
    role: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A nomenclature: where it comes from, its lines as they are filtered, and the counts of all.

    What its publisher retired is not there. It is read from the database: another process may have
    answered the change that is being looked at.
    """

    system: CodeSystem | None
    rows: list[Row]
    total: int
    offered: int

    @property
    def is_long(self) -> bool:
        return self.total >= LONG


def sheet(name: Nomenclature, text: str = "", state: str = "") -> Sheet:
    system, today = CodeSystem.objects.filter(pk=name).first(), timezone.localdate()
    known = stored(name)
    present = [one for one in known.values() if one.valid_on(today)]
    roles = dict(RegionalRole.objects.values_list("code", "pk")) if name == "roles" else {}
    asked = words(text)
    rows = [
        Row(one, _source(system, one, known), _detail(name, one), roles.get(one.code))
        for one in present
        if state in {"", OFFERED if one.offered else WITHHELD} and _matches(asked, one)
    ]
    return Sheet(system, rows, len(present), sum(one.offered for one in present))


def _matches(asked: list[str], entry: Entry) -> bool:
    names = [*entry.names, *words(entry.code)]
    return all(any(name.startswith(word) for name in names) for word in asked)


def _source(system: CodeSystem | None, entry: Entry, known: dict[str, Entry]) -> str:
    """The published system that a code comes from, told by its prefix; or the region."""
    if close_to := entry.properties.get("close_to"):
        like = known.get(close_to)
        return _("Région, proche de « %(role)s »") % {"role": like.label if like else close_to}
    urls = system.urls if system else {}
    prefixes = [one for one in urls if entry.code.startswith(one)]
    name = urls[max(prefixes, key=len)].rpartition("/")[2] if prefixes else ""
    return PUBLISHERS.get(name, name)


def _detail(name: Nomenclature, entry: Entry) -> str:
    found = entry.properties.get("class", "") if name == Nomenclature.DOCUMENT_TYPES else ""
    return str(DOCUMENT_CLASSES.get(found, ""))


def imported_roles() -> list[tuple[str, str]]:
    """What a role of the region may be close to, offered or not."""
    today = timezone.localdate()
    return pairs(
        one
        for one in stored(Nomenclature.ROLES).values()
        if one.valid_on(today) and "close_to" not in one.properties
    )
