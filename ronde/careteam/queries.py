"""Reading a circle of care: its members as a screen shows them, in one query."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject, Now

from ronde.accounts.models import Attachment, User
from ronde.careteam.access import Access
from ronde.careteam.awaiting_models import AwaitedAccount
from ronde.careteam.lines import Card, Line, in_order, line_of, place_of, subtitle_of
from ronde.careteam.models import (
    UNIQUE_ROLES,
    BreakGlass,
    GrantReason,
    Member,
    MemberKind,
    MemberRole,
)
from ronde.core.text import fold
from ronde.directory.models import Kind, Party, Post
from ronde.journal.models import JournalEntry
from ronde.terminology.queries import Entry, concept, entries

# The function answers to whom may open the record; it reads the projection of the rule.
HOLDS = (
    "(careteam_member.party_id IN"
    " (SELECT party_id FROM careteam_parties_with_access(%s) WHERE reason = %s))"
)


def circle(access: Access) -> list[Line]:
    """The present members: professionals, structures, relatives, each by name."""
    access.require("careteam")
    lines = [line_of(access, row) for row in with_columns(present(access.patient_id), access)]
    return in_order(lines, "nom")


def past(access: Access) -> list[Line]:
    """Who left the circle, the last one first."""
    access.require("careteam")
    left = Member.objects.filter(patient_id=access.patient_id).exclude(removed_at=None)
    return [line_of(access, row) for row in with_columns(left.order_by("-removed_at"), access)]


def gone_count(access: Access) -> int:
    return Member.objects.filter(patient_id=access.patient_id, removed_at__isnull=False).count()


def one(access: Access, member_id: UUID) -> Line | None:
    """A member, present or past, of this record."""
    access.require("careteam")
    rows = with_columns(Member.objects.filter(patient_id=access.patient_id, pk=member_id), access)
    return next((line_of(access, row) for row in rows), None)


def present(patient_id: UUID) -> QuerySet[Member]:
    return Member.objects.filter(patient_id=patient_id, removed_at=None)


def with_columns(members: QuerySet[Member], access: Access) -> QuerySet[Member]:
    """Add what a line shows: roles, post, whether the right is effective, whether anyone is there
    to use it.
    """
    roles = MemberRole.objects.filter(member=OuterRef("pk"), is_current=True).values("role")
    return members.select_related("party__person", "party__structure").annotate(
        role_codes=ArraySubquery(roles),
        post=Subquery(_main_post(OuterRef("party_id"))),
        holds=RawSQL(  # noqa: S611
            HOLDS, [access.patient_id, GrantReason.MEMBER], output_field=BooleanField()
        ),
        account_asked=Subquery(_last_asked(OuterRef("pk"))),
        has_account=Exists(User.objects.filter(person_id=OuterRef("party_id"), is_active=True))
        | Exists(
            Attachment.objects.filter(
                structure_id=OuterRef("party_id"), ended_at=None, user__is_active=True
            )
        ),
    )


def _last_asked(member: OuterRef) -> QuerySet[AwaitedAccount, Any]:
    """What came of the account that was asked for last; empty while it is awaited."""
    asked = AwaitedAccount.objects.filter(member_id=member).order_by("-asked_at")
    return asked.values("outcome")[:1]


def _main_post(party: OuterRef) -> QuerySet[Post, Any]:
    return posts(party).values(
        data=JSONObject(
            know_how="know_how_code",
            place="structure__party__display_name",
            city="city",
            phone="phone",
            email="email",
        )
    )[:1]


def posts(party: OuterRef | UUID) -> QuerySet[Post]:
    """The posts that a person still holds; first those in a known place."""
    return Post.objects.filter(person_id=party, gone_on=None).order_by(
        F("structure_id").asc(nulls_last=True), "id"
    )


def role_choices(kind: MemberKind, held: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The roles offered to a kind of member, and those already held, offered or not."""
    name = {
        MemberKind.PROFESSIONAL: "professional",
        MemberKind.STRUCTURE: "structure",
        MemberKind.RELATIVE: "entourage",
    }[kind]
    offered = [entry for entry in entries("roles") if name in _kinds(entry)]
    known = {entry.code for entry in offered}
    kept = [found for code in held if code not in known and (found := concept("roles", code))]
    return [(entry.code, entry.label) for entry in [*offered, *kept]]


def _kinds(entry: Entry) -> list[str]:
    return str(entry.properties.get("for", "")).split()


def holders(access: Access) -> dict[str, Member]:
    """Who holds each unique role today."""
    rows = MemberRole.objects.filter(
        patient_id=access.patient_id, is_current=True, role__in=UNIQUE_ROLES
    ).select_related("member")
    return {row.role: row.member for row in rows}


def card(party: Party) -> Card:
    found = list(posts(party.pk).select_related("structure__party")[:10])
    main = found[0] if found else None
    post = {
        "know_how": main.know_how_code if main else "",
        "place": main.structure.party.display_name if main and main.structure else "",
        "city": main.city if main else "",
    }
    row = Member(kind=kind_of(party), party=party)
    names = [one.structure.party.display_name for one in found if one.structure]
    return Card(
        party,
        subtitle_of(row, post),
        place_of(row, post),
        party.phone or (main.phone if main else ""),
        tuple(dict.fromkeys(names)),
    )


def kind_of(party: Party) -> MemberKind:
    return MemberKind.STRUCTURE if party.is_structure else MemberKind.PROFESSIONAL


def candidate(access: Access, party_id: UUID) -> Party | None:
    """Somebody of the directory who may be added: not gone, not yet a member."""
    return (
        Party.objects.select_related("person", "structure")
        .filter(pk=party_id, gone_on=None)
        .exclude(pk__in=present(access.patient_id).filter(party_id=party_id).values("party_id"))
        .first()
    )


def has_account(party: Party) -> bool:
    """Somebody can sign in as this party, or for it."""
    if party.kind == Kind.STRUCTURE:
        behind = User.objects.filter(
            attachments__structure_id=party.pk, attachments__ended_at=None, is_active=True
        )
    else:
        behind = User.objects.filter(person_id=party.pk, is_active=True)
    return behind.exists()


def members_among(access: Access, parties: Iterable[UUID]) -> set[UUID]:
    """Among these parties, those already in the circle."""
    rows = present(access.patient_id).filter(party_id__in=list(parties))
    return set(rows.values_list("party_id", flat=True))


def open_glasses(access: Access) -> list[BreakGlass]:
    """Break-glass accesses that have not ended, the last one first."""
    running = BreakGlass.objects.filter(
        patient_id=access.patient_id, ended_at=None, until__gt=Now()
    )
    return list(running.order_by("-until"))


def last_change(access: Access, member: Member) -> JournalEntry | None:
    """What happened last to this member, and by whom."""
    return (
        JournalEntry.objects.filter(
            patient_id__in=access.patient_ids, section="careteam", payload__member_id=str(member.pk)
        )
        .order_by("-at")
        .first()
    )


def namesake(access: Access, name: str) -> Member | None:
    """A present member of that name, whatever the accents and capitals."""
    wanted = fold(name)
    return next(
        (row for row in present(access.patient_id) if fold(row.display_name) == wanted), None
    )


def is_last_with_access(access: Access, line: Line) -> bool:
    """Nobody of the circle could open the record any more without this member."""
    return line.has_access and sum(other.has_access for other in circle(access)) == 1
