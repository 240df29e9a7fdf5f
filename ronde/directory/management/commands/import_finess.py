"""manage.py import_finess FICHIER: bring the establishments of FINESS into the directory."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ronde.directory.imports.finess import import_finess
from ronde.directory.imports.reading import BadFile
from ronde.directory.imports.runs import Refused
from ronde.directory.models import ImportRun

SHOWN = 20


class Command(BaseCommand):
    help = "Importe l'extraction «etalab-cs1100502-stock» de FINESS (.csv ou .zip)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path, nargs="?")
        parser.add_argument("--resume", action="store_true", help="reprendre l'import interrompu")
        parser.add_argument(
            "--force", action="store_true", help="accepter que beaucoup de structures disparaissent"
        )
        parser.add_argument(
            "--partial", action="store_true", help="le fichier ne contient pas tout le pays"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fichier"] is None and not options["resume"]:
            message = "Donnez le fichier à importer, ou --resume pour reprendre un import."
            raise CommandError(message)
        try:
            run = import_finess(
                options["fichier"],
                resume=options["resume"],
                force=options["force"],
                partial=options["partial"],
            )
        except (BadFile, Refused) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self._tell(run)

    def _tell(self, run: ImportRun) -> None:
        counts = run.counts
        self.stdout.write(
            f"FINESS : {counts['lines']} lignes lues, dont {counts['lines_ignored']} de coordonnées"
            f" ignorées ; {counts['structures_added']} structures ajoutées,"
            f" {counts['structures_changed']} modifiées, {counts.get('structures_gone', 0)} parties"
            f" ; {counts['lines_refused']} lignes refusées, {counts['lines_doubtful']} à vérifier"
            f" ({sum(run.seconds.values()):.1f} s)"
        )
        for refused in run.refused.order_by("line", "pk")[:SHOWN]:
            kept = " (importée)" if refused.kept else ""
            self.stdout.write(f"  ligne {refused.line} : {refused.reason}{kept}")
