"""Reading accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from ronde.accounts.models import Attachment, TermsAcceptance, User


@dataclass(frozen=True, slots=True)
class Identity:
    """A party in whose name a user may act."""

    party_id: UUID
    label: str
    is_structure: bool


def identities(user: User) -> list[Identity]:
    """List the acting identities: the person first, then each structure they are attached to.

    Only structures that act as «personne morale» are offered, since the others hold no right.
    """
    found = []
    if user.person is not None:
        found.append(Identity(user.person.pk, user.full_name, is_structure=False))
    attachments = (
        Attachment.objects.filter(
            user=user, ended_at=None, structure__acts_as_legal_person=True
        )
        .order_by("structure__party__sort_key")
        .values_list("structure_id", "structure__party__display_name")
    )
    found += [Identity(key, name, is_structure=True) for key, name in attachments]
    return found


def accepted(user: User, version: str) -> bool:
    return TermsAcceptance.objects.filter(user=user, version=version).exists()


def with_account(parties: Iterable[UUID]) -> set[UUID]:
    """Among these parties, the persons who have an active account."""
    return set(
        User.objects.filter(person_id__in=list(parties), is_active=True).values_list(
            "person_id", flat=True
        )
    )


def users_behind(party_id: UUID) -> list[User]:
    """The human beings to write to for a party: the person, or those attached to the structure."""
    person = User.objects.filter(person_id=party_id, is_active=True)
    attached = User.objects.filter(
        attachments__structure_id=party_id, attachments__ended_at=None, is_active=True
    )
    return list(person) + list(attached.exclude(person_id=party_id))
