"""The places of death that a declaration offers (AZUREZO, sheet 32)."""

import csv
from pathlib import Path

from django.db import migrations, models

FILE = Path(__file__).resolve().parent.parent / "data" / "lists.csv"
LIST = "death_place"


def fill(apps, schema_editor):
    """Add what an installation older than these lines lacks; a new one has read them already."""
    item = apps.get_model("followup", "ListItem")
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter=";") if row["list"] == LIST]
    for rank, row in enumerate(rows):
        values = {"label": row["label"], "position": rank}
        item.objects.get_or_create(list=LIST, code=row["code"], defaults=values)


class Migration(migrations.Migration):
    dependencies = [("followup", "0004_current")]
    operations = [
        migrations.AlterField(
            model_name="listitem",
            name="list",
            field=models.CharField(
                choices=[
                    ("status", "Statuts du dossier"),
                    ("expertise", "Types d'expertise"),
                    ("status_reason", "Motifs de changement de statut"),
                    ("exit_reason", "Motifs de sortie"),
                    ("stay_reason", "Motifs d'hospitalisation"),
                    ("admission_step", "À faire à l'admission"),
                    ("discharge_step", "À faire à la sortie"),
                    ("death_place", "Lieux de décès"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
