"""The rights matrix as the console shows it: one line at a time, and who gains or loses by it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.access import AS_STRUCTURE, COLUMNS, Right, settled
from ronde.careteam.models import Level, MatrixChange, SectionRight
from ronde.careteam.sections import GROUPS, SECTIONS
from ronde.terminology import queries as terminology

# The nomenclatures of professions, as families (ANS: TRE_G15, R95, R94, R85, R291).
FAMILIES: dict[str, str | Promise] = {
    "G15": gettext_lazy("Professions de santé"),
    "R95": gettext_lazy("Usage de titre"),
    "R94": gettext_lazy("Professions sociales"),
    "R85": gettext_lazy("Rôles et fonctions"),
    "R291": gettext_lazy("Autres acteurs"),
}
# What is asked of each section; None follows the less precise lines.
Levels = Mapping[str, int | None]
GAIN, LOSS = "gain", "loss"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which line of the matrix: an empty profession is everybody, an empty role any or none."""

    profession: str = ""
    role: str = ""

    @property
    def family(self) -> str:
        return self.profession.partition(":")[0] if ":" in self.profession else ""

    def __str__(self) -> str:
        name = profession_name(self.profession)
        if not self.role:
            return name
        return _("%(profession)s, rôle « %(role)s »") % {
            "profession": name,
            "role": terminology.display("roles", self.role),
        }


def profession_name(code: str) -> str:
    if code == AS_STRUCTURE:
        return _("Qui agit au nom d'une structure")
    return terminology.display("professions", code) or _("Tout le monde")


def is_known(key: Key) -> bool:
    """Whether the codes of an address mean something."""
    profession = key.profession in {"", AS_STRUCTURE} or terminology.concept(
        "professions", key.profession
    )
    return bool(profession) and (not key.role or terminology.concept("roles", key.role) is not None)


@dataclass(frozen=True, slots=True)
class Cell:
    """A section in one line: its own level if it has one, what it would follow, what counts."""

    section: str
    label: str | Promise
    own: Level | None
    inherited: Level
    source: str

    @property
    def level(self) -> Level:
        return self.inherited if self.own is None else self.own


@dataclass(frozen=True, slots=True)
class Sheet:
    """One line of the matrix, section by section. `version` is the last change of the line."""

    key: Key
    groups: list[tuple[str | Promise, list[Cell]]]
    version: str

    @property
    def cells(self) -> dict[str, Cell]:
        return {cell.section: cell for _title, cells in self.groups for cell in cells}

    @property
    def is_own(self) -> bool:
        return any(cell.own is not None for cell in self.cells.values())

    @property
    def is_everybody(self) -> bool:
        """The line on which all the others stand: it follows none."""
        return self.key == Key()


def everything() -> list[Right]:
    return list(SectionRight.objects.values_list(*COLUMNS))


def sheet(key: Key) -> Sheet:
    lines = everything()
    own = {section: level for *found, section, level in lines if Key(*found) == key}
    others = [line for line in lines if Key(line[0], line[1]) != key]
    below = settled(
        others,
        "" if key.profession == AS_STRUCTURE else key.profession,
        {key.role} - {""},
        as_structure=key.profession == AS_STRUCTURE,
    )

    def cell(section: str, label: str | Promise) -> Cell:
        found = below.get(section)
        level = Level(own[section]) if section in own else None
        source = str(Key(found.profession, found.role)) if found else ""
        return Cell(section, label, level, found.level if found else Level.NONE, source)

    groups = [(title, [cell(*one) for one in names.items()]) for title, names in GROUPS]
    return Sheet(key, groups, version(key))


def version(key: Key) -> str:
    last = changes_of(key).values_list("pk", flat=True).first()
    return str(last) if last else ""


def changes_of(key: Key) -> QuerySet[MatrixChange]:
    """The changes of one line, the last one first."""
    return MatrixChange.objects.filter(profession_code=key.profession, role=key.role).order_by(
        "-at", "-pk"
    )


