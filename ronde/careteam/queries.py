"""Reading a circle of care: its members as a screen shows them, in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject, Now
from django.utils.translation import gettext as _

from ronde.accounts.models import Attachment, User
from ronde.careteam.access import Access
from ronde.careteam.models import (
    UNIQUE_ROLES,
    BreakGlass,
    GrantReason,
    Member,
    MemberKind,
    MemberRole,
    Origin,
    Right,
)
from ronde.core.formats import day
from ronde.core.text import fold
from ronde.directory.models import Kind, Party, Post
from ronde.journal.models import JournalEntry
from ronde.patients.models import Patient, Sex
from ronde.terminology.queries import Entry, concept, display, entries

MASCULINE, FEMININE = {"M", "M."}, {"MME", "MLLE", "MME."}
# The function answers to whom may open the record; it reads the projection of the rule.
HOLDS = "(careteam_member.party_id IN (SELECT party_id FROM careteam_parties_with_access(%s) WHERE reason = %s))"  # noqa: E501


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    label: str

    @property
    def is_unique(self) -> bool:
        return self.code in UNIQUE_ROLES


@dataclass(frozen=True, slots=True)
class State:
    """What a member may do with the record, in words; `kind` is «oui», «non» or «refus»."""

    kind: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One member as a list shows them."""

    member: Member
    roles: tuple[Role, ...]
    state: State
    right: Right
    is_me: bool
    subtitle: str
    place: str
    phone: str
    email: str

    @property
    def name(self) -> str:
        return self.member.display_name

    @property
    def is_structure(self) -> bool:
        return self.member.kind == MemberKind.STRUCTURE

    @property
    def has_access(self) -> bool:
        return self.state.kind == "oui"

    @property
    def from_directory(self) -> bool:
        return self.member.party_id is not None

    @property
    def auto_habilitated(self) -> bool:
        return self.member.origin == Origin.CREATOR

    @property
    def mobile(self) -> str:
        return self.member.mobile if self.member.mobile != self.phone else ""

    @property
    def description(self) -> str:
        return self.member.description


def circle(access: Access) -> list[Line]:
    """The present members: professionals, structures, relatives, each by name."""
    access.require("careteam")
    lines = [_line(access, row) for row in with_columns(present(access.patient_id), access)]
    return in_order(lines, "nom")


def past(access: Access) -> list[Line]:
    """Who left the circle, the last one first."""
    access.require("careteam")
    left = Member.objects.filter(patient_id=access.patient_id).exclude(removed_at=None)
    return [_line(access, row) for row in with_columns(left.order_by("-removed_at"), access)]


def one(access: Access, member_id: UUID) -> Line | None:
    """A member, present or past, of this record."""
    access.require("careteam")
    rows = with_columns(Member.objects.filter(patient_id=access.patient_id, pk=member_id), access)
    return next((_line(access, row) for row in rows), None)


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
        has_account=Exists(User.objects.filter(person_id=OuterRef("party_id"), is_active=True))
        | Exists(
            Attachment.objects.filter(
                structure_id=OuterRef("party_id"), ended_at=None, user__is_active=True
            )
        ),
    )


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


def _line(access: Access, row: Any) -> Line:
    party, post = row.party, row.post or {}
    return Line(
        member=row,
        roles=_roles(row.role_codes),
        state=_state(access, row),
        right=_right(row),
        is_me=row.party_id == access.actor.party_id,
        subtitle=subtitle(row, post),
        place=_place(row, post),
        phone=row.phone or (party and party.phone) or post.get("phone") or row.mobile,
        email=row.email or (party and party.email) or post.get("email") or "",
    )


def _roles(codes: Iterable[str]) -> tuple[Role, ...]:
    order = {entry.code: rank for rank, entry in enumerate(entries("roles"))}
    ranked = sorted(codes, key=lambda code: (order.get(code, len(order)), code))
    return tuple(Role(code, display("roles", code)) for code in ranked)


