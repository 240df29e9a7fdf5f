"""The structures of a region, by the CSV that docs/directory-csv.md describes.

All or nothing: the file is read and checked whole, then written in one transaction, or refused with
every line that stands in the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from ronde.core.checks import CheckError
from ronde.core.text import fold
from ronde.directory.imports.lines import Report
from ronde.directory.imports.reading import BadFile
from ronde.directory.imports.runs import Refused, Run, Step, perform, save_report
from ronde.directory.imports.table import Line, read_table
from ronde.directory.keys import name_key
from ronde.directory.models import ImportRun, Kind, Party, Source, Structure

OF_STRUCTURE = {
    "legal_name", "short_name", "technical_id", "finess", "siret", "siren", "category_code",
    "acts_as_legal_person", "is_coordination", "parent_id",
}  # fmt: skip
# What FINESS and Annuaire Santé do not say: changing it does not take the structure from them.
REGIONAL = {"acts_as_legal_person", "parent_id"}


@dataclass(slots=True)
class Plan:
    """What the file asks for: new structures, changed ones with the names of what changes."""

    report: Report = field(default_factory=Report)
    lines: int = 0
    added: list[Structure] = field(default_factory=list)
    changed: list[tuple[Structure, set[str]]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "lines": self.lines,
            "structures_added": len(self.added),
            "structures_changed": len(self.changed),
        }


def import_structures(path: Path) -> ImportRun:
    """Import the file; raise `BadFile` or `Refused` when nothing could be done."""
    return perform(Source.REGION, STEPS, path)


def check(path: Path) -> Plan:
    """Say what the file would do. Writes nothing."""
    report = Report()
    lines = read_table(path, report)
    plan = Plan(report, lines=len(lines) + report.refused)
    if not plan.lines:
        message = "Le fichier ne contient que la ligne de titres."
        raise BadFile(message)
    known = _Known(lines)
    wanted = [(line, found) for line in lines if (found := known.match(line, report))]
    for line, structure in _attached(wanted, known, report):
        _compare(plan, line, structure)
    return plan


class _Known:
    """The structures that the lines may name, by each of their numbers."""

    def __init__(self, lines: list[Line]) -> None:
        numbers = {
            name: {line.values[name] for line in lines if name in line.values}
            for name in ("finess", "technical_id", "siret")
        }
        parents = {line.parent for line in lines if line.parent}
        rows = Structure.objects.select_related("party").filter(
            Q(finess__in=numbers["finess"] | parents)
            | Q(technical_id__in=numbers["technical_id"] | parents)
            | Q(siret__in=numbers["siret"])
            | Q(pk__in=[_key(line.values) for line in lines])
        )
        # Those that the region maintains come last: their identifier wins.
        ordered = sorted(rows, key=lambda row: (row.party.source == Source.REGION, row.pk))
        self.keys = {row.pk: row for row in ordered}
        self.finess = {row.finess: row for row in ordered if row.finess}
        self.technical_id = {row.technical_id: row for row in ordered if row.technical_id}
        self.siret: dict[str, list[Structure]] = {}
        for row in ordered:
            self.siret.setdefault(row.siret, []).append(row)
        self._claimed: dict[tuple[str, Any], int] = {}

    def match(self, line: Line, report: Report) -> Structure | None:
        """Find or make the structure of a line; None when the line is refused."""
        try:
            found = self._find(line.values)
            if found is None:
                found = self._made(line, report)
            self._claim(line, found)
        except CheckError as trouble:
            report.refuse(line.number, str(trouble))
            return None
        return found

    def _find(self, values: dict[str, Any]) -> Structure | None:
        """Look for the best number of the line; refuse to give one structure those of two."""
        finess, own = values.get("finess", ""), values.get("technical_id", "")
        found = self.finess.get(finess) or self.technical_id.get(own)
        if found is None:
            return None if finess or own else self._at_siret(values["siret"])
        if finess and found.finess not in ("", finess):
            message = f"finess : cette structure a déjà le numéro {found.finess}"
            raise CheckError(message)
        bearer = self.technical_id.get(own, found)
        if bearer.pk != found.pk:
            message = f"identifiant : déjà celui de «{bearer.party.display_name[:100]}»"
            raise CheckError(message)
        return found

    def _at_siret(self, siret: str) -> Structure | None:
        sites = self.siret.get(siret, [])
        drawn = [site for site in sites if site.pk == name_key(f"siret:{siret}")]
        if len(sites) > 1 and not drawn:
            message = (
                "siret : plusieurs structures l'ont, donnez un numéro FINESS ou un identifiant"
            )
            raise CheckError(message)
        return (drawn or sites or [None])[0]

    def _made(self, line: Line, report: Report) -> Structure:
        values, key = line.values, _key(line.values)
        if "display_name" not in values:
            message = "libelle : obligatoire pour une structure nouvelle"
            raise CheckError(message)
        if key in self.keys:
            message = f"numéro qui fut celui de «{self.keys[key].party.display_name[:100]}»"
            raise CheckError(message)
        if others := self.siret.get(values.get("siret", "-")):
            other = others[0].party.display_name[:100]
            report.doubt(line.number, f"structure nouvelle ; «{other}» a le même SIRET")
        party = Party(id=key, kind=Kind.STRUCTURE, source=Source.REGION)
        return Structure(party=party)

    def _claim(self, line: Line, structure: Structure) -> None:
        """See that no other line names the same structure, or gives the same number."""
        values = line.values
        for name, value in (
            ("structure", structure.pk),
            ("numéro FINESS", values.get("finess")),
            ("identifiant", values.get("technical_id")),
        ):
            former = self._claimed.setdefault((name, value), line.number) if value else line.number
            if former != line.number:
                message = f"même {name} qu'à la ligne {former}"
                raise CheckError(message)


def _key(values: dict[str, Any]) -> UUID:
    """Draw the key of a new structure from the best of its numbers."""
    if "finess" in values:
        return name_key(f"finess:{values['finess']}")
    if "technical_id" in values:
        return name_key(f"region:{values['technical_id']}")
    return name_key(f"siret:{values['siret']}")


def _attached(
    wanted: list[tuple[Line, Structure]], known: _Known, report: Report
) -> Iterator[tuple[Line, Structure]]:
    """Give parents, found among the lines and in the directory; refuse those that go in a circle.

    A parent is named by its own identifier first, then by its FINESS number.
    """
    named: dict[str, Structure] = known.finess | known.technical_id
    for name in ("finess", "technical_id"):
        named |= {line.values[name]: found for line, found in wanted if name in line.values}
    parents = dict(Structure.objects.exclude(parent=None).values_list("party_id", "parent_id"))
    for line, structure in wanted:
        if line.parent in named:
            line.values["parent_id"] = parents[structure.pk] = named[line.parent].pk
    for line, structure in wanted:
        if line.parent and line.parent not in named:
            report.refuse(line.number, f"parent : «{line.parent}» n'est pas dans l'annuaire")
        elif line.parent and _is_circular(structure.pk, parents):
            report.refuse(line.number, "parent : les rattachements tournent en rond")
        else:
            yield line, structure


def _is_circular(start: UUID, parents: dict[UUID, UUID]) -> bool:
    """Follow the parents of a structure until the top, or until one comes twice."""
    seen = {start}
    place = parents.get(start)
    while place is not None and place not in seen:
        seen.add(place)
        place = parents.get(place)
    return place is not None


def _compare(plan: Plan, line: Line, structure: Structure) -> None:
    """Give the structure the values of the line, and note which of them are new."""
    party = structure.party
    names = _given(structure, line.values)
    if structure._state.adding:
        party.sort_key = _sort_key(structure)
        plan.added.append(structure)
        return
    if names - REGIONAL:
        names |= _taken_over(structure, names)
    elif party.gone_on is not None:
        plan.report.doubt(
            line.number, f"structure partie de l'annuaire le {party.gone_on:%d/%m/%Y}"
        )
    if names:
        plan.changed.append((structure, names))


def _given(structure: Structure, values: dict[str, Any]) -> set[str]:
    """Set the values that differ; answer their names. A new label is a new legal name too."""
    party, wanted = structure.party, dict(values)
    if "siret" in wanted:
        wanted.setdefault("siren", wanted["siret"][:9])
    if wanted.get("display_name", party.display_name) != party.display_name:
        wanted["legal_name"] = wanted["display_name"]
    names = set()
    for name, value in wanted.items():
        owner = structure if name in OF_STRUCTURE else party
        if getattr(owner, name) != value:
            setattr(owner, name, value)
            names.add(name)
    return names


def _taken_over(structure: Structure, names: set[str]) -> set[str]:
    """From now on the region maintains this structure, and says that it exists."""
    party = structure.party
    party.source, party.gone_on, party.fingerprint = Source.REGION, None, None
    touched = {"source", "gone_on", "fingerprint"}
    if names & {"display_name", "legal_name", "short_name"}:
        party.sort_key = _sort_key(structure)
        touched.add("sort_key")
    return touched


def _sort_key(structure: Structure) -> str:
    names = (structure.party.display_name, structure.legal_name, structure.short_name)
    return fold(" ".join(dict.fromkeys(name for name in names if name)))[:500]


def write(run: Run, cursor: CursorWrapper) -> None:
    """Check the file and write everything, or nothing when a line is refused."""
    assert run.path is not None  # noqa: S101
    plan = check(run.path)
    run.report = plan.report
    if plan.report.refused:
        lines = "ligne refusée" if plan.report.refused == 1 else "lignes refusées"
        message = f"{plan.report.refused} {lines} : rien n'a été importé."
        raise Refused(message)
    run.add(plan.counts)
    save_report(run)
    Party.objects.bulk_create(structure.party for structure in plan.added)
    Structure.objects.bulk_create(plan.added)
    for structure, names in plan.changed:
        if touched := names - OF_STRUCTURE:
            structure.party.save(update_fields=touched)
        if touched := names & OF_STRUCTURE:
            structure.save(update_fields=touched)


STEPS: list[Step] = [Step("structures", "Structures de la région", write)]
