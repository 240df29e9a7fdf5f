"""Codes of the unique roles, and what keeps two writers of one circle from crossing."""

from django.db import migrations, models

from ronde.core.db.sql import run_sql

UNIQUE = ("attending-physician", "main-caregiver")


class Migration(migrations.Migration):
    dependencies = [("careteam", "0004_matrix")]
    operations = [
        migrations.RemoveConstraint("memberrole", "careteam_unique_role"),
        migrations.AddConstraint(
            "memberrole",
            models.UniqueConstraint(
                condition=models.Q(is_current=True, role__in=UNIQUE),
                fields=("patient", "role"),
                name="careteam_unique_role",
            ),
        ),
        run_sql(__file__, "one_writer.sql"),
    ]
