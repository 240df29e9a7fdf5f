"""Requests that were refused, and invitations that are over, are forgotten after a year."""

from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_groups")]
    operations = [run_sql(__file__, "retention.sql")]