def _right(row: Member) -> Right:
    if row.refused:
        return Right.REFUSED
    return Right.HABILITATED if row.habilitated else Right.NONE


def _state(access: Access, row: Any) -> State:
    right = _right(row)
    if right == Right.REFUSED:
        return State("refus", _("Partage refusé"), _refusal(access.patient, row))
    if right == Right.NONE:
        return State("non", _("Sans accès"), _why_none(row))
    if not row.holds:
        detail = _("sans effet : la structure n'agit pas comme « personne morale »")
        return State("non", _habilitated(row), detail)
    detail = "" if row.has_account else _no_account(row)
    return State("oui", _habilitated(row), detail)


def _refusal(patient: Patient, row: Member) -> str:
    by = (
        _("par la patiente, %(day)s") if patient.sex == Sex.FEMALE else _("par le patient, %(day)s")
    )
    return by % {"day": day(row.refused_at)}


def _why_none(row: Member) -> str:
    if row.kind == MemberKind.RELATIVE:
        return _("entourage : pour information")
    return _("hors annuaire : pour information") if row.party_id is None else ""


def _no_account(row: Member) -> str:
    if row.kind == MemberKind.STRUCTURE:
        return _("aucun professionnel rattaché pour l'instant")
    return _("pas encore de compte")


def _habilitated(row: Member) -> str:
    if row.kind == MemberKind.STRUCTURE:
        return _("Habilitée")
    title = fold(row.party.person.title) if hasattr(row.party, "person") else ""
    if title in FEMININE:
        return _("Habilitée")
    return _("Habilité") if title in MASCULINE else _("Habilité(e)")


def subtitle(row: Member, post: dict[str, Any]) -> str:
    """Profession and know-how, category and FINESS, or the link with the patient."""
    if row.kind == MemberKind.RELATIVE:
        return display("relationships", row.relationship_code)
    if row.kind == MemberKind.STRUCTURE:
        return _of_structure(row)
    person = getattr(row.party, "person", None)
    code = person.profession_code if person else row.profession_code
    parts = [display("professions", code), display("know-how", post.get("know_how") or "")]
    return " · ".join(part for part in parts if part)


def _of_structure(row: Member) -> str:
    structure = getattr(row.party, "structure", None)
    finess = structure.finess if structure else row.finess
    category = display("establishment-categories", structure.category_code if structure else "")
    parts = [category or row.short_name, f"FINESS {finess}" if finess else ""]
    return " · ".join(part for part in parts if part)


def _place(row: Member, post: dict[str, Any]) -> str:
    """The establishment (with the unit) and the town."""
    if row.kind == MemberKind.RELATIVE:
        return row.city
    establishment = row.establishment or post.get("place") or ""
    city = row.city or post.get("city") or (row.party and row.party.city) or ""
    return ", ".join(part for part in (establishment, row.unit, city) if part)


ORDERS = ("nom", "role", "acces", "ajout")


def in_order(lines: list[Line], order: str) -> list[Line]:
    """Sort by kind, then by the column asked (`-` before it: backwards), then by name."""
    lines = sorted(lines, key=lambda line: fold(line.name))
    key = order.removeprefix("-")
    if key in ORDERS:
        lines.sort(key=partial(_rank, key), reverse=order.startswith("-"))
    return sorted(lines, key=lambda line: line.member.kind)


def _rank(key: str, line: Line) -> Any:
    if key == "role":
        order = {entry.code: rank for rank, entry in enumerate(entries("roles"))}
        return min(
            (order.get(role.code, len(order)) for role in line.roles), default=len(order) + 1
        )
    if key == "acces":
        return ("oui", "non", "refus").index(line.state.kind)
    return line.member.added_at if key == "ajout" else fold(line.name)


def role_choices(kind: MemberKind, held: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The roles offered to a kind of member, and those already held, retired or not."""
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
            patient_id=access.patient_id, section="careteam", payload__member_id=str(member.pk)
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
