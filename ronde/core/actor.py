"""Who acts, and in whose name."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

LONGEST_NAME = 250  # What the columns of names hold.


def by_delegation(person: str, delegator: str) -> str:
    """Name who acted and for whom: «Nina PETIT, par délégation de LEBLANC Marc»."""
    return _("%(person)s, par délégation de %(delegator)s") % {
        "person": person,
        "delegator": delegator,
    }


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
    is_super_user: bool = False

    @property
    def is_delegate(self) -> bool:
        """Acts by delegation: the delegator's rights, save what is the delegator's alone."""
        return self.delegator_id is not None

    @property
    def decides(self) -> bool:
        """May settle what is the party's alone (delegations, preferences): oneself, or as a
        super-user of the structure; never by delegation.
        """
        return not self.is_delegate and (not self.as_structure or self.is_super_user)

    @property
    def signature(self) -> str:
        """Who writes; by delegation, in whose name too."""
        if not self.is_delegate:
            return self.person_name
        return by_delegation(self.person_name, self.display_name)[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody on duty in the console: acts for the region, in nobody's name.

    Holds no right on any record, whatever identities they have elsewhere.
    """

    user_id: UUID
    person_name: str
    duty: str
    party_id: None = None
    delegator_id: None = None

    @property
    def display_name(self) -> str:
        return self.person_name
