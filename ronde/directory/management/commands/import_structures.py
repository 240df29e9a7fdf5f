"""manage.py import_structures FICHIER: bring structures of the region (docs/directory-csv.md)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ronde.directory.imports.lines import Report
from ronde.directory.imports.reading import BadFile
from ronde.directory.imports.runs import Refused
from ronde.directory.imports.structures import check, import_structures
from ronde.directory.models import ImportRun


class Command(BaseCommand):
    help = "Importe les structures de la région d'un fichier CSV : tout le fichier, ou rien."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="montrer les erreurs sans rien changer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["fichier"]
        try:
            if options["dry_run"]:
                self._try(path)
            else:
                self._import(path, quiet=not options["verbosity"])
        except (BadFile, Refused) as error:
            raise CommandError(str(error)) from error

    def _try(self, path: Path) -> None:
        plan = check(path)
        self._table(plan.report)
        counts = plan.counts
        self.stdout.write(
            f"Essai, rien n'est changé : {counts['lines']} lignes, {plan.report.refused} refusées ;"
            f" {counts['structures_added']} structures seraient ajoutées,"
            f" {counts['structures_changed']} modifiées"
        )
        if plan.report.refused:
            message = "Le fichier serait refusé : corrigez ces lignes."
            raise CommandError(message)

    def _import(self, path: Path, *, quiet: bool) -> None:
        try:
            run = import_structures(path)
        except Refused as refusal:
            last = ImportRun.objects.order_by("-started_at").first()
            if last is not None and last.error == str(refusal):
                self._table(_report_of(last))
            raise
        if not quiet:
            self._table(_report_of(run))
            self.stdout.write(
                f"Structures : {run.counts['lines']} lignes,"
                f" {run.counts['structures_added']} ajoutées,"
                f" {run.counts['structures_changed']} modifiées"
                f" ({sum(run.seconds.values()):.1f} s)"
            )

    def _table(self, report: Report) -> None:
        if report.lines:
            self.stdout.write("  ligne  motif")
        for line, reason, kept in sorted(report.lines):
            self.stdout.write(f"{line:>7}  {reason}{' (importée)' if kept else ''}")


def _report_of(run: ImportRun) -> Report:
    return Report(lines=list(run.refused.values_list("line", "reason", "kept")))
