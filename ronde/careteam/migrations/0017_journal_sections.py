"""The sections of the journal, and the traces, are kept by its policies too."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("careteam", "0016_planned_once"), ("patients", "0005_merge")]

    operations = [run_sql(__file__, "journal_sections.sql")]
