"""Where one stands in a circle: «Pourquoi je (ne) vois (pas) ceci ?»."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0007_matrix_defaults")]
    operations = [run_sql(__file__, "standing.sql")]
