"""One act on many circles: in each, what stands in the way, what was done, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from ronde.careteam import actions, events
from ronde.careteam.access import Access, access_to
from ronde.careteam.foresight import Act, Obstacle, Seat, holders, obstacle
from ronde.careteam.holding import Conflict, give_roles, hold, save, tell
from ronde.careteam.models import Member, MemberRole
from ronde.core.actor import Actor
from ronde.directory.models import Party


class Before(models.TextChoices):
    """Where a party stood before the act."""

    ABSENT = "absent", _("hors du cercle")
    WITHOUT = "without", _("sans accès")
    HABILITATED = "habilitated", _("habilité(e)")


@dataclass(frozen=True, slots=True)
class Done:
    """What is needed to come back: the row as the act left it, and what stood before."""

    member_id: UUID
    version: int
    before: Before
    roles: tuple[str, ...] = ()


class HinderedError(Exception):
    """Nothing was changed in this circle; `obstacle` says why."""

    def __init__(self, found: Obstacle) -> None:
        super().__init__(found)
        self.obstacle = found


CODES = {"refused": Obstacle.REFUSED, "consent": Obstacle.CONSENT}


def opened(actor: Actor, patient_id: UUID) -> Access:
    """Open a record to change its circle; Hindered when that is not, or no longer, possible."""
    try:
        access = access_to(actor, patient_id)
    except Http404:
        raise HinderedError(Obstacle.CLOSED) from None
    if access.is_break_glass:
        raise HinderedError(Obstacle.GLASS)
    if not access.can_write("careteam"):
        raise HinderedError(Obstacle.SECTION)
    return access


@transaction.atomic
def apply(access: Access, party: Party, act: Act) -> Done:
    """Do the act by the same steps as one by one; Hindered when there is nothing to do or it may
    not be done. The last access to a record is never taken by an act on many.
    """
    _held(access, party.pk)
    member = _present(access, party.pk)
    seat = _seat(access, party.pk, member)
    consent = access.patient.consents.filter(withdrawn_at=None).exists()
    found = obstacle(act, seat, consent=consent, gone=party.gone_on is not None)
    if found is not None:
        raise HinderedError(found)
    before, roles = _before(member), _roles(member)
    after = _tried(lambda: _do(access, party, act, member))
    return Done(after.pk, after.version, before, roles)


def _do(access: Access, party: Party, act: Act, member: Member | None) -> Member:
    if act in {Act.ADD, Act.HABILITATE}:
        member = member or actions.add_party(access, party)
        return actions.habilitate(access, member) if act == Act.HABILITATE else member
    assert member is not None  # noqa: S101
    return (
        actions.withdraw(access, member) if act == Act.WITHDRAW else actions.remove(access, member)
    )


@transaction.atomic
def undo(access: Access, party: Party, act: Act, done: Done) -> None:
    """Bring the circle back to what it was, unless somebody changed this member since."""
    _held(access, party.pk)
    member = Member.objects.filter(pk=done.member_id, patient_id=access.patient_id).first()
    if member is None or member.version != done.version:
        raise HinderedError(Obstacle.CHANGED)
    if act in {Act.ADD, Act.HABILITATE} and _seat(access, party.pk, member).is_last:
        raise HinderedError(Obstacle.LAST)
    _tried(lambda: _back(access, act, member, done))


def _back(access: Access, act: Act, member: Member, done: Done) -> Member:
    if act == Act.REMOVE:
        return _restore(access, member, done)
    if act == Act.WITHDRAW:
        return actions.habilitate(access, member)
    if done.before == Before.ABSENT:
        return actions.remove(access, member)
    return actions.withdraw(access, member)


def _restore(access: Access, member: Member, done: Done) -> Member:
    """Put a removed member back in their own row, with roles and right."""
    if _present(access, member.party_id) is not None:
        raise HinderedError(Obstacle.CHANGED)
    member.removed_at, member.removed_by_name = None, ""
    save(member, "removed_at", "removed_by_name")
    give_roles(access, member, sorted(done.roles), {})
    tell(events.MemberRestored, access, member, roles=list(done.roles))
    return actions.habilitate(access, member) if done.before == Before.HABILITATED else member


def _tried(act: Callable[[], Member]) -> Member:
    """Try in a savepoint; what an action refuses is an obstacle, by the code that it gives."""
    try:
        with transaction.atomic():
            return act()
    except Conflict:
        raise HinderedError(Obstacle.ROLE) from None
    except ValidationError as error:
        raise HinderedError(CODES[str(error.code)]) from None


def _held(access: Access, party_id: UUID) -> None:
    try:
        hold(access, party_id)
    except Http404:
        raise HinderedError(Obstacle.CLOSED) from None
    except PermissionDenied:
        raise HinderedError(Obstacle.SECTION) from None


def _present(access: Access, party_id: UUID | None) -> Member | None:
    return Member.objects.filter(
        patient_id=access.patient_id, party_id=party_id, removed_at=None
    ).first()


def _seat(access: Access, party_id: UUID, member: Member | None) -> Seat:
    if member is None:
        return Seat()
    holding = holders([access.patient_id]).get(access.patient_id, set())
    return Seat(
        is_member=True,
        habilitated=member.habilitated,
        refused=member.refused,
        is_last=holding == {party_id},
    )


def _before(member: Member | None) -> Before:
    if member is None:
        return Before.ABSENT
    return Before.HABILITATED if member.habilitated else Before.WITHOUT


def _roles(member: Member | None) -> tuple[str, ...]:
    if member is None:
        return ()
    held: Any = MemberRole.objects.filter(member=member, is_current=True)
    return tuple(sorted(held.values_list("role", flat=True)))
