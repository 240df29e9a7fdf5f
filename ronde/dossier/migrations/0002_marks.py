from django.db import migrations, models

import ronde.core.models
from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("dossier", "0001_creation")]
    operations = [
        migrations.CreateModel(
            name="ReadMark",
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
                ("user_id", models.UUIDField()),
                ("patient_id", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user_id", "patient_id"), name="dossier_mark_once"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="BreakGlassAttempt",
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
                ("user_id", models.UUIDField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [models.Index(fields=["user_id", "at"], name="dossier_attempt_user")]
            },
        ),
        run_sql(__file__, "marks.sql"),
    ]
