"""The section of the links is kept by the policies too."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("followup", "0006_sections")]

    operations = [run_sql(__file__, "link_sections.sql")]
