"""The habilitations to look at again: past their date, or not used for months."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam import actions
from ronde.careteam.access import Access, access_to
from ronde.careteam.deadlines import months_ago, review_date
from ronde.careteam.events import role_names
from ronde.careteam.models import Member, MemberRole
from ronde.core.actor import Actor
from ronde.terminology.queries import display

SHOWN = 50
KEEP, WITHDRAW = "maintenir", "retirer"


@dataclass(frozen=True, slots=True)
class Due:
    """A habilitation, when it was last used, and when it should have been looked at."""

    member: Member
    used_at: datetime | None
    roles: str

    @property
    def review_on(self) -> date | None:
        return review_date(self.member)

    @property
    def is_unused(self) -> bool:
        """Given long ago, and not used since."""
        limit = months_ago(settings.HABILITATION_UNUSED_MONTHS)
        given = self.member.habilitated_at
        return given < limit and (self.used_at is None or self.used_at < limit)

    @property
    def is_past(self) -> bool:
        return self.review_on is not None and self.review_on <= timezone.localdate()

    @property
    def what(self) -> str:
        person = getattr(self.member.party, "person", None)
        profession = display("professions", person.profession_code) if person else ""
        return " · ".join(part for part in (profession, self.roles) if part)


def of_record(access: Access) -> list[Due]:
    """Those of one record, for who may write in its circle."""
    access.require("careteam", write=True)
    return _read(access.patient_id, SHOWN, 0)[0]


def of_structure(actor: Actor, number: int = 1) -> tuple[list[Due], int]:
    """One page of those in all the records where a structure may write, and how many there are:
    for its super-user, in person.
    """
    if not (actor.as_structure and actor.is_super_user and not actor.is_delegate):
        raise PermissionDenied
    return _read(None, SHOWN, (number - 1) * SHOWN)


def _read(record: UUID | None, size: int, start: int) -> tuple[list[Due], int]:
    idle = months_ago(settings.HABILITATION_UNUSED_MONTHS)
    # Given on that very day, it is to be looked at today.
    overdue = months_ago(settings.HABILITATION_REVIEW_MONTHS) + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM careteam_due_habilitations(%s, %s, %s, %s, %s, %s)",
            [record, timezone.localdate(), idle, overdue, size, start],
        )
        rows = cursor.fetchall()
    members = _members(key for key, *_ in rows)
    roles = _roles(members)
    found = [
        Due(members[key], used_at, role_names(roles.get(key)))
        for key, used_at, _total in rows
        if key in members
    ]
    return found, rows[0][-1] if rows else 0


def _members(keys: Iterable[UUID]) -> dict[UUID, Member]:
    return Member.objects.select_related("patient", "party__person").in_bulk(list(keys))


def _roles(members: Iterable[UUID]) -> dict[UUID, list[str]]:
    held: dict[UUID, list[str]] = {}
    rows = MemberRole.objects.filter(member_id__in=list(members), is_current=True)
    for row in rows.order_by("role"):
        held.setdefault(row.member_id, []).append(row.role)
    return held


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of the habilitations that were ticked."""

    member: Member
    text: str
    is_done: bool


def settle(actor: Actor, keys: Sequence[UUID], gesture: str) -> list[Outcome]:
    """Keep or withdraw each of these habilitations, one after another: one that fails stops none.

    What the acting party may not see is left out without a word.
    """
    return [_settle(actor, member, gesture) for member in _members(keys).values()]


def _settle(actor: Actor, member: Member, gesture: str) -> Outcome:
    act: Any = actions.keep if gesture == KEEP else actions.withdraw
    try:
        with transaction.atomic():
            act(access_to(actor, member.patient_id), member)
    except ValidationError as error:
        return Outcome(member, " ".join(error.messages), is_done=False)
    except (Http404, PermissionDenied):
        return Outcome(member, _("vos droits ne le permettent plus"), is_done=False)
    done = _("habilitation maintenue") if gesture == KEEP else _("habilitation retirée")
    return Outcome(member, done, is_done=True)
