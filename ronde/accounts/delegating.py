"""Giving, asking for, accepting, refusing and withdrawing a delegation.

Each is decided in person: by the party itself or, for a structure, by one of its super-users acting
in its name. The policies of `sql/relations.sql` say the same.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import relations
from ronde.accounts.models import Delegation, DelegationScope, DelegationStatus, RelationFavorite
from ronde.accounts.relation_events import (
    DelegationAccepted,
    DelegationAsked,
    DelegationEvent,
    DelegationGiven,
    DelegationRefused,
    DelegationWithdrawn,
    SettlingRefused,
)
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.journal.actions import record

# How many delegations somebody may ask for or give in 24 hours: each one writes to somebody.
DAILY_LIMIT = 30


class ChangedMeanwhileError(ValidationError):
    """Somebody else answered or withdrew first: the message says so, and nothing was saved."""


@transaction.atomic
def ask(actor: Actor, delegator: Party, scopes: Iterable[str]) -> list[Delegation]:
    """Ask `delegator` to let one act in their name; what is already asked or given is left so."""
    _decide(actor)
    _stop_unfit(relations.why_not_ask(actor, delegator))
    _hold(delegator.pk, actor.party_id)
    wanted = _not_open(delegator.pk, actor.party_id, scopes)
    if not wanted:
        raise ValidationError(_("Cette délégation est déjà demandée ou déjà acceptée."))
    return [_create(actor, delegator, DelegationStatus.PENDING, scope) for scope in wanted]


@transaction.atomic
def give(actor: Actor, delegate: Party, scopes: Iterable[str]) -> list[Delegation]:
    """Let `delegate` act in one's name; a request of theirs that waits is accepted by it."""
    _decide(actor)
    _stop_unfit(relations.why_not_give(actor, delegate))
    _hold(actor.party_id, delegate.pk)
    scopes = list(scopes)
    waiting = _open(actor.party_id, delegate.pk).filter(
        scope__in=scopes, status=DelegationStatus.PENDING
    )
    accepted = [accept(actor, one.pk) for one in waiting]
    wanted = _not_open(actor.party_id, delegate.pk, scopes)
    if not wanted and not accepted:
        raise ValidationError(_("Cette délégation est déjà donnée."))
    return accepted + [_create(actor, delegate, DelegationStatus.ACCEPTED, one) for one in wanted]


@transaction.atomic
def accept(actor: Actor, delegation_id: UUID) -> Delegation:
    """Say yes to a request that waits. Already accepted, nothing happens."""
    return _answer(actor, delegation_id, DelegationStatus.ACCEPTED)


@transaction.atomic
def refuse(actor: Actor, delegation_id: UUID) -> Delegation:
    """Say no to a request that waits. Already refused, nothing happens."""
    return _answer(actor, delegation_id, DelegationStatus.REFUSED)


@transaction.atomic
def withdraw(actor: Actor, delegation_id: UUID) -> Delegation:
    """End a delegation, or take back a request: either party may, at any time.

    It ends at once, also in a session that is open: identities are read at each request.
    """
    found = _mine(actor, delegation_id)
    if found.status == DelegationStatus.WITHDRAWN:
        return found
    if found.status == DelegationStatus.REFUSED:
        raise ChangedMeanwhileError(_("Cette demande a été refusée entre-temps."))
    found.status = DelegationStatus.WITHDRAWN
    found.ended_at, found.ended_by = timezone.now(), actor.user_id
    found.save(update_fields=["status", "ended_at", "ended_by"])
    _tell(DelegationWithdrawn, actor, found)
    return found


@transaction.atomic
def turn_favorite(actor: Actor, party_id: UUID) -> bool:
    """Keep a party at the top of one's relations, or not any more; true when it is kept."""
    _decide(actor)
    if not relations.is_related(actor, party_id):
        raise Http404
    kept = RelationFavorite.objects.filter(owner_id=actor.party_id, other_id=party_id)
    if kept.delete()[0]:
        return False
    RelationFavorite.objects.bulk_create(
        [RelationFavorite(owner_id=actor.party_id, other_id=party_id)], ignore_conflicts=True
    )
    return True


@transaction.atomic
def note_refusal(actor: Actor, asked: str) -> None:
    """Keep that somebody tried to settle what is not theirs."""
    record(SettlingRefused(asked=asked), actor=actor)


def _decide(actor: Actor) -> None:
    if not actor.decides:
        raise PermissionDenied


def _stop_unfit(why: str) -> None:
    if why:
        raise ValidationError(why)


def _hold(delegator_id: UUID, delegate_id: UUID) -> None:
    """Take the relation of two parties for oneself until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"delegation {delegator_id} {delegate_id}"],
        )


def _open(delegator_id: UUID, delegate_id: UUID) -> "relations.Delegations":
    return Delegation.objects.filter(
        delegator_id=delegator_id,
        delegate_id=delegate_id,
        status__in=[DelegationStatus.PENDING, DelegationStatus.ACCEPTED],
    )


def _not_open(delegator_id: UUID, delegate_id: UUID, scopes: Iterable[str]) -> list[str]:
    held = set(_open(delegator_id, delegate_id).values_list("scope", flat=True))
    return [scope for scope in DelegationScope.values if scope in scopes and scope not in held]


def _create(actor: Actor, other: Party, status: DelegationStatus, scope: str) -> Delegation:
    day = timezone.now() - timedelta(hours=24)
    mine = Delegation.objects.filter(created_by=actor.user_id, created_at__gt=day)
    if mine.count() >= DAILY_LIMIT:
        raise ValidationError(_("Trop de délégations en un jour : réessayez demain."))
    asked = status == DelegationStatus.PENDING
    made = Delegation(
        delegator_id=other.pk if asked else actor.party_id,
        delegate_id=actor.party_id if asked else other.pk,
        scope=scope,
        status=status,
        created_by=actor.user_id,
        decided_at=None if asked else timezone.now(),
        decided_by=None if asked else actor.user_id,
    )
    made.save(force_insert=True)
    _tell(DelegationAsked if asked else DelegationGiven, actor, made)
    return made


def _answer(actor: Actor, delegation_id: UUID, answer: DelegationStatus) -> Delegation:
    found = _mine(actor, delegation_id)
    if found.delegator_id != actor.party_id:
        raise PermissionDenied
    if found.status == answer:
        return found
    if found.status != DelegationStatus.PENDING:
        raise ChangedMeanwhileError(
            _("Cette demande n'attend plus de réponse : %(status)s.")
            % {"status": str(DelegationStatus(found.status).label).lower()}
        )
    found.status = answer
    found.decided_at, found.decided_by = timezone.now(), actor.user_id
    found.save(update_fields=["status", "decided_at", "decided_by"])
    kind = DelegationAccepted if answer == DelegationStatus.ACCEPTED else DelegationRefused
    _tell(kind, actor, found)
    return found


def _mine(actor: Actor, delegation_id: UUID) -> Delegation:
    """Take a delegation that the acting party decides of; Http404 when it is nobody's of theirs."""
    _decide(actor)
    rows = relations.of_party(actor.party_id).filter(pk=delegation_id)
    found = rows.select_for_update(of=("self",)).first()
    if found is None:
        raise Http404
    return found


def _tell(kind: type[DelegationEvent], actor: Actor, made: Delegation) -> None:
    other = made.delegate_id if made.delegator_id == actor.party_id else made.delegator_id
    event = kind(
        delegation=made.pk,
        told=other,
        delegator=made.delegator.display_name,
        delegate=made.delegate.display_name,
        scope=made.scope,
    )
    record(event, actor=actor)
