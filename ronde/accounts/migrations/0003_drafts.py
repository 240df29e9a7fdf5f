from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_last_identity"), ("core", "0001_context")]
    operations = [run_sql(__file__, "drafts.sql")]
