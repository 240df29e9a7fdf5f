"""What happens to a record as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.journal.events import Event
from ronde.journal.models import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAsked(Event):
    """Somebody under break-glass asks the circle for a lasting habilitation."""

    section: ClassVar[str] = "careteam"
    weight: ClassVar[Weight] = Weight.IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Demande d'habilitation sur un dossier que vous suivez")
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
