"""manage.py import_terminology: bring the nomenclatures of the release into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from ronde.terminology.imports import import_all


class Command(BaseCommand):
    help = "Importe les nomenclatures livrées avec Ronde ; ne change rien si elles sont à jour."

    def handle(self, *args: Any, **options: Any) -> None:
        for result in import_all():
            if result.touched and options["verbosity"]:
                self.stdout.write(
                    f"{result.system} : {result.total} codes, {result.added} ajoutés,"
                    f" {result.changed} modifiés, {result.retired} retirés"
                )
            elif options["verbosity"] > 1:
                self.stdout.write(f"{result.system} : à jour")
