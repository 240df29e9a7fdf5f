"""What is left before a record is closed: questions that the parts of the record answer.

AZUREZO, sheet 32: forms closed, tasks treated, status «sorti» with its reason; the death is
declared in the identity. Parts that come later add their question to `QUESTIONS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronde.careteam import queries as careteam
from ronde.careteam.access import Access
from ronde.core.formats import said
from ronde.documents import queries as documents
from ronde.followup import queries as followup
from ronde.followup.models import Nature
from ronde.patients.models import missing_traits

MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to look at: done or not, where to see it. `blocks`: nothing is closed before;
    `settle` is the dialog that does it, for who may.
    """

    label: str
    detail: str
    done: bool
    address: str
    blocks: bool = False
    settle: str = ""


def points(access: Access) -> list[Point]:
    """What is left on this record, for the acting party; each question to whom may read it."""
    return [point for question in QUESTIONS for point in question(access)]


def _stays(access: Access) -> list[Point]:
    """Nobody in hospital nor expected there, and nothing left to do around the stays that ended:
    the passages at home that start again are part of it.
    """
    if not access.can_read("stays"):
        return []
    open_ones = followup.ongoing() | followup.to_come()
    rows = list(followup.known(followup.stays(access)).filter(open_ones).order_by("admitted_at"))
    address = resolve_url("followup:stays", access.patient_id)
    label = _("Aucune hospitalisation en cours ou à venir")
    found = [Point(label, " · ".join(row.place for row in rows[:MOST_NAMED]), not rows, address)]
    todo = followup.undone_steps(access)
    if todo:
        detail = ngettext("%(n)d étape à faire", "%(n)d étapes à faire", len(todo))
        places = " · ".join(dict.fromkeys(step.stay.place for step in todo))
        label = _("Allers-retours avec l'hôpital terminés")
        address = resolve_url("followup:stay", access.patient_id, todo[0].stay_id)
        found.append(Point(label, f"{detail % {'n': len(todo)}} · {places}", False, address))
    return found


def _identity(access: Access) -> list[Point]:
    missing = missing_traits(access.patient)
    address = resolve_url("dossier:identity", access.patient_id)
    return [Point(_("Identité complète"), ", ".join(missing), not missing, address)]


def _others(access: Access) -> list[Point]:
    """Who keeps an access after we leave: a choice, not a fault."""
    if not access.can_read("careteam"):
        return []
    me = access.actor.party_id
    lines = careteam.circle(access)
    kept = [line.name for line in lines if line.has_access and line.member.party_id != me]
    address = resolve_url("careteam:circle", access.patient_id)
    label = _("Quelqu'un d'autre suit encore ce dossier")
    return [Point(label, ", ".join(kept[:MOST_NAMED]), bool(kept), address)]


def _status(access: Access) -> list[Point]:
    if not access.can_read("status"):
        return []
    current = followup.current_status(access)
    out = current is not None and current.kind.nature == Nature.OUT
    detail = ""
    if current is not None:
        detail = said(current.kind.label) + (
            f" · {said(current.reason.label)}" if current.reason else ""
        )
    address = resolve_url("followup:statuses", access.patient_id)
    settle = ""
    if not out and access.can_write("status"):
        settle = resolve_url("followup:set_status", access.patient_id)
    label = _("Statut « Sorti » avec son motif, pour %(party)s") % {
        "party": access.actor.display_name
    }
    detail = detail or _("Statut non renseigné")
    return [Point(label, detail, out, address, blocks=True, settle=settle)]


def _documents(access: Access) -> list[Point]:
    """What the antivirus has not seen yet opens for nobody: asked only when there is some."""
    waiting = documents.waiting(access)
    address = resolve_url("documents:list", access.patient_id)
    label = _("Aucun document en cours d'analyse")
    return [Point(label, ", ".join(waiting[:MOST_NAMED]), False, address)] if waiting else []


QUESTIONS: tuple[Callable[[Access], list[Point]], ...] = (
    _stays,
    _documents,
    _identity,
    _others,
    _status,
)


def may_archive(access: Access, found: list[Point]) -> bool:
    """Nobody follows the patient any more, and whoever asks has left."""
    return not any(point.blocks and not point.done for point in found) and not (
        followup.is_followed(access)
    )
