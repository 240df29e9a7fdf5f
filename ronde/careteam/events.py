"""What happens in a circle of care."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.journal.events import Event
from ronde.journal.models import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvent(Event):
    """An event about one member, known by the name shown in the circle."""

    section: ClassVar[str] = "careteam"
    text: ClassVar[Any] = ""
    member: str
    party_id: UUID | None = None
    roles: list[str] | None = None

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text) % payload


def _the_member(payload: Mapping[str, Any]) -> list[UUID]:
    return [UUID(payload["party_id"])] if payload["party_id"] else []


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(MemberEvent):
    text: ClassVar[Any] = gettext_lazy("%(member)s ajouté(e) au cercle de soins")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberHabilitated(MemberEvent):
    """The member is told by mail and finds the patient in the worklist (SPICO, slide 5)."""

    weight: ClassVar[Weight] = Weight.IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Vous avez accès à un nouveau dossier")
    text: ClassVar[Any] = gettext_lazy("%(member)s habilité(e) à consulter le dossier")

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return _the_member(payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class HabilitationWithdrawn(MemberEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Habilitation de %(member)s retirée")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRefused(MemberEvent):
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Le patient refuse le partage avec %(member)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLifted(MemberEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("Refus de partage avec %(member)s levé")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(MemberEvent):
    text: ClassVar[Any] = gettext_lazy("%(member)s : rôle ou coordonnées modifiés")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(MemberEvent):
    weight: ClassVar[Weight] = Weight.IMPORTANT
    text: ClassVar[Any] = gettext_lazy("%(member)s retiré(e) du cercle de soins")


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken(Event):
    """Everyone who follows the patient is told at once."""

    section: ClassVar[str] = "careteam"
    weight: ClassVar[Weight] = Weight.VERY_IMPORTANT
    mail: ClassVar[Any] = gettext_lazy("Accès bris de glace à un dossier que vous suivez")
    who: str
    reason: str
    detail: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Accès bris de glace de %(who)s : %(reason)s · « %(detail)s »") % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassClosed(Event):
    section: ClassVar[str] = "careteam"
    who: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("%(who)s a mis fin à son accès bris de glace") % payload
