"""Reading relations: who may act in my name, and in whose name I may act."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from ronde.accounts.models import (
    Attachment,
    Delegation,
    DelegationScope,
    DelegationStatus,
    RelationFavorite,
    User,
)
from ronde.core.actor import Actor
from ronde.directory import queries as directory
from ronde.directory.models import Kind, Party

Delegations = QuerySet[Delegation]
LOOKED_AT = 60  # Hits of the directory among which those with an account come first.


class Side(StrEnum):
    """Where the other party stands; the values are those of the addresses."""

    DELEGATES = "delegues"
    DELEGATORS = "delegants"


@dataclass(frozen=True, slots=True)
class Held:
    """One scope of a relation, as it stands."""

    id: UUID
    scope: DelegationScope
    status: DelegationStatus
    since: datetime


@dataclass(slots=True)
class Relation:
    """Everything between the acting party and another one, on one side."""

    party_id: UUID
    name: str
    is_structure: bool
    is_favorite: bool
    last_login: datetime | None
    scopes: dict[str, Held] = field(default_factory=dict)

    @property
    def is_pending(self) -> bool:
        return any(one.status == DelegationStatus.PENDING for one in self.scopes.values())


def of_party(party_id: UUID) -> Delegations:
    return Delegation.objects.filter(Q(delegator_id=party_id) | Q(delegate_id=party_id))


def is_related(actor: Actor, party_id: UUID) -> bool:
    return (
        of_party(actor.party_id).filter(Q(delegator_id=party_id) | Q(delegate_id=party_id)).exists()
    )


def waiting(actor: Actor) -> int:
    """How many wait for an answer of the person who reads; none by delegation."""
    if not actor.decides:
        return 0
    rows = Delegation.objects.filter(delegator_id=actor.party_id, status=DelegationStatus.PENDING)
    return rows.values("delegate_id").distinct().count()


def relations(actor: Actor, side: Side) -> list[Relation]:
    """Each party of this side with the last word of each scope, in one query.

    Favourites first, then who waits for an answer, then by name. What was withdrawn is gone.
    """
    me, other = ("delegator", "delegate") if side == Side.DELEGATES else ("delegate", "delegator")
    mine = RelationFavorite.objects.filter(
        owner_id=actor.party_id, other_id=OuterRef(f"{other}_id")
    )
    login = User.objects.filter(person_id=OuterRef(f"{other}_id")).values("last_login")[:1]
    rows = (
        Delegation.objects.filter(**{f"{me}_id": actor.party_id})
        .annotate(
            key=F(f"{other}_id"),
            name=F(f"{other}__display_name"),
            order=F(f"{other}__sort_key"),
            kind=F(f"{other}__kind"),
            favorite=Exists(mine),
            login=Subquery(login),
        )
        .order_by("order", "key", "created_at")
    )
    return _sorted(_gathered(rows, side))


def _gathered(rows: Iterable[Delegation], side: Side) -> list[Relation]:
    found: dict[UUID, Relation] = {}
    for row in rows:
        one = found.setdefault(
            row.key,  # type: ignore[attr-defined]
            Relation(row.key, row.name, row.kind == Kind.STRUCTURE, row.favorite, None),  # type: ignore[attr-defined]
        )
        one.scopes.pop(row.scope, None)
        if row.status != DelegationStatus.WITHDRAWN:
            since = row.decided_at or row.created_at
            status = DelegationStatus(row.status)
            one.scopes[row.scope] = Held(row.pk, DelegationScope(row.scope), status, since)
        if _shows_login(row, side):
            one.last_login = row.login  # type: ignore[attr-defined]
    return [one for one in found.values() if one.scopes]


def _shows_login(row: Delegation, side: Side) -> bool:
    """The last sign-in is for the two parties: asking does not give it, being accepted does."""
    shown = {DelegationStatus.ACCEPTED}
    if side == Side.DELEGATES:
        shown.add(DelegationStatus.PENDING)
    return row.status in shown


def _sorted(found: list[Relation]) -> list[Relation]:
    return sorted(found, key=lambda one: (not one.is_favorite, not one.is_pending))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the directory in the search: `problem` says why they cannot be chosen."""

    found: directory.Found
    problem: str


def search(actor: Actor, side: Side, text: str, *, structures: bool) -> list[Candidate]:
    """Find whom to ask or to choose; those who can be are first, the others say why not."""
    kind = Kind.STRUCTURE if structures else Kind.PERSON
    hits = directory.search(text, kind, limit=LOOKED_AT)
    able = _able([hit.party.pk for hit in hits], deciding=side == Side.DELEGATORS)
    found = [Candidate(hit, _problem(actor, side, hit.party, hit.party.pk in able)) for hit in hits]
    return sorted(found, key=lambda one: bool(one.problem))[: directory.SHOWN]


def candidate(party_id: UUID) -> Party | None:
    rows = Party.objects.select_related("structure").filter(pk=party_id, gone_on=None)
    return rows.first()


def why_not_ask(actor: Actor, delegator: Party) -> str:
    able = _able([delegator.pk], deciding=True)
    return _problem(actor, Side.DELEGATORS, delegator, delegator.pk in able)


def why_not_give(actor: Actor, delegate: Party) -> str:
    able = _able([delegate.pk], deciding=False)
    return _problem(actor, Side.DELEGATES, delegate, delegate.pk in able)


def _able(parties: list[UUID], *, deciding: bool) -> set[UUID]:
    """Among these parties, those behind whom somebody can sign in, and decide if asked."""
    persons = User.objects.filter(person_id__in=parties, is_active=True).values_list("person_id")
    attached = Attachment.objects.filter(
        structure_id__in=parties,
        ended_at=None,
        user__is_active=True,
        structure__acts_as_legal_person=True,
    )
    if deciding:
        attached = attached.filter(is_super_user=True)
    return {key for (key,) in persons.union(attached.values_list("structure_id"))}


def _problem(actor: Actor, side: Side, party: Party, is_able: bool) -> str:
    """Say in a few words why this party cannot be chosen; nothing when it can."""
    if party.pk == actor.party_id:
        return _("c'est vous")
    if not party.is_structure:
        return "" if is_able else _("sans compte")
    if not party.structure.acts_as_legal_person:
        return _("n'est pas « personne morale »")
    if not is_able:
        return _("sans super-utilisateur") if side == Side.DELEGATORS else _("sans compte")
    return ""
