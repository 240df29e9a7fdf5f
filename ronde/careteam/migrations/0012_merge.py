"""A record merged into another opens for nobody; its journal is read with the other one's."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0011_break_glass_in_person"), ("patients", "0005_merge")]
    operations = [run_sql(__file__, "rule.sql"), run_sql(__file__, "merge.sql")]
