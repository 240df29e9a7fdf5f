"""Wrap every file's key by the master key in force; the files themselves do not change.

Whatever keeps a sealed file has the same two columns, in whichever app: an extraction too.
"""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from ronde.documents import sealing

BATCH = 500


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Go by batches, each in its transaction: what is done stays done."""
        total = 0
        for model in sealing_models():
            while changed := _rewrap_some(model):
                total += changed
        if options["verbosity"]:
            self.stdout.write(f"{total} clés de fichier enveloppées par {sealing.current_key()}")


def sealing_models() -> list[type[models.Model]]:
    wanted = {"key_id", "sealed_key"}
    return [
        model
        for model in apps.get_models()
        if wanted <= {field.name for field in model._meta.get_fields()}
    ]


@transaction.atomic
def _rewrap_some(model: Any) -> int:
    former = model.objects.exclude(key_id__in=["", sealing.current_key()]).exclude(place="")
    rows = list(former.select_for_update().order_by("pk")[:BATCH])
    for row in rows:
        row.key_id, row.sealed_key = sealing.rewrap(row.key_id, row.sealed_key)
    model.objects.bulk_update(rows, ["key_id", "sealed_key"])
    return len(rows)
