import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo import load


class Command(BaseCommand):
    help = "Load the demonstration region: invented people, once, in an empty database."

    def handle(self, *args: Any, **options: Any) -> None:
        if load.is_loaded():
            self.stdout.write("The demonstration region is already loaded.")
            return
        try:
            load.check()
        except load.NotLoadedError as obstacle:
            raise CommandError(str(obstacle)) from None
        self.stdout.write("Loading the demonstration region (about a minute)")
        began = time.monotonic()
        load.prepare_statements()
        count = load.load()
        self.stdout.write(f"Loaded {count} patients in {time.monotonic() - began:.0f} s.")
