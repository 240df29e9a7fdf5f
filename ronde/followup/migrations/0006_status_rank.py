from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("followup", "0005_death_places")]
    operations = [run_sql(__file__, "rank.sql")]
