"""A member as the screens word them: roles, right, profession, place."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.access import Access
from ronde.careteam.awaiting_models import Outcome
from ronde.careteam.deadlines import review_date
from ronde.careteam.models import UNIQUE_ROLES, Member, MemberKind, Origin, Right
from ronde.core.formats import day
from ronde.core.text import fold
from ronde.directory.models import Party
from ronde.patients.models import Patient, Sex
from ronde.terminology.queries import display, everything

MASCULINE, FEMININE = {"M", "M."}, {"MME", "MLLE", "MME."}
LAST = 1_000  # After every known role.
# Where the account that was asked for stands; empty: awaited.
ASKED = {
    "": gettext_lazy("compte demandé"),
    Outcome.DECLINED.value: gettext_lazy("compte refusé"),
}


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
    def to_review(self) -> bool:
        """The date to look at this habilitation again is past; nobody reviews their own."""
        date = None if self.is_me else review_date(self.member)
        return date is not None and date <= timezone.localdate()

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


def line_of(access: Access, row: Any) -> Line:
    """Word a member read by `queries.with_columns`."""
    party, post = row.party, row.post or {}
    return Line(
        member=row,
        roles=_roles(row.role_codes),
        state=_state(access, row),
        right=_right(row),
        is_me=row.party_id == access.actor.party_id,
        subtitle=subtitle_of(row, post),
        place=place_of(row, post),
        phone=row.phone or (party and party.phone) or post.get("phone") or row.mobile,
        email=row.email or (party and party.email) or post.get("email") or "",
    )


def _roles(codes: Iterable[str]) -> tuple[Role, ...]:
    ranked = sorted(codes, key=lambda code: (_role_rank(code), code))
    return tuple(Role(code, display("roles", code)) for code in ranked)


def _role_rank(code: str) -> int:
    codes = [entry.code for entry in everything("roles")]
    return codes.index(code) if code in codes else LAST


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
        detail = _("sans effet : la structure n’agit pas comme « personne morale »")
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
    if row.account_asked == Outcome.NO_ACCESS:
        by_hand = row.party_id is None
        return _("compte créé : à ajouter depuis l’annuaire") if by_hand else _("compte créé")
    if row.account_asked in ASKED:
        return str(ASKED[row.account_asked])
    return _("hors annuaire : pour information") if row.party_id is None else ""


def _no_account(row: Member) -> str:
    if row.kind == MemberKind.STRUCTURE:
        return _("aucun professionnel rattaché pour l’instant")
    if row.account_asked in ASKED:
        return str(ASKED[row.account_asked])
    return _("pas encore de compte")


def _habilitated(row: Member) -> str:
    if row.kind == MemberKind.STRUCTURE:
        return _("Habilitée")
    title = fold(row.party.person.title) if hasattr(row.party, "person") else ""
    if title in FEMININE:
        return _("Habilitée")
    return _("Habilité") if title in MASCULINE else _("Habilité(e)")


def subtitle_of(row: Member, post: dict[str, Any]) -> str:
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


def place_of(row: Member, post: dict[str, Any]) -> str:
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
        order = {entry.code: rank for rank, entry in enumerate(everything("roles"))}
        return min(
            (order.get(role.code, len(order)) for role in line.roles), default=len(order) + 1
        )
    if key == "acces":
        return ("oui", "non", "refus").index(line.state.kind)
    return line.member.added_at if key == "ajout" else fold(line.name)


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody of the directory, before they are a member."""

    party: Party
    subtitle: str
    place: str
    phone: str
    places: tuple[str, ...]
