"""What every page of a record shows above its content: identity, right, tabs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.core.formats import day
from ronde.core.page import page_context
from ronde.dossier.queries import Head, head
from ronde.patients.models import ConsentGiver, IdentityStatus, Patient, Sex, missing_traits
from ronde.terminology import queries as terminology

STATUS_BADGES = {
    IdentityStatus.PROVISOIRE: ("al", "circle-help"),
    IdentityStatus.RECUPEREE: ("acc", "id-card"),
    IdentityStatus.VALIDEE: ("ok", "check"),
    IdentityStatus.QUALIFIEE: ("ok", "badge-check"),
}
TABS = (
    ("synthese", "identity", "dossier:record"),
    ("identite", "identity", "dossier:identity"),
    ("cercle", "careteam", "careteam:circle"),
    ("suivi", "status", "followup:statuses"),
    ("memos", "memos", "followup:memos"),
    ("documents", "documents", "documents:list"),
    ("fil", "feed", "feed:list"),
    ("trace", "trace", "dossier:trace"),
)


@dataclass(frozen=True, slots=True)
class Badge:
    text: str
    kind: str
    icon: str
    title: str = ""
    on_phone: bool = True


@dataclass(frozen=True, slots=True)
class Banner:
    """Ready to be shown: `badges` in order of urgency, `tabs` as `ui.tabs` takes them."""

    head: Head
    born: str
    badges: list[Badge]
    right: str

    def tabs(self, access: Access, current: str) -> list[dict[str, Any]]:
        counts = {"cercle": self.head.size, "documents": self.head.document_count}
        labels = {
            "synthese": _("Synthèse"),
            "identite": _("Identité"),
            "cercle": _("Cercle de soins"),
            "suivi": _("Suivi"),
            "memos": _("Mémos"),
            "documents": _("Documents"),
            "fil": _("Fil d’actualité"),
            "trace": _("Traçabilité"),
        }
        return [
            {
                "label": labels[name],
                "url": reverse(address, args=[access.patient_id]),
                "current": name == current,
                "count": counts.get(name),
            }
            for name, section, address in TABS
            if access.can_read(section)
        ]


def banner(access: Access, known: Head | None = None) -> Banner:
    """Read and word the banner, in one query, or none when the page has read it already."""
    found = known or head(access)
    patient = access.patient
    badges = [*_warnings(patient), *_stay(patient, found), _status(patient), _consent(found)]
    return Banner(found, _born(patient), badges, _right(access, found))


def _born(patient: Patient) -> str:
    """«née», «né», or both."""
    return {Sex.FEMALE: _("née"), Sex.MALE: _("né")}.get(Sex(patient.sex), _("né(e)"))


def _status(patient: Patient) -> Badge:
    status = IdentityStatus(patient.identity_status)
    kind, icon = STATUS_BADGES[status]
    if status == IdentityStatus.QUALIFIEE:
        return Badge(_("INS qualifiée"), kind, icon)
    return Badge(_("Identité %(status)s") % {"status": str(status.label).lower()}, kind, icon)


def _warnings(patient: Patient) -> list[Badge]:
    """What must be seen before anything else: the wrong person is the worst mistake."""
    missing = ", ".join(missing_traits(patient))
    known = [
        (patient.is_deceased, _death(patient), "da", "circle-alert"),
        (patient.is_fictitious, _("Identité fictive"), "da", "circle-alert"),
        (patient.is_doubtful, _("Identité douteuse"), "da", "circle-help"),
        (patient.is_homonym, _("Homonyme"), "al", "users-round"),
        (bool(missing), _("À compléter : %(traits)s") % {"traits": missing}, "al", "pencil"),
    ]
    return [Badge(text, kind, icon) for is_so, text, kind, icon in known if is_so]


def _death(patient: Patient) -> str:
    words = {Sex.FEMALE: _("Décédée"), Sex.MALE: _("Décédé")}
    word = words.get(Sex(patient.sex), _("Décédé(e)"))
    if patient.death_date is None:
        return word
    return _("%(word)s le %(day)s") % {"word": word, "day": f"{patient.death_date:%d/%m/%Y}"}


def _stay(patient: Patient, found: Head) -> list[Badge]:
    """«Hospitalisée J+4»: the fourth day after the admission."""
    if found.stay is None:
        return []
    words = {Sex.FEMALE: _("Hospitalisée"), Sex.MALE: _("Hospitalisé")}
    at: datetime = found.stay["at"]
    days = (timezone.localdate() - timezone.localdate(at)).days
    text = f"{words.get(Sex(patient.sex), _('Hospitalisé(e)'))} J+{days}"
    title = _("%(place)s, depuis le %(day)s") % {"place": found.stay["place"], "day": day(at)}
    return [Badge(text, "da", "bed-single", title)]


def _consent(found: Head) -> Badge:
    if found.consent is None:
        return Badge(_("Sans consentement"), "da", "ban")
    giver = ConsentGiver(found.consent["given_by"]).label
    at: datetime = found.consent["at"]
    title = _("%(giver)s, le %(day)s") % {"giver": giver, "day": day(at)}
    return Badge(_("Consentement"), "ok", "check", title, on_phone=False)


def _right(access: Access, found: Head) -> str:
    """«Habilité(e) · Coordinateur», as the reader holds it."""
    if access.is_break_glass:
        return _("Accès bris de glace")
    roles = [terminology.display("roles", code) for code in found.roles]
    return " · ".join([_("Habilité(e)"), *roles])


@page_context
def record_head(request: HttpRequest) -> dict[str, Callable[..., Banner]]:
    """Give templates `record_head(access)`; nothing is read before it is called."""
    return {"record_head": banner}
