"""What is written in the feed itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy

from ronde.journal.events import Event
from ronde.journal.models import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(Event):
    """A personal note («note personnalisée»); its author chose how loud it is."""

    section: ClassVar[str] = "feed"
    mail_needs_section: ClassVar[bool] = True
    mail: ClassVar[Any] = gettext_lazy("Nouvelle note sur un dossier que vous suivez")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu'une note est ajoutée au fil d'actualité d'un dossier sur lequel"
        " je suis identifié"
    )
    weight: Weight = Weight.NORMAL  # type: ignore[misc]
    text: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(payload["text"])

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> None:
        return None
