import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "party",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="entry",
                        serialize=False,
                        to="directory.party",
                    ),
                ),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField()),
                ),
            ],
        ),
        run_sql(__file__, "entries.sql"),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["words"], name="directory_entry_words"
            ),
        ),
        migrations.RemoveIndex(model_name="party", name="directory_party_place"),
        migrations.RemoveIndex(model_name="party", name="directory_party_words"),
    ]
