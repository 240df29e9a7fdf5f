"""The audience of one row, and its effect on the lines of the journal."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("careteam", "0005_matrix_roles"),
        ("journal", "0003_sharing"),
        ("accounts", "0004_duties"),
    ]
    operations = [run_sql(__file__, "sharing.sql")]
