"""The projection of the rule is planned once a connection."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0015_lasting")]

    operations = [run_sql(__file__, "planned_once.sql")]
