"""Favourite groups: what each may read of them, and change."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ronde.accounts.group_events import FavouriteGroupShared
from ronde.accounts.group_models import (
    FavouriteGroup,
    FavouriteGroupMember,
    FavouriteGroupShare,
)
from ronde.accounts.models import User
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.journal.actions import record

MOST_GROUPS, MOST_MEMBERS = 50, 30


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its reader meets it."""

    pk: UUID
    name: str
    owner: str
    is_mine: bool
    may_edit: bool
    members: list[Party]
    shares: list[FavouriteGroupShare]


def usable(actor: Actor) -> list[Group]:
    """The groups of this person and those shared with them, by name."""
    return _shown(actor, FavouriteGroup.objects.filter(_reach(actor)).order_by("name", "pk"))


def one(actor: Actor, group_id: UUID) -> Group | None:
    rows = FavouriteGroup.objects.filter(_reach(actor), pk=group_id)
    return next(iter(_shown(actor, rows)), None)


def _reach(actor: Actor) -> Q:
    shared = FavouriteGroupShare.objects.filter(user_id=actor.user_id).values("group_id")
    return Q(owner_id=actor.user_id) | Q(pk__in=shared)


def _shown(actor: Actor, rows: object) -> list[Group]:
    found = list(rows.select_related("owner"))  # type: ignore[attr-defined]
    keys = [one.pk for one in found]
    members: dict[UUID, list[Party]] = {}
    for one in (
        FavouriteGroupMember.objects.filter(group_id__in=keys)
        .select_related("party__person", "party__structure")
        .order_by("party__sort_key")
    ):
        members.setdefault(one.group_id, []).append(one.party)
    shares: dict[UUID, list[FavouriteGroupShare]] = {}
    for share in (
        FavouriteGroupShare.objects.filter(group_id__in=keys)
        .select_related("user")
        .order_by("user__full_name")
    ):
        shares.setdefault(share.group_id, []).append(share)
    return [_group(actor, one, members.get(one.pk, []), shares.get(one.pk, [])) for one in found]


def _group(
    actor: Actor, row: FavouriteGroup, members: list[Party], shares: list[FavouriteGroupShare]
) -> Group:
    is_mine = row.owner_id == actor.user_id
    mine = any(one.user_id == actor.user_id and one.may_edit for one in shares)
    return Group(row.pk, row.name, row.owner.full_name, is_mine, is_mine or mine, members, shares)


def _locked(actor: Actor, group_id: UUID, *, owner: bool = False) -> FavouriteGroup:
    """Take the group for oneself; refused to who may not change it, or not any more."""
    found = FavouriteGroup.objects.select_for_update().filter(pk=group_id).first()
    if found is None:
        raise PermissionDenied
    if found.owner_id != actor.user_id and (
        owner or not found.shares.filter(user_id=actor.user_id, may_edit=True).exists()
    ):
        raise PermissionDenied
    return found


@transaction.atomic
def create(actor: Actor, name: str) -> FavouriteGroup:
    if FavouriteGroup.objects.filter(owner_id=actor.user_id).count() >= MOST_GROUPS:
        raise ValidationError(_("50 groupes au plus : supprimez-en un d’abord."))
    return _named(FavouriteGroup(owner_id=actor.user_id), name)


@transaction.atomic
def rename(actor: Actor, group_id: UUID, name: str) -> FavouriteGroup:
    return _named(_locked(actor, group_id), name)


def _named(group: FavouriteGroup, name: str) -> FavouriteGroup:
    group.name = name
    try:
        with transaction.atomic():
            if group._state.adding:
                group.save(force_insert=True)
            else:
                group.save(update_fields=["name"])
    except IntegrityError:
        raise ValidationError(_("Un groupe porte déjà ce nom.")) from None
    return group


@transaction.atomic
def add(actor: Actor, group_id: UUID, party: Party) -> None:
    """Add somebody of the directory; already there: nothing happens."""
    group = _locked(actor, group_id)
    present = FavouriteGroupMember.objects.filter(group=group)
    if present.filter(party=party).exists():
        return
    if present.count() >= MOST_MEMBERS:
        raise ValidationError(_("30 membres au plus dans un groupe."))
    FavouriteGroupMember(group=group, party=party).save(force_insert=True)


@transaction.atomic
def take_out(actor: Actor, group_id: UUID, party_id: UUID) -> None:
    group = _locked(actor, group_id)
    FavouriteGroupMember.objects.filter(group=group, party_id=party_id).delete()


@transaction.atomic
def share(actor: Actor, group_id: UUID, person: Party, *, may_edit: bool) -> None:
    """Share with a colleague who has an account; told once, the level may change afterwards."""
    group = _locked(actor, group_id, owner=True)
    user = User.objects.filter(person_id=person.pk, is_active=True).first()
    if user is None:
        raise ValidationError(
            _("%(name)s n’a pas de compte : le partage est impossible."),
            params={"name": person.display_name},
        )
    if user.pk == actor.user_id:
        raise ValidationError(_("Ce groupe est déjà le vôtre."))
    known = FavouriteGroupShare.objects.filter(group=group, user=user)
    if known.update(may_edit=may_edit):
        return
    FavouriteGroupShare(group=group, user=user, may_edit=may_edit).save(force_insert=True)
    event = FavouriteGroupShared(
        group_id=group.pk, person_id=person.pk, member=person.display_name, may_edit=may_edit
    )
    record(event, actor=actor)


@transaction.atomic
def stop_sharing(actor: Actor, group_id: UUID, user_id: UUID) -> None:
    """The owner takes a share back, or whoever it was shared with leaves."""
    if user_id != actor.user_id:
        _locked(actor, group_id, owner=True)
    FavouriteGroupShare.objects.filter(group_id=group_id, user_id=user_id).delete()


@transaction.atomic
def delete(actor: Actor, group_id: UUID) -> None:
    """Delete a group of one's own, for all those it was shared with too."""
    _locked(actor, group_id, owner=True).delete()
