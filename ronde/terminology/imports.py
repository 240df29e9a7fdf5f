"""Bringing the nomenclatures of `data/` into the database, each in one transaction."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from ronde.core.text import fold
from ronde.terminology import queries
from ronde.terminology.models import CodeSystem, Commune, Concept

DATA = Path(__file__).parent / "data"
COMMUNES = "communes"
BATCH = 5_000


@dataclass(slots=True)
class Result:
    """What one import changed; all zeros when the nomenclature was up to date."""

    system: str
    total: int = 0
    added: int = 0
    changed: int = 0
    retired: int = 0

    @property
    def touched(self) -> bool:
        return bool(self.added or self.changed or self.retired)


@dataclass(slots=True)
class _Plan:
    """What to write to go from the rows of the database to those of the file."""

    new: list[models.Model] = field(default_factory=list)
    changed: list[models.Model] = field(default_factory=list)
    retired: list[models.Model] = field(default_factory=list)


def import_all(folder: Path = DATA) -> Iterator[Result]:
    """Import each nomenclature of the manifest; those that did not change cost one query."""
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        yield import_system(entry, folder / f"{entry['name']}.csv")
    queries.forget()


@transaction.atomic
def import_system(entry: dict[str, Any], path: Path) -> Result:
    """Import one file; a code that it no longer holds is retired today."""
    content = path.read_bytes()
    checksum = hashlib.sha256(json.dumps(entry, sort_keys=True).encode() + content).hexdigest()
    result = Result(entry["name"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"terminology:{result.system}"]
        )
    if CodeSystem.objects.filter(name=result.system, checksum=checksum).exists():
        return result
    CodeSystem.objects.update_or_create(
        name=result.system,
        defaults={
            **{name: value for name, value in entry.items() if name != "name"},
            "checksum": checksum,
            "imported_at": timezone.now(),
        },
    )
    lines = csv.DictReader(content.decode("utf-8").splitlines(), delimiter=";")
    if result.system == COMMUNES:
        _apply(Commune, list(_communes(lines)), Commune.objects.all(), result)
    else:
        known = Concept.objects.filter(system=result.system)
        _apply(Concept, list(_concepts(result.system, lines)), known, result)
    transaction.on_commit(queries.forget)
    return result


def _concepts(system: str, lines: Iterable[dict[str, str]]) -> Iterator[Concept]:
    own = {"code", "display", "retired_on"}
    for position, line in enumerate(lines):
        yield Concept(
            system_id=system,
            code=line["code"],
            display=line["display"],
            position=position,
            retired_on=_day(line["retired_on"]),
            properties={name: value for name, value in line.items() if value and name not in own},
        )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _communes(lines: Iterable[dict[str, str]]) -> Iterator[Commune]:
    """Build the communes; one that shares its code with the current one becomes its alias."""
    found: dict[str, Commune] = {}
    lines = sorted(lines, key=lambda line: line["kind"] != Commune.Kind.CURRENT)
    for line in lines:
        if current := found.get(line["code"]):
            current.aliases.append(line["name"])
            continue
        found[line["code"]] = Commune(
            code=line["code"],
            name=line["name"],
            aliases=[],
            key=fold(line["name"]),
            kind=line["kind"],
            departement=line["departement"],
            region=line["region"],
            chief_town=line["chief_town"],
            postcodes=[code for code in line["postcodes"].split(",") if code],
            population=int(line["population"]) if line["population"] else None,
        )
    for commune in found.values():
        names = " |".join(
            f" {queries.place_key(name)}" for name in [commune.name, *commune.aliases]
        )
        commune.search = " ".join([names, *commune.postcodes])
    return iter(found.values())


def _apply(
    model: type[models.Model], wanted: list[Any], known: models.QuerySet[Any], result: Result
) -> None:
    columns = [f.attname for f in model._meta.concrete_fields if f.attname not in {"id", "code"}]
    plan = _plan(wanted, {row.code: row for row in known}, columns)
    _insert(model, plan.new)
    model._default_manager.bulk_update(plan.changed, columns, batch_size=500)
    model._default_manager.bulk_update(plan.retired, ["retired_on"], batch_size=500)
    result.total = len(wanted)
    result.added, result.changed = len(plan.new), len(plan.changed)
    result.retired = len(plan.retired)


def _insert(model: type[models.Model], rows: list[Any]) -> None:
    """Insert new rows, by COPY when they are many: thirty thousand communes in a second."""
    if len(rows) < BATCH:
        model._default_manager.bulk_create(rows)
        return
    columns = [field.attname for field in model._meta.concrete_fields]
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([getattr(row, name) for name in columns])


def _plan(wanted: list[Any], known: dict[str, Any], columns: list[str]) -> _Plan:
    plan = _Plan()
    for row in wanted:
        former = known.pop(row.code, None)
        if former is None:
            plan.new.append(row)
        elif any(getattr(former, name) != getattr(row, name) for name in columns):
            row.pk = former.pk
            plan.changed.append(row)
    for row in known.values():
        if row.retired_on is None:
            row.retired_on = timezone.localdate()
            plan.retired.append(row)
    return plan
