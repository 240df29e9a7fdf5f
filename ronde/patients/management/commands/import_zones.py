"""manage.py import_zones FICHIER: bring the zones of the region (docs/zones.md)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ronde.patients.zones import import_zones


class Command(BaseCommand):
    help = "Importe les zones géographiques d'un fichier CSV : nom;communes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path)
        parser.add_argument(
            "--remplacer", action="store_true", help="retirer les zones absentes du fichier"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["fichier"]
        if not path.is_file():
            message = f"Fichier introuvable : {path}"
            raise CommandError(message)
        report = import_zones(path, replace=options["remplacer"])
        if report.errors:
            raise CommandError("\n".join(["Rien n'a été importé.", *report.errors]))
        self.stdout.write(
            f"Zones : {len(report.added)} ajoutées, {len(report.changed)} modifiées,"
            f" {len(report.removed)} retirées"
        )
