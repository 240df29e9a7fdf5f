"""Lasting accesses asked for from a break-glass access, and their answers."""

import django.db.models.deletion
from django.db import migrations, models

import ronde.core.models
from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("careteam", "0014_matrix_settled"),
        ("directory", "0002_entry"),
        ("patients", "0005_merge"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRequest",
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
                ("party_name", models.CharField(max_length=250)),
                ("person_name", models.CharField(max_length=250)),
                ("text", models.TextField(max_length=500)),
                ("asked_at", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("granted", "Accès donné"), ("declined", "Demande refusée")],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=500)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answered_by", models.UUIDField(blank=True, null=True)),
                ("answered_by_name", models.CharField(blank=True, max_length=250)),
                (
                    "glass",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_request",
                        to="careteam.breakglass",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.party",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_requests",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["answered_at", "asked_at"], name="careteam_access_queue"),
                    models.Index(fields=["user_id", "-asked_at"], name="careteam_access_mine"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(
                                ("answer__in", ["granted", "declined"]),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="careteam_access_answered_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", "declined"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="careteam_declined_has_reason",
                    ),
                ],
            },
        ),
        run_sql(__file__, "lasting.sql"),
    ]
