"""The defaults of the matrix, read from `data/matrix.csv`, and the history of its changes.

The lines of the two migrations before give way: nobody could change them yet.
"""

import django.db.models.deletion
from django.db import migrations, models

import ronde.core.models
from ronde.careteam.defaults import rights
from ronde.core.db.sql import run_sql


def fill(apps, schema_editor):
    right = apps.get_model("careteam", "SectionRight")
    right.objects.all().delete()
    right.objects.bulk_create(
        right(profession_code=profession, role=role, section=section, level=level)
        for profession, role, section, level in rights()
    )


class Migration(migrations.Migration):
    dependencies = [("careteam", "0006_sharing")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.CreateModel(
            name="MatrixChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=ronde.core.models.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("user_id", models.UUIDField()),
                ("person_name", models.CharField(max_length=250)),
                ("profession_code", models.CharField(blank=True, max_length=20)),
                ("role", models.CharField(blank=True, max_length=40)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=500)),
                (
                    "undoes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="careteam.matrixchange",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["profession_code", "role", "-at"], name="careteam_matrix_line"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="careteam_change_has_reason",
                    )
                ],
            },
        ),
        run_sql(__file__, "preview.sql"),
    ]
