"""Writing in a circle one at a time: the lock, the versions, the unique roles."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils.translation import gettext as _

from ronde.careteam import events
from ronde.careteam.access import Access
from ronde.careteam.models import UNIQUE_ROLES, Member, MemberRole
from ronde.careteam.sections import CARETEAM
from ronde.journal.actions import record
from ronde.patients import actions as patients
from ronde.terminology.queries import display

Replacing = Mapping[str, UUID]  # Role code → member who loses it to the one who takes it.


class Conflict(ValidationError):
    """Somebody else changed this first: the message says what, and nothing was saved."""


class Stale(Conflict):
    """What was typed started from an older version; both are to be shown (409)."""


def hold(access: Access, party_id: UUID | None = None) -> None:
    """Take the circle for oneself until the end of the transaction, so that writers follow one
    another. Http404 when the right was withdrawn since the record was opened.
    """
    access.require(CARETEAM, write=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT careteam_hold(%s, %s)", [access.patient_id, party_id])
        if not cursor.fetchone()[0]:
            raise Http404


def locked(access: Access, member: Member) -> Member:
    """Take the circle, then the member as they are now; gone since the page was shown: Conflict."""
    hold(access, member.party_id)
    found = Member.objects.filter(
        pk=member.pk, patient_id=access.patient_id, removed_at=None
    ).first()
    if found is None:
        raise Conflict(_("Ce membre a été retiré du cercle entre-temps."))
    return found


def save(member: Member, *fields: str) -> None:
    """Write these fields and a new version of the row."""
    member.version += 1
    member.save(update_fields=[*fields, "version"])


def tell(kind: type[events.MemberEvent], access: Access, member: Member, **details: Any) -> None:
    """Record what happened to a member; the record counts as updated."""
    patients.touch(access.patient_id)
    event = kind(
        patient_id=access.patient_id,
        member_id=member.pk,
        member=member.display_name,
        party_id=member.party_id,
        **details,
    )
    record(event, actor=access.actor)


def give_roles(
    access: Access, member: Member, wanted: list[str], replacing: Replacing
) -> tuple[list[str], list[str]]:
    """Bring the roles in line; answer those given and those taken away."""
    rows = {row.role: row for row in MemberRole.objects.filter(member=member)}
    held = {role for role, row in rows.items() if row.is_current}
    given, lost = [role for role in wanted if role not in held], sorted(held.difference(wanted))
    for role in set(given).intersection(UNIQUE_ROLES):
        _free(access, role, member, replacing.get(role))
    for role in [*given, *lost]:
        row = rows.get(role) or MemberRole(
            member=member, patient_id=access.patient_id, role=role, is_current=False
        )
        row.is_current = role in wanted
        row.save(update_fields=["is_current"] if role in rows else None)
    return given, lost


def _free(access: Access, role: str, successor: Member, replaced: UUID | None) -> None:
    holding = MemberRole.objects.filter(
        patient_id=access.patient_id, role=role, is_current=True
    ).select_related("member")
    for row in holding:
        if row.member_id != replaced:
            raise Conflict(
                _("Rôle unique : « %(role)s » est déjà tenu par %(name)s."),
                code=role,
                params={"role": display("roles", role), "name": row.member.display_name},
            )
        row.is_current = False
        row.save(update_fields=["is_current"])
        save(row.member)
        tell(
            events.MemberChanged,
            access,
            row.member,
            lost=[role],
            successor=successor.display_name,
        )
