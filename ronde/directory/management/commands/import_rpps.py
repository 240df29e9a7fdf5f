"""manage.py import_rpps FICHIER: bring the professionals of Annuaire Santé into the directory."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ronde.directory.imports.reading import BadFile
from ronde.directory.imports.rpps import import_rpps
from ronde.directory.imports.runs import Refused
from ronde.directory.models import ImportRun, Source

SHOWN = 20
COUNTED = {
    "lines": "lignes lues",
    "lines_refused": "lignes refusées",
    "lines_doubtful": "lignes à vérifier",
    "persons_added": "professionnels ajoutés",
    "persons_changed": "professionnels modifiés",
    "persons_gone": "professionnels partis",
    "structures_added": "structures ajoutées",
    "structures_changed": "structures modifiées",
    "structures_gone": "structures parties",
    "posts_added": "situations d'exercice ajoutées",
    "posts_back": "situations d'exercice reprises",
    "posts_gone": "situations d'exercice terminées",
}


class Command(BaseCommand):
    help = "Importe l'extraction «PS_LibreAcces_Personne_activite» (.txt ou .zip)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path, nargs="?")
        parser.add_argument("--resume", action="store_true", help="reprendre l'import interrompu")
        parser.add_argument(
            "--force", action="store_true", help="accepter que beaucoup de fiches disparaissent"
        )
        parser.add_argument(
            "--partial", action="store_true", help="le fichier ne contient pas tout le pays"
        )
        parser.add_argument(
            "--report", action="store_true", help="montrer le compte rendu du dernier import"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["report"]:
            self._tell(ImportRun.objects.filter(source=Source.RPPS).latest("started_at"), None)
            return
        if options["fichier"] is None and not options["resume"]:
            message = "Donnez le fichier à importer, ou --resume pour reprendre un import."
            raise CommandError(message)
        try:
            run = import_rpps(
                options["fichier"],
                resume=options["resume"],
                force=options["force"],
                partial=options["partial"],
            )
        except (BadFile, Refused) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self._tell(run, SHOWN)

    def _tell(self, run: ImportRun, shown: int | None) -> None:
        """Print the account of a run: what changed, and lines refused or doubtful."""
        started = timezone.localtime(run.started_at)
        self.stdout.write(
            f"{run.file_name}, {started:%d/%m/%Y %H:%M} : {run.get_status_display().lower()}"
            f" en {sum(run.seconds.values()):.1f} s. {run.error}".rstrip()
        )
        for name, label in COUNTED.items():
            if run.counts.get(name):
                self.stdout.write(f"{run.counts[name]:>9} {label}")
        for line, reason, kept in run.refused.order_by("line").values_list(
            "line", "reason", "kept"
        )[:shown]:
            self.stdout.write(f"  ligne {line} : {reason}{' (importée)' if kept else ''}")
