"""A memo whose owner has left may be taken over."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("followup", "0008_refresh"), ("careteam", "0015_lasting")]

    operations = [run_sql(__file__, "abandoned_memos.sql")]
