"""The lists as they stand before a region sets up its own, and who reads and writes what."""

import csv
from pathlib import Path

from django.db import migrations

from ronde.core.db.sql import run_sql

FILE = Path(__file__).resolve().parent.parent / "data" / "lists.csv"


def fill(apps, schema_editor):
    item = apps.get_model("followup", "ListItem")
    ranks: dict[str, int] = {}
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            rank = ranks[row["list"]] = ranks.get(row["list"], -1) + 1
            item.objects.create(
                list=row["list"],
                code=row["code"],
                label=row["label"],
                nature=row["nature"],
                due_hours=int(row["due_hours"]) if row["due_hours"] else None,
                position=rank,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0001_initial"),
        ("careteam", "0005_matrix_roles"),
        ("accounts", "0004_duties"),
    ]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        run_sql(__file__, "policies.sql"),
    ]
