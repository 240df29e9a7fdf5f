"""Zones from a file: each one a name and the communes that it holds (docs/zones.md)."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from ronde.patients.models import Zone
from ronde.terminology import queries as terminology

COLUMNS = ("nom", "communes")
LONGEST = 80


@dataclass(slots=True)
class Report:
    """What an import did. With `errors`, line by line, it did nothing."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@transaction.atomic
def import_zones(path: Path, *, replace: bool = False) -> Report:
    """Write the zones of the file; `replace` removes those that it does not name."""
    report = Report()
    wanted = read(path, report)
    if report.errors:
        return report
    known = {zone.name: zone for zone in Zone.objects.select_for_update()}
    for name, codes in wanted.items():
        zone = known.get(name)
        if zone is None:
            Zone.objects.create(name=name, commune_codes=codes)
            report.added.append(name)
        elif zone.commune_codes != codes:
            zone.commune_codes = codes
            zone.save(update_fields=["commune_codes"])
            report.changed.append(name)
    if replace:
        report.removed = sorted(known.keys() - wanted.keys())
        Zone.objects.filter(name__in=report.removed).delete()
    return report


def read(path: Path, report: Report) -> dict[str, list[str]]:
    """Read names and sorted codes; several lines of one name add up. Errors go to the report."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        report.errors.append(_("Fichier illisible : enregistrez-le en UTF-8."))
        return {}
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=";")
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        report.errors.append(_("Fichier illisible : ce n'est pas un CSV."))
        return {}
    header = tuple(cell.strip().lower() for cell in lines[0][1]) if lines else ()
    if header != COLUMNS:
        report.errors.append(_("La première ligne doit être : nom;communes"))
        return {}
    found: dict[str, set[str]] = {}
    for number, cells in lines[1:]:
        if any(cell.strip() for cell in cells):
            _line(cells, number, found, report)
    if not found and not report.errors:
        report.errors.append(_("Le fichier ne contient aucune zone."))
    return {name: sorted(codes) for name, codes in found.items()}


def _line(cells: list[str], number: int, found: dict[str, set[str]], report: Report) -> None:
    problem = _problem(cells)
    if problem:
        report.errors.append(_("Ligne %(n)d : %(why)s") % {"n": number, "why": problem})
        return
    codes = cells[1].replace(",", " ").upper().split()
    found.setdefault(cells[0].strip(), set()).update(codes)


def _problem(cells: list[str]) -> str:
    if len(cells) != len(COLUMNS):
        return _("deux colonnes attendues, %(n)d lues.") % {"n": len(cells)}
    name, codes = cells[0].strip(), cells[1].replace(",", " ").upper().split()
    if not name or len(name) > LONGEST:
        return _("le nom compte de 1 à %(n)d caractères.") % {"n": LONGEST}
    if not codes:
        return _("aucune commune.")
    unknown = [code for code in codes if terminology.commune(code) is None]
    if unknown:
        return _("commune inconnue : %(codes)s.") % {"codes": ", ".join(unknown)}
    return ""
