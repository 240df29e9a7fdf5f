from typing import Any

from django.core.management.base import BaseCommand

from demo.accounts import table


class Command(BaseCommand):
    help = "Print the accounts of the demonstration."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(table())
