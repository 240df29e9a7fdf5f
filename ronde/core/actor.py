"""Who acts, and in whose name."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person and the party in whose name they act.

    Rights belong to `party_id` (a person, or a structure acting as «personne morale»); `user_id`
    is always the human being behind, and both are kept in every trace.
    """

    user_id: UUID
    party_id: UUID
    person_id: UUID | None
    display_name: str
    person_name: str
    as_structure: bool = False
    profession: str = ""
    delegator_id: UUID | None = None