def known_keys() -> list[Key]:
    """The lines that exist."""
    found = SectionRight.objects.values_list("profession_code", "role").distinct()
    return sorted(Key(*one) for one in found)


def professions() -> list[tuple[str | Promise, list[tuple[str, str]]]]:
    """Every profession that a line may be about, family by family."""
    known = {entry.code: entry for entry in terminology.current("professions")}
    kept = {key.profession for key in known_keys()} | known.keys()
    entries = [one for one in terminology.everything("professions") if one.code in kept]
    grouped = groupby(entries, key=lambda entry: entry.code.partition(":")[0])
    return [
        (FAMILIES.get(prefix, prefix), [(entry.code, entry.label) for entry in among])
        for prefix, among in grouped
    ]


@dataclass(frozen=True, slots=True)
class Count:
    """How many professionals with an account, records, and delegates of those professionals, of
    one profession.
    """

    profession: str
    professionals: int
    records: int
    delegates: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Who gains and who loses a right by a change: in all (first), then by profession."""

    gain: list[Count]
    loss: list[Count]

    @property
    def nobody(self) -> bool:
        return not self.gain and not self.loss


def changed(before: Iterable[Right], key: Key, levels: Levels) -> list[Right]:
    """The whole matrix as it would stand with this line."""
    others = [one for one in before if Key(one[0], one[1]) != key or one[2] not in levels]
    mine = [(key.profession, key.role, name, n) for name, n in levels.items() if n is not None]
    return [*others, *mine]


def preview(key: Key, levels: Levels) -> Preview:
    """Count who would gain or lose a right. On duty as administrator, without reading a record."""
    before = everything()
    after = changed(before, key, levels)
    roles = sorted({role for _, role, _, _ in [*before, *after]} - {""})
    kinds = []
    for profession, as_structure, held in _kinds(roles):
        had = settled(before, profession, held, as_structure=as_structure)
        has = settled(after, profession, held, as_structure=as_structure)
        for way in _ways(had, has):
            kinds.append(
                {
                    "way": way,
                    "profession": profession,
                    "as_structure": as_structure,
                    "roles": held,
                }
            )
    counts = _counts(kinds, roles) if kinds else {}
    return Preview(counts.get(GAIN, []), counts.get(LOSS, []))


def _ways(had: Mapping[str, object], has: Mapping[str, object]) -> list[str]:
    moves = [_level(has, name) - _level(had, name) for name in SECTIONS]
    return [way for way, some in ((GAIN, max(moves) > 0), (LOSS, min(moves) < 0)) if some]


def _level(among: Mapping[str, object], section: str) -> int:
    return getattr(among.get(section), "level", 0)


def _kinds(roles: list[str]) -> list[tuple[str, bool, list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM careteam_reader_kinds(%s::text[])", [roles])
        return cursor.fetchall()


def _counts(kinds: list[dict[str, object]], roles: list[str]) -> dict[str, list[Count]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM careteam_count_readers(%s::jsonb, %s::text[])"
            " ORDER BY profession IS NOT NULL, professionals DESC, profession",
            [json.dumps(kinds), roles],
        )
        rows = cursor.fetchall()
    found: dict[str, list[Count]] = {}
    for way, profession, *numbers in rows:
        name = _("Au total") if profession is None else _named(profession)
        found.setdefault(way, []).append(Count(name, *numbers))
    return found


def _named(profession: str) -> str:
    return terminology.display("professions", profession) or _("Profession inconnue")


def differences(sheet: Sheet, levels: Levels) -> list[tuple[str | Promise, str, str]]:
    """What a change does to the line: section, before, after, in words."""
    return [
        (SECTIONS[name], word(sheet.cells[name].own), word(level))
        for name, level in levels.items()
        if sheet.cells[name].own != level
    ]


def word(level: int | None) -> str:
    return _("hérité") if level is None else str(Level(level).label)


def change(pk: UUID) -> MatrixChange | None:
    return MatrixChange.objects.filter(pk=pk).first()
