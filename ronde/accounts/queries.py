"""Reading accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from ronde.accounts.models import Attachment, TermsAcceptance, User
from ronde.core.actor import Actor
from ronde.directory.models import Post


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
        Attachment.objects.filter(user=user, ended_at=None, structure__acts_as_legal_person=True)
        .order_by("structure__party__sort_key")
        .values_list("structure_id", "structure__party__display_name")
    )
    found += [Identity(key, name, is_structure=True) for key, name in attachments]
    return found


def actor_for(user: User, identity: Identity) -> Actor:
    """Make the actor of a user and of one of the identities that `identities()` gave."""
    person = user.person
    return Actor(
        user_id=user.pk,
        party_id=identity.party_id,
        person_id=person.pk if person else None,
        display_name=identity.label,
        person_name=user.full_name,
        as_structure=identity.is_structure,
        profession=person.profession_code if person else "",
    )


def attachments(user: User) -> list[Attachment]:
    """The structures a user is attached to, whether or not they act as «personne morale»."""
    return list(
        Attachment.objects.filter(user=user, ended_at=None)
        .select_related("structure__party")
        .order_by("structure__party__sort_key")
    )


def posts(user: User) -> list[Post]:
    """What the directory says that a user does, and where."""
    if user.person_id is None:
        return []
    return list(
        Post.objects.filter(person_id=user.person_id, gone_on=None)
        .select_related("structure__party")
        .order_by("pk")
    )


def acceptance(user: User, version: str) -> TermsAcceptance | None:
    return TermsAcceptance.objects.filter(user=user, version=version).first()


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
