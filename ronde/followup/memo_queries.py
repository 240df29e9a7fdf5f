"""Reading the memos of a record."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import BooleanField, Func, Q, QuerySet, Value

from ronde.careteam.access import Access
from ronde.careteam.sections import CARETEAM, MEMOS
from ronde.core.sharing import Sharing
from ronde.followup.models import Memo, MemoVersion
from ronde.journal.models import Weight

# The filters of the page, by the name they have in the address.
FILTERS = {
    "important": Q(weight=Weight.IMPORTANT),
    "tres-important": Q(weight=Weight.VERY_IMPORTANT),
    "partages": Q(sharing=Sharing.SHARED),
    "prives": Q(sharing=Sharing.PRIVATE),
}
MINE = "miens"


def every(access: Access) -> QuerySet[Memo]:
    """Every memo that the reader may see, deleted ones included; `to_take_over`, those that they
    may make their own, because nobody opens the record any more in the name of the owner.
    """
    access.require(MEMOS)
    keeper = access.can_write(MEMOS) and access.can_write(CARETEAM)
    left = Func(
        "patient_id",
        "owner_party",
        function="followup_owner_left",
        output_field=BooleanField(),
    )
    return Memo.objects.readable(access).annotate(to_take_over=left if keeper else Value(False))


def memos(access: Access, kinds: Iterable[str] = ()) -> QuerySet[Memo]:
    """The memos of any of these kinds, or all: the loudest first, then the newest."""
    wanted = Q()
    for kind in kinds:
        wanted |= Q(owner_party=access.actor.party_id) if kind == MINE else FILTERS[kind]
    return every(access).filter(wanted, deleted_at=None).order_by("-weight", "-changed_at")


def one(access: Access, memo_id: UUID, *, deleted: bool = False) -> Memo | None:
    rows = every(access).filter(pk=memo_id)
    return (rows if deleted else rows.filter(deleted_at=None)).first()


def is_mine(access: Access, memo: Memo) -> bool:
    """It belongs to the acting party, which alone chooses its audience and deletes it."""
    return memo.owner_party == access.actor.party_id


def past(memo: Memo) -> list[MemoVersion]:
    """What it said before, the last first."""
    return list(MemoVersion.objects.filter(memo=memo).order_by("-version"))
