"""The synthesis of a record: an explicit list of panels, each with its own address."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam import queries as careteam
from ronde.careteam.access import Access
from ronde.careteam.lines import Line
from ronde.careteam.models import MemberKind
from ronde.documents import queries as documents
from ronde.dossier import banner, lifeline, queries
from ronde.feed.queries import line
from ronde.followup import linking, memo_queries
from ronde.followup import queries as followup
from ronde.followup.forms import MemoKindsForm
from ronde.patients.models import ConsentGiver, Patient
from ronde.terminology.queries import published

# How many lines a panel of the synthesis shows before it sends to the page of the feed.
NEW_SHOWN, KNOWN_SHOWN = 12, 8
DOCUMENTS_SHOWN = 6
# Roles of those whom one calls for the patient, beside relatives.
CONTACT_ROLES = {
    "emergency-contact",
    "trusted-person",
    "main-caregiver",
    "secondary-caregiver",
    "legal-representative",
    "judicial-representative",
}

NIR_PARTS = ((0, 1), (1, 3), (3, 5), (5, 7), (7, 10), (10, 13), (13, 15))

Shown = tuple[str, dict[str, Any]]


@dataclass
class Opened:
    """An opened record, and what its panels share: read once, when first needed."""

    access: Access
    reveal: bool = False
    # What the address of a panel asks of it: its filters.
    asked: QueryDict = field(default_factory=QueryDict)

    @cached_property
    def head(self) -> queries.Head:
        return queries.head(self.access)

    @cached_property
    def circle(self) -> list[Line]:
        return careteam.circle(self.access)

    @cached_property
    def recent(self) -> queries.Recent:
        return queries.recent(self.access)


@dataclass(frozen=True)
class Panel:
    """A part of the synthesis: who may see it, where it stands, what makes it refresh.

    `column` is one of gauche, centre, droite, or bandeau for what the banner of every page shows;
    `order` its rank on a phone, from 1, for whom `FIRST`
    names nothing else.
    """

    name: str
    section: str
    column: str
    order: int
    show: Callable[[Opened], Shown]
    refreshed_on: tuple[str, ...] = field(default=())

    @property
    def trigger(self) -> str:
        return ", ".join(f"{event} from:document" for event in self.refreshed_on)


def _since(opened: Opened) -> Shown:
    recent = opened.recent
    return "dossier/_since.html", {
        "since": recent.since,
        "rows": [line(entry) for entry in recent.new[:NEW_SHOWN]],
        "count": len(recent.new),
        "more": recent.more and not recent.known,
    }


def _feed(opened: Opened) -> Shown:
    known = opened.recent.known
    return "feed/_panel.html", {"rows": [line(entry) for entry in known[:KNOWN_SHOWN]]}


def _circle(opened: Opened) -> Shown:
    return "careteam/_panel.html", {"members": opened.circle, "panel_attrs": {}}


def _documents(opened: Opened) -> Shown:
    since = opened.recent.since
    return "documents/_panel.html", {
        "lines": documents.recent(opened.access, since, DOCUMENTS_SHOWN),
        "total": opened.head.document_count,
    }


def _contacts(opened: Opened) -> Shown:
    people = [one for one in opened.circle if _is_contact(one)]
    return "dossier/_contacts.html", {"contacts": people}


def _is_contact(one: Line) -> bool:
    held = {published(role.code) for role in one.roles}
    return one.member.kind == MemberKind.RELATIVE or bool(held & CONTACT_ROLES)


def _identity(opened: Opened) -> Shown:
    return "dossier/_identity_panel.html", {
        "patient": opened.access.patient,
        "zones": opened.head.zones,
        "reveal": opened.reveal,
        "numbers": _numbers(opened.access.patient),
    }


def _numbers(patient: Patient) -> list[tuple[str, str, str]]:
    """The national numbers that are known: label, whole, masked."""
    known = [
        (_("Matricule INS"), patient.ins),
        (_("NIR"), patient.nir if patient.nir != patient.ins else ""),
        (_("NIR de l'ouvrant droit"), patient.holder_nir),
    ]
    return [(label, _spaced(one), _spaced(one, masked=True)) for label, one in known if one]


def _spaced(number: str, *, masked: bool = False) -> str:
    """2 42 03 83 126 004 57; masked, the last five digits are dots."""
    number = number.ljust(15)
    parts = [number[start:end].strip() for start, end in NIR_PARTS]
    if masked:
        parts[-2:] = ["•••", "••"]
    return " ".join(part for part in parts if part)


def _consent(opened: Opened) -> Shown:
    consent = opened.head.consent
    giver = ""
    if consent:
        giver = consent["other"] or ConsentGiver(consent["given_by"]).label
    return "dossier/_consent_panel.html", {"consent": consent, "giver": giver}


STAYS_SHOWN, MEMOS_SHOWN = 3, 6


def _status(opened: Opened) -> Shown:
    return "followup/_status_panel.html", {"statuses": followup.statuses(opened.access)}


def _stays(opened: Opened) -> Shown:
    """The stays under way and to come, and the last ones that ended."""
    rows = list(followup.known(followup.stays(opened.access))[:STAYS_SHOWN])
    return "followup/_stays_panel.html", {
        "stays": rows,
        "left": followup.left_to_do(opened.access, rows) if rows else {},
        "now": timezone.now(),
    }


def _links(opened: Opened) -> Shown:
    return "followup/_links_panel.html", {"related": linking.related(opened.access)}


def _memos(opened: Opened) -> Shown:
    """The loudest and newest memos; one more is read to tell that there are others."""
    form = MemoKindsForm(opened.asked)
    rows = list(memo_queries.memos(opened.access, form.kinds())[: MEMOS_SHOWN + 1])
    return "followup/_memos_panel.html", {
        "form": form,
        "filtered": bool(form.kinds()),
        "memos": rows[:MEMOS_SHOWN],
        "more": len(rows) > MEMOS_SHOWN,
    }


def _lifeline(opened: Opened) -> Shown:
    return "dossier/_lifeline_place.html", lifeline.view(opened.access)


def _badges(opened: Opened) -> Shown:
    return "dossier/_badges.html", {"badges": banner.banner(opened.access, opened.head).badges}


PANELS = (
    Panel("badges", "identity", "bandeau", 0, _badges, ("stays:changed",)),
    Panel("status", "status", "gauche", 3, _status, ("status:changed",)),
    Panel("stays", "stays", "gauche", 3, _stays, ("stays:changed",)),
    Panel("links", "links", "gauche", 7, _links, ("links:changed",)),
    Panel("identity", "identity", "gauche", 8, _identity, ("identity:changed",)),
    Panel("consent", "identity", "gauche", 9, _consent, ("consent:changed",)),
    Panel("since", "feed", "centre", 1, _since, ("feed:changed",)),
    Panel("memos", "memos", "centre", 2, _memos, ("memos:changed",)),
    Panel(
        "lifeline",
        "identity",
        "centre",
        7,
        _lifeline,
        ("status:changed", "stays:changed", "documents:changed", "identity:changed"),
    ),
    Panel(
        "feed",
        "feed",
        "centre",
        6,
        _feed,
        (
            "feed:changed",
            "careteam:changed",
            "identity:changed",
            "consent:changed",
            "status:changed",
            "stays:changed",
            "memos:changed",
            "documents:changed",
            "links:changed",
        ),
    ),
    Panel("documents", "documents", "centre", 7, _documents, ("documents:changed",)),
    Panel("circle", "careteam", "droite", 4, _circle, ("careteam:changed",)),
    Panel("contacts", "careteam", "droite", 5, _contacts, ("careteam:changed",)),
)
COLUMNS = ("gauche", "centre", "droite")
# What a trade looks at first, once it knows what is new. Our choice: the guides show one order.
MEDICAL = ("since", "stays", "documents", "feed")
COORDINATION = ("since", "status", "stays", "circle")
SOCIAL = ("since", "contacts", "circle", "status")
PHARMACY = ("since", "documents", "circle")
FIRST = {
    **dict.fromkeys(("G15:10", "G15:40", "G15:50", "R85:364"), MEDICAL),
    **dict.fromkeys(("R85:301", "R85:308", "R85:309", "R85:311", "R85:330"), COORDINATION),
    "G15:21": PHARMACY,
}


def panel(name: str) -> Panel | None:
    return next((one for one in PANELS if one.name == name), None)


def arranged(opened: Opened) -> dict[str, list[Panel]]:
    """The panels that the reader may see, column by column, what their profession wants first."""
    first = _first(opened.access.actor.profession)
    seen = [one for one in PANELS if one.column in COLUMNS and opened.access.can_read(one.section)]
    seen.sort(
        key=lambda one: (first.index(one.name) if one.name in first else len(first), one.order)
    )
    ranked = [replace(one, order=rank) for rank, one in enumerate(seen, 1)]
    return {name: [one for one in ranked if one.column == name] for name in COLUMNS}


def _first(profession: str) -> tuple[str, ...]:
    if profession.startswith("R94:"):  # Social professions of the nomenclature TRE_R94.
        return SOCIAL
    return FIRST.get(profession, ())
