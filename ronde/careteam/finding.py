"""Choosing somebody of the directory for a circle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ronde.accounts.queries import with_account
from ronde.careteam import queries, wording
from ronde.careteam.access import Access
from ronde.careteam.asking_forms import AddForm
from ronde.careteam.events import lower_first
from ronde.careteam.lines import Card
from ronde.directory import queries as directory
from ronde.directory.models import Kind, Party
from ronde.directory.search import Level
from ronde.terminology import queries as terminology

LONGEST = 100
FINESS_LENGTH, RPPS_LENGTH = 9, 11


def key(text: str) -> UUID | None:
    """Read a key sent by the browser; anything else is nobody."""
    try:
        return UUID(text)
    except ValueError:
        return None


def candidate(access: Access, text: str) -> Party | None:
    asked = key(text)
    return queries.candidate(access, asked) if asked else None


def why_not(access: Access, text: str) -> str:
    """Say why nobody can be added under this key."""
    asked = key(text)
    if asked and queries.members_among(access, [asked]):
        return _("Cette personne ou cette structure fait déjà partie du cercle de soins.")
    return _("Choisissez dans la liste la personne ou la structure à ajouter.")


@dataclass
class Choice:
    """The dialog as it stands: whom, the form about them, what a right would mean."""

    access: Access
    party: Party | None
    structures: bool
    data: Mapping[str, Any] | None = None
    problem: str = ""
    form: Any = field(init=False, default=None)
    card: Card | None = field(init=False, default=None)
    told: wording.Consequence | None = field(init=False, default=None)
    has_account: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if self.party is None:
            return
        kind = queries.kind_of(self.party)
        self.has_account = queries.has_account(self.party)
        self.form = AddForm(
            self.data,
            access=self.access,
            kind=kind,
            party=self.party,
            has_account=self.has_account,
        )
        self.card = queries.card(self.party)
        self.told = wording.of_habilitating(self.access, self.party)

    def professions(self) -> list[tuple[str, str]]:
        return terminology.professions()

    def categories(self) -> list[tuple[str, str]]:
        return sorted(terminology.choices("establishment-categories"), key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the list: `label` and `kind` say at once what adding them could give."""

    party: Party
    what: str
    place: str
    number: str
    label: str
    kind: str
    is_member: bool


def found(access: Access, asked: Mapping[str, str]) -> list[Option]:
    """Search the directory for what was typed in the dialog."""
    structures = asked.get("type") == "structure"
    hits = directory.search(
        _typed(asked, "q"),
        Kind.STRUCTURE if structures else Kind.PERSON,
        profession="" if structures else _typed(asked, "profession"),
        category=_typed(asked, "categorie") if structures else "",
        place=_typed(asked, "lieu"),
        structure="" if structures else _typed(asked, "structure"),
        level=_level(asked) if structures else None,
    )
    keys = [hit.party.pk for hit in hits]
    members, known = queries.members_among(access, keys), with_account(keys)
    return [_option(hit, hit.party.pk in members, hit.party.pk in known) for hit in hits]


def _level(asked: Mapping[str, str]) -> Level | None:
    wanted = _typed(asked, "niveau")
    return next((level for level in Level if level.value == wanted), None)


def _typed(asked: Mapping[str, str], name: str) -> str:
    return asked.get(name, "")[:LONGEST].replace("\0", "").strip()


def _option(hit: directory.Found, is_member: bool, is_known: bool) -> Option:
    label, kind = _standing(hit.party, is_member, is_known)
    return Option(
        party=hit.party,
        what=hit.profession if hit.party.is_structure else lower_first(hit.profession),
        place=", ".join(part for part in (hit.workplace, hit.place) if part),
        number=_number(hit),
        label=label,
        kind=kind,
        is_member=is_member,
    )


def _number(hit: directory.Found) -> str:
    if not hit.number:
        return ""
    if hit.party.is_structure:
        return f"{'FINESS' if len(hit.number) == FINESS_LENGTH else 'SIRET'} {hit.number}"
    return f"{'RPPS' if len(hit.number) == RPPS_LENGTH else 'ADELI'} {hit.number}"


def _standing(party: Party, is_member: bool, is_known: bool) -> tuple[str, str]:
    if is_member:
        return _("déjà membre"), ""
    if not party.is_structure:
        return (_("a un compte"), "ok") if is_known else (_("sans compte"), "vide")
    if party.structure.acts_as_legal_person:
        return _("personne morale"), "ok"
    return _("pour information"), "vide"
