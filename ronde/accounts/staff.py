"""A structure and those who act in its name, as its super-user changes them."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts.gate import actor_view
from ronde.accounts.models import Attachment, User
from ronde.accounts.staff_events import (
    AttachmentEnded,
    ColleagueAttached,
    StaffEvent,
    SuperUserDropped,
    SuperUserNamed,
)
from ronde.core.actor import Actor
from ronde.journal.actions import record

View = Callable[..., HttpResponse]


def super_user_view(view: View) -> View:
    """Open to the super-user of a structure, acting in its name; to others it does not exist."""

    @actor_view
    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.actor.is_super_user:
            raise Http404
        return view(request, *args, **kwargs)

    return gated


def attached(structure_id: UUID) -> list[Attachment]:
    """Those who act in the name of a structure today, by name."""
    return list(
        Attachment.objects.filter(structure_id=structure_id, ended_at=None)
        .select_related("user__person__party", "structure__party")
        .order_by("user__full_name")
    )


def _held(actor: Actor) -> dict[UUID, Attachment]:
    """Take the attachments of the structure for oneself; refused to who is not super-user now."""
    rows = Attachment.objects.select_for_update(of=("self",)).filter(
        structure_id=actor.party_id, ended_at=None
    )
    held = {one.pk: one for one in rows.select_related("user", "structure__party").order_by("pk")}
    mine = [one for one in held.values() if one.user_id == actor.user_id and one.is_super_user]
    if not mine or not actor.as_structure or actor.is_delegate:
        raise PermissionDenied
    return held


def _one(held: dict[UUID, Attachment], attachment_id: UUID) -> Attachment:
    if attachment_id not in held:
        raise ValidationError(_("Cette personne n’est plus rattachée à la structure."), code="gone")
    return held[attachment_id]


@transaction.atomic
def attach(actor: Actor, user: User, *, is_super_user: bool = False) -> Attachment:
    """Let somebody with an account act in the name of the structure; already so: nothing."""
    held = _held(actor)
    present = next((one for one in held.values() if one.user_id == user.pk), None)
    if present is not None:
        return present
    attachment = Attachment(user=user, structure_id=actor.party_id, is_super_user=is_super_user)
    attachment.save(force_insert=True)
    _tell(ColleagueAttached, actor, attachment)
    return attachment


@transaction.atomic
def end_attachment(actor: Actor, attachment_id: UUID) -> Attachment:
    """From the next page on, this person no longer acts in the name of the structure."""
    held = _held(actor)
    attachment = _one(held, attachment_id)
    _not_the_last(held, attachment)
    attachment.ended_at = timezone.now()
    attachment.save(update_fields=["ended_at"])
    _tell(AttachmentEnded, actor, attachment)
    return attachment


@transaction.atomic
def may_leave(actor: Actor) -> None:
    """Refuse to the last super-user to leave the structure: ValidationError says what to do."""
    problem = why_stay(_held(actor).values(), actor.user_id)
    if problem:
        raise ValidationError(problem, code="last")


def why_stay(held: Iterable[Attachment], user_id: UUID) -> str:
    """What keeps this person from leaving those attached with them; empty: nothing."""
    known = {one.pk: one for one in held}
    try:
        for one in known.values():
            if one.user_id == user_id:
                _not_the_last(known, one)
    except ValidationError as error:
        return error.messages[0]
    return ""


@transaction.atomic
def attach_again(actor: Actor, attachment_id: UUID) -> Attachment:
    """Take an end back: a new attachment, at the same level."""
    ended = Attachment.objects.select_related("user").get(
        pk=attachment_id, structure_id=actor.party_id
    )
    return attach(actor, ended.user, is_super_user=ended.is_super_user)


@transaction.atomic
def set_super_user(actor: Actor, attachment_id: UUID, *, wanted: bool) -> Attachment:
    """Name a super-user, or take the level back; the last one keeps it."""
    held = _held(actor)
    attachment = _one(held, attachment_id)
    if attachment.is_super_user == wanted:
        return attachment
    if not wanted:
        _not_the_last(held, attachment)
    attachment.is_super_user = wanted
    attachment.save(update_fields=["is_super_user"])
    _tell(SuperUserNamed if wanted else SuperUserDropped, actor, attachment)
    return attachment


def _not_the_last(held: dict[UUID, Attachment], leaving: Attachment) -> None:
    others = [
        one
        for one in held.values()
        if one.is_super_user and one.user.is_active and one.pk != leaving.pk
    ]
    if leaving.is_super_user and not others:
        raise ValidationError(
            _("Nommez d’abord un autre super-utilisateur : la structure doit en garder un."),
            code="last",
        )


def _tell(kind: type[StaffEvent], actor: Actor, attachment: Attachment) -> None:
    user = attachment.user
    event = kind(
        account=user.pk,
        person_id=user.person_id,
        member=user.full_name,
        structure=actor.display_name,
    )
    record(event, actor=actor)
