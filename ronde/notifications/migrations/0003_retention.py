from django.db import migrations

from ronde.core.db.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_notices"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [run_sql(__file__, "retention.sql")]
