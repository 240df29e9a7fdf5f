"""«Pourquoi je (ne) vois (pas) ceci ?»: the chain from the circle to each section, in words.

The same words serve a reader about themselves and the administrator who simulates somebody. They
say nothing of the record but where that party stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ronde.careteam.access import Settled, explained
from ronde.careteam.events import role_names
from ronde.careteam.matrix import Key
from ronde.careteam.models import GrantReason, Level, Origin
from ronde.careteam.sections import GROUPS, WRITABLE_UNDER_BREAK_GLASS
from ronde.core.actor import Actor
from ronde.core.formats import day, day_and_hour
from ronde.terminology.queries import display


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a party stands in a record: what `careteam_standing` answers.

    `refused` is only ever true for the administrator who simulates.
    """

    member_since: datetime | None
    added_by: str | None
    origin: str | None
    habilitated: bool
    habilitated_at: datetime | None
    habilitated_by: str | None
    refused: bool
    roles: list[str]
    reason: int | None
    until: datetime | None
    consent_since: datetime | None

    @property
    def has_access(self) -> bool:
        return self.reason is not None

    @property
    def is_break_glass(self) -> bool:
        return self.reason == GrantReason.BREAK_GLASS


def standing(patient_id: UUID, party_id: UUID) -> Standing | None:
    """Where this party stands; None for a stranger. Others than the acting party: on duty only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM careteam_standing(%s, %s)", [patient_id, party_id])
        row = cursor.fetchone()
    return Standing(*row) if row else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is spoken of: how they act, and what the matrix asks of them."""

    acts: str
    profession: str
    as_structure: bool
    legal_person: bool = True
    is_me: bool = True


def reader_of(actor: Actor) -> Reader:
    return Reader(_acting(actor), actor.profession, actor.as_structure)


def _acting(actor: Actor) -> str:
    if actor.is_delegate:
        return _("au nom de %(name)s, par délégation") % {"name": actor.display_name}
    if actor.as_structure:
        return _("au nom de %(name)s, votre structure") % {"name": actor.display_name}
    return _("en votre nom")


@dataclass(frozen=True, slots=True)
class Step:
    """A link of the chain: `open` says whether it opens, closes, or only informs (None)."""

    label: str
    text: str
    open: bool | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A section, what may be done in it, and which line of the matrix says so."""

    label: str | Promise
    level: Level
    by: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`groups` is what the matrix gives: now, or once habilitated for who has no access."""

    has_access: bool
    steps: list[Step]
    groups: list[tuple[str | Promise, list[Opened]]]


def explain(reader: Reader, found: Standing) -> Explanation:
    return Explanation(found.has_access, list(_steps(reader, found)), _sections(reader, found))


def _steps(reader: Reader, found: Standing) -> Iterator[Step]:
    yield Step(_("Vous agissez") if reader.is_me else _("Qui"), reader.acts)
    yield _membership(reader, found)
    if found.roles:
        yield Step(_("Rôle dans le dossier"), role_names(found.roles))
    if found.refused:
        yield Step(_("Refus"), _("le patient refuse le partage avec ce membre"), open=False)
    elif found.member_since:
        yield _habilitation(found)
    if reader.as_structure:
        yield _legal_person(reader)
    if found.is_break_glass:
        yield Step(
            _("Accès bris de glace"),
            _("jusqu'au %(moment)s : lecture et notes seulement")
            % {"moment": day_and_hour(found.until)},
            open=True,
        )
    if found.has_access or not reader.is_me:
        yield _consent(found)
    profession = display("professions", reader.profession) or _("aucune connue de l'annuaire")
    yield Step(_("Profession"), profession)


def _membership(reader: Reader, found: Standing) -> Step:
    label = _("Cercle de soins")
    if found.member_since is None:
        absent = _("vous n'en faites pas partie") if reader.is_me else _("n'en fait pas partie")
        return Step(label, absent, open=None if found.has_access else False)
    return Step(
        label,
        _("membre depuis le %(day)s, ajouté(e) par %(name)s")
        % {"day": day(found.member_since), "name": found.added_by},
    )


def _habilitation(found: Standing) -> Step:
    label = _("Habilitation")
    if not found.habilitated:
        return Step(label, _("dans le cercle de soins sans accès"), open=False)
    if found.habilitated_by is None and found.origin == Origin.CREATOR:
        return Step(label, _("automatique, à la création du dossier"), open=True)
    text = _("donnée le %(day)s par %(name)s") % {
        "day": day(found.habilitated_at),
        "name": found.habilitated_by or found.added_by,
    }
    return Step(label, text, open=True)


def _legal_person(reader: Reader) -> Step:
    label = _("Structure « personne morale »")
    if reader.legal_person:
        return Step(label, _("oui : ses professionnels rattachés ouvrent le dossier"), open=True)
    return Step(label, _("non : une habilitation reste sans effet"), open=False)


def _consent(found: Standing) -> Step:
    label = _("Consentement")
    if found.consent_since:
        return Step(label, _("en vigueur depuis le %(day)s") % {"day": day(found.consent_since)})
    return Step(
        label, _("retiré : plus personne ne peut être habilité, qui l'est déjà garde son accès")
    )


def _sections(reader: Reader, found: Standing) -> list[tuple[str | Promise, list[Opened]]]:
    lines = explained(reader.profession, found.roles, as_structure=reader.as_structure)
    if found.is_break_glass:
        lines = {name: _in_emergency(name, one) for name, one in lines.items()}
    return [
        (title, [_opened(label, lines.get(name)) for name, label in names.items()])
        for title, names in GROUPS
    ]


def _in_emergency(section: str, one: Settled) -> Settled:
    if section in WRITABLE_UNDER_BREAK_GLASS:
        return one
    return replace(one, level=min(one.level, Level.READ))


def _opened(label: str | Promise, one: Settled | None) -> Opened:
    if one is None:
        return Opened(label, Level.NONE, "")
    return Opened(label, one.level, str(Key(one.profession, one.role)))


def rights_of(profession: str, *, as_structure: bool) -> list[tuple[str | Promise, list[Opened]]]:
    """What a profession reads and writes in the records where it is habilitated, section by
    section.
    """
    lines = explained(profession, as_structure=as_structure)
    return [
        (title, [_opened(label, lines.get(name)) for name, label in names.items()])
        for title, names in GROUPS
    ]
