"""What happens between a structure and those who act in its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy

from ronde.journal.events import Event, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffEvent(Event):
    """The person whom it concerns is told; `account` is theirs."""

    section: ClassVar[str] = "account"
    topic: ClassVar[Topic] = Topic.ACCOUNT
    text: ClassVar[Any] = ""
    account: UUID
    person_id: UUID | None
    member: str
    structure: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text) % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        person = payload["person_id"]
        return [UUID(person)] if person else []


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueAttached(StaffEvent):
    mail: ClassVar[Any] = gettext_lazy("Vous pouvez agir au nom d’une nouvelle structure")
    text: ClassVar[Any] = gettext_lazy("%(member)s rattaché(e) à %(structure)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentEnded(StaffEvent):
    mail: ClassVar[Any] = gettext_lazy("Votre rattachement à une structure a pris fin")
    text: ClassVar[Any] = gettext_lazy("Rattachement de %(member)s à %(structure)s terminé")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperUserNamed(StaffEvent):
    mail: ClassVar[Any] = gettext_lazy("Vous êtes super-utilisateur d’une structure")
    text: ClassVar[Any] = gettext_lazy("%(member)s super-utilisateur de %(structure)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperUserDropped(StaffEvent):
    mail: ClassVar[Any] = gettext_lazy("Vous n’êtes plus super-utilisateur d’une structure")
    text: ClassVar[Any] = gettext_lazy("%(member)s n’est plus super-utilisateur de %(structure)s")
