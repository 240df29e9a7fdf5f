"""Reading accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from ronde.accounts.models import (
    Attachment,
    Delegation,
    DelegationScope,
    DelegationStatus,
    Duty,
    DutyKind,
    TermsAcceptance,
    User,
)
from ronde.core.actor import Actor
from ronde.directory.models import Post


@dataclass(frozen=True, slots=True)
class Identity:
    """A party in whose name a user may act."""

    party_id: UUID
    label: str
    is_structure: bool
    profession: str = ""
    is_super_user: bool = False
    is_delegated: bool = False


def identities(user: User) -> list[Identity]:
    """List the acting identities: the person first, then each structure they are attached to, then
    those in whose name they act by delegation.

    Only structures that act as «personne morale» are offered, since the others hold no right; a
    person whose account is closed delegates nothing. Who is both attached to a structure and its
    delegate acts as attached.
    """
    own = user.person.profession_code if user.person else ""
    found = {}
    if user.person is not None:
        found[user.person.pk] = Identity(user.person.pk, user.full_name, False, own)
    rows = _attached(user).union(_delegating(user), all=True).order_by("delegated", "key")
    for key, label, _key, is_structure, profession, is_super_user, delegated in rows:
        profession = profession if delegated and not is_structure else own
        one = Identity(key, label, is_structure, profession, is_super_user, delegated)
        found.setdefault(key, one)
    return list(found.values())


def _attached(user: User) -> QuerySet[Attachment, Any]:
    return (
        Attachment.objects.filter(user=user, ended_at=None, structure__acts_as_legal_person=True)
        .annotate(
            party_id=F("structure_id"),
            label=F("structure__party__display_name"),
            key=F("structure__party__sort_key"),
            structure_=Value(True),
            profession=Value(""),
            super=F("is_super_user"),
            delegated=Value(False),
        )
        .values_list("party_id", "label", "key", "structure_", "profession", "super", "delegated")
    )


def _delegating(user: User) -> QuerySet[Delegation, Any]:
    """Who delegates their records to this person, or to a structure they are attached to."""
    structures = Attachment.objects.filter(
        user=user, ended_at=None, structure__acts_as_legal_person=True
    ).values("structure_id")
    open_accounts = User.objects.filter(is_active=True, person_id=OuterRef("delegator_id"))
    return (
        Delegation.objects.filter(
            Q(delegate_id=user.person_id) | Q(delegate_id__in=structures),
            Q(delegator__structure__acts_as_legal_person=True) | Exists(open_accounts),
            scope=DelegationScope.RECORDS,
            status=DelegationStatus.ACCEPTED,
        )
        .annotate(
            label=F("delegator__display_name"),
            key=F("delegator__sort_key"),
            structure_=Q(delegator__structure__isnull=False),
            profession=Coalesce("delegator__person__profession_code", Value("")),
            super=Value(False),
            delegated=Value(True),
        )
        .values_list(
            "delegator_id", "label", "key", "structure_", "profession", "super", "delegated"
        )
    )


def former_delegator(user: User, party_id: str) -> str:
    """Name who once delegated to this person, or to one of their structures; nobody, nothing."""
    structures = Attachment.objects.filter(user=user).values("structure_id")
    rows = Delegation.objects.filter(
        Q(delegate_id=user.person_id) | Q(delegate_id__in=structures), delegator_id=party_id
    )
    return rows.values_list("delegator__display_name", flat=True).first() or ""


def actor_for(user: User, identity: Identity) -> Actor:
    """Make the actor of a user and of one of the identities that `identities()` gave."""
    return Actor(
        user_id=user.pk,
        party_id=identity.party_id,
        person_id=user.person_id,
        display_name=identity.label,
        person_name=user.full_name,
        as_structure=identity.is_structure,
        profession=identity.profession,
        delegator_id=identity.party_id if identity.is_delegated else None,
        is_super_user=identity.is_super_user,
    )


def hold_administrators() -> None:
    """Wait for whoever closes an account or ends a duty: two administrators who put each other out
    at the same moment would leave nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('administrators', 0))")


def other_administrators(user: User) -> bool:
    """Whether somebody else, with an open account, is on duty as administrator."""
    others = Duty.objects.filter(kind=DutyKind.ADMINISTRATOR, ended_at=None, user__is_active=True)
    return others.exclude(user=user).exists()


def duties(user: User) -> frozenset[str]:
    """What this person does for the region; `get_user` of the backend reads it with the account."""
    held = getattr(user, "duty_kinds", None)
    if held is None:
        held = user.duties.filter(ended_at=None).values_list("kind", flat=True)
    return frozenset(held)


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


def acceptances(user: User) -> list[TermsAcceptance]:
    """Every version that this person accepted, the last one first."""
    return list(TermsAcceptance.objects.filter(user=user).order_by("-accepted_at"))


def accepted(user: User, version: str) -> bool:
    return TermsAcceptance.objects.filter(user=user, version=version).exists()


def with_account(parties: Iterable[UUID]) -> set[UUID]:
    """Among these parties, the persons who have an active account."""
    return set(
        User.objects.filter(person_id__in=list(parties), is_active=True).values_list(
            "person_id", flat=True
        )
    )


def users_behind(party_id: UUID, *, deciders: bool = False) -> list[User]:
    """The human beings to write to for a party: the person, or those attached to the structure;
    `deciders`: of a structure, its super-users alone.
    """
    person = User.objects.filter(person_id=party_id, is_active=True)
    attached = User.objects.filter(
        attachments__structure_id=party_id,
        attachments__ended_at=None,
        attachments__is_super_user__in=[True] if deciders else [True, False],
        is_active=True,
    )
    return list(person) + list(attached.exclude(person_id=party_id))
