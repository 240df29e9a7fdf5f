"""What changes in the memos of a record."""

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.careteam.sections import CARETEAM, MEMOS
from ronde.careteam.sharing import share
from ronde.core.sharing import Sharing
from ronde.followup import events, memo_queries
from ronde.followup.actions import Conflict
from ronde.followup.models import Memo, MemoVersion
from ronde.journal.actions import record
from ronde.journal.models import Weight
from ronde.patients import actions as patients

SAID = ["title", "content", "weight", "changed_at", "changed_by_name"]
AUDIENCE = ["sharing", "recipients"]
OWNER = ["owner_party", "owned_by_structure", "recipients"]


@transaction.atomic
def write(
    access: Access,
    content: str,
    *,
    title: str = "",
    weight: Weight = Weight.NORMAL,
    sharing: Sharing = Sharing.PUBLIC,
    recipients: Collection[UUID] = (),
) -> Memo:
    """Stick a memo on the record, in the name of the acting party."""
    access.require(MEMOS, write=True)
    now = timezone.now()
    memo = Memo(
        patient=access.patient,
        title=title,
        content=content,
        weight=weight,
        written_at=now,
        written_by_user=access.actor.user_id,
        written_by_name=access.actor.signature,
        changed_at=now,
        changed_by_name=access.actor.signature,
    )
    memo.belongs_to(access.actor)
    share(memo, access, sharing, recipients)
    memo.save(force_insert=True)
    _tell(events.MemoWritten, access, memo)
    return memo


@transaction.atomic
def change(
    access: Access,
    memo: Memo,
    content: str,
    version: int,
    *,
    title: str = "",
    weight: Weight = Weight.NORMAL,
    sharing: Sharing | None = None,
    recipients: Collection[UUID] = (),
) -> Memo:
    """Correct a memo, unless somebody did since `version` (Conflict); what it said is kept.

    `sharing` is for the owner; anybody else leaves it as it is.
    """
    memo = _locked(access, memo)
    if memo.version != version:
        raise Conflict(
            _("Ce mémo a été modifié pendant votre saisie : comparez, puis enregistrez."),
            code="conflict",
        )
    shared = sharing is not None and share(_owned(access, memo), access, sharing, recipients)
    said = (memo.title, memo.content, memo.weight) != (title, content, weight)
    if not said and not shared:
        return memo
    if said:
        _keep(memo)
    memo.title, memo.content, memo.weight = title, content, weight
    memo.changed_at, memo.changed_by_name = timezone.now(), access.actor.signature
    memo.version += 1
    memo.save(update_fields=[*SAID, *(AUDIENCE if shared else []), "version"])
    _tell(events.MemoChanged, access, memo)
    return memo


def _keep(memo: Memo) -> None:
    former = Memo.objects.get(pk=memo.pk)
    MemoVersion(
        memo=memo,
        patient_id=memo.patient_id,
        version=former.version,
        title=former.title,
        content=former.content,
        weight=former.weight,
        until=timezone.now(),
        written_by_name=former.changed_by_name,
    ).save(force_insert=True)


@transaction.atomic
def take_over(access: Access, memo: Memo) -> Memo:
    """Become the owner of a memo whose owner has left (Conflict if not, or not any more)."""
    access.require(CARETEAM, write=True)
    memo = _locked(access, memo)
    if not memo.to_take_over:
        raise Conflict(_("Ce mémo n’est plus à reprendre : quelqu’un du dossier en dispose."))
    return _mine_now(access, memo)


def _mine_now(access: Access, memo: Memo) -> Memo:
    """Keep its readers, the former owner among them should they come back."""
    if memo.sharing == Sharing.SHARED:
        memo.recipients = sorted({*memo.recipients, memo.owner_party} - {access.actor.party_id})
    memo.belongs_to(access.actor)
    memo.save(update_fields=OWNER)
    _tell(events.MemoTakenOver, access, memo)
    return memo


@transaction.atomic
def delete(access: Access, memo: Memo) -> Memo:
    """Withdraw a memo of one's own, or take over then withdraw one whose owner has left; `restore`
    undoes it.
    """
    memo = _locked(access, memo)
    memo = _owned(access, _mine_now(access, memo) if memo.to_take_over else memo)
    if memo.deleted_at is None:
        memo.deleted_at, memo.deleted_by_name = timezone.now(), access.actor.signature
        memo.save(update_fields=["deleted_at", "deleted_by_name"])
        _tell(events.MemoDeleted, access, memo)
    return memo


@transaction.atomic
def restore(access: Access, memo: Memo) -> Memo:
    memo = _owned(access, _locked(access, memo, deleted=True))
    if memo.deleted_at is not None:
        memo.deleted_at, memo.deleted_by_name = None, ""
        memo.save(update_fields=["deleted_at", "deleted_by_name"])
        _tell(events.MemoRestored, access, memo)
    return memo


def _locked(access: Access, memo: Memo, *, deleted: bool = False) -> Memo:
    access.require(MEMOS, write=True)
    rows = memo_queries.every(access).select_for_update(of=("self",))
    found = rows.filter(pk=memo.pk).first()
    if found is None or (found.deleted_at and not deleted):
        raise Conflict(_("Ce mémo a été supprimé entre-temps."))
    return found


def _owned(access: Access, memo: Memo) -> Memo:
    if not memo_queries.is_mine(access, memo):
        raise PermissionDenied(MEMOS)
    return memo


def _tell(kind: type[events.MemoEvent], access: Access, memo: Memo) -> None:
    patients.touch(access.patient_id)
    event = kind(patient_id=access.patient_id, title=memo.title)
    record(event, actor=access.actor, about=memo)
