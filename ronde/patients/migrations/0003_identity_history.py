import django.db.models.deletion
from django.db import migrations, models

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_near")]
    operations = [
        migrations.CreateModel(
            name="IdentityHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("version", models.PositiveIntegerField()),
                ("user_id", models.UUIDField(null=True)),
                ("party_id", models.UUIDField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=40)),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["patient", "-at"], name="patients_history_patient")
                ]
            },
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_doubtful", False), ("is_fictitious", False), _connector="OR"
                ),
                name="patients_doubtful_or_fictitious",
                violation_error_message="Une identité n'est pas à la fois douteuse et fictive.",
            ),
        ),
        run_sql(__file__, "history.sql"),
    ]
