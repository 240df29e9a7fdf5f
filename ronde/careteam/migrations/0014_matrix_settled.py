"""The rights matrix, as a policy asks it."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0013_waited_and_delegates")]

    operations = [run_sql(__file__, "matrix_settled.sql")]
