"""Reading the nomenclatures: labels, choices, and the search of places.

Small nomenclatures are kept in the memory of the process. The memory is dropped by an import, or by
a choice of the region, in its own process, and within `FRESH_FOR` seconds in the others.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from ronde.core.formats import said
from ronde.core.text import fold, words
from ronde.terminology.models import (
    CodeSystem,
    Commune,
    Concept,
    Nomenclature,
    RegionalRole,
    Withheld,
    valid_on,
)

FRESH_FOR = 60
SAINTS = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES"}
COUNTRY_PREFIX = "99"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code in memory. `label` is what a screen shows; `official_label` the published text.

    `offered` false: the region took it out of the pickers.
    """

    code: str
    official_label: str
    retired_on: date | None
    properties: dict[str, Any]
    offered: bool = True

    @property
    def label(self) -> str:
        """In the reader's language where the catalogue has it (`tools/messages.py`)."""
        return _typeset(said(self.official_label))

    def valid_on(self, day: date) -> bool:
        return self.retired_on is None or self.retired_on > day

    @property
    def names(self) -> list[str]:
        """Every word of the usual and of the official name, folded."""
        return words(f"{self.label} {self.official_label} {self.properties.get('official', '')}")


@dataclass(slots=True)
class _Memory:
    stamp: Any = None
    checked: float = -FRESH_FOR
    systems: dict[str, dict[str, Entry]] = field(default_factory=dict)
    communes: dict[str, Commune | None] = field(default_factory=dict)


_memory = _Memory()


def forget() -> None:
    """Drop what the process remembers: an import or the region has just changed it."""
    global _memory
    _memory = _Memory()


def _fresh() -> _Memory:
    """Answer the memory, read again if another process changed the nomenclatures since."""
    memory, now = _memory, time.monotonic()
    if now - memory.checked < FRESH_FOR:
        return memory
    # Of each one: two changes may be committed in another order than that of their dates.
    stamp = list(CodeSystem.objects.order_by("pk").values_list("imported_at", "chosen_at"))
    if stamp != memory.stamp:
        memory.systems = _read()
        memory.communes = {}
        memory.stamp = stamp
    memory.checked = now
    return memory


def _read(among: Q | None = None) -> dict[str, dict[str, Entry]]:
    systems: dict[str, dict[str, Entry]] = {}
    among = among or Q()
    withheld = set(Withheld.objects.filter(among).values_list("system_id", "code"))
    rows = Concept.objects.filter(among).order_by("system_id", "position")
    for system, code, label, retired_on, properties in rows.values_list(
        "system_id", "code", "display", "retired_on", "properties"
    ):
        offered = (system, code) not in withheld
        entry = Entry(code, label, retired_on, properties, offered=offered)
        systems.setdefault(system, {})[code] = entry
    if roles := systems.get(Nomenclature.ROLES):
        for role in RegionalRole.objects.order_by("pk"):
            offered = (Nomenclature.ROLES, role.code) not in withheld
            roles[role.code] = _regional(role, roles.get(role.close_to), offered=offered)
    return systems


def _regional(role: RegionalRole, close_to: Entry | None, *, offered: bool) -> Entry:
    """A role of the region goes to the same members as the one it is close to, and leaves as it;
    it is never unique: the database keeps so those that it knows.
    """
    known = close_to.properties if close_to else {}
    properties = {name: value for name, value in known.items() if name != "unique"}
    return Entry(
        role.code, role.display, None, {**properties, "close_to": role.close_to}, offered=offered
    )


def stored(system: str) -> dict[str, Entry]:
    """Answer a nomenclature as the database has it now, by code: what one changes it from."""
    return _read(Q(system=system)).get(system, {})


def _typeset(label: str) -> str:
    """Write «Sœur» and «Époux», which the ANS publishes as «Soeur» and «Epoux»."""
    return label.replace("oeu", "œu").replace("Epou", "Épou")


