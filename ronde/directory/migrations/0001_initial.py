import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import ronde.core.models
from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        run_sql(__file__, "functions.sql"),
        migrations.CreateModel(
            name="ImportRun",
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
                    "source",
                    models.CharField(
                        choices=[
                            ("rpps", "Annuaire Santé (RPPS, ADELI)"),
                            ("finess", "FINESS"),
                            ("region", "Référentiel régional"),
                            ("local", "Saisie locale"),
                        ],
                        max_length=10,
                    ),
                ),
                ("file_name", models.CharField(max_length=250)),
                ("file_hash", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("running", "En cours"),
                            ("done", "Terminé"),
                            ("failed", "Échoué"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("step", models.CharField(blank=True, max_length=40)),
                ("options", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("seconds", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Party",
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
                    "kind",
                    models.PositiveSmallIntegerField(choices=[(1, "Personne"), (2, "Structure")]),
                ),
                ("display_name", models.CharField(max_length=250)),
                ("sort_key", models.CharField(db_collation="C", max_length=500)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("address_line", models.CharField(blank=True, max_length=250)),
                ("postcode", models.CharField(blank=True, max_length=10)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("commune_code", models.CharField(blank=True, db_collation="C", max_length=5)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("rpps", "Annuaire Santé (RPPS, ADELI)"),
                            ("finess", "FINESS"),
                            ("region", "Référentiel régional"),
                            ("local", "Saisie locale"),
                        ],
                        max_length=10,
                    ),
                ),
                ("gone_on", models.DateField(blank=True, null=True)),
                ("fingerprint", models.BigIntegerField(editable=False, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Post",
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
                ("profession_code", models.CharField(blank=True, max_length=20)),
                ("category_code", models.CharField(blank=True, max_length=5)),
                ("know_how_type", models.CharField(blank=True, max_length=10)),
                ("know_how_code", models.CharField(blank=True, max_length=20)),
                ("mode_code", models.CharField(blank=True, max_length=5)),
                ("function_code", models.CharField(blank=True, max_length=20)),
                ("sector_code", models.CharField(blank=True, max_length=10)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("address_line", models.CharField(blank=True, max_length=250)),
                ("postcode", models.CharField(blank=True, max_length=10)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("commune_code", models.CharField(blank=True, max_length=5)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("rpps", "Annuaire Santé (RPPS, ADELI)"),
                            ("finess", "FINESS"),
                            ("region", "Référentiel régional"),
                            ("local", "Saisie locale"),
                        ],
                        default="local",
                        max_length=10,
                    ),
                ),
                ("gone_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RefusedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=250)),
                ("kept", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "word",
                    models.CharField(
                        db_collation="C", max_length=100, primary_key=True, serialize=False
                    ),
                ),
                ("frequency", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="person",
                        serialize=False,
                        to="directory.party",
                    ),
                ),
                ("family_name", models.CharField(max_length=120)),
                ("given_name", models.CharField(blank=True, max_length=120)),
                ("title", models.CharField(blank=True, max_length=60)),
                ("rpps", models.CharField(blank=True, db_collation="C", max_length=11)),
                ("adeli", models.CharField(blank=True, db_collation="C", max_length=9)),
                ("profession_code", models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name="Structure",
            fields=[
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="structure",
                        serialize=False,
                        to="directory.party",
                    ),
                ),
                ("legal_name", models.CharField(max_length=250)),
                ("short_name", models.CharField(blank=True, max_length=120)),
                ("technical_id", models.CharField(blank=True, db_collation="C", max_length=60)),
                ("finess", models.CharField(blank=True, db_collation="C", max_length=9)),
                ("finess_legal", models.CharField(blank=True, max_length=9)),
                ("siret", models.CharField(blank=True, db_collation="C", max_length=14)),
                ("siren", models.CharField(blank=True, max_length=9)),
                ("category_code", models.CharField(blank=True, max_length=10)),
                ("sector_code", models.CharField(blank=True, max_length=10)),
                ("acts_as_legal_person", models.BooleanField(default=False)),
                ("is_coordination", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(
                condition=models.Q(("gone_on", None)),
                fields=["sort_key"],
                name="directory_party_name",
            ),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(
                condition=models.Q(("gone_on", None)),
                fields=["commune_code"],
                name="directory_party_place",
            ),
        ),
        migrations.AddIndex(
            model_name="party",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(models.F("sort_key"), models.Value(" "), function="string_to_array"),
                condition=models.Q(("gone_on", None)),
                name="directory_party_words",
            ),
        ),
        migrations.AddField(
            model_name="refusedline",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="refused",
                to="directory.importrun",
            ),
        ),
        migrations.AddIndex(
            model_name="word",
            index=models.Index(
                models.Func(models.F("word"), function="reverse", output_field=models.TextField()),
                name="directory_word_end",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="posts",
                to="directory.person",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(("rpps", ""), _negated=True),
                fields=("rpps",),
                name="directory_rpps",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(("adeli", ""), _negated=True),
                fields=("adeli",),
                name="directory_adeli",
            ),
        ),
        migrations.AddField(
            model_name="structure",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="units",
                to="directory.structure",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="structure",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="posts",
                to="directory.structure",
            ),
        ),
        migrations.AddIndex(
            model_name="structure",
            index=models.Index(
                condition=models.Q(("siret", ""), _negated=True),
                fields=["siret"],
                name="directory_siret",
            ),
        ),
        migrations.AddIndex(
            model_name="structure",
            index=models.Index(
                condition=models.Q(("technical_id", ""), _negated=True),
                fields=["technical_id"],
                name="directory_technical",
            ),
        ),
        migrations.AddConstraint(
            model_name="structure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finess", ""), _negated=True),
                fields=("finess",),
                name="directory_finess",
            ),
        ),
        run_sql(__file__, "words.sql"),
    ]
