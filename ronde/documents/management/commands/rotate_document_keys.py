"""Wrap every file's key by the master key in force; the files themselves do not change."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from ronde.documents import sealing
from ronde.documents.models import File

BATCH = 500


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Go by batches, each in its transaction: what is done stays done."""
        total = 0
        while changed := _rewrap_some():
            total += changed
        if options["verbosity"]:
            self.stdout.write(f"{total} clés de fichier enveloppées par {sealing.current_key()}")


@transaction.atomic
def _rewrap_some() -> int:
    rows = File.objects.exclude(key_id=sealing.current_key()).select_for_update()
    files = list(rows.order_by("pk")[:BATCH])
    for file in files:
        file.key_id, file.sealed_key = sealing.rewrap(file.key_id, file.sealed_key)
    File.objects.bulk_update(files, ["key_id", "sealed_key"])
    return len(files)
