"""The review of break-glass accesses, and of habilitations that are no longer used."""

import django.db.models.deletion
from django.db import migrations, models

import ronde.core.models
from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("careteam", "0008_standing"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="review_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="Explanation",
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
                ("question", models.TextField(max_length=2000)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.UUIDField()),
                ("asked_by_name", models.CharField(max_length=250)),
                ("answer", models.TextField(blank=True, max_length=4000)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "glass",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="explanations",
                        to="careteam.breakglass",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None)),
                        fields=("glass",),
                        name="careteam_one_open_question",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
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
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("justified", "Justifié"),
                            ("unclear", "À clarifier"),
                            ("unjustified", "Injustifié"),
                        ],
                        max_length=12,
                    ),
                ),
                ("comment", models.TextField(max_length=2000)),
                ("decided_at", models.DateTimeField()),
                ("decided_by", models.UUIDField()),
                ("decided_by_name", models.CharField(max_length=250)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "glass",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review",
                        to="careteam.breakglass",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None),
                            models.Q(("verdict", "unclear"), _negated=True),
                            _connector="OR",
                        ),
                        name="careteam_unclear_stays_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("comment", ""), _negated=True),
                        name="careteam_review_has_comment",
                    ),
                ],
            },
        ),
        run_sql(__file__, "review.sql"),
        run_sql(__file__, "due.sql"),
    ]
