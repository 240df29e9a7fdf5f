"""What happens to the status of a record and to the stays in hospital."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.core.formats import day_and_hour, said
from ronde.followup.models import ListName
from ronde.journal.events import Event, Topic, worded
from ronde.journal.models import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(Event):
    """A structure says where the patient stands for it."""

    section: ClassVar[str] = "status"
    mail_needs_section: ClassVar[bool] = True
    weight: ClassVar[Weight] = Weight.IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Le statut d'un dossier que vous suivez a changé")
    topic: ClassVar[Topic] = Topic.RECORD
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsque le statut d'un dossier est modifié"
    )
    party: str
    status: str
    former: str = ""
    reason: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        labels = {name: said(payload[name]) for name in ("status", "former", "reason")}
        text = _("Statut pour %(party)s : %(status)s") % {**payload, **labels}
        if labels["former"]:
            text += " " + _("(avant : %(former)s)") % labels
        return text + (f" · {labels['reason']}" if labels["reason"] else "")

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayEvent(Event):
    section: ClassVar[str] = "stays"
    mail_needs_section: ClassVar[bool] = True
    weight: ClassVar[Weight] = Weight.IMPORTANT
    topic: ClassVar[Topic] = Topic.RECORD
    text: ClassVar[Any] = ""
    place: str
    at: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        at = payload["at"]
        shown = day_and_hour(datetime.fromisoformat(at)) if at else ""
        return str(cls.text) % {**payload, "at": shown, "step": said(payload.get("step", ""))}

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID] | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayRecorded(StayEvent):
    mail: ClassVar[Any] = gettext_lazy("Une hospitalisation est notée dans un dossier suivi")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'une hospitalisation est notée dans un dossier"
    )
    text: ClassVar[Any] = gettext_lazy("Hospitalisation : %(place)s, entrée le %(at)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class StayChanged(StayEvent):
    weight: ClassVar[Weight] = Weight.NORMAL
    text: ClassVar[Any] = gettext_lazy("Hospitalisation modifiée : %(place)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDischarged(StayEvent):
    mail: ClassVar[Any] = gettext_lazy("Une sortie d'hospitalisation est notée")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'une sortie d'hospitalisation est notée"
    )
    text: ClassVar[Any] = gettext_lazy("Sortie d'hospitalisation : %(place)s, le %(at)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class StayCancelled(StayEvent):
    text: ClassVar[Any] = gettext_lazy("Hospitalisation annulée : %(place)s · %(reason)s")
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayRestored(StayEvent):
    text: ClassVar[Any] = gettext_lazy("Hospitalisation rétablie : %(place)s, entrée le %(at)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class StayStepDone(StayEvent):
    weight: ClassVar[Weight] = Weight.NORMAL
    text: ClassVar[Any] = gettext_lazy("%(step)s : fait (%(place)s)")
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayStepReopened(StayEvent):
    weight: ClassVar[Weight] = Weight.NORMAL
    text: ClassVar[Any] = gettext_lazy("%(step)s : à refaire (%(place)s)")
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayStepGiven(StayEvent):
    """Who does it, and by when (`at`); `told` is the party that has just received it."""

    weight: ClassVar[Weight] = Weight.NORMAL
    mail: ClassVar[Any] = gettext_lazy("Une étape autour d'une hospitalisation vous est confiée")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'une étape autour d'une hospitalisation m'est confiée"
    )
    step: str
    owner: str = ""
    told: UUID | None = None

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        owner, at = payload["owner"], payload["at"]
        words = [_("confiée à %(owner)s") % payload if owner else _("à confier")]
        if at:
            words.append(_("échéance : %(at)s") % {"at": day_and_hour(datetime.fromisoformat(at))})
        return f"{said(payload['step'])} : {', '.join(words)} ({payload['place']})"

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(payload["told"])] if payload["told"] else []


@dataclass(frozen=True, slots=True, kw_only=True)
class StayStepsDropped(StayEvent):
    """They do not concern the stay, or nothing of it any more."""

    weight: ClassVar[Weight] = Weight.NORMAL
    text: ClassVar[Any] = gettext_lazy("Étapes écartées (%(place)s) : %(steps)s")
    steps: tuple[str, ...]

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        steps = ", ".join(said(one) for one in payload["steps"])
        return str(cls.text) % {"place": payload["place"], "steps": steps}


@dataclass(frozen=True, slots=True, kw_only=True)
class StayStepsRestored(StayStepsDropped):
    text: ClassVar[Any] = gettext_lazy("Étapes à faire, après tout (%(place)s) : %(steps)s")


CHANGES = {
    "added": gettext_lazy("ajouté"),
    "changed": gettext_lazy("modifié"),
    "retired": gettext_lazy("retiré"),
    "restored": gettext_lazy("remis"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanged(Event):
    """An administrator changed a list of the region."""

    section: ClassVar[str] = "console"
    list: str
    label: str
    change: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Liste « %(list)s » : %(label)s, %(change)s") % {
            "list": worded(ListName, payload["list"]),
            "label": payload["label"],
            "change": CHANGES[payload["change"]],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoEvent(Event):
    """What happened to a memo; the line has the audience of the memo, and never its text."""

    section: ClassVar[str] = "memos"
    text: ClassVar[Any] = ""
    title: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        title = payload["title"]
        return str(cls.text) + (f" : « {title} »" if title else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoWritten(MemoEvent):
    text: ClassVar[Any] = gettext_lazy("Mémo ajouté")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoChanged(MemoEvent):
    text: ClassVar[Any] = gettext_lazy("Mémo modifié")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoTakenOver(MemoEvent):
    text: ClassVar[Any] = gettext_lazy("Mémo repris, son auteur n’ayant plus accès au dossier")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoDeleted(MemoEvent):
    text: ClassVar[Any] = gettext_lazy("Mémo supprimé")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoRestored(MemoEvent):
    text: ClassVar[Any] = gettext_lazy("Mémo rétabli")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsLinked(Event):
    """A link was made or removed. The line names nobody of the other record: it is read by people
    who have no right there.
    """

    section: ClassVar[str] = "links"
    link_id: UUID
    removed: bool = False

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Lien avec un autre dossier retiré") if payload["removed"] else _("Dossier lié")
