"""A status moved in the list of the region is followed by a job, a few records at a time."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("followup", "0007_link_sections"), ("patients", "0005_merge")]

    operations = [run_sql(__file__, "refresh.sql")]
