from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0001_initial"), ("core", "0001_context")]
    operations = [run_sql(__file__, "rule.sql"), run_sql(__file__, "grant.sql")]
