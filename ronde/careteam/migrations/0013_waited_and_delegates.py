"""The wait for an account always ends; the preview of the matrix counts the delegates."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0012_merge"), ("accounts", "0009_groups")]
    operations = [run_sql(__file__, "waited.sql"), run_sql(__file__, "delegates.sql")]
