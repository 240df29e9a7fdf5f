from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("followup", "0003_links_and_memos"), ("careteam", "0012_merge")]
    operations = [run_sql(__file__, "current.sql")]
