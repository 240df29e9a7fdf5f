import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import ronde.terminology.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CodeSystem",
            fields=[
                ("name", models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=200)),
                ("urls", models.JSONField(default=dict)),
                ("version", models.CharField(max_length=200)),
                ("source", models.CharField(max_length=500)),
                ("licence", models.CharField(max_length=100)),
                ("published_on", models.DateField(null=True)),
                ("imported_at", models.DateTimeField()),
                ("checksum", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Commune",
            fields=[
                ("code", models.CharField(max_length=5, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("key", models.CharField(db_collation="C", max_length=100)),
                ("search", models.TextField(db_collation="C")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("current", "Commune"),
                            ("delegated", "Commune déléguée"),
                            ("associated", "Commune associée"),
                            ("district", "Arrondissement municipal"),
                        ],
                        max_length=10,
                    ),
                ),
                ("departement", models.CharField(max_length=3)),
                ("region", models.CharField(max_length=3)),
                ("chief_town", models.CharField(blank=True, max_length=5)),
                (
                    "postcodes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5), default=list, size=None
                    ),
                ),
                ("population", models.IntegerField(null=True)),
                ("retired_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Concept",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60)),
                ("display", models.CharField(max_length=400)),
                ("position", models.IntegerField(default=0)),
                ("properties", models.JSONField(default=dict)),
                ("retired_on", models.DateField(blank=True, null=True)),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="concepts",
                        to="terminology.codesystem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("system", "code"), name="terminology_concept_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="commune",
            index=django.contrib.postgres.indexes.GinIndex(
                ronde.terminology.models.SearchWords(models.F("search")),
                name="terminology_commune_words",
            ),
        ),
    ]
