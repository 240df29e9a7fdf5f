import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from demo.accounts import claims, table


class Command(BaseCommand):
    help = "Print the accounts of the demonstration."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--claims", action="store_true", help="what an imitated Pro Santé Connect says of them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        said = json.dumps(claims()) if options["claims"] else table()
        self.stdout.write(said)
