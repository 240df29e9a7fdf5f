"""The sections of the follow-up are kept by its policies too."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0014_matrix_settled"), ("followup", "0005_death_places")]

    operations = [run_sql(__file__, "sections.sql")]
