from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0002_grant"), ("journal", "0002_append_only")]
    operations = [run_sql(__file__, "policies.sql")]
