"""The matrix takes the roles in the record and all the sections.

Before an administrator refines it: medical data are read by all who are habilitated and written by
nobody yet, psychological data are closed, the rest is open (AZUREZO, sheet 28: the right to read or
write a part of the «Principal» follows the profession).
"""

from django.db import migrations, models

from ronde.core.db.sql import run_sql

NONE, READ, WRITE = 0, 1, 2
CLASSES = ("10", "11", "31", "42", "43", "44", "45", "52", "60", "90", "95", "99", "coordination")
LINES = {
    "links": WRITE,
    "status": WRITE,
    "stays": WRITE,
    "memos": WRITE,
    "social": WRITE,
    "medical": READ,
    "psychological": NONE,
    "autonomy": WRITE,
    "structure": READ,
    "synthesis": READ,
    **{f"documents-{code}": WRITE for code in CLASSES},
}


def fill(apps, schema_editor):
    right = apps.get_model("careteam", "SectionRight")
    right.objects.bulk_create(
        right(profession_code="", role="", section=section, level=level)
        for section, level in LINES.items()
    )


class Migration(migrations.Migration):
    dependencies = [("careteam", "0004_matrix"), ("accounts", "0004_duties")]
    operations = [
        migrations.AddField(
            model_name="sectionright",
            name="role",
            field=models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.RemoveConstraint("sectionright", "careteam_section_right_once"),
        migrations.AddConstraint(
            "sectionright",
            models.UniqueConstraint(
                fields=["profession_code", "role", "section"],
                name="careteam_section_right_once",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        run_sql(__file__, "matrix.sql"),
    ]
