from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0010_awaited"), ("accounts", "0004_duties")]
    operations = [run_sql(__file__, "break_glass_in_person.sql")]
