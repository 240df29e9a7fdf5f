from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [run_sql(__file__, "context.sql")]
