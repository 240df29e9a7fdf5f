"""What is told without being an event of the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.journal.events import Event, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsulted(Event):
    """Somebody opened a record. The journal has its trace; this says it to who asked to know."""

    section: ClassVar[str] = "trace"
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Un professionnel a ouvert un dossier que vous suivez")
    preference: ClassVar[Any] = gettext_lazy("Un professionnel accède à un dossier")
    chosen_by_default: ClassVar[bool] = False

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Dossier ouvert")
