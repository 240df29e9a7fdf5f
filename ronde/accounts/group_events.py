"""What happens to favourite groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy

from ronde.journal.events import Event, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class FavouriteGroupShared(Event):
    """The colleague is told by mail, unless they chose not to be (AZUREZO, sheet 36)."""

    section: ClassVar[str] = "account"
    topic: ClassVar[Topic] = Topic.ACCESS
    mail: ClassVar[Any] = gettext_lazy("Un groupe de favoris est partagé avec vous")
    preference: ClassVar[Any] = gettext_lazy(
        "Être notifié lorsqu’un groupe de favoris est partagé avec moi"
    )
    group_id: UUID
    person_id: UUID
    member: str
    may_edit: bool

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(gettext_lazy("Groupe de favoris partagé avec %(member)s")) % payload

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID]:
        return [UUID(payload["person_id"])]