def concept(system: str, code: str) -> Entry | None:
    """Answer the concept, retired or not; None for a code that was never imported."""
    return _fresh().systems.get(system, {}).get(code)


def display(system: str, code: str) -> str:
    """Answer the label of a code, retired or not; the bare code when it is unknown."""
    found = concept(system, code) if code else None
    return found.label if found else code


def everything(system: str) -> list[Entry]:
    """Answer the whole nomenclature, retired codes included."""
    return list(_fresh().systems.get(system, {}).values())


def current(system: str, on: date | None = None) -> list[Entry]:
    """Answer what the nomenclature holds on that day, whether the region offers it or not."""
    day = on or timezone.localdate()
    return [entry for entry in everything(system) if entry.valid_on(day)]


def entries(system: str, on: date | None = None) -> list[Entry]:
    """Answer what can be chosen on that day, in the order of the pickers."""
    return [entry for entry in current(system, on) if entry.offered]


def choices(system: str, on: date | None = None) -> list[tuple[str, str]]:
    """Answer the same as pairs of code and label, for a form field."""
    return pairs(entries(system, on))


def pairs(found: Iterable[Entry]) -> list[tuple[str, str]]:
    """Answer the code and the label of each."""
    return [(entry.code, entry.label) for entry in found]


def professions() -> list[tuple[str, str]]:
    """Answer the professions offered, health first, then titles, social work and roles of care.

    Codes carry their nomenclature, `G15:60`, `R94:41`: two of them give 93 to two meanings.
    """
    return choices("professions")


def published(role: str) -> str:
    """Answer the imported role for which a role of the region stands; another one as it is."""
    found = concept(Nomenclature.ROLES, role)
    return str(found.properties.get("close_to", role)) if found else role


def countries(text: str, on: date | None = None, limit: int = 20) -> list[Entry]:
    """Find countries by the beginning of any word of their names, usual name first."""
    asked = words(text)
    if not asked:
        return []
    found = [entry for entry in entries("countries", on) if _matches(asked, entry.names)]
    first = fold(text)
    found.sort(key=lambda entry: (not fold(entry.label).startswith(first), fold(entry.label)))
    return found[:limit]


def _matches(asked: list[str], known: list[str]) -> bool:
    return all(any(name.startswith(word) for name in known) for word in asked)


def place_key(text: str) -> str:
    """Fold a place as the search of communes does: ST is read SAINT."""
    return " ".join(SAINTS.get(word, word) for word in words(text))


def communes(text: str, on: date | None = None, limit: int = 20) -> list[Commune]:
    """Find communes by words of the name or by postcode, each from its beginning.

    Names that start with the text come first, then the larger communes. With a date, communes
    that existed on that day are offered too: for a place of birth.
    """
    key = place_key(text)
    if not key:
        return []
    return list(_communes(key, on)[:limit])


def _communes(key: str, on: date | None) -> QuerySet[Commune]:
    starts = Q(search__startswith=f" {key}") | Q(search__contains=f"| {key}")
    found = Commune.objects.filter(valid_on(on))
    for word in key.split():
        found = found.filter(search__contains=f" {word}")
    return found.annotate(rank=Case(When(starts, then=Value(0)), default=Value(1))).order_by(
        "rank", F("population").desc(nulls_last=True), "key"
    )


def commune(code: str) -> Commune | None:
    """Answer a commune, retired or not."""
    known = _fresh().communes
    if code not in known:
        known[code] = Commune.objects.filter(code=code).first()
    return known[code]


def place(code: str) -> str:
    """Name a commune or a country by its COG code; the bare code when it is unknown."""
    if code.startswith(COUNTRY_PREFIX):
        return display("countries", code)
    found = commune(code) if code else None
    return str(found) if found else code


def departements() -> list[Entry]:
    """Those of today, in the order of their codes."""
    return sorted(entries("departements"), key=lambda entry: entry.code)


def departement_name(code: str) -> str:
    return display("departements", code)
