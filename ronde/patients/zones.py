"""Zones: each one a name and the communes that it holds; from a file (docs/zones.md), or drawn by
an administrator.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.core.actor import Officer
from ronde.journal.actions import record
from ronde.patients import events
from ronde.patients.models import Zone
from ronde.terminology import queries as terminology
from ronde.terminology.models import Commune, valid_on

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
    """Write the zones of the file; `replace` retires those that it does not name."""
    report = Report()
    wanted = read(path, report)
    if report.errors:
        return report
    in_use = Zone.objects.filter(retired_at=None)
    known = {zone.name: zone for zone in in_use.select_for_update()}
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
        in_use.filter(name__in=report.removed).update(retired_at=timezone.now())
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


def codes_of_lines(text: str) -> tuple[list[str], list[str]]:
    """Read one commune a line, by its INSEE code, or a postcode or a département, which stand for
    all their communes. Answers the codes, and the lines that name none.

    A code that is both is read as INSEE when only its commune has it; 83000 is no INSEE code.
    """
    found: set[str] = set()
    errors: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.replace(";", " ").replace(",", " ").strip().upper()
        if not code:
            continue
        codes = communes_of(code)
        if not codes:
            errors.append(
                _("Ligne %(n)d : « %(text)s » n'est pas un code INSEE, postal ou de département.")
                % {"n": number, "text": code[:40]}
            )
        found.update(codes)
    return sorted(found), errors


def communes_of(code: str) -> list[str]:
    """The communes of today that an INSEE code, a postcode or a département names."""
    if len(code) in {2, 3}:
        rows = Commune.objects.filter(valid_on(), departement=code, kind="current")
        return list(rows.values_list("code", flat=True))
    if len(code) != 5:
        return []
    if terminology.commune(code) is not None:
        return [code]
    rows = Commune.objects.filter(valid_on(), search__contains=f" {code}", kind="current")
    return [one.code for one in rows if code in one.postcodes]


def records_in(codes: Iterable[str]) -> dict[str, int]:
    """How many records have their address in each of these communes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM patients_in_communes(%s)", [list(codes)])
        return dict(cursor.fetchall())


@transaction.atomic
def save(officer: Officer, zone: Zone | None, name: str, codes: list[str]) -> Zone:
    """Create a zone, or change its name and its communes; the records follow at once."""
    former = Zone(name="") if zone is None else Zone.objects.select_for_update().get(pk=zone.pk)
    known, called = set(former.commune_codes), former.name
    former.name, former.commune_codes = name, sorted(codes)
    _write(former)
    event = events.ZoneChanged(
        what="created" if zone is None else "changed",
        name=name,
        former=called if called != name else "",
        added=sorted(set(codes) - known) if zone is not None else [],
        removed=sorted(known - set(codes)),
    )
    record(event, actor=officer)
    return former


@transaction.atomic
def retire(officer: Officer, zone: Zone, *, retired: bool) -> None:
    """Take a zone out of use, or put it back."""
    zone.retired_at = timezone.now() if retired else None
    _write(zone)
    record(
        events.ZoneChanged(what="retired" if retired else "restored", name=zone.name),
        actor=officer,
    )


def _write(zone: Zone) -> None:
    try:
        with transaction.atomic():
            zone.save()
    except IntegrityError as error:
        raise ValidationError(
            _("Une zone s'appelle déjà « %(name)s »."), params={"name": zone.name}
        ) from error
