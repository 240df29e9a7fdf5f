"""The class of a document is kept by its policies too."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0014_matrix_settled"), ("documents", "0001_documents")]

    operations = [run_sql(__file__, "classes.sql")]
