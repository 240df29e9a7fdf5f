"""What happens to the documents of a record. A line names the type, never the title.

The title may be changed, or shown to fewer readers, and the journal forgets nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from ronde.core.sharing import Sharing
from ronde.documents.types import label
from ronde.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent(Event):
    """`section` is that of the class of the document: who may not read the class reads nothing."""

    text: ClassVar[Any] = ""
    section: str  # type: ignore[misc]
    document_id: UUID
    type: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text) % {**payload, "type": label(payload["type"])}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAdded(DocumentEvent):
    """`told`: the parties to tell, None for every party with access to the record."""

    mail: ClassVar[Any] = _("Un document a été ajouté à un dossier")
    mail_needs_section: ClassVar[bool] = True
    preference: ClassVar[Any] = _(
        "Être notifié lorsqu'un document est ajouté à un dossier sur lequel je suis identifié"
    )
    text: ClassVar[Any] = _("Document ajouté : %(type)s")
    told: list[str] | None = None

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID] | None:
        told = payload["told"]
        return None if told is None else [UUID(party) for party in told]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReplaced(DocumentEvent):
    text: ClassVar[Any] = _("Document remplacé par une nouvelle version : %(type)s")
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEdited(DocumentEvent):
    """Renamed, dated again or filed elsewhere; `former_type` when the type changed."""

    text: ClassVar[Any] = _("Document renommé ou redaté : %(type)s")
    former_type: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        names = {"type": label(payload["type"]), "former": label(payload["former_type"])}
        if payload["former_type"]:
            return str(_("Document reclassé : %(former)s → %(type)s")) % names
        return str(cls.text) % names


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentShared(DocumentEvent):
    """Shown to others than before."""

    text: ClassVar[Any] = _("Partage modifié (%(level)s) : %(type)s")
    level: int

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        level = str(Sharing(payload["level"]).label).lower()
        return str(cls.text) % {"level": level, "type": label(payload["type"])}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWithdrawn(DocumentEvent):
    text: ClassVar[Any] = _("Document supprimé (%(reason)s) : %(type)s")
    reason: str
