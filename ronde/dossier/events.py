"""What happens to a record as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.events import lower_first
from ronde.dossier.models import ExtractionPurpose
from ronde.journal.events import Event, Topic
from ronde.journal.models import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAsked(Event):
    """Somebody under break-glass asks the circle for a lasting habilitation."""

    section: ClassVar[str] = "careteam"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Demande d'habilitation sur un dossier que vous suivez")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'une habilitation est demandée sur un dossier sur lequel je suis"
        " identifié"
    )
    who: str
    text: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("%(who)s demande à être habilité(e) : « %(text)s »") % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordArchived(Event):
    section: ClassVar[str] = "status"
    weight: ClassVar[Weight] = Weight.IMPORTANT

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Dossier archivé")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReopened(Event):
    section: ClassVar[str] = "status"
    weight: ClassVar[Weight] = Weight.IMPORTANT

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Dossier rouvert")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExtracted(Event):
    """Somebody asked for the whole of a record as a file."""

    section: ClassVar[str] = "identity"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    purpose: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        purpose = ExtractionPurpose(payload["purpose"]).label
        return _("Données du patient extraites : %(purpose)s") % {"purpose": lower_first(purpose)}
