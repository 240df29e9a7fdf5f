from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("worklist", "0001_initial"), ("careteam", "0003_policies")]
    operations = [run_sql(__file__, "policies.sql")]
