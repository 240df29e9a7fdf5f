import django.contrib.postgres.fields
from django.db import migrations, models

import ronde.core.models
from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0001_context")]
    operations = [
        migrations.CreateModel(
            name="Creation",
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
                ("party_id", models.UUIDField()),
                ("values", models.JSONField(default=dict)),
                (
                    "decided_against",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("why", models.TextField(blank=True)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user_id", "-started_at"], name="dossier_creation_mine")
                ]
            },
        ),
        run_sql(__file__, "creation.sql"),
    ]
