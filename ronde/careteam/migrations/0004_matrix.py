"""The first lines of the rights matrix: whoever is habilitated reads and completes the record;
the trace is read and never written by hand (SPICO: «tout professionnel habilité sur le dossier
peut compléter le cercle de soins»)."""

from django.db import migrations

READ, WRITE = 1, 2
LINES = {"identity": WRITE, "careteam": WRITE, "feed": WRITE, "trace": READ}


def fill(apps, schema_editor):
    right = apps.get_model("careteam", "SectionRight")
    right.objects.bulk_create(
        right(profession_code="", section=section, level=level) for section, level in LINES.items()
    )


class Migration(migrations.Migration):
    dependencies = [("careteam", "0003_policies")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
