"""What an extraction was made from."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dossier", "0003_extractions"),
    ]

    operations = [
        migrations.AddField(
            model_name="extraction",
            name="sections",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, size=None
            ),
        ),
    ]
